"""Histories to compute with, and a desk with the plugin on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import slackdesk_plugins
from slackdesk_plugins.sla.clocks import ClockName

from slackdesk.businesstime import BusinessCalendar

SLA = Path(next(iter(slackdesk_plugins.__path__))) / "sla"
JAKARTA = ZoneInfo("Asia/Jakarta")
REQUESTER, AGENT = "UMAYA", "URINA"
OFFICE = BusinessCalendar(
    "Asia/Jakarta",
    {day: [("08:00", "12:00"), ("13:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")},
)


def at(text: str) -> datetime:
    """``Mon 09:30`` of the week of 23 November 2026 in Jakarta; ``Mon+1`` is a week later."""
    day, clock = text.split()
    name, _, weeks = day.partition("+")
    number = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(name) + 7 * int(weeks or 0)
    hour, minute = map(int, clock.split(":"))
    local = datetime(2026, 11, 23, hour, minute, tzinfo=JAKARTA) + timedelta(days=number)
    return local.astimezone(UTC)


@dataclass(frozen=True)
class Happened:
    """An entry of a history."""

    at: datetime
    kind: str
    actor: str | None
    data: Mapping[str, Any]


@dataclass
class History:
    """Builds a history: each call is one entry; the status is that of the entry before unless it is given."""

    entries: list[Happened] = field(default_factory=list)
    status: str = "new"

    def add(
        self, when: datetime | str, kind: str, actor: str | None = AGENT, status: str = "", **data: Any
    ) -> "History":
        """One more entry."""
        self.status = status or self.status
        instant = at(when) if isinstance(when, str) else when
        self.entries.append(Happened(instant, kind, actor, {**data, "status": self.status}))
        return self

    def filed(self, when: datetime | str, priority: str = "normal", queue: str = "it", tier: str = "L1") -> "History":
        """By the requester."""
        return self.add(when, "filed", REQUESTER, queue=queue, tier=tier, priority=priority, requester=REQUESTER)

    def answered(self, when: datetime | str, *, first: bool = False) -> "History":
        """An agent's reply has left."""
        return self.add(when, "reply_sent", message_id=1, is_first_response=first)

    def wrote(self, when: datetime | str, *, status: str = "", thanks: bool = False) -> "History":
        """The requester has written."""
        return self.add(when, "requester_wrote", REQUESTER, status, message_id=1, reopens=False, is_thanks=thanks)


@dataclass(frozen=True)
class PlainRules:
    """Targets as they are given, and one calendar for each queue."""

    targets: Mapping[tuple[str, str, str], timedelta]
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=lambda: {"it": OFFICE})

    def target(self, queue: str, priority: str, clock: ClockName) -> timedelta | None:
        """Of a queue, a priority and a clock."""
        return self.targets.get((queue, priority, clock.value))

    def calendar(self, queue: str) -> BusinessCalendar:
        """Of a queue."""
        return self.calendars[queue]


@pytest.fixture
def rules() -> Callable[..., PlainRules]:
    """``rules(normal={"first_response": "4h"}, …)`` for the queue it, in hours."""

    def make(**priorities: Mapping[str, float]) -> PlainRules:
        return PlainRules(
            {
                ("it", priority, clock): timedelta(hours=hours)
                for priority, clocks in priorities.items()
                for clock, hours in clocks.items()
            }
        )

    return make
