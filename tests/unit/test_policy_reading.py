"""The policy file: what is read, and that everything wrong with it is named at once, with key, value and remedy."""

from datetime import date, timedelta
from importlib.resources import files

import pytest

from slackdesk.policy.reading import PolicyError, read_policy

EXAMPLE = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")


def _problems(text: str) -> dict[str, str]:
    with pytest.raises(PolicyError) as caught:
        read_policy(text)
    return {problem.key: str(problem) for problem in caught.value.problems}


def _changed(old: str, new: str) -> str:
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new, 1)


def test_the_example_is_read_whole() -> None:
    policy = read_policy(EXAMPLE)
    assert policy.desk.retention == timedelta(days=1095)
    assert list(policy.queues) == ["it", "hr"]
    assert [tier.name for tier in policy.queues["it"].tiers] == ["L1", "L2", "L3"]
    assert policy.queues["it"].tiers[0].budget == timedelta(hours=4)
    assert policy.queues["it"].start_tier == {"urgent": "L2"}
    assert policy.queues["hr"].private
    assert policy.queues["hr"].validation.by == "requester"
    assert policy.calendars["office"].week["fri"] == (("08:00", "11:30"), ("13:30", "17:00"))
    assert policy.calendars["office"].dates == {date(2026, 12, 24): [("08:00", "12:00")]}
    assert set(policy.calendars["always"].week) == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert policy.plugins["csat"]["delay"] == "30m"


def test_a_weekday_of_its_own_replaces_every_day() -> None:
    text = _changed('every_day = ["00:00-24:00"]', 'every_day = ["09:00-17:00"]\nsat = ["10:00-12:00"]\nsun = []')
    week = read_policy(text).calendars["always"].week
    assert week["sat"] == (("10:00", "12:00"),)
    assert "sun" not in week
    assert week["mon"] == (("09:00", "17:00"),)


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('name = "Acme helpdesk"', "", "desk.name", "required"),
        ('timezone = "Asia/Jakarta"', 'timezone = "Asia/Jakrta"', "desk.timezone", "'Asia/Jakrta'"),
        ('locale = "en" ', 'locale = "English" ', "desk.locale", "'English'"),
        ("strict_plugins = false", 'strict_plugins = "no"', "desk.strict_plugins", "'no'"),
        ("max_file_mb = 50", "max_file_mb = -1", "desk.max_file_mb", "greater than or equal to 1"),
        ('retention = "1095d"', 'retention = "0d"', "desk.retention", "zero"),
        ("[desk]", "[desk]\ncolour = 3", "desk.colour", "unknown key; known here: name, timezone"),
        ("[desk]", "[dask]\n[desk]", "dask", "did you mean desk?"),
        ("plugin_dirs", "plugin_dir", "desk.plugin_dir", "did you mean plugin_dirs?"),
        ('"08:00-11:30"', '"08:00-25:00"', "calendars.office.fri[0]", "'25:00' is no clock time"),
        ('"08:00-11:30"', '"08:00"', "calendars.office.fri[0]", "not an interval"),
        ('"08:00-11:30"', '"08:00-08:00"', "calendars.office.fri[0]", "no time at all"),
        ('"2026-12-24"', '"24.12.2026"', "calendars.office.dates.24.12.2026", "not a date"),
        ('country = "ID"', 'country = "XX"', "calendars.office.holidays", "ISO code"),
        ('country = "ID"', 'country = "DE", subdivision = "ZZ"', "calendars.office.holidays", "no such subdivision"),
        ('every_day = ["00:00-24:00"]', "every_day = []", "calendars.always", "never open"),
        ('every_day = ["00:00-24:00"]', "", "calendars.always", "never open"),
        ('calendar = "office"', 'calendar = "offce"', "queues.it.calendar", "write one of: office, always"),
        ('prefix = "HR"', 'prefix = "IT"', "queues.hr.prefix", "also in queues.it.prefix"),
        ('prefix = "HR"', 'prefix = "hr-1"', "queues.hr.prefix", "'hr-1'"),
        ('name = "L2"', 'name = "L1"', "queues.it.tiers[1].name", "also in queues.it.tiers[0].name"),
        ('urgent = "L2"', 'urgent = "L9"', "queues.it.start_tier.urgent", "write one of: L1, L2, L3"),
        ('urgent = "L2"', 'asap = "L2"', "queues.it.start_tier.asap", "'low', 'normal', 'high' or 'urgent'"),
        ('"#it-l3"', '"#it-l2"', "queues.it.tiers[2].channel", "channel used twice"),
        ('"#hr-private"', '"#it-l1"', "queues.hr.tiers[0].channel", "also in queues.it.tiers[0].channel"),
        ('"#help-it"', '"#it-l1"', "queues.it.request_channels[0]", "channel used twice"),
        ('"Laptop"', '"Other"', "queues.it.topics", "'Other' is there twice"),
        ('"Laptop"', f'"{"x" * 76}"', "queues.it.topics[0]", "at most 75 characters"),
        ('"Laptop"', '" "', "queues.it.topics[0]", "is empty"),
        ('topics = ["Payroll", "Leave", "Complaint", "Other"]', "topics = []", "queues.hr.topics", "at least one"),
        ('{ by = "requester" }', '{ by = "any" }', "queues.it.validation", "add people"),
        ('{ by = "requester" }', '{ by = "boss" }', "queues.it.validation.by", "'majority'"),
        ('{ by = "requester" }', '{ people = ["@head-of-it"] }', "queues.it.validation", "remove people"),
        ('conversation = "explicit"', 'conversation = "open"', "queues.it.conversation", "'mirror'"),
        ('auto_close = "24h"', 'auto_close = "3d"', "queues.it.auto_close", "write hours"),
        ('budget = "4h"', 'budget = "-4h"', "queues.it.tiers[0].budget", "'-4h': not a duration"),
        ('budget = "4h"', "budget = 4", "queues.it.tiers[0].budget", "= 4: not a duration"),
        ('members = ["@it-l1"]', "members = []", "queues.it.tiers[0].members", "at least one"),
        ('members = ["@it-l1"]', 'members = ["@it-l1", "@IT-L1"]', "queues.it.tiers[0].members", "there twice"),
        ("meetings = true", "meting = true", "queues.it.tiers[2].meting", "did you mean meetings?"),
        ("[queues.hr]", "[queues.HR]", "queues", "small letters"),
    ],
)
def test_a_problem_names_key_value_and_remedy(old: str, new: str, key: str, said: str) -> None:
    text = _changed(old, new)
    assert said in _problems(text).get(key, "")


