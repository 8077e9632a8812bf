"""What people call a period, and when a summary is due."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slackdesk_plugins.digest.periods import DAY_BEGINS, DAY_ENDS, Schedule, Span, daytime, parse_period

from slackdesk.errors import Refused

JAKARTA, BERLIN = "Asia/Jakarta", "Europe/Berlin"
NOW = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
"""A Wednesday, 10:30 in Jakarta."""


def _local(span: Span, zone: str = JAKARTA) -> str:
    return " to ".join(f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}" for at in (span.since, span.until))


@pytest.mark.parametrize(
    ("text", "span", "before"),
    [
        ("today", "Wed 2026-11-25 00:00 to Wed 2026-11-25 10:30", "Tue 2026-11-24 00:00 to Tue 2026-11-24 10:30"),
        ("Yesterday", "Tue 2026-11-24 00:00 to Wed 2026-11-25 00:00", "Mon 2026-11-23 00:00 to Tue 2026-11-24 00:00"),
        ("this week", "Mon 2026-11-23 00:00 to Wed 2026-11-25 10:30", "Mon 2026-11-16 00:00 to Wed 2026-11-18 10:30"),
        ("last  week", "Mon 2026-11-16 00:00 to Mon 2026-11-23 00:00", "Mon 2026-11-09 00:00 to Mon 2026-11-16 00:00"),
        ("minggu lalu", "Mon 2026-11-16 00:00 to Mon 2026-11-23 00:00", "Mon 2026-11-09 00:00 to Mon 2026-11-16 00:00"),
        ("this month", "Sun 2026-11-01 00:00 to Wed 2026-11-25 10:30", "Thu 2026-10-01 00:00 to Sun 2026-10-25 10:30"),
        ("last month", "Thu 2026-10-01 00:00 to Sun 2026-11-01 00:00", "Tue 2026-09-01 00:00 to Thu 2026-10-01 00:00"),
        ("2026-02", "Sun 2026-02-01 00:00 to Sun 2026-03-01 00:00", "Thu 2026-01-01 00:00 to Sun 2026-02-01 00:00"),
        ("", "Wed 2026-11-18 10:30 to Wed 2026-11-25 10:30", "Wed 2026-11-11 10:30 to Wed 2026-11-18 10:30"),
        ("2 d", "Mon 2026-11-23 10:30 to Wed 2026-11-25 10:30", "Sat 2026-11-21 10:30 to Mon 2026-11-23 10:30"),
        (
            "2026-11-02..2026-11-03",
            "Mon 2026-11-02 00:00 to Wed 2026-11-04 00:00",
            "Sat 2026-10-31 00:00 to Mon 2026-11-02 00:00",
        ),
    ],
)
def test_a_period_and_the_one_before(text: str, span: str, before: str) -> None:
    found = parse_period(text, NOW, JAKARTA)
    assert (_local(found.span), _local(found.before)) == (span, before)


@pytest.mark.parametrize(
    "text", ["soon", "0d", "367d", "2026-13", "2027-01", "2026-11-30..2026-11-01", "2026-02-30..2026-03-01", "last"]
)
def test_what_is_no_period_is_told_with_what_is(text: str) -> None:
    with pytest.raises(Refused, match="last week"):
        parse_period(text, NOW, JAKARTA)


def test_a_month_is_compared_with_no_more_than_the_month_before() -> None:
    found = parse_period("this month", datetime(2026, 3, 31, 12, tzinfo=UTC), "UTC")
    assert _local(found.before, "UTC") == "Sun 2026-02-01 00:00 to Sun 2026-03-01 00:00"


def test_days_begin_at_local_midnight_when_the_clocks_change() -> None:
    found = parse_period("2026-10-24..2026-10-26", NOW, BERLIN)
    lengths = [(span.until - span.since) / timedelta(hours=1) for _, span in found.days()]
    assert [day for day, _ in found.days()] == [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)]
    assert lengths == [24, 25, 24]


def test_slots_keep_the_wall_clock_when_the_clocks_change() -> None:
    daily = Schedule("day", 8, timezone=BERLIN)
    first = daily.next_slot(datetime(2026, 10, 23, 12, tzinfo=UTC))
    second = daily.next_slot(first)
    assert (first, second - first) == (datetime(2026, 10, 24, 6, tzinfo=UTC), timedelta(hours=25))


def test_a_slot_is_about_whole_days_before_it() -> None:
    weekly = Schedule("week", 8, timezone=JAKARTA)
    slot = weekly.latest_slot(NOW)
    assert _local(weekly.period(slot).span) == "Mon 2026-11-16 00:00 to Mon 2026-11-23 00:00"
    monthly = Schedule("month", 8, timezone=JAKARTA)
    assert _local(monthly.period(monthly.latest_slot(NOW)).span) == "Thu 2026-10-01 00:00 to Sun 2026-11-01 00:00"
    daily = Schedule("day", 8, timezone=JAKARTA)
    assert _local(daily.period(daily.latest_slot(NOW)).span) == "Tue 2026-11-24 00:00 to Wed 2026-11-25 00:00"


instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
zones = st.sampled_from([JAKARTA, BERLIN, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
schedules = st.builds(
    Schedule,
    every=st.sampled_from(["day", "week", "month"]),
    hour=st.integers(DAY_BEGINS.hour, DAY_ENDS.hour - 1),
    minute=st.integers(0, 59),
    weekday=st.integers(0, 6),
    timezone=zones,
)


@given(schedules, instants)
def test_slots_follow_each_other(schedule: Schedule, now: datetime) -> None:
    latest, following = schedule.latest_slot(now), schedule.next_slot(now)
    assert latest <= now < following
    assert schedule.next_slot(latest) == following
    for slot in (latest, following):
        local = slot.astimezone(ZoneInfo(schedule.timezone))
        assert (local.hour, local.minute) == (schedule.hour, schedule.minute)
        assert daytime(slot, schedule.timezone) == slot
        compared = schedule.period(slot)
        assert compared.before.until == compared.span.since < compared.span.until <= slot


@given(instants, zones)
def test_nobody_is_woken(now: datetime, zone: str) -> None:
    awake = daytime(now, zone)
    assert now <= awake <= now + timedelta(hours=10)
    assert DAY_BEGINS <= awake.astimezone(ZoneInfo(zone)).time() < DAY_ENDS


@given(instants, zones, st.integers(1, 60))
def test_days_are_all_of_the_period(now: datetime, zone: str, length: int) -> None:
    compared = parse_period(f"{length}d", now, zone)
    spans = [span for _, span in compared.days()]
    assert (spans[0].since, spans[-1].until) == (compared.span.since, compared.span.until)
    assert all(one.until == after.since for one, after in pairwise(spans))
