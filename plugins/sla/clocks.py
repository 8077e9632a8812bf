"""The clocks of a ticket, told from its history alone. Pure: README.md has the rules in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from slackdesk.api import BusinessCalendar, Status

Span = tuple[datetime, datetime]

TICK = timedelta(microseconds=1)
"""The smallest time that a target can be exceeded by."""

HELD = frozenset({Status.WAITING, Status.ON_HOLD})
SOLVED = frozenset({Status.RESOLVED, Status.CLOSED})
VOID = frozenset({Status.CANCELLED, Status.NOT_A_REQUEST, Status.DUPLICATE})
"""Nothing was there to be done: whatever the clocks say does not count."""


class ClockName(StrEnum):
    """What is measured."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Entry(Protocol):
    """One entry of a history, as ``ctx.history`` gives it."""

    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


class Rules(Protocol):
    """Targets and hours in force."""

    def target(self, queue: str, priority: str, clock: ClockName) -> timedelta | None:
        """Working time; None where the policy promises nothing."""
        ...

    def calendar(self, queue: str) -> BusinessCalendar:
        """The hours of a queue that has targets."""
        ...


@dataclass(frozen=True)
class Where:
    """What decides a target, and who has the ticket."""

    queue: str
    priority: str
    tier: str


@dataclass(frozen=True)
class Clock:
    """One clock with a target. ``where`` is that of its stop; while it is not stopped, that of now."""

    name: ClockName
    cycle: int
    """1, and counted up for each next response that was asked for."""
    where: Where
    started_at: datetime
    pauses: tuple[Span, ...]
    paused_since: datetime | None
    stopped_at: datetime | None
    is_void: bool
    """It does not count: the ticket ended otherwise than by an answer or a solution."""
    target: timedelta
    calendar: BusinessCalendar = field(compare=False)

    @property
    def key(self) -> tuple[ClockName, int]:
        """Which of the ticket's clocks it is."""
        return self.name, self.cycle

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None and self.paused_since is None and not self.is_void

    def used(self, at: datetime) -> timedelta:
        """Working time up to ``at``, to the stop or to the pause that lasts, whichever comes first."""
        ends = [end for end in (self.stopped_at, self.paused_since) if end is not None]
        return self.calendar.elapsed(self.started_at, min([at, *ends]), self.pauses)

    def reaches(self, used: timedelta) -> datetime | None:
        """When ``used`` is reached, if nothing pauses or stops it; None when the calendar has no such instant."""
        try:
            return self.calendar.due(self.started_at, used, self.pauses)
        except ValueError:  # not within ten years
            return None

    @property
    def due_at(self) -> datetime | None:
        """When the target is used up: at closing, where that is the instant."""
        return self.reaches(self.target)

    @property
    def late_from(self) -> datetime | None:
        """From when on more than the target is used: after closing, that is the next opening."""
        late = self.reaches(self.target + TICK)
        return None if late is None else late - TICK

    def is_late(self, at: datetime) -> bool:
        """Whether more than the target is used; a stopped clock that is late has missed it."""
        return self.used(at) > self.target


@dataclass(frozen=True)
class _Stop:
    at: datetime
    where: Where


@dataclass
class _Cycle:
    started_at: datetime
    stop: _Stop | None = None