def test_all_problems_are_told_at_once() -> None:
    text = (
        EXAMPLE.replace("Asia/Jakarta", "Nowhere").replace('budget = "4h"', 'budgt = "4h"').replace('"L2" }', '"L9" }')
    )
    assert set(_problems(text)) == {
        "desk.timezone",
        "calendars.office.timezone",
        "queues.it.tiers[0].budget",
        "queues.it.tiers[0].budgt",
        "queues.it.start_tier.urgent",
    }


def test_a_syntax_error_names_its_line() -> None:
    problems = _problems("[desk]\nname = Acme\n")
    assert list(problems) == ["line 2"]
    assert "'name = Acme'" in problems["line 2"]
    assert "line 3" in _problems('[desk]\n\nname = "Acme')


@pytest.mark.parametrize(
    "text", ["", "desk = 1\ncalendars = []\nqueues = 'it'\nplugins = 2", "[queues]\n[calendars]\n"]
)
def test_missing_and_misshapen_sections_are_named(text: str) -> None:
    problems = _problems(text)
    assert {"calendars", "queues"} <= set(problems)
    assert any(key.startswith("desk") for key in problems)


def test_settings_of_a_plugin_are_a_table() -> None:
    problems = _problems("plugins.digest = 1\n" + EXAMPLE.split("[plugins.csat]", maxsplit=1)[0])
    assert problems == {"plugins.digest": "plugins.digest = 1: write a table: [plugins.digest]"}
