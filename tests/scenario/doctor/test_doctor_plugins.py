"""The doctor at a desk with plugins that do not run."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slackdesk.cli.policy import policy_app
from slackdesk.database import Database
from slackdesk.demo.stage import Stage
from slackdesk.migrations import migrate
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import migrate_plugins
from slackdesk.plugin.model import PluginState

from .conftest import Diagnosis, Doctor

pytestmark = pytest.mark.xdist_group("doctor")

BROKEN = """raise RuntimeError("no pigeons today")"""
NEEDS_A_SCOPE = """
from slackdesk.api import Plugin

plugin = Plugin(name="pigeon", version="1.0.0", api=1, scopes={"pins:write": "Pins pigeons."})
"""


@pytest.fixture
def second_desk(desk: Stage, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Makes the environment of a desk beside the first, with a database and a policy of its own, and a plugin."""

    def make(source: str, *, strict: bool = False) -> dict[str, str]:
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / "pigeon.py").write_text(source)
        policy = desk.policy_file.read_text().replace("plugin_dirs = []", 'plugin_dirs = ["own"]')
        policy = policy.replace("strict_plugins = false", f"strict_plugins = {str(strict).lower()}")
        (tmp_path / "slackdesk.toml").write_text(policy)
        own = {
            "DATABASE_URL": f"sqlite:///{tmp_path / 'second.sqlite3'}",
            "SLACKDESK_POLICY": str(tmp_path / "slackdesk.toml"),
        }
        with closing(Database(own["DATABASE_URL"])) as database:
            migrate(database)
            migrate_plugins(database, load({}))
        applied = CliRunner().invoke(policy_app, ["apply"], env=desk.environment | own)
        assert applied.exit_code == 0, applied.output
        return own

    return make


def plugins(diagnosis: Diagnosis) -> list[dict[str, str]]:
    return [one for one in diagnosis.findings if one["check"] == "plugins"]


def test_doctor_finds_a_plugin_in_quarantine(doctor: Doctor, second_desk: Callable[..., dict[str, str]]) -> None:
    diagnosis = doctor(**second_desk(BROKEN))
    assert diagnosis.code == 1
    (finding,) = plugins(diagnosis)
    assert (finding["severity"], finding["key"]) == ("problem", "plugins.pigeon")
    assert "no pigeons today" in finding["what"]
    assert "enabled = false" in finding["remedy"]


def test_doctor_finds_that_a_strict_desk_would_not_start(
    doctor: Doctor, second_desk: Callable[..., dict[str, str]]
) -> None:
    (finding,) = plugins(doctor(**second_desk(BROKEN, strict=True)))
    assert (finding["severity"], finding["key"]) == ("problem", "desk.strict_plugins")
    assert "no pigeons today" in finding["what"]


def test_doctor_finds_a_paused_plugin(doctor: Doctor, second_desk: Callable[..., dict[str, str]]) -> None:
    own = second_desk(NEEDS_A_SCOPE)
    with closing(Database(own["DATABASE_URL"])) as database, database.begin() as session:
        paused_at = datetime(2026, 11, 24, tzinfo=UTC)
        session.add(PluginState(name="pigeon", failures=5, reason="it failed again and again", paused_at=paused_at))
    (finding,) = plugins(doctor(**own))
    assert finding["key"] == "plugins.pigeon"
    assert "it failed again and again" in finding["what"]
    assert "slackdesk plugins resume pigeon" in finding["remedy"]


def test_doctor_counts_the_scopes_of_plugins(doctor: Doctor, second_desk: Callable[..., dict[str, str]]) -> None:
    diagnosis = doctor(**second_desk(NEEDS_A_SCOPE))
    (finding,) = [one for one in diagnosis.findings if one["check"] == "slack.scopes"]
    assert (finding["severity"], finding["value"]) == ("problem", "pins:write")
    assert "Pins pigeons." in finding["what"]
