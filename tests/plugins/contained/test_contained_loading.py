"""Plugins that cannot be loaded: each is put aside with a reason that names it, and the others run."""

from pathlib import Path
from typing import Any

import pytest
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from slackdesk.errors import SlackdeskError
from slackdesk.plugin import loading
from slackdesk.plugin.registry import Registry, Status

from .conftest import StartDesk, write_plugin

HEAD = "from slackdesk.api import *\n"
GOOD = HEAD + "plugin = Plugin(name='good', version='1', api=1)\n"

BROKEN = {
    "raises": ("raise ValueError('no such thing')", "ValueError: no such thing"),
    "ends the process": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "raises what nobody catches": ("raise BaseException('all')", "BaseException: all"),
    "is no Python": ("def plugin(:", "SyntaxError: invalid syntax"),
    "imports what is not there": ("import nothing_of_this_name", "ModuleNotFoundError: No module named"),
    "declares nothing": ("x = 1", "has no attribute plugin; write plugin = Plugin(…)"),
    "declares something else": ("plugin = 42", "bad: plugin = 42: write plugin = Plugin(name='bad', …)"),
    "has another name": (HEAD + "plugin = Plugin(name='worse', version='1', api=1)", "it has to be that of the folder"),
    "has a wrong name": (HEAD + "plugin = Plugin(name='Bad!', version='1', api=1)", "small letters, digits and _"),
    "is for another API": (
        HEAD + "plugin = Plugin(name='bad', version='1', api=2)",
        "api = 2: this slackdesk has",
    ),
    "lacks what it needs": (HEAD + "plugin = Plugin(name='bad')", "missing 2 required positional arguments"),
    "has no model": (HEAD + "plugin = Plugin(name='bad', version='1', api=1, config=dict)", "inherits from pydantic's"),
    "has wrong scopes": (HEAD + "plugin = Plugin(name='bad', version='1', api=1, scopes=('x',))", "scope and reason"),
    "has tables alone": (
        HEAD + "import sqlalchemy\nplugin = Plugin(name='bad', version='1', api=1, tables=sqlalchemy.MetaData())",
        "tables and migrations belong together",
    ),
    "has tables of others": (
        HEAD + "import sqlalchemy as sa, pathlib\nm = sa.MetaData(); sa.Table('ticket', m)\n"
        "plugin = Plugin(name='bad', version='1', api=1, tables=m, migrations=pathlib.Path('.'))",
        "table 'ticket': the tables of a plugin begin with bad_",
    ),
}


def found(registry: Registry, name: str) -> Any:
    return next(one for one in registry.found if one.name == name)


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_plugin_that_cannot_be_loaded_is_put_aside(tmp_path: Path, source: str, reason: str) -> None:
    for name, text in (("bad", source), ("good", GOOD)):
        write_plugin(tmp_path, name, text, beginning="")
    registry = loading.load({}, [tmp_path])
    assert (found(registry, "bad").status, found(registry, "good").status) == (Status.QUARANTINED, Status.ACTIVE)
    assert reason in found(registry, "bad").reason
    with pytest.raises(SlackdeskError, match="bad") as strict:
        loading.load({}, [tmp_path], strict=True)
    assert reason in str(strict.value)


@pytest.mark.parametrize(
    "body",
    ["import time; time.sleep(60)", "while True: pass", "while True:\n    try: x = 1\n    except BaseException: pass"],
    ids=["sleeps", "computes", "swallows everything"],
)
def test_a_plugin_that_hangs_is_put_aside_and_not_waited_for_again(tmp_path: Path, body: str) -> None:
    write_plugin(tmp_path, "bad", body, beginning="")
    write_plugin(tmp_path, "good", GOOD, beginning="")
    with UnixSignalDeathPenalty(1, JobTimeoutException):  # type: ignore[no-untyped-call]
        registry = loading.load({}, [tmp_path])
    assert found(registry, "bad").reason.startswith("importing bad took longer than 0.6")
    assert found(registry, "good").status is Status.ACTIVE
    again = loading.load({}, [tmp_path])
    assert found(again, "bad").reason == found(registry, "bad").reason


SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": ({"colour": "red"}, "plugins.bad.colour"),
    "a wrong value": ({"days": "many"}, "plugins.bad.days = 'many'"),
    "what the plugin refuses": ({"days": 13}, "plugins.bad.days = 13"),
    "what makes it fail": ({"days": 99}, "SystemExit"),
    "no flag": ({"enabled": "yes"}, "plugins.bad.enabled = 'yes': write true or false"),
    "no number of messages": ({"messages_per_hour": "many"}, "plugins.bad.messages_per_hour = 'many': write a whole"),
    "no timers at all": ({"timers_per_hour": 0}, "plugins.bad.timers_per_hour = 0: write a whole number above 0"),
}

CONFIGURED = """
from slackdesk.api import *
from pydantic import BaseModel, ConfigDict, field_validator
import sys

class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")
    days: int = 1

    @field_validator("days")
    @classmethod
    def lucky(cls, days):
        if days == 99:
            sys.exit(1)
        if days == 13:
            raise ValueError("not thirteen")
        return days

plugin = Plugin(name="bad", version="1", api=1, config=Config)
"""


@pytest.mark.parametrize(("section", "reason"), SETTINGS.values(), ids=SETTINGS.keys())
def test_wrong_settings_put_a_plugin_aside(tmp_path: Path, section: dict[str, Any], reason: str) -> None:
    write_plugin(tmp_path, "bad", CONFIGURED, beginning="")
    registry = loading.load({"bad": section}, [tmp_path])
    assert found(registry, "bad").status is Status.QUARANTINED
    assert reason in found(registry, "bad").reason


def test_the_limits_of_every_plugin_are_no_settings_of_its_own(tmp_path: Path) -> None:
    write_plugin(tmp_path, "good", GOOD, beginning="")
    section = {"enabled": True, "messages_per_hour": 5, "timers_per_hour": 7}
    assert found(loading.load({"good": section}, [tmp_path]), "good").status is Status.ACTIVE
    assert found(loading.load({"good": {"enabled": False}}, [tmp_path]), "good").status is Status.DISABLED


NAMES = {
    "csat": "another plugin of this name was found first, in slackdesk_plugins.csat; rename one",
    "csat_more": "its tables could be taken for those of the plugin csat; rename one",
    "ticket": "its tables could be taken for the desk's own table ticket",
    "plugin": "its tables could be taken for the desk's own table plugin_",
}


@pytest.mark.parametrize(("name", "reason"), NAMES.items(), ids=NAMES.keys())
def test_a_name_that_could_be_taken_for_another_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    write_plugin(tmp_path, name, f"{HEAD}plugin = Plugin(name={name!r}, version='1', api=1)\n", beginning="")
    registry = loading.load({}, [tmp_path])
    assert "csat" in registry.active
    assert reason in next(one for one in registry.found if one.origin == "plugin_dirs").reason


def test_two_plugins_with_the_same_word_do_not_both_run(tmp_path: Path) -> None:
    word = "@plugin.ticket_verb('peek', help='looks')\ndef peek(words, ctx): pass\n"
    for name in ("first", "second"):
        write_plugin(tmp_path, name, word)
    registry = loading.load({}, [tmp_path])
    assert found(registry, "first").status is Status.ACTIVE
    assert found(registry, "second").reason == "second: `/ticket peek` belongs to the plugin first; rename one"


def test_a_folder_that_is_not_there_is_no_reason_to_stop(tmp_path: Path) -> None:
    assert "csat" in loading.load({}, [tmp_path / "nowhere"]).active


def test_the_desk_runs_without_what_cannot_be_loaded(start_desk: StartDesk) -> None:
    desk = start_desk(bad="raise ValueError('no such thing')", worse="sys.exit(0)")
    assert "csat" in desk.registry.active
    assert not {"bad", "worse"} & set(desk.registry.active)
    desk.goes_on()
