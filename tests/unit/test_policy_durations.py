"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackdesk.policy.durations import format_duration, parse_business_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15m", timedelta(minutes=15)),
        ("8h", timedelta(hours=8)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("1d", timedelta(days=1)),
        ("1095d", timedelta(days=1095)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_durations_are_read(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "h", "8", "8 h", "-8h", "1.5h", "30m1h", "8H", "9999999d", "٣h٣", 8, None, timedelta()]
)
def test_what_is_no_duration_is_refused_with_what_to_write(text: object) -> None:
    with pytest.raises(ValueError, match='write text such as "15m"'):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0m", "0h", "0d0h", "00m"])
def test_zero_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="zero"):
        parse_duration(text)


def test_working_time_is_not_counted_in_days() -> None:
    assert parse_business_duration("24h") == timedelta(days=1)
    with pytest.raises(ValueError, match="write hours"):
        parse_business_duration("1d")


@given(st.integers(1, 10**9))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_short_durations_are_written_in_hours() -> None:
    assert format_duration(timedelta(hours=40)) == "40h"
    assert format_duration(timedelta(days=1095)) == "1095d"
