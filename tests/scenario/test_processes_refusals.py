"""What keeps a desk from starting is told in one sentence, with exit code 1 and without a stack trace."""

import re
import signal
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from slackdesk.sandbox import Sandbox

EXAMPLE = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")

REFUSALS: dict[str, tuple[dict[str, str | None], str]] = {
    "no bot token": ({"SLACK_BOT_TOKEN": None}, "SLACK_BOT_TOKEN: set the bot token (xoxb-…) of the installed app"),
    "wrong bot token": ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN = 'xoxb-…': Slack answers invalid_auth; write"),
    "bot token in the wrong place": ({"SLACK_BOT_TOKEN": "app"}, "Slack answers not_allowed_token_type; write the Bot"),
    "no transport": ({"SLACK_APP_TOKEN": None}, "SLACK_APP_TOKEN: set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGN"),
    "wrong app token": ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_APP_TOKEN = 'xapp-…': Slack answers invalid_auth; write"),
    "Slack out of reach": ({"SLACK_API_URL": "http://127.0.0.1:1/api/"}, "Slack cannot be reached"),
    "no address of Slack": ({"SLACK_API_URL": "slack"}, "SLACK_API_URL = 'slack': an address begins with http"),
    "data folder is a file": ({"SLACKDESK_DATA": "slackdesk.toml"}, "File exists; name a folder that this user may wr"),
    "data folder in a file": ({"SLACKDESK_DATA": "slackdesk.toml/x"}, "Not a directory; name a folder that this user"),
    "database out of reach": (
        {"DATABASE_URL": "postgresql://desk:secret@127.0.0.1:1/desk"},
        "desk:***@127.0.0.1:1/desk': connection failed",
    ),
    "no such kind of database": (
        {"DATABASE_URL": "mysql://desk:secret@localhost/desk"},
        "'mysql://…@localhost/desk': an address begins with postgresql+psycopg:// or sqlite:///",
    ),
    "file is no database": ({"DATABASE_URL": "sqlite:///slackdesk.toml"}, "file is not a database; start this databas"),
    "database file without a folder": ({"DATABASE_URL": "sqlite:///slackdesk.toml/x/y"}, "name a file in a folder"),
    "no address of Redis": ({"REDIS_URL": "localhost"}, "REDIS_URL = 'localhost': an address begins with redis://"),
    "no policy file": ({"SLACKDESK_POLICY": "none.toml"}, "policy file = 'none.toml': No such file or directory; name"),
    "no number": (
        {"SLACKDESK_SWEEP_SECONDS": "soon"},
        "SLACKDESK_SWEEP_SECONDS = 'soon': Input should be a valid",
    ),
    "no such clock": ({"SLACKDESK_CLOCK": "sundial"}, "SLACKDESK_CLOCK = 'sundial': Input should be 'real' or 'shift"),
    "times do not nest": ({"SLACKDESK_LEASE_SECONDS": "20"}, "SLACKDESK_LEASE_SECONDS = 20.0: times have to nest: SLA"),
}

POLICIES = {
    "no TOML": ("[desk", ["line 1 = '[desk': no valid TOML"]),
    "several mistakes": (
        EXAMPLE.replace('prefix = "HR"', 'prefix = "IT"').replace('budget = "4h"', 'budget = "0h"'),
        ["prefix", "budget"],
    ),
    "names that Slack does not know": (
        EXAMPLE.replace("#it-l1", "#it-l9").replace("@it-l2", "@it-l8"),
        ["channel = '#it-l9': no such channel", "'@it-l8'"],
    ),
}


@pytest.fixture(scope="module")
def workspace() -> Iterator[Sandbox]:
    with Sandbox(rate_scale=100) as sandbox:
        yield sandbox


@pytest.fixture
def refused(background: Any, workspace: Sandbox, tmp_path: Path) -> Any:
    """Runs `slackdesk run`, which has to end with exit code 1; the lines of its output, which are all sentences."""
    (tmp_path / "slackdesk.toml").write_text(EXAMPLE, "utf-8")

    def run(changes: dict[str, str | None], *options: str) -> list[str]:
        environment = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": workspace.api_url,
        } | changes
        command = background("run", *options, **{name: value for name, value in environment.items() if value})
        assert command.ends() == 1, command.output
        lines: list[str] = command.output.splitlines()
        assert all(re.match(r"Error: |Problems: \d+\. Nothing was changed\.", line) for line in lines), command.output
        return lines

    return run


@pytest.mark.parametrize("name", REFUSALS)
def test_processes_refusal_is_one_sentence(refused: Any, workspace: Sandbox, name: str) -> None:
    changes, sentence = REFUSALS[name]
    if changes.get("SLACK_BOT_TOKEN") == "app":
        changes = {"SLACK_BOT_TOKEN": workspace.app_token}
    (line,) = refused(changes)
    assert sentence in line
    assert "secret" not in line


