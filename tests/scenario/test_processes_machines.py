"""A desk of single processes, as on several machines: one database, one Redis server, signed HTTP, `/healthz`."""

import json
import shlex
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.manifest import AppManifest
from slackdesk.slack.manifest import build_manifest

from .away import out_of_reach


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _health(port: int) -> tuple[int, dict[str, Any]]:
    """Status and what `/healthz` found; 0 while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except OSError:
        return 0, {}


@pytest.fixture
def workspace() -> Iterator[tuple[Sandbox, int]]:
    """A workspace that delivers to a port of this machine."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with Sandbox(manifest=AppManifest.read(build_manifest(address)), rate_scale=20) as sandbox:
        sandbox.deliver_over_http(f"{address}/slack/events")
        yield sandbox, port
        assert sandbox.journal.illegal() == []


def _surroundings(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    example = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")
    (folder / "slackdesk.toml").write_text(example, "utf-8")
    return {
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_SIGNING_SECRET": sandbox.signing_secret,
        "SLACK_API_URL": sandbox.api_url,
        "SLACKDESK_RATE_SCALE": "20",
    }


@pytest.mark.documented(
    "slackdesk migrate",
    "slackdesk app --port 3000",
    "slackdesk beat",
    "slackdesk worker --queue now",
    "slackdesk worker --queue slow",
)
def test_processes_on_several_machines(
    documented_lines: tuple[str, ...],
    workspace: tuple[Sandbox, int],
    database_url: str,
    own_redis: Any,
    background: Any,
    probe: Any,
    tmp_path: Path,
) -> None:
    sandbox, port = workspace
    surroundings = _surroundings(sandbox, tmp_path) | {"DATABASE_URL": database_url, "REDIS_URL": own_redis.url}
    migrate, *others = (shlex.split(line.replace("3000", str(port)))[1:] for line in documented_lines)
    assert background(*migrate, **surroundings).ends() == 0
    processes = [background(*words, **surroundings) for words in others[1:]]
    for process in processes:
        probe.eventually(lambda process=process: "no policy is in force yet" in process.output, "it waits for the app")
    if not database_url.startswith("sqlite"):  # whose readers wait for nobody
        with out_of_reach(database_url):
            for process in processes:
                probe.eventually(lambda process=process: "the database is away" in process.output, "it waits for it")
    processes.insert(0, background(*others[0], **surroundings))
    well = {"database": "ok", "redis": "ok", "beat": "ok"}
    probe.eventually(lambda: well.items() <= _health(port)[1].items() and _health(port)[0] == 200, "all is well")

    maya, rina = sandbox.person("maya"), sandbox.person("rina")
    assert "IT-1" in maya.slash("/ticket The projector stays dark").text
    rina.sees("The projector stays dark", in_="#it-l1", within_seconds=30)

    with out_of_reach(database_url):
        status, found = _health(port)
        assert (status, found) == (503, {"database": "away", "redis": "ok"}), "the world hears no more than that"
        assert "cannot save anything just now" in maya.slash("/ticket Lost?").text
    probe.eventually(lambda: _health(port)[0] == 200, "the database is back")

    own_redis.kill()
    assert "IT-2" in maya.slash("/ticket The printer prints upside down").text
    status, found = _health(port)
    assert (status, found) == (200, {"database": "ok", "redis": "away", "beat": "ok"})
    own_redis.start()
    rina.sees("The printer prints upside down", in_="#it-l1", within_seconds=30)

    for process in processes:
        assert process.end() == 0, process.output
    assert not any("Traceback" in process.output for process in processes[:2]), "app and beat take it calmly"
