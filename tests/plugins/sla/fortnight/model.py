"""The written rules once more, as plainly as possible: every minute is walked through, and nothing is computed ahead.

Nothing of slackdesk is used. ``plugins/sla/README.md`` has the rules; the numbers below are those.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from .events import Events
from .hours import MINUTE, Rules, first_minute
from .plan import Deed
from .state import NOTHING, Alert, Clock, Line, Stay, Waiting

Span = tuple[timedelta, timedelta]
AT_ONCE = (NOTHING, NOTHING)
LEVEL_NOTICED = (NOTHING, timedelta(seconds=1))
"""The clock of the play moves on to a second behind what is due: a level is noticed so much later."""
END_NOTICED = (timedelta(seconds=2), timedelta(seconds=3, microseconds=1))
"""So is the end of a target or of a budget, which is looked at two seconds after more than it is used."""


class Course(Events):
    """One ticket, and what is said about it."""

    def __init__(self, rules: Rules, filed: Deed) -> None:
        super().__init__(rules, filed)
        self.alerts: list[Alert] = []
        self.lines: list[Line] = []
        self.level_at: datetime | None = None
        """When a level was last reached: what ends in that instant is noticed with it."""

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
            target = self.target(clock)
            if target is not None:
                yield clock, target

    def _pass(self, minute: datetime, at: datetime, end: datetime) -> None:
        """Time goes by within one minute, from one threshold to the next."""
        is_open = self.rules.open_queues(minute)
        if not is_open or (self._stay() is None and not any(self._ticking())):
            return
        while at < end:
            levels, ends = self._ahead(at) if self.queue in is_open else ([], [])
            step = min([end - at, *(one for one in levels + ends if one > NOTHING)])
            for clock in self._ticking():
                for queue in is_open:
                    clock.used[queue] += step
            stay = self._stay()
            if stay is not None and self.queue in is_open:
                stay.worked += step
            at += step
            if step in levels:
                self.level_at = at
            if step in levels + ends:
                self._review_all(at, LEVEL_NOTICED)
                self._look(at, LEVEL_NOTICED)

    def _ahead(self, at: datetime) -> tuple[list[timedelta], list[timedelta]]:
        """Say what is exceeded from now on; how long until the next levels, and until a target or a budget ends."""
        self._exceeded(at)
        running, stay = list(self._running()), self._stay()
        levels = [level - self.used(clock) for clock, target in running for level in self._levels(clock, target)]
        ends = [target - self.used(clock) for clock, target in running]
        return levels, ends + ([stay.budget - stay.worked] if stay is not None and not stay.is_told else [])

    def _levels(self, clock: Clock, target: timedelta) -> list[timedelta]:
        repeat = self.rules.repeat
        passed = max((self.used(clock) - target) // repeat, 0)
        levels = [target * percent / 100 for percent in self.rules.sla["remind_at_percent"]]
        return levels + [target + (passed + 1) * repeat] * (clock.count < self.rules.sla["cap"])

    def _stay(self) -> Stay | None:
        """The stay whose time runs."""
        return self.stays[-1] if self.in_tier and self.status not in ("waiting", "on_hold") else None

    def _exceeded(self, at: datetime) -> None:
        """From now on more than a target (rule 8) or a budget (rule 11) is used."""
        noticed = LEVEL_NOTICED if self.level_at == at else END_NOTICED
        for clock, target in self._running():
            if self.used(clock) >= target:
                self._breach(clock, at, noticed)
        stay = self._stay()
        if stay is not None and stay.worked >= stay.budget and not stay.is_told:
            stay.is_told = True
            about = f"tier {stay.tier['name']}"
            self._alert(stay.tier["lead"], at, noticed, "Longer in a tier than its budget", about)

    def _breach(self, clock: Clock, at: datetime, noticed: Span) -> None:
        if clock.is_breached:
            return
        clock.is_breached = True
        over = [stay.worked - stay.budget for stay in self.stays]
        most = max(over)
        cause = (self.stays[over.index(most)] if most > NOTHING else self.stays[-1]).tier["name"]
        self._alert(self.tier["lead"], at, noticed, "Missed their time", f"{clock.name} caused by {cause}")

    def _alert(self, lead: str, at: datetime, noticed: Span, head: str, about: str) -> None:
        self.alerts.append(Alert(self._wait(lead.removeprefix("@"), at, noticed), head, about))

    def _look(self, at: datetime, noticed: Span) -> None:
        """Rule 10: the highest level that was reached, unless it was said, as far as the cap goes."""
        for clock, target in self._running():
            level = self._highest(self.used(clock), target)
            is_wanted = level and not clock.is_muted(level) and clock.count < self.rules.sla["cap"]
            if is_wanted and all(level > other for other in clock.levels):
                clock.levels[level] = "waits"
                clock.waiting[level] = self._wait(self.recipient, at, noticed, self._not_before(clock))

    def _highest(self, used: timedelta, target: timedelta) -> int:
        if used > target:
            passed = (used - target) // self.rules.repeat
            return 100 + passed if passed else 0
        percents = self.rules.sla["remind_at_percent"]
        return max((percent for percent in percents if used * 100 >= target * percent), default=0)

    def _not_before(self, clock: Clock) -> datetime | None:
        """Rule 14: until then it was put off, or the recipient wants to hear nothing of the ticket."""
        known = [one for one in (clock.snoozed_until, self.muted.get(self.recipient)) if one is not None]
        return max(known, default=None)

    def _wait(self, place: str, at: datetime, noticed: Span, not_before: datetime | None = None) -> Waiting:
        """Rule 12."""
        hours = self.rules.hours(self.queue, place)
        earliest, minute = (first_minute(at + later, hours, not_before) for later in noticed)
        return Waiting(place, minute, earliest)

    def _deliver(self, minute: datetime) -> None:
        """Say what waits for this minute; of one clock the highest level (rules 10, 13)."""
        for clock in self.clocks:
            for level in [level for level, waiting in clock.waiting.items() if waiting.minute == minute]:
                self._review(clock, level, minute, AT_ONCE)
            due = [level for level, waiting in clock.waiting.items() if waiting.minute == minute]
            for level in due:
                waiting = clock.waiting.pop(level)
                clock.levels[level] = "said" if level == max(due) else "dropped"
                if clock.levels[level] == "said":
                    is_late = self._used_when_read(clock, minute) > (self.target(clock) or NOTHING)
                    clock.said[waiting.place, minute] = level
                    self._say(waiting, "Overdue" if is_late else "Due soon", clock.name)
        for alert in [alert for alert in self.alerts if alert.waiting.minute == minute]:
            if self.rules.hours(self.queue, alert.waiting.place).is_open(minute):
                self._say(alert.waiting, alert.head, alert.about)
                self.alerts.remove(alert)
            else:  # the ticket went to a queue with other hours
                alert.waiting = self._wait(alert.waiting.place, minute, AT_ONCE)

    def _used_when_read(self, clock: Clock, minute: datetime) -> timedelta:
        """The message leaves a second behind the full minute, as all that is due in the play."""
        is_running = clock in list(self._ticking()) and self.queue in self.rules.open_queues(minute)
        return self.used(clock) + (LEVEL_NOTICED[1] if is_running else NOTHING)

    def _say(self, waiting: Waiting, head: str, about: str) -> None:
        line = Line(waiting.place, waiting.minute, waiting.earliest, head, self.number, about, not self.is_private)
        self.lines.append(line)

    def _take(self, deed: Deed) -> None:
        """Somebody does something; then everything is looked at again."""
        if deed.said_at is not None:
            self._press(deed)
            return
        self.change(deed)
        self._review_all(deed.at, AT_ONCE)
        for clock, target in self._running():
            if self.used(clock) > target:
                self._breach(clock, deed.at, AT_ONCE)
        self._look(deed.at, AT_ONCE)

    def _review_all(self, at: datetime, noticed: Span) -> None:
        for clock in self.clocks:
            for level in list(clock.waiting):
                self._review(clock, level, at, noticed)

    def _review(self, clock: Clock, level: int, at: datetime, noticed: Span) -> None:
        """Rule 13."""
        target, waiting = self.target(clock), clock.waiting[level]
        is_over = clock.is_stopped or self.status in ("resolved", "cancelled") or target is None
        if is_over or clock.is_muted(level):
            clock.levels[level] = "dropped"
            del clock.waiting[level]
        elif clock not in list(self._ticking()) or not self._holds(self.used(clock), target or NOTHING, level):
            del clock.waiting[level], clock.levels[level]
        else:
            not_before = self._not_before(clock)
            is_later = not_before is not None and not_before > waiting.minute
            is_closed = at == waiting.minute and not self.rules.hours(self.queue, waiting.place).is_open(at)
            if self.recipient != waiting.place or is_later or is_closed:
                clock.waiting[level] = self._wait(self.recipient, at, noticed, not_before)

    def _holds(self, used: timedelta, target: timedelta, level: int) -> bool:
        return used * 100 >= target * level if level < 100 else used > target

    def _press(self, deed: Deed) -> None:
        """Rule 14: a button of the message that was read then; only who works on the ticket may press it."""
        place = deed.queue
        if deed.actor not in self.staff:
            return
        for clock in self.clocks:
            level = clock.said.get((place, deed.said_at)) if clock.name == deed.value else None
            if level is None or clock.is_stopped or self.status in ("resolved", "cancelled"):
                continue
            if deed.verb == "on_it":
                clock.on_it = "after" if clock.is_breached else "before"
                continue
            until = self._until(deed, place)
            clock.snoozed_until = until
            places = {other: waiting.place for other, waiting in clock.waiting.items()} or {level: place}
            for other, where in places.items():
                clock.levels[other] = "waits"
                clock.waiting[other] = self._wait(where, deed.at, AT_ONCE, until)

    def _until(self, deed: Deed, place: str) -> datetime:
        if deed.verb != "snooze_tomorrow":
            return deed.at + timedelta(minutes={"snooze_30": 30, "snooze_120": 120}[deed.verb])
        return self.rules.hours(self.queue, place).next_day(deed.at)


def expected(rules: Rules, deeds: Sequence[Deed], end: datetime) -> list[Line]:
    """All lines that anybody reads until then."""
    of_ticket: dict[int, list[Deed]] = {}
    for deed in deeds:
        of_ticket.setdefault(deed.ticket, []).append(deed)
    return [line for own in of_ticket.values() for line in Course(rules, own[0]).walk(own, end)]
