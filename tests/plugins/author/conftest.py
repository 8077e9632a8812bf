"""A folder with plugins of one's own, good and bad, a policy in force that names it, and the command line there."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from slackdesk.demo.stage import INHERITED
from slackdesk.policy.store import apply_policy
from slackdesk.testing.desk import PluginDesk

GOOD = '''
import typer
from pydantic import BaseModel, ConfigDict, SecretStr
from slackdesk.api import Context, Plugin, Refused, later

class Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    token: SecretStr = SecretStr("hidden")
    at_most: int = 3

plugin = Plugin("good", "2.1.0", 1, config=Config, scopes={"bookmarks:write": "Pins the rota to the channel."})

@plugin.cli("tally")
def tally(ctx: Context, word: str = typer.Option("tickets", help="What is counted.")) -> None:
    """Count something."""
    if word == "nothing":
        raise Refused(later("There is no {word} to count."), word=word)
    typer.echo(f"{ctx.config.at_most} {word}, {ctx.policy.desk.name}")
    if word == "trouble":
        raise KeyError(word)

@plugin.cli("tally", under="policy")
def tally_policy(ctx: Context, queue: str) -> None:
    """Count the tiers of a queue."""
    typer.echo(f"{len(ctx.policy.queue(queue).tiers)} tiers")
'''
BAD = "raise RuntimeError('the wiring is wrong')\n"


@dataclass
class CommandLine:
    """``slackdesk`` in a folder, with nothing of the surroundings in its environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    program: list[str] = field(default_factory=lambda: ["-m", "slackdesk"])

    def __call__(self, *words: str) -> "subprocess.CompletedProcess[str]":
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        done = subprocess.run(
            [sys.executable, *self.program, *words],
            env=inherited | {"COLUMNS": "200"} | self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done


@pytest.fixture
def empty(tmp_path: Path) -> CommandLine:
    """No database, no policy file."""
    (tmp_path / "empty").mkdir()
    return CommandLine(tmp_path / "empty")


@pytest.fixture
def operated(tmp_path: Path, plugin_desk: Callable[..., PluginDesk]) -> CommandLine:
    """A desk's database, and a policy in force with the plugins good, bad, off and slow."""
    own = tmp_path / "own"
    own.mkdir()
    slow = GOOD.replace('"good"', '"slow"').replace('"tally"', '"crawl"').replace("bookmarks:write", "pins:write")
    sources = {"good": GOOD, "bad": BAD, "off": BAD, "slow": slow}
    for name, source in sources.items():
        (own / f"{name}.py").write_text(source)
    desk = plugin_desk(own / "good.py", {"token": "very secret", "at_most": 7})
    sections: dict[str, Any] = {"good": {"token": "very secret", "at_most": 7}, "off": {"enabled": False}}
    with desk.desk.transaction() as tx:
        rules = tx.policy.desk.model_copy(update={"plugin_dirs": (str(own),)})
        policy = tx.policy.model_copy(update={"desk": rules, "plugins": sections})
        apply_policy(tx.session, policy, "", "test", tx.now)
    url = f"sqlite:///{desk.folder / 'slackdesk.sqlite3'}"
    return CommandLine(tmp_path, {"DATABASE_URL": url, "SLACKDESK_DATA": str(tmp_path / "data")})
