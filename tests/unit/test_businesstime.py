"""Business time by example: collected vectors, and each rule of the calendar on its own."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slackdesk.businesstime import BusinessCalendar, CalendarError

VECTORS = json.loads((Path(__file__).parent / "data" / "business_time_vectors.json").read_text("utf-8"))
JAKARTA = ZoneInfo("Asia/Jakarta")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def _calendar(vector: dict[str, Any]) -> BusinessCalendar:
    return BusinessCalendar(vector["timezone"], vector["week"], vector["holidays"], vector["dates"])


def _pauses(vector: dict[str, Any]) -> list[tuple[datetime, datetime]]:
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in vector["pauses"]]


def test_there_are_vectors_of_both_kinds() -> None:
    assert len(VECTORS["due"]) == 80
    assert len(VECTORS["elapsed"]) == 57


@pytest.mark.parametrize("vector", VECTORS["due"], ids=lambda vector: vector["id"])
def test_due_vector(vector: dict[str, Any]) -> None:
    target = timedelta(seconds=vector["target_seconds"])
    due = _calendar(vector).due(datetime.fromisoformat(vector["start"]), target, _pauses(vector))
    assert due == datetime.fromisoformat(vector["expected"])


@pytest.mark.parametrize("vector", VECTORS["elapsed"], ids=lambda vector: vector["id"])
def test_elapsed_vector(vector: dict[str, Any]) -> None:
    start, end = datetime.fromisoformat(vector["start"]), datetime.fromisoformat(vector["end"])
    assert _calendar(vector).elapsed(start, end, _pauses(vector)) == timedelta(seconds=vector["expected_seconds"])


def test_target_that_ends_at_closing_is_due_at_closing_and_zero_at_next_opening() -> None:
    office = BusinessCalendar("Asia/Jakarta", {"mon": [("09:00", "17:00")], "tue": [("09:00", "17:00")]})
    four = datetime(2026, 11, 23, 16, tzinfo=JAKARTA)
    assert office.due(four, HOUR) == datetime(2026, 11, 23, 17, tzinfo=JAKARTA)
    assert office.next_open(four + HOUR) == datetime(2026, 11, 24, 9, tzinfo=JAKARTA)
    assert office.next_open(four) == four
    assert office.is_open(four)
    assert not office.is_open(four + HOUR)


def test_nothing_elapses_backwards() -> None:
    office = BusinessCalendar("UTC", {"mon": [("09:00", "17:00")]})
    ten, four = datetime(2026, 11, 23, 10, tzinfo=UTC), datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert office.elapsed(four, ten) == timedelta()
    assert office.elapsed(ten, ten) == timedelta()
    assert office.spans(four, ten) == []


def test_work_paused_until_closing_goes_on_at_the_next_opening() -> None:
    office = BusinessCalendar("UTC", {"mon": [("09:00", "17:00")], "tue": [("09:00", "17:00")]})
    four, five = datetime(2026, 11, 23, 16, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC)
    tuesday = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert office.due(four, timedelta(), [(four, five)]) == tuesday
    assert office.due(four, HOUR, [(four, five)]) == tuesday + HOUR


def test_overnight_shift_belongs_to_the_date_it_opens_on() -> None:
    night = BusinessCalendar("Asia/Jakarta", {"mon": [("22:00", "06:00")]}, holidays=["2026-11-24"])
    monday = datetime(2026, 11, 23, 22, tzinfo=JAKARTA)
    assert night.due(monday + 3 * HOUR, 2 * HOUR) == monday + 5 * HOUR
    assert night.elapsed(monday, monday + timedelta(days=2)) == 8 * HOUR  # the holiday on Tuesday does not cut it
    closed = BusinessCalendar("Asia/Jakarta", {"mon": [("22:00", "06:00")]}, holidays=[date(2026, 11, 23)])
    assert closed.elapsed(monday, monday + timedelta(days=2)) == timedelta()


def test_hours_of_a_date_replace_its_weekday_and_its_holiday() -> None:
    calendar = BusinessCalendar(
        "Asia/Jakarta",
        {"thu": [("09:00", "17:00")]},
        holidays=["2026-12-24", "2026-12-31"],
        dates={"2026-12-24": [("08:00", "10:00")], "2026-12-17": []},
    )
    assert calendar.elapsed(datetime(2026, 12, 14, tzinfo=JAKARTA), datetime(2027, 1, 1, tzinfo=JAKARTA)) == 2 * HOUR


def test_overlapping_intervals_count_once() -> None:
    calendar = BusinessCalendar("UTC", {"mon": [("08:00", "12:00"), ("10:00", "14:00")], "sun": [("22:00", "09:00")]})
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert calendar.elapsed(monday, monday + timedelta(days=1)) == 14 * HOUR
    assert calendar.spans(monday - HOUR, monday + timedelta(days=1)) == [(monday - HOUR, monday + 14 * HOUR)]


def test_days_on_which_the_clocks_change_last_23_and_25_hours() -> None:
    always = BusinessCalendar("Europe/Berlin", {day: [("00:00", "24:00")] for day in ("sat", "sun", "mon")})
    spring, autumn = datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 10, 25, tzinfo=BERLIN)
    assert always.elapsed(spring, datetime(2026, 3, 30, tzinfo=BERLIN)) == 23 * HOUR
    assert always.elapsed(autumn, datetime(2026, 10, 26, tzinfo=BERLIN)) == 25 * HOUR


def test_an_hour_that_occurs_twice_counts_twice_and_a_skipped_one_not_at_all() -> None:
    early = BusinessCalendar("Europe/Berlin", {"sun": [("02:00", "03:00")]})
    week = timedelta(days=7)
    assert early.elapsed(datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN)) == 2 * HOUR
    assert early.elapsed(datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 3, 30, tzinfo=BERLIN)) == timedelta()
    assert early.next_open(datetime(2026, 3, 28, tzinfo=BERLIN)) == datetime(2026, 3, 29, 2, tzinfo=BERLIN) + week


def test_a_date_that_a_country_skipped_has_no_hours() -> None:
    samoa = BusinessCalendar("Pacific/Apia", {"thu": [("09:00", "17:00")], "fri": [("09:00", "17:00")]})
    wednesday = datetime(2011, 12, 28, tzinfo=ZoneInfo("Pacific/Apia"))
    assert samoa.elapsed(wednesday, wednesday + timedelta(days=5)) == 8 * HOUR


def test_microseconds_are_kept() -> None:
    office = BusinessCalendar("UTC", {"mon": [("09:00", "17:00")], "tue": [("09:00", "17:00")]})
    start = datetime(2026, 11, 23, 16, 59, 59, 999_999, tzinfo=UTC)
    assert office.due(start, timedelta(microseconds=3)) == datetime(2026, 11, 24, 9, 0, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize("week", [{}, {"mon": []}, {"mon": [("09:00", "09:00")]}])
def test_a_calendar_that_never_opens_says_so(week: dict[str, list[tuple[str, str]]]) -> None:
    never = BusinessCalendar("Asia/Jakarta", week)
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert never.elapsed(monday, monday + timedelta(days=30)) == timedelta()
    assert not never.is_open(monday)
    with pytest.raises(CalendarError, match="within 10 years"):
        never.next_open(monday)


def test_a_target_that_is_years_away_says_so() -> None:
    rare = BusinessCalendar("UTC", {}, dates={"2026-12-24": [("08:00", "09:00")]})
    assert rare.due(datetime(2026, 1, 1, tzinfo=UTC), HOUR) == datetime(2026, 12, 24, 9, tzinfo=UTC)
    with pytest.raises(CalendarError, match="more working hours"):
        rare.due(datetime(2026, 1, 1, tzinfo=UTC), 2 * HOUR)


@pytest.mark.parametrize(
    ("timezone", "week", "holidays", "named"),
    [
        ("Mars/Phobos", {}, [], "Mars/Phobos"),
        ("../etc/passwd", {}, [], "passwd"),
        ("UTC", {"monday": []}, [], "monday"),
        ("UTC", {"mon": [("9:00", "17:00")]}, [], "9:00"),
        ("UTC", {"mon": [("09:00", "24:30")]}, [], "24:30"),
        ("UTC", {"mon": [("24:00", "09:00")]}, [], "24:00"),
        ("UTC", {"mon": [("09:00",)]}, [], "09:00"),
        ("UTC", {"mon": ["09:00-17:00"]}, [], "09:00-17:00"),
        ("UTC", {}, ["24.12.2026"], "24.12.2026"),
    ],
)
def test_a_calendar_that_cannot_be_read_is_refused(
    timezone: str, week: dict[str, Any], holidays: list[str], named: str
) -> None:
    with pytest.raises(CalendarError, match=named.replace(".", r"\.")):
        BusinessCalendar(timezone, week, holidays)


def test_times_without_a_zone_and_negative_targets_are_refused() -> None:
    office = BusinessCalendar("UTC", {"mon": [("09:00", "17:00")]})
    naive = datetime(2026, 11, 23)  # noqa: DTZ001
    with pytest.raises(ValueError, match="no timezone"):
        office.due(naive, HOUR)
    with pytest.raises(ValueError, match="negative"):
        office.due(datetime(2026, 11, 23, tzinfo=UTC), -HOUR)
