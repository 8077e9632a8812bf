"""The applied policy on a real database: versions, user groups, the copy that each process keeps, yearly holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from slackdesk.database import Database
from slackdesk.errors import ConfigurationError
from slackdesk.policy.model import (
    CalendarRules,
    DeskRules,
    GroupSnapshot,
    HolidaySource,
    PolicyVersion,
    Queue,
    ResolvedPolicy,
    Tier,
    Validation,
)
from slackdesk.policy.store import apply_policy, current_policy, extend_holidays, refresh_group

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def _policy(name: str = "Desk", *, holidays: tuple[date, ...] = (), through_year: int | None = None) -> ResolvedPolicy:
    source = through_year and HolidaySource(country="ID", subdivision=None, through_year=through_year)
    tier = Tier(
        name="L1",
        channel="C1",
        members=frozenset({"U9"}),
        groups=("S1",),
        lead="U1",
        budget=timedelta(hours=4),
        meetings=False,
    )
    queue = Queue(
        key="it",
        name="IT help",
        prefix="IT",
        calendar="office",
        request_channels=(),
        topics=("Other",),
        conversation="explicit",
        start_tier={"urgent": "L2"},
        validation=Validation(by="any", people=("S1", "U1")),
        auto_close=timedelta(hours=24),
        private=False,
        stakeholders=("S1",),
        anonymous_csat=False,
        tiers=(tier, tier.model_copy(update={"name": "L2", "channel": "C2"})),
    )
    office = CalendarRules(
        timezone="Asia/Jakarta",
        week={"mon": (("09:00", "17:00"),)},
        dates={date(2026, 12, 24): (("08:00", "12:00"),)},
        holidays=holidays,
        holiday_source=source or None,
    )
    return ResolvedPolicy(
        desk=DeskRules(
            name=name,
            timezone="Asia/Jakarta",
            locale="en",
            operators=("U1",),
            strict_plugins=False,
            plugin_dirs=(),
            retention=timedelta(days=1095),
            max_file_mb=50,
        ),
        calendars={"office": office},
        queues={"it": queue},
        plugins={"csat": {"delay": "30m"}},
        user_groups={"S1": GroupSnapshot(handle="it-l1", members=("U2", "U3"))},
    )


def _apply(database: Database, policy: ResolvedPolicy, now: datetime = NOW) -> int:
    with database.begin() as session:
        return apply_policy(session, policy, "source", "siti", now).id


def _current(database: Database) -> ResolvedPolicy:
    with database.read() as session:
        return current_policy(session)


def test_without_a_policy_the_remedy_is_said(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="slackdesk policy apply"):
        _current(database)


def test_what_was_applied_is_read_back_with_group_members(database: Database) -> None:
    _apply(database, _policy())
    policy = _current(database)
    queue = policy.queue("it")
    assert queue.tier("L1").members == {"U2", "U3", "U9"}
    assert queue.tier("L1").groups == ("S1",)
    assert queue.stakeholders == ("U2", "U3")
    assert queue.validation.people == ("U2", "U3", "U1")
    assert queue.auto_close == timedelta(hours=24)
    assert policy.plugins == {"csat": {"delay": "30m"}}
    assert policy.user_groups == {"S1": GroupSnapshot(handle="it-l1", members=("U2", "U3"))}
    assert policy.calendar("it").due(NOW, timedelta(hours=1)) == datetime(2026, 11, 30, 3, tzinfo=UTC)


def test_tiers_know_their_neighbours() -> None:
    queue = _policy().queue("it")
    low, high = queue.tiers
    assert queue.first_tier("normal") == low
    assert queue.first_tier("urgent") == high
    assert queue.tier_after("L1") == high
    assert queue.tier_after("L2") is None
    assert queue.tier_before("L2") == low
    assert queue.tier_before("L1") is None
    with pytest.raises(KeyError):
        queue.tier("L3")


def test_an_unchanged_policy_makes_no_new_version(database: Database) -> None:
    first = _apply(database, _policy())
    assert _apply(database, _policy(), NOW + timedelta(days=1)) == first
    second = _apply(database, _policy("Renamed"))
    assert second > first
    assert _current(database).desk.name == "Renamed"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PolicyVersion)) == 2
        assert session.execute(select(PolicyVersion.applied_by, PolicyVersion.applied_at)).first() == ("siti", NOW)


def test_the_order_of_queues_is_policy(database: Database) -> None:
    policy = _policy()
    hr = policy.queue("it").model_copy(update={"key": "hr", "prefix": "HR"})
    both = policy.model_copy(update={"queues": {"it": policy.queue("it"), "hr": hr}})
    swapped = policy.model_copy(update={"queues": {"hr": hr, "it": policy.queue("it")}})
    assert _apply(database, both) < _apply(database, swapped)
    assert list(_current(database).queues) == ["hr", "it"]


def test_a_version_that_was_rolled_back_is_not_in_force(database: Database) -> None:
    _apply(database, _policy())

    def fail() -> None:
        with database.begin() as session:
            apply_policy(session, _policy("Never"), "source", "siti", NOW)
            assert current_policy(session).desk.name == "Never"
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail()
    assert _current(database).desk.name == "Desk"
    _apply(database, _policy("Second"))
    assert _current(database).desk.name == "Second"


def test_a_refreshed_group_is_seen_at_once_and_a_foreign_one_is_ignored(database: Database) -> None:
    _apply(database, _policy())
    assert "U4" not in _current(database).queue("it").tier("L1").members
    with database.begin() as session:
        refresh_group(session, "S1", ["U4"], NOW)
        refresh_group(session, "S-foreign", ["U5"], NOW)
    assert _current(database).queue("it").tier("L1").members == {"U4", "U9"}
    with database.begin() as session:
        refresh_group(session, "S1", [], NOW)
    assert _current(database).queue("it").tier("L1").members == {"U9"}
    assert set(_current(database).user_groups) == {"S1"}


def test_an_unchanged_policy_costs_one_query(database: Database) -> None:
    _apply(database, _policy())
    first = _current(database)
    statements: list[str] = []
    with database.read() as session:
        event.listen(database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
        assert current_policy(session) is first
    assert len(statements) == 1


def test_another_process_sees_the_change(database: Database) -> None:
    _apply(database, _policy())
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        assert _current(other).desk.name == "Desk"
        _apply(database, _policy("Renamed"))
        assert _current(other).desk.name == "Renamed"
    finally:
        other.close()


def test_past_holidays_stay_as_they_were_applied(database: Database) -> None:
    past, moved, new = date(2026, 8, 17), date(2027, 3, 10), date(2027, 3, 11)
    _apply(database, _policy(holidays=(past, moved), through_year=2028))
    _apply(database, _policy(holidays=(date(2026, 1, 1), new), through_year=2028))
    assert _current(database).calendars["office"].holidays == (past, new)


def test_holidays_are_extended_once_a_year(database: Database) -> None:
    with database.begin() as session:
        assert extend_holidays(session, NOW) is None
    first = _apply(database, _policy(holidays=(date(2026, 8, 17),), through_year=2028))
    with database.begin() as session:
        assert extend_holidays(session, NOW) is None
    with database.begin() as session:
        version = extend_holidays(session, datetime(2027, 1, 1, tzinfo=UTC))
        assert version is not None
        assert version.id > first
        assert version.source == "source"
    office = _current(database).calendars["office"]
    assert office.holidays[0] == date(2026, 8, 17)
    assert date(2029, 8, 17) in office.holidays
    assert {day.year for day in office.holidays} == {2026, 2029}
    with database.begin() as session:
        assert extend_holidays(session, datetime(2027, 6, 1, tzinfo=UTC)) is None