class Story:
    """A ticket, as far as its history was read: ``apply`` reads on."""

    def __init__(self) -> None:
        self.filed_at: datetime | None = None
        self.status = Status.NEW
        self.snoozed: dict[str, datetime] = {}
        """Person → until when reminders to that person are muted."""
        self._queue = self._priority = self._tier = self._requester = ""
        self._held: list[Span] = []
        self._held_since: datetime | None = None
        self._ended: list[Span] = []
        self._ended_since: datetime | None = None
        self._first: _Stop | None = None
        self._cycles: list[_Cycle] = []
        self._solved: _Stop | None = None

    @property
    def where(self) -> Where:
        return Where(self._queue, self._priority, self._tier)

    @property
    def is_held(self) -> bool:
        return self._held_since is not None

    def held(self, now: datetime) -> list[Span]:
        """When it was waiting or on hold; what lasts ends ``now``."""
        return self._held if self._held_since is None else [*self._held, (self._held_since, now)]

    def apply(self, entry: Entry) -> None:
        """Read one entry."""
        data = entry.data
        match entry.kind:
            case "filed":
                self.filed_at, self._requester = entry.at, data["requester"]
                self._queue, self._priority, self._tier = data["queue"], data["priority"], data["tier"]
            case "priority_changed":
                self._priority = data["new"]
            case "moved":
                self._queue, self._tier = data["queue"], data["tier"]
            case "escalated" | "sent_back":
                self._tier = data["to_tier"]
            case "snoozed" if entry.actor is not None:
                self.snoozed[entry.actor] = datetime.fromisoformat(data["until"])
            case "reply_sent" if data["is_first_response"] or (self._first and entry.actor != self._requester):
                self._answered(entry.at)
            case "resolved" if entry.actor != self._requester:
                self._answered(entry.at)
            case "requester_wrote" if entry.actor == self._requester and not data.get("is_thanks", False):
                self._asked(entry.at, reopens=data["reopens"])
        self._enter(Status(data["status"]), entry.at)

    def _enter(self, status: Status, at: datetime) -> None:
        self.status = status
        if status not in HELD and self._held_since is not None:
            self._held.append((self._held_since, at))
        self._held_since = (self._held_since or at) if status in HELD else None
        is_ended = status in SOLVED or status in VOID
        if not is_ended and self._ended_since is not None:
            self._ended.append((self._ended_since, at))
        self._ended_since = (self._ended_since or at) if is_ended else None
        self._solved = (self._solved or _Stop(at, self.where)) if status in SOLVED else None

    def _answered(self, at: datetime) -> None:
        stop = _Stop(at, self.where)
        self._first = self._first or stop
        if self._cycles and self._cycles[-1].stop is None:
            self._cycles[-1].stop = stop

    def _asked(self, at: datetime, *, reopens: bool) -> None:
        is_unanswered = self._cycles and self._cycles[-1].stop is None
        if self._first is not None and not is_unanswered and (self._ended_since is None or reopens):
            self._cycles.append(_Cycle(at))

    def clocks(self, rules: Rules) -> list[Clock]:
        """Those that have a target, in the order in which they began."""
        return [clock for clock in self._all(rules) if clock is not None]

    def _all(self, rules: Rules) -> Iterator[Clock | None]:
        if self.filed_at is None:
            return
        yield self._clock(rules, ClockName.FIRST_RESPONSE, 1, self.filed_at, self._first)
        yield self._clock(rules, ClockName.RESOLUTION, 1, self.filed_at, self._solved)
        for number, cycle in enumerate(self._cycles, 1):
            yield self._clock(rules, ClockName.NEXT_RESPONSE, number, cycle.started_at, cycle.stop)

    def _clock(self, rules: Rules, name: ClockName, cycle: int, began: datetime, stop: _Stop | None) -> Clock | None:
        where = self.where if stop is None else stop.where
        target = rules.target(where.queue, where.priority, name)
        if target is None:
            return None
        spans, since = list(self._ended), self._ended_since
        if name is not ClockName.FIRST_RESPONSE:
            spans += self._held
            since = since or self._held_since
        end = None if stop is None else stop.at
        if end is not None and since is not None and since < end:  # it stopped in the middle of a pause
            spans.append((since, end))
        return Clock(
            name=name,
            cycle=cycle,
            where=where,
            started_at=began,
            pauses=tuple(sorted(span for span in spans if span[1] > began and (end is None or span[0] < end))),
            paused_since=None if stop is not None or since is None else max(since, began),
            stopped_at=end,
            is_void=self.status in VOID or (stop is None and self.status in SOLVED),
            target=target,
            calendar=rules.calendar(where.queue),
        )


def read(history: Sequence[Entry]) -> Story:
    """The story of a whole history."""
    story = Story()
    for entry in history:
        story.apply(entry)
    return story
