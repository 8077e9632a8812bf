"""What the model keeps of one ticket: clocks, what waits to be said, stays in tiers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .hours import duration

NOTHING = timedelta()


@dataclass(frozen=True)
class Line:
    """A line that somebody reads: where, in which minute, under which head, about what.

    ``earliest`` is another minute only where a second decides in which of two. ``is_named``: with the ticket's title.
    """

    place: str
    minute: datetime
    earliest: datetime
    head: str
    ticket: int
    about: str
    is_named: bool


@dataclass
class Waiting:
    """Something that will be said there."""

    place: str
    minute: datetime
    earliest: datetime


@dataclass
class Alert:
    """What a lead will read, once, whatever becomes of it."""

    waiting: Waiting
    head: str
    about: str


@dataclass
class Clock:
    """One clock or one exchange."""

    name: str
    used: dict[str, timedelta] = field(default_factory=lambda: defaultdict(timedelta))
    """Queue → working time by the hours of that queue: those in force count from the beginning (rule 6)."""
    is_stopped: bool = False
    is_breached: bool = False
    levels: dict[int, str] = field(default_factory=dict)
    """Level → waits, said or dropped."""
    waiting: dict[int, Waiting] = field(default_factory=dict)
    said: dict[tuple[str, datetime], int] = field(default_factory=dict)
    """Place and minute → the level that was said there."""
    on_it: str = ""
    """``before`` or ``after`` the breach, once somebody is on it."""
    snoozed_until: datetime | None = None

    @property
    def count(self) -> int:
        """What was said, and what will be."""
        return sum(state == "said" for state in self.levels.values()) + bool(self.waiting)

    def is_muted(self, level: int) -> bool:
        """Rule 14."""
        return self.on_it == "after" or (self.on_it == "before" and level < 100)


@dataclass
class Stay:
    """In a tier of a queue."""

    queue: str
    tier: Mapping[str, Any]
    worked: timedelta = NOTHING
    is_told: bool = False

    @property
    def budget(self) -> timedelta:
        return duration(self.tier["budget"])