@pytest.mark.parametrize("name", POLICIES)
def test_processes_policy_mistakes_are_told_all_at_once(refused: Any, tmp_path: Path, name: str) -> None:
    text, sentences = POLICIES[name]
    (tmp_path / "slackdesk.toml").write_text(text, "utf-8")
    *problems, last = refused({})
    assert len(problems) == len(sentences)
    assert all(any(sentence in problem for problem in problems) for sentence in sentences), problems
    assert last == f"Problems: {len(problems)}. Nothing was changed."


def test_processes_port_in_use_is_told(refused: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        lines = refused({"SLACK_APP_TOKEN": None, "SLACK_SIGNING_SECRET": "shh"}, "--port", str(port))
    assert lines == [f"Error: --port = {port}: Address already in use; name another port"]


def test_processes_misspelt_variable_is_told(background: Any) -> None:
    command = background("run", SLACKDESK_SWEEP_SECOND="1")
    assert command.ends() == 1
    assert "SLACKDESK_SWEEP_SECOND is no variable of slackdesk: did you mean SLACKDESK_SWEEP_SECONDS?" in command.output


@pytest.mark.parametrize(
    ("words", "clock", "sentence"),
    [
        (("advance", "90m"), "real", "SLACKDESK_CLOCK = 'real': the clock of a real desk is not moved"),
        (("advance", "tomorrow"), "shiftable", "clock advance = 'tomorrow': "),
        (("advance", "0m"), "shiftable", "clock advance = '0m': "),
        (("advance", "999999999999d"), "shiftable", "clock advance = '999999999999d': "),
    ],
)
def test_processes_clock_is_moved_forward_and_where_allowed_only(
    background: Any, words: tuple[str, ...], clock: str, sentence: str
) -> None:
    assert background("migrate").ends() == 0
    command = background("clock", *words, SLACKDESK_CLOCK=clock)
    assert command.ends() == 1
    assert command.output.startswith(f"Error: {sentence}")
    assert len(command.output.splitlines()) == 1


def test_processes_clock_is_one_for_all(background: Any, database_url: str) -> None:
    surroundings = {"DATABASE_URL": database_url, "SLACKDESK_CLOCK": "shiftable"}
    for words in (("migrate",), ("clock", "advance", "2d"), ("clock", "advance", "90m"), ("clock", "show")):
        command = background(*words, **surroundings)
        assert command.ends() == 0
    times = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", command.output)
    desk, real = (datetime.fromisoformat(time) for time in times)
    assert desk - real == timedelta(days=2, minutes=90)


def test_processes_clock_that_stands_is_moved_by_hand_alone(background: Any, database_url: str) -> None:
    begin = {"SLACKDESK_CLOCK_STANDS_FROM": "2027-10-24T02:00:00+02:00"}
    surroundings = begin | {"DATABASE_URL": database_url, "SLACKDESK_CLOCK": "shiftable"}
    for words in (("migrate",), ("clock", "show"), ("clock", "advance", "90m"), ("clock", "show")):
        command = background(*words, **surroundings)
        assert command.ends() == 0
    assert "Desk time 2027-10-24 01:30:00 UTC" in command.output
    refused = background("clock", "show", **surroundings | {"SLACKDESK_CLOCK": "real"})
    assert refused.ends() == 1
    assert "the clock of a real desk does not stand; set SLACKDESK_CLOCK=shiftable for tests" in refused.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_processes_ended_while_starting_leave_nothing(
    background: Any, probe: Any, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "slackdesk.toml").write_text(EXAMPLE, "utf-8")
    with socket.socket() as silent_slack, socket.socket() as free:
        silent_slack.bind(("127.0.0.1", 0))
        silent_slack.listen()
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        free.close()
        command = background(
            *("run", "--port", port),
            SLACK_BOT_TOKEN="xoxb-1",
            SLACK_SIGNING_SECRET="shh",
            SLACK_API_URL=f"http://127.0.0.1:{silent_slack.getsockname()[1]}/api/",
        )
        pidfile = tmp_path / "slackdesk-data" / "redis" / "server.pid"
        probe.eventually((tmp_path / "slackdesk-data" / "slackdesk.sqlite3").exists, "it is on its way")
        server = int(pidfile.read_text())
        command.process.send_signal(number)
        assert command.ends() != 0
    probe.eventually(lambda: probe.are_gone([server]), "the embedded server has ended")
    assert "Traceback" not in command.output


def test_processes_version_and_help_are_printed(background: Any) -> None:
    shown = background("--version")
    assert (shown.ends(), shown.output) == (0, f"slackdesk {version('slackdesk')}\n")
    plain, asked, unknown = background(), background("run", "-h"), background("nonsense")
    assert (plain.ends(), asked.ends(), unknown.ends()) == (2, 0, 2)
    assert "policy" in plain.output
    assert "--workers" in asked.output
    assert "No such command 'nonsense'" in unknown.output
