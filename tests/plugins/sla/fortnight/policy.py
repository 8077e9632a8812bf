"""The policy of the fortnight: queues in two time zones, one of them private; a holiday, the hour that comes twice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

POLICY = """\
[desk]
name = "Acme helpdesk"
timezone = "Asia/Jakarta"
locale = "en"
operators = ["@helpdesk-lead"]

[calendars.jakarta]
timezone = "Asia/Jakarta"
mon = ["08:00-12:00", "13:00-17:00"]
tue = ["08:00-12:00", "13:00-17:00"]
wed = ["08:00-12:00", "13:00-17:00"]
thu = ["08:00-12:00", "13:00-17:00"]
fri = ["08:00-11:30", "13:30-17:00"]
[calendars.jakarta.dates]
"{holiday}" = []
"{half_day}" = ["08:00-12:00"]

[calendars.berlin]
timezone = "Europe/Berlin"
mon = ["08:00-12:00", "13:00-17:30"]
tue = ["08:00-12:00", "13:00-17:30"]
wed = ["08:00-12:00", "13:00-17:30"]
thu = ["08:00-12:00", "13:00-17:30"]
fri = ["08:00-12:00", "13:00-17:30"]
sat = ["20:00-05:00"]

[queues.it]
name = "IT help"
prefix = "IT"
calendar = "jakarta"
{queue}
[[queues.it.tiers]]
name = "L1"
channel = "#it-l1"
members = ["@rina", "@agus"]
lead = "@jonas"
budget = "4h"
[[queues.it.tiers]]
name = "L2"
channel = "#it-l2"
members = ["@dewi"]
lead = "@helpdesk-lead"
budget = "6h"

[queues.eu]
name = "Berlin help"
prefix = "EU"
calendar = "berlin"
{queue}
[[queues.eu.tiers]]
name = "L1"
channel = "#it-l3"
members = ["@bayu", "@eka"]
lead = "@prakash"
budget = "3h"
[[queues.eu.tiers]]
name = "L2"
channel = "#leadership"
members = ["@rina"]
lead = "@maya"
budget = "5h"

[queues.hr]
name = "People team"
prefix = "HR"
calendar = "jakarta"
private = true
{queue}
[[queues.hr.tiers]]
name = "L1"
channel = "#hr-private"
members = ["@indah", "@gita"]
lead = "@head-of-it"
budget = "2h"
"""

QUEUE = """\
topics = ["Other"]
auto_close = "24h"
"""
"""Of each queue."""

ZONES = {
    "jonas": "Europe/Berlin",
    "helpdesk-lead": "Asia/Jakarta",
    "prakash": "Asia/Kathmandu",
    "maya": "America/New_York",
    "rina": "Asia/Jakarta",
    "agus": "Europe/Berlin",
    "dewi": "Asia/Jayapura",
    "bayu": "Asia/Singapore",
    "eka": "Europe/Berlin",
    "indah": "Asia/Makassar",
    "gita": "Asia/Jakarta",
    "head-of-it": "Europe/Berlin",
}
"""Everybody who can be told anything, and where they live."""

SLA: dict[str, Any] = {
    "remind_at_percent": [50, 80],
    "repeat_after_breach": "2h",
    "cap": 4,
    "messages_per_hour": 1_000_000,  # of real time, in which days pass here
    "timers_per_hour": 1_000_000,
    "targets": {
        "it": {
            "urgent": {"first_response": "30m", "next_response": "1h", "resolution": "3h"},
            "high": {"first_response": "1h", "next_response": "2h", "resolution": "6h"},
            "normal": {"first_response": "4h", "next_response": "5h", "resolution": "12h"},
            "low": {"resolution": "20h"},
        },
        "eu": {
            "urgent": {"first_response": "20m", "next_response": "1h", "resolution": "4h"},
            "high": {"first_response": "2h", "next_response": "2h", "resolution": "8h"},
            "normal": {"first_response": "4h", "next_response": "6h", "resolution": "10h"},
            "low": {"first_response": "8h", "resolution": "24h"},
        },
        "hr": {
            "urgent": {"first_response": "1h", "resolution": "4h"},
            "high": {"first_response": "2h", "next_response": "1h", "resolution": "7h"},
            "normal": {"first_response": "3h", "next_response": "4h", "resolution": "9h"},
        },
    },
}


def switch_after(now: datetime) -> date:
    """The next Sunday in autumn on which Berlin's clocks are turned back, at least three weeks from now."""
    day = (now + timedelta(days=21)).date()
    while _offset(day) - _offset(day + timedelta(days=1)) != timedelta(hours=1):
        day += timedelta(days=1)
    return day


def _offset(day: date) -> timedelta:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).astimezone(BERLIN).utcoffset() or timedelta()


def policy_around(switch: date) -> str:
    """The policy file, without its plugins; the holiday is the Monday after the switch."""
    return POLICY.format(queue=QUEUE, holiday=switch + timedelta(days=1), half_day=switch + timedelta(days=3))


ALONE = "".join(f"[plugins.{name}]\nenabled = false\n" for name in ("csat", "digest"))
"""For a desk that would find what is bundled with it."""
