"""When a clock used more than its target, and which tier caused it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from slackdesk_plugins.sla.clocks import Clock, ClockName, Entry, Rules, Span, Story

from slackdesk.api import BusinessCalendar


class Stay(Protocol):
    """A stay of the ticket in a tier, as ``ctx.stays`` gives it."""

    @property
    def queue(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def entered_at(self) -> datetime: ...
    @property
    def left_at(self) -> datetime | None: ...
    @property
    def budget(self) -> timedelta: ...


@dataclass(frozen=True)
class Breach:
    """``clock`` is as it was then: its target, queue and priority may be others by now."""

    clock: Clock
    at: datetime
    """From then on more than the target was used."""
    held: tuple[Span, ...]
    """When the ticket had been waiting or on hold, up to then."""

    @property
    def key(self) -> tuple[ClockName, int]:
        return self.clock.key


def breaches(history: Sequence[Entry], rules: Rules, *, since: datetime, until: datetime) -> list[Breach]:
    """The first breach of each clock between ``since`` and ``until``, whatever became of the clock afterwards.

    Judged on the ticket as it was between each two entries: a breach that was reached before a priority was lowered,
    or before a late answer, is one. What lies before ``since`` was judged then, by the policy of then.
    """
    story, found = Story(), dict[tuple[ClockName, int], Breach]()
    for number, entry in enumerate(history):
        story.apply(entry)
        is_last = number + 1 == len(history)
        end = until if is_last else min(history[number + 1].at, until)
        if not is_last and (end <= since or end <= entry.at):
            continue
        for clock in story.clocks(rules):
            if clock.key in found or not clock.is_running or not clock.is_late(end):
                continue
            begin = max(entry.at, since)
            at = max(clock.late_from or begin, begin)
            found[clock.key] = Breach(clock, at, tuple(story.held(at)))
    return list(found.values())


def stops(history: Sequence[Entry], rules: Rules) -> list[tuple[Clock, datetime]]:
    """Every stop of every clock with its instant, and the clock as it was then: a reopening does not take it away."""
    story, found = Story(), dict[tuple[ClockName, int, datetime], Clock]()
    for entry in history:
        story.apply(entry)
        for clock in story.clocks(rules):
            if clock.stopped_at is not None:
                found.setdefault((*clock.key, clock.stopped_at), clock)
    return [(clock, at) for (_, _, at), clock in found.items()]


def cause(stays: Iterable[Stay], held: Sequence[Span], at: datetime, calendars: Rules) -> str | None:
    """The tier whose stay had exceeded its budget most at ``at``; if none had, the tier where the ticket stood.

    None for a ticket without stays.
    """
    begun = [stay for stay in stays if stay.entered_at <= at]
    if not begun:
        return None
    over = [worked(stay, held, at, calendars.calendar(stay.queue)) - stay.budget for stay in begun]
    most = max(over)
    return begun[over.index(most)].tier if most > timedelta() else begun[-1].tier


def worked(stay: Stay, held: Sequence[Span], at: datetime, calendar: BusinessCalendar) -> timedelta:
    """Working time of a stay up to ``at``, without waiting and hold."""
    return calendar.elapsed(stay.entered_at, min(stay.left_at or at, at), held)
