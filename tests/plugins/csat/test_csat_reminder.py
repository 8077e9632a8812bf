"""The one reminder: only while it is of use, and by day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slackdesk_plugins.csat.rules import DAY_BEGINS, DAY_ENDS, MORNING, by_day

from slackdesk.api import Reader
from slackdesk.i18n import translator

from .conftest import Company, StartCompany


def test_it_comes_once(company: Company) -> None:
    company.wait_until("12:00")
    company.is_polled()
    company.desk.advance("23h")
    assert company.reminders() == []
    company.desk.advance("2h")
    assert len(company.reminders()) == 1
    company.desk.advance("10d")
    assert len(company.reminders()) == 1


def test_whoever_has_rated_is_not_reminded(start_company: StartCompany) -> None:
    company = start_company(edit_window="10d")
    company.wait_until("12:00")
    company.is_polled()
    company.rates(4)
    company.desk.advance("1d")
    assert company.reminders() == []


def test_whoever_reopened_is_not_reminded(company: Company) -> None:
    company.wait_until("12:00")
    number = company.is_polled()
    company.reopens(number)
    company.desk.advance("1d")
    assert company.reminders() == []


def test_a_poll_that_ends_before_the_reminder_has_none(start_company: StartCompany) -> None:
    company = start_company(reminder_after="2d", expires_after="2d")
    company.wait_until("12:00")
    company.is_polled()
    company.desk.advance("47h")
    company.desk.advance("1h")
    assert company.reminders() == []
    assert "has ended" in company.polls()[0].text


@pytest.mark.parametrize("polled_at", ["19:00", "02:00"])
def test_nobody_is_reminded_at_night(company: Company, polled_at: str) -> None:
    company.wait_until(polled_at)
    company.is_polled()
    company.desk.advance("1d")
    assert company.reminders() == [], "a day later it is night again"
    company.wait_until("08:59")
    assert company.reminders() == []
    company.wait_until("09:00")
    assert len(company.reminders()) == 1


def test_a_reminder_that_an_outage_held_up_until_night_waits_for_the_morning(company: Company) -> None:
    company.wait_until("12:00")
    company.is_polled()
    company.desk.advance("34h")
    assert company.reminders() == [], "half past ten in the evening"
    company.desk.advance("11h")
    assert len(company.reminders()) == 1


def test_the_reminder_says_what_became_of_the_poll(company: Company) -> None:
    company.wait_until("12:00")
    company.is_polled()
    company.desk.advance("1d")
    assert "until" in company.reminders()[0].text
    company.desk.advance("14d")
    assert company.reminders()[0].text == "You were reminded of the poll about IT-1; it has ended."


ZONES = st.sampled_from(["UTC", "Asia/Jakarta", "Asia/Kathmandu", "America/New_York", "Europe/Berlin", "Pacific/Apia"])
INSTANTS = st.integers(1_700_000_000, 1_950_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(ZONES, INSTANTS)
def test_reminders_fall_into_the_day_of_whoever_reads_them(zone: str, instant: datetime) -> None:
    reader = Reader(translator("en"), zone, instant)
    moved = by_day(reader, instant)
    local = moved.astimezone(ZoneInfo(zone))
    assert DAY_BEGINS <= local.time() <= DAY_ENDS
    assert timedelta() <= moved - instant < timedelta(hours=16), "not earlier, and not later than the next morning"
    assert moved == instant or local.time() == MORNING
    assert by_day(reader, moved) == moved


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (time(7, 59), "Wed 09:00"),
        (time(8), "Wed 08:00"),
        (time(18), "Wed 18:00"),
        (time(18, 1), "Thu 09:00"),
        (time(23, 59), "Thu 09:00"),
        (time(0), "Wed 09:00"),
    ],
)
def test_the_hours_of_a_reminder(clock: time, expected: str) -> None:
    instant = datetime.combine(date(2026, 11, 25), clock, ZoneInfo("America/New_York"))
    reader = Reader(translator("en"), "America/New_York", instant)
    assert reader.instant(by_day(reader, instant)) == expected
