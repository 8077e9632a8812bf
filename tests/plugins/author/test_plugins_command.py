"""``slackdesk plugins list``, ``resume`` and ``new``; commands of plugins; what other commands do with plugins."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.errors import SlackdeskError
from slackdesk.plugin import states
from slackdesk.plugin.model import PluginState
from slackdesk.testing.desk import policy_text
from slackdesk.testing.writing import write_plugin

from .conftest import BAD, GOOD, CommandLine


def _listed(command_line: CommandLine) -> dict[str, dict[str, Any]]:
    done = command_line("plugins", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["plugins"]}


def _pause(command_line: CommandLine, name: str) -> None:
    database = Database(command_line.environment["DATABASE_URL"])
    with database.begin() as session:
        now = Clock(shiftable=True).now(session).real
        session.add(PluginState(name=name, paused_at=now, reason="it took too long", failures=0))
    database.close()


@pytest.mark.documented("slackdesk plugins list")
def test_plugins_list_needs_neither_database_nor_policy(documented_lines: tuple[str, ...], empty: CommandLine) -> None:
    done = empty(*documented_lines[0].split()[1:])
    assert done.returncode == 0
    assert "there is no such file yet" in done.stdout
    assert "slackdesk_plugins.csat" in done.stdout
    assert list(empty.folder.iterdir()) == [], "looking makes nothing"


def test_plugins_list_reads_the_policy_file_where_none_is_in_force(empty: CommandLine) -> None:
    (empty.folder / "slackdesk.toml").write_text(policy_text("csat", {"delay": "45m"}))
    assert _listed(empty)["csat"]["config"]["delay"] == "45m"


def test_plugins_list_tells_state_reason_and_settings(operated: CommandLine) -> None:
    _pause(operated, "slow")
    rows = _listed(operated)
    assert {name: row["state"] for name, row in rows.items()} == {
        "csat": "quarantined",  # its tables were never made in this database
        "bad": "quarantined",
        "good": "active",
        "off": "disabled",
        "slow": "paused",
    }
    assert "run `slackdesk migrate`" in rows["csat"]["reason"]
    assert rows["bad"]["reason"] == "RuntimeError: the wiring is wrong"
    assert rows["slow"]["reason"] == "it took too long"
    assert rows["good"] | {"place": ""} == {
        "name": "good",
        "version": "2.1.0",
        "api": 1,
        "origin": "plugin_dirs",
        "place": "",
        "state": "active",
        "reason": "",
        "config": {"token": "********", "at_most": 7},
    }
    table = operated("plugins", "list").stdout
    assert "very secret" not in table
    assert "********" in table
    assert "quarantined: RuntimeError: the wiring is wrong" in table


def test_plugins_resume_ends_pauses(operated: CommandLine) -> None:
    _pause(operated, "slow")
    _pause(operated, "good")
    assert operated("plugins", "resume", "slow").stdout == "Running again: slow.\n"
    refused = operated("plugins", "resume", "slow")
    assert refused.returncode == 1
    assert "slow is not paused. Paused: good." in refused.stderr
    assert operated("plugins", "resume").stdout == "Running again: good.\n"
    database = Database(operated.environment["DATABASE_URL"])
    with database.read() as session:
        assert states.paused(session) == {}
    database.close()


def test_plugins_broken_ones_take_no_command_of_the_core_away(operated: CommandLine) -> None:
    shown = operated("--help")
    assert shown.returncode == 0
    assert " policy " in shown.stdout
    assert "Count something." in shown.stdout


def test_plugins_command_of_a_plugin(operated: CommandLine) -> None:
    assert operated("tally", "--word", "cups").stdout == "7 cups, Acme helpdesk\n"
    assert "What is counted." in operated("tally", "--help").stdout
    refused = operated("tally", "--word", "nothing")
    assert (refused.returncode, refused.stderr) == (1, "Error: There is no nothing to count.\n")
    failed = operated("tally", "--word", "trouble")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: slackdesk tally of the plugin good failed: KeyError: 'trouble' (")
    assert failed.stderr.rstrip().endswith("own/good.py:20)")
    unknown = operated("taly")
    assert unknown.returncode == 2
    assert "the plugin bad does not run, its commands are missing: RuntimeError: the wiring is wrong" in unknown.stderr
    assert "No such command 'taly'" in unknown.stderr


def test_plugins_command_below_one_of_the_core(operated: CommandLine) -> None:
    assert operated("policy", "tally", "it").stdout == "3 tiers\n"
    listed = operated("policy", "--help").stdout
    assert "Count the tiers of a queue." in listed
    assert "Count something." not in listed
    assert operated("clock", "show").returncode == 0, "the core's own need no plugin"
    unknown = operated("policy", "taly")
    assert unknown.returncode == 2
    assert "the plugin bad does not run, its commands are missing" in unknown.stderr
    assert "No such command 'taly'" in unknown.stderr


def test_plugins_migrate_makes_their_tables_and_tells_of_failures(operated: CommandLine) -> None:
    done = operated("migrate")
    assert done.returncode == 0, done.stderr
    assert "So are the tables of csat." in done.stdout
    engine = create_engine(operated.environment["DATABASE_URL"])
    assert "csat_poll" in inspect(engine).get_table_names()
    engine.dispose()
    assert _listed(operated)["csat"]["state"] == "active"
    broken = operated.folder / "own" / "leaky"
    (broken / "migrations").mkdir(parents=True)
    (broken / "migrations" / "0001_first.py").write_text(
        'revision, down_revision = "leaky_0001", None\n\n\ndef upgrade() -> None:\n    raise ValueError("no table")\n'
    )
    (broken / "__init__.py").write_text(
        "from pathlib import Path\n\nfrom sqlalchemy import MetaData\n\nfrom slackdesk.api import Plugin\n\n"
        'plugin = Plugin("leaky", "1", 1, tables=MetaData(), migrations=Path(__file__).parent / "migrations")\n'
    )
    failed = operated("migrate")
    assert failed.returncode == 1
    assert "Warning: the plugin leaky does not run" in failed.stdout
    assert "no table" in failed.stdout


def test_plugins_scopes_are_part_of_the_manifest(operated: CommandLine) -> None:
    assert "\n    - bookmarks:write\n" in operated("manifest").stdout
    assert "| `bookmarks:write` | Pins the rota to the channel. |" in operated("manifest", "--scopes").stdout


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("Coffee", "2 to 30 small letters, digits and _"),
        ("../coffee", "2 to 30 small letters, digits and _"),
        ("class", "class is a word of Python's"),
        ("csat", "there is a plugin csat already"),
        ("there", "there exists already"),
    ],
)
def test_plugins_new_refuses_names_and_places(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "own" / "there").mkdir(parents=True)
    with pytest.raises(SlackdeskError, match=complaint):
        write_plugin(name, tmp_path / "own")
    assert [path.name for path in tmp_path.rglob("*")] == ["own", "there"]


def test_plugins_new_writes_nothing_over(empty: CommandLine) -> None:
    (empty.folder / "plugins" / "coffee").mkdir(parents=True)
    done = empty("plugins", "new", "coffee")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: plugins/coffee exists already")


def test_plugins_check_without_a_plugin_of_that_name(empty: CommandLine) -> None:
    done = empty("plugins", "check", "coffee")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: coffee is neither a plugin (csat) nor a folder")


def test_plugins_check_says_what_is_wrong_and_exits_with_1(empty: CommandLine) -> None:
    (empty.folder / "bad.py").write_text(BAD)
    done = empty("plugins", "check", "bad.py")
    assert done.returncode == 1
    assert f"bad: {empty.folder / 'bad.py'}:1: loading it: RuntimeError: the wiring is wrong" in done.stdout
    assert "Plugins: 1, findings: 1." in done.stdout


def test_plugins_commands_without_the_simulated_workspace_say_what_to_install(empty: CommandLine) -> None:
    """The extra ``demo`` is not installed: what needs it says so, everything else works."""
    script = (
        "import sys; sys.modules['starlette'] = None; sys.argv = ['slackdesk', *sys.argv[1:]]; import slackdesk.cli"
    )
    command_line = CommandLine(empty.folder, empty.environment, ["-c", f"{script}; slackdesk.cli.main()"])
    done = command_line("plugins", "check", "csat")
    assert (done.returncode, done.stderr) == (1, "Error: starlette is not installed: pip install 'slackdesk[demo]'\n")
    assert command_line("policy", "example").returncode == 0


@pytest.mark.parametrize("key", ["token", "tokne", "rooms.x.key", "rooms.x.kye"])
def test_what_is_wrong_with_a_secret_is_told_without_it(empty: CommandLine, key: str) -> None:
    own = empty.folder / "own"
    own.mkdir()
    room = (
        "class Room(BaseModel):\n    model_config = ConfigDict(extra='forbid')\n    key: SecretStr = SecretStr('')\n\n"
    )
    source = GOOD.replace("class Config", f"{room}class Config")
    source = source.replace("at_most: int = 3", "at_most: int = 3\n    rooms: dict[str, Room] = {}")
    (own / "good.py").write_text(source.replace('token: SecretStr = SecretStr("hidden")', "token: SecretStr"))
    value: Any = ["very secret"]
    for part in reversed(key.split(".")):
        value = {part: value}
    (empty.folder / "slackdesk.toml").write_text(policy_text("good", {"token": "t"} | value, [own]))
    row = _listed(empty)["good"]
    assert row["state"] == "quarantined"
    assert row["reason"].startswith(f"plugins.good.{key} = '********': ")
