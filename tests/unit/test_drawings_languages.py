"""Sentences, instants and lengths of time in the reader's language."""

from datetime import UTC, datetime, timedelta

import pytest

from slackdesk.i18n import translator, zone

MONDAY = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "now", "timezone", "shown"),
    [
        ("en", MONDAY - timedelta(days=2), "Asia/Jakarta", "Mon 11:00"),
        ("en-US", MONDAY - timedelta(days=2), "America/New_York", "Sun 23:00"),
        ("id-ID", MONDAY - timedelta(days=2), "Asia/Jakarta", "Sen 11.00"),
        ("en", MONDAY - timedelta(days=6), "UTC", "Mon 04:00"),
        ("en", MONDAY - timedelta(days=6, seconds=1), "UTC", "Mon 30 Nov 04:00"),
        ("en", MONDAY + timedelta(days=40), "UTC", "Mon 30 Nov 2026 04:00"),
        ("xx", MONDAY, "Mars/Olympus", "Mon 04:00"),
    ],
)
def test_instant_is_written_as_the_readers_wall_shows_it(locale: str, now: datetime, timezone: str, shown: str) -> None:
    """Weekday and time; the date when the weekday alone would be unclear."""
    assert translator(locale).instant(MONDAY, now=now, timezone=timezone) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=10), "10 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(minutes=30, seconds=59), "30 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=26, minutes=30), "26 h 30 min"),
    ],
)
def test_duration_in_hours_and_minutes(length: timedelta, shown: str) -> None:
    """Days are left out: a business day has no one length."""
    assert translator("en").duration(length) == shown


def test_duration_in_indonesian() -> None:
    """The units are words of the language."""
    assert translator("id").duration(timedelta(hours=2, minutes=30)) == "2 j 30 mnt"


@pytest.mark.parametrize("locale", ["fr", "../../etc", "", "en_GB"])
def test_language_without_catalogue_speaks_english(locale: str) -> None:
    """A missing catalogue or sentence never stops anything."""
    assert translator(locale)("No such {thing} 7f3a", thing="x") == "No such x 7f3a"


def test_plural_forms_follow_the_language() -> None:
    """English has two forms."""
    t = translator("en")
    assert [t.plural("{count} ticket", "{count} tickets", n) for n in (0, 1, 2)] == [
        "0 tickets",
        "1 ticket",
        "2 tickets",
    ]


def test_unknown_time_zones_read_as_utc() -> None:
    """Slack may name a zone that this machine does not know; a folder of zones is no zone either."""
    assert [zone(name).key for name in ("Nowhere/City", "Asia", "../x", "Asia/Jakarta")] == [
        "UTC",
        "UTC",
        "UTC",
        "Asia/Jakarta",
    ]
