"""The day on which the tour is played, from whatever instant: the example policy's calendar lets all of it happen."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files

from hypothesis import example, given
from hypothesis import strategies as st

from slackdesk.businesstime import BusinessCalendar
from slackdesk.demo.phases import JAKARTA
from slackdesk.demo.tour import NIGHT, until_next_morning
from slackdesk.policy.durations import parse_duration
from slackdesk.policy.reading import read_policy
from slackdesk.policy.resolution import calendar_rules

POLICY = read_policy(files("slackdesk.policy").joinpath("example.toml").read_text("utf-8"))
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001
RESOLVED = timedelta(hours=2, minutes=45)
"""After the morning, when the last ones of the tour have been resolved, on a slow machine too."""


@cache
def office(year: int) -> BusinessCalendar:
    """As it is applied in that year."""
    today = datetime(year, 1, 1, tzinfo=UTC).date()
    return calendar_rules(POLICY.calendars["office"], today).business_calendar


@given(INSTANTS)
@example(datetime(2026, 5, 25, tzinfo=UTC))  # two holidays in the week that follows
@example(datetime(2026, 12, 22, 12, tzinfo=UTC))  # the next days end at noon, are a holiday, and a weekend
@example(datetime(2026, 11, 26, 1, 30, tzinfo=UTC))  # it is 8:30
@example(datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC))  # the last second of a year in Jakarta
def test_the_day_of_the_tour_has_everything_that_is_played(now: datetime) -> None:
    morning = now + parse_duration(until_next_morning(now))
    local, calendar = morning.astimezone(JAKARTA), office(now.year)
    assert timedelta() < morning - now <= timedelta(days=30)
    assert time(8, 30) <= local.time() <= time(8, 31)
    assert calendar.is_open(morning)
    assert not calendar.is_open(morning - NIGHT)
    assert calendar.due(morning - NIGHT, timedelta(hours=4)).astimezone(JAKARTA).hour == 12
    resolved = morning + RESOLVED
    assert calendar.is_open(resolved)
    assert calendar.due(resolved, POLICY.queues["it"].auto_close) <= resolved + timedelta(days=7)
