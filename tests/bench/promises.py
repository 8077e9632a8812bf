"""The rows that service levels leave beside one ticket: what the plugin finds in the history, read as it grows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from slackdesk_plugins.sla.breaches import cause
from slackdesk_plugins.sla.clocks import Clock, ClockName, Entry, Story
from slackdesk_plugins.sla.declared import SlaConfig

from slackdesk.businesstime import BusinessCalendar
from slackdesk.policy.model import ResolvedPolicy

Row = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """Targets and hours of the bench's policy."""

    policy: ResolvedPolicy
    config: SlaConfig

    def target(self, queue: str, priority: str, clock: ClockName) -> timedelta | None:
        """Working time."""
        return self.config.target(queue, priority, clock)

    def calendar(self, queue: str) -> BusinessCalendar:
        """The hours of a queue."""
        return self.policy.calendar(queue)


class Happened(NamedTuple):
    """An entry of a history."""

    at: datetime
    actor: str | None
    kind: str
    data: Row


class _Stay(NamedTuple):
    queue: str
    tier: str
    entered_at: datetime
    left_at: datetime | None
    budget: timedelta


@dataclass
class Promises:
    """The clocks of one ticket."""

    rules: Rules
    story: Story = field(default_factory=Story)
    clocks: Sequence[Clock] = ()
    known: set[Any] = field(default_factory=set)
    """Clocks that were late, and stops, that have rows."""

    def read(self, entry: Entry) -> Iterator[Row]:
        """Read on; yields a row of ``sla_result`` for each clock that has stopped."""
        self.story.apply(entry)
        self.clocks = self.story.clocks(self.rules)
        for clock in self.clocks:
            stopped_at = clock.stopped_at
            if stopped_at is not None and (clock.key, stopped_at) not in self.known:
                self.known.add((clock.key, stopped_at))
                yield _about(clock) | {
                    "tier": clock.where.tier,
                    "started_at": clock.started_at,
                    "stopped_at": stopped_at,
                    "due_at": clock.due_at,
                    "used_seconds": int(clock.used(stopped_at).total_seconds()),
                    "is_met": not clock.is_late(stopped_at),
                }

    def missed(self, until: datetime, stays: Sequence[Row]) -> list[Row]:
        """Rows of ``sla_breach`` for what is late up to then, while nothing else happens; in their order."""
        found = []
        for clock in self.clocks:
            late_from = clock.late_from if clock.is_running and clock.is_late(until) else None
            if late_from is None or clock.key in self.known:
                continue
            self.known.add(clock.key)
            begun = [_stay(row) for row in stays]
            tier = cause(begun, self.story.held(late_from), late_from, self.rules)
            found.append(_about(clock) | {"tier": tier, "at": late_from, "due_at": clock.due_at})
        return sorted(found, key=lambda row: row["at"])


def _about(clock: Clock) -> Row:
    return {
        "clock": clock.name.value,
        "cycle": clock.cycle,
        "queue": clock.where.queue,
        "priority": clock.where.priority,
        "target_seconds": int(clock.target.total_seconds()),
        "revision": 1,
    }


def _stay(row: Row) -> _Stay:
    budget = timedelta(seconds=row["budget_seconds"])
    return _Stay(row["queue"], row["tier"], row["entered_at"], row["left_at"], budget)
