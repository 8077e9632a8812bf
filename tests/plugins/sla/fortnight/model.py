"""The written rules once more, as plainly as possible: every minute is walked through, and nothing is computed ahead.

Nothing of slackdesk is used. ``plugins/sla/README.md`` has the rules; the numbers below are those.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .hours import MINUTE, Rules, duration, first_minute
from .plan import Deed

NOTHING = timedelta()
Span = tuple[timedelta, timedelta]
AT_ONCE = (NOTHING, NOTHING)
LEVEL_NOTICED = (NOTHING, timedelta(seconds=1))
"""The clock of the play moves on to a second behind what is due: a level is noticed so much later."""
END_NOTICED = (timedelta(seconds=2), timedelta(seconds=3))
"""So is the end of a target or of a budget, which is looked at two seconds later."""


@dataclass(frozen=True)
class Line:
    """A line that somebody reads: where, in which minute, under which head, about what.

    ``earliest`` is another minute only where a second decides in which of two.
    """

    place: str
    minute: datetime
    earliest: datetime
    head: str
    ticket: int
    about: str


@dataclass
class Waiting:
    """Something that will be said there."""

    place: str
    minute: datetime
    earliest: datetime


@dataclass
class Clock:
    """One clock or one exchange."""

    name: str
    cycle: int = 1
    used: timedelta = NOTHING
    is_stopped: bool = False
    is_breached: bool = False
    levels: dict[int, str] = field(default_factory=dict)
    """Level → waits, said or dropped."""
    waiting: dict[int, Waiting] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """What was said, and what will be."""
        return sum(state == "said" for state in self.levels.values()) + bool(self.waiting)


@dataclass
class Stay:
    """In a tier."""

    tier: Mapping[str, Any]
    worked: timedelta = NOTHING
    is_told: bool = False

    @property
    def budget(self) -> timedelta:
        return duration(self.tier["budget"])


class Course:
    """One ticket, and what is said about it."""

    def __init__(self, rules: Rules, filed: Deed) -> None:
        self.rules, self.number, self.queue, self.priority = rules, filed.ticket, filed.queue, filed.value
        self.tiers = rules.policy["queues"][filed.queue]["tiers"]
        self.hours = rules.hours(filed.queue)
        self.status, self.assignee, self.tier = "new", "", self.tiers[0]
        self.clocks = [Clock("first response"), Clock("resolution")]
        self.stays = [Stay(self.tier)]
        self.in_tier = True
        self.alerts: list[tuple[Waiting, str, str]] = []
        self.lines: list[Line] = []

    def walk(self, deeds: Sequence[Deed], end: datetime) -> list[Line]:
        """Every minute from the filing on."""
        minute, left = deeds[0].at.replace(second=0, microsecond=0), list(deeds[1:])
        start = deeds[0].at
        while minute < end:
            if self.alerts or any(clock.waiting for clock in self.clocks):
                self._deliver(minute)
            while left and left[0].at < minute + MINUTE:
                deed = left.pop(0)
                self._pass(minute, start, deed.at)
                self._take(deed)
                start = deed.at
            self._pass(minute, start, minute + MINUTE)
            minute = start = minute + MINUTE
        return self.lines

    def _target(self, clock: Clock) -> timedelta | None:
        return self.rules.target(self.queue, self.priority, clock.name.replace(" ", "_"))

    def _ticking(self) -> Iterator[Clock]:
        """Clocks whose time runs, with a target or without: a later one counts from the beginning (rules 2 to 7)."""
        is_held = self.status in ("waiting", "on_hold")
        if self.status in ("new", "in_progress", "waiting", "on_hold"):
            for clock in self.clocks:
                if not clock.is_stopped and (clock.name == "first response" or not is_held):
                    yield clock

    def _running(self) -> Iterator[tuple[Clock, timedelta]]:
        """Those of them that have a target now."""
        for clock in self._ticking():
            target = self._target(clock)
            if target is not None:
                yield clock, target

    def _pass(self, minute: datetime, at: datetime, end: datetime) -> None:
        """Time goes by within one minute, from one threshold to the next."""
        if not self.hours.is_open(minute) or (self._stay() is None and not any(self._ticking())):
            return
        while at < end:
            self._exceeded(at)
            ahead = [one - clock.used for clock, target in self._running() for one in self._levels(target, clock.used)]
            stay = self._stay()
            ahead += [stay.budget - stay.worked] if stay is not None and not stay.is_told else []
            step = min([end - at, *(one for one in ahead if one > NOTHING)])
            for clock in self._ticking():
                clock.used += step
            if stay is not None:
                stay.worked += step
            at += step
            if step in ahead:
                self._look(at, LEVEL_NOTICED)

    def _levels(self, target: timedelta, used: timedelta) -> list[timedelta]:
        repeat = self.rules.repeat
        passed = max((used - target) // repeat, 0)
        return [target * percent / 100 for percent in (*self.rules.sla["remind_at_percent"], 100)] + [
            target + (passed + 1) * repeat
        ]

    def _stay(self) -> "Stay | None":
        """The stay whose time runs."""
        return self.stays[-1] if self.in_tier and self.status not in ("waiting", "on_hold") else None

    def _exceeded(self, at: datetime) -> None:
        """From now on more than a target (rule 8) or a budget (rule 11) is used."""
        for clock, target in self._running():
            if clock.used >= target:
                self._breach(clock, at, END_NOTICED)
        stay = self._stay()
        if stay is not None and stay.worked >= stay.budget and not stay.is_told:
            stay.is_told = True
            about = f"tier {stay.tier['name']}"
            self._alert(stay.tier["lead"], at, END_NOTICED, "Longer in a tier than its budget", about)

    def _breach(self, clock: Clock, at: datetime, noticed: Span) -> None:
        if clock.is_breached:
            return
        clock.is_breached = True
        over = [stay.worked - stay.budget for stay in self.stays]
        most = max(over)
        cause = (self.stays[over.index(most)] if most > NOTHING else self.stays[-1]).tier["name"]
        self._alert(self.tier["lead"], at, noticed, "Missed their time", f"{clock.name} caused by {cause}")

    def _alert(self, lead: str, at: datetime, noticed: Span, head: str, about: str) -> None:
        self.alerts.append((self._wait(lead.removeprefix("@"), at, noticed), head, about))

    def _look(self, at: datetime, noticed: Span) -> None:
        """Rule 10: the highest level that was reached, unless it was said, as far as the cap goes."""
        for clock, target in self._running():
            level = self._highest(clock.used, target)
            if level and clock.count < self.rules.sla["cap"] and all(level > other for other in clock.levels):
                clock.levels[level] = "waits"
                clock.waiting[level] = self._wait(self._recipient(), at, noticed)

    def _highest(self, used: timedelta, target: timedelta) -> int:
        if used > target:
            passed = (used - target) // self.rules.repeat
            return 100 + passed if passed else 0
        return max(
            (percent for percent in self.rules.sla["remind_at_percent"] if used * 100 >= target * percent), default=0
        )

    def _recipient(self) -> str:
        return self.assignee or self.tier["channel"]

    def _wait(self, place: str, at: datetime, noticed: Span) -> Waiting:
        """Rule 12."""
        hours = self.rules.hours(self.queue, place)
        return Waiting(place, first_minute(at + noticed[1], hours), first_minute(at + noticed[0], hours))

    def _deliver(self, minute: datetime) -> None:
        """Say what waits for this minute; of one clock the highest level (rules 10, 13)."""
        for clock in self.clocks:
            due = [level for level, waiting in clock.waiting.items() if waiting.minute == minute]
            target = self._target(clock)
            for level in due:
                waiting = clock.waiting.pop(level)
                clock.levels[level] = "said" if level == max(due) else "dropped"
                if clock.levels[level] == "said" and target is not None:
                    is_late = clock.used >= target
                    self._say(waiting, "Overdue" if is_late else "Due soon", clock.name)
        for alert in [alert for alert in self.alerts if alert[0].minute == minute]:
            self._say(*alert)
            self.alerts.remove(alert)

    def _say(self, waiting: Waiting, head: str, about: str) -> None:
        self.lines.append(Line(waiting.place, waiting.minute, waiting.earliest, head, self.number, about))

    def _take(self, deed: Deed) -> None:
        """Somebody does something; then everything is looked at again."""
        before = self._recipient()
        self._change(deed)
        running = list(self._running())
        for clock in self.clocks:
            target = next((target for one, target in running if one is clock), None)
            for level in list(clock.waiting):
                self._review(clock, level, target, deed.at, before)
        for clock, target in running:
            if clock.used > target:
                self._breach(clock, deed.at, AT_ONCE)
        self._look(deed.at, AT_ONCE)

    def _review(self, clock: Clock, level: int, target: timedelta | None, at: datetime, before: str) -> None:
        """Rule 13."""
        is_over = clock.is_stopped or self.status in ("resolved", "cancelled") or self._target(clock) is None
        if is_over:
            clock.levels[level] = "dropped"
            del clock.waiting[level]
        elif target is None or not self._holds(clock.used, target, level):
            del clock.waiting[level], clock.levels[level]
        elif self._recipient() != before:
            clock.waiting[level] = self._wait(self._recipient(), at, AT_ONCE)

    def _holds(self, used: timedelta, target: timedelta, level: int) -> bool:
        return used * 100 >= target * level if level < 100 else used > target

    def _change(self, deed: Deed) -> None:
        match deed.verb:
            case "claim":
                self.assignee, self.status = deed.actor, self._started()
            case "assign":
                self.assignee, self.status = deed.value, self._started()
            case "priority":
                self.priority = deed.value
            case "reply":
                self._answered()
            case "write":
                self._asked()
                self.status = "in_progress" if self.status == "waiting" else self.status
            case "escalate" | "send_back":
                self.tier = self.tiers[deed.verb == "escalate"]
                self.assignee, self.status = deed.value, "in_progress"
                self.stays.append(Stay(self.tier))
            case "wait" | "hold" | "resume":
                self.status = {"wait": "waiting", "hold": "on_hold", "resume": "in_progress"}[deed.verb]
            case "resolve":
                self._answered()
                self.clocks[1].is_stopped = True
                self.status, self.in_tier = "resolved", False
            case "cancel":
                self.status, self.in_tier = "cancelled", False
            case "reopen" | "object":
                self.status, self.in_tier = "in_progress", True
                self.clocks[1].is_stopped = False
                self.stays.append(Stay(self.tier))
                if deed.verb == "object":
                    self._asked()

    def _started(self) -> str:
        return "in_progress" if self.status == "new" else self.status

    def _answered(self) -> None:
        for clock in (self.clocks[0], *self.clocks[2:]):
            clock.is_stopped = True

    def _asked(self) -> None:
        exchanges = self.clocks[2:]
        if self.clocks[0].is_stopped and (not exchanges or exchanges[-1].is_stopped):
            self.clocks.append(Clock("next response", len(exchanges) + 1))


def expected(rules: Rules, deeds: Sequence[Deed], end: datetime) -> list[Line]:
    """All lines that anybody reads until then."""
    of_ticket: dict[int, list[Deed]] = {}
    for deed in deeds:
        of_ticket.setdefault(deed.ticket, []).append(deed)
    return [line for own in of_ticket.values() for line in Course(rules, own[0]).walk(own, end)]
