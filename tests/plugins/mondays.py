"""Mondays on which the office of the example policy works, whenever the tests run."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slackdesk.testing.desk import PluginDesk

JAKARTA = ZoneInfo("Asia/Jakarta")
FULL_WEEK = timedelta(hours=39)
"""Of the example's calendar, without a holiday."""


def calm_monday(desk: PluginDesk) -> datetime:
    """The next Monday, 00:00 in Jakarta, with which two weeks without a holiday begin."""
    with desk.desk.reading() as tx:
        calendar, now = tx.policy.calendar("it"), tx.now.astimezone(JAKARTA)
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=7 - now.weekday())
    while calendar.elapsed(monday, monday + timedelta(days=12)) != 2 * FULL_WEEK:
        monday += timedelta(days=7)
    return monday
