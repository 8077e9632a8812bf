"""Periods of time by somebody's calendar: what "last week" is, what came before it, and when a summary is due. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from slackdesk.api import Refused, later

DAYS_MAX = 366
"""The longest period of a report."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NOT_A_PERIOD = later(
    "“{text}” is no period. Write one of: today, yesterday, this week, last week, this month, last month, 7d, 30d, "
    "2026-11, 2026-11-01..2026-11-15."
)

_DAYS = re.compile(r"([0-9]{1,3})\s*d")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_RANGE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\s*\.\.\s*([0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True)
class Span:
    """From an instant to another one, which does not belong to it; both in UTC."""

    since: datetime
    until: datetime

    def dates(self, timezone: str) -> tuple[date, date]:
        """The first and the last day of it in that zone."""
        zone, last = ZoneInfo(timezone), max(self.since, self.until - timedelta(microseconds=1))
        return self.since.astimezone(zone).date(), last.astimezone(zone).date()


@dataclass(frozen=True)
class Compared:
    """A span, the one that it is compared with, and the time zone in which its days begin."""

    span: Span
    before: Span
    timezone: str

    def days(self) -> list[tuple[date, Span]]:
        """The days of the span by that time zone; the last one may be cut."""
        zone, found = ZoneInfo(self.timezone), []
        day = self.span.since.astimezone(zone).date()
        while (begins := midnight(day, zone)) < self.span.until:
            day_ends = midnight(day + timedelta(days=1), zone)
            found.append((day, Span(max(begins, self.span.since), min(day_ends, self.span.until))))
            day += timedelta(days=1)
        return found


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day in that zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def parse_period(text: str, now: datetime, timezone: str) -> Compared:
    """What people call a period, until ``now`` where it is not over yet; nothing written is ``7d``. Raises Refused.

    What is not over is compared with as much of the period before.
    """
    words, zone = " ".join(text.lower().split()) or "7d", ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    if words in NAMED:
        first, last, before = NAMED[words](today)
    elif match := _DAYS.fullmatch(words):
        return _last_days(int(match[1]), text, now, timezone)
    else:
        first, last = _dates(words, text)
        before = month_before(first) if _MONTH.fullmatch(words) else first - (last - first)
    return compared(first, last, before, now, timezone, text)


def compared(first: date, last: date, before: date, now: datetime, timezone: str, text: str) -> Compared:
    """From the day ``first`` until ``last`` begins or until now, and as much from ``before`` on. Raises Refused."""
    zone = ZoneInfo(timezone)
    since, until = midnight(first, zone), min(midnight(last, zone), now)
    if until <= since or (last - first).days > DAYS_MAX:
        raise Refused(NOT_A_PERIOD, text=text)
    earlier = midnight(before, zone)
    ends = midnight(first, zone)
    if until == now:
        # By the clock, not by the length: Monday to Wednesday 10:00 is compared with Monday to Wednesday 10:00.
        local = now.astimezone(zone)
        day = before + (local.date() - first)
        ends = min(ends, datetime.combine(day, local.time(), zone).astimezone(UTC))
    return Compared(Span(since, until), Span(earlier, ends), timezone)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _last_days(days: int, text: str, now: datetime, timezone: str) -> Compared:
    if not 1 <= days <= DAYS_MAX:
        raise Refused(NOT_A_PERIOD, text=text)
    length = timedelta(days=days)
    return Compared(Span(now - length, now), Span(now - 2 * length, now - length), timezone)


def _dates(words: str, text: str) -> tuple[date, date]:
    """First day, and the day after the last one."""
    try:
        if match := _MONTH.fullmatch(words):
            first = date(int(match[1]), int(match[2]), 1)
            return first, _next_month(first)
        if match := _RANGE.fullmatch(words):
            return date.fromisoformat(match[1]), date.fromisoformat(match[2]) + timedelta(days=1)
    except ValueError:
        pass
    raise Refused(NOT_A_PERIOD, text=text)


Named = Callable[[date], tuple[date, date, date]]


def _day(back: int) -> Named:
    def days(today: date) -> tuple[date, date, date]:
        first = today - timedelta(days=back)
        return first, first + timedelta(days=1), first - timedelta(days=1)

    return days


def _week(back: int) -> Named:
    def days(today: date) -> tuple[date, date, date]:
        first = today - timedelta(days=today.weekday() + 7 * back)
        return first, first + timedelta(days=7), first - timedelta(days=7)

    return days


def _month(back: int) -> Named:
    def days(today: date) -> tuple[date, date, date]:
        first = today.replace(day=1)
        for _ in range(back):
            first = month_before(first)
        return first, _next_month(first), month_before(first)

    return days


NAMED: Mapping[str, Named] = {
    **dict.fromkeys(("today", "hari ini"), _day(0)),
    **dict.fromkeys(("yesterday", "kemarin"), _day(1)),
    **dict.fromkeys(("this week", "minggu ini"), _week(0)),
    **dict.fromkeys(("last week", "minggu lalu"), _week(1)),
    **dict.fromkeys(("this month", "bulan ini"), _month(0)),
    **dict.fromkeys(("last month", "bulan lalu"), _month(1)),
}


@dataclass(frozen=True)
class Schedule:
    """When a summary is due: every day, every week on a weekday (0 is Monday), or on the first of every month."""

    every: str
    """``day``, ``week`` or ``month``."""
    hour: int
    minute: int = 0
    weekday: int = 0
    timezone: str = "UTC"

    def next_slot(self, after: datetime) -> datetime:
        """The first slot later than an instant, in UTC."""
        return next(slot for slot in self._slots(after, 1) if slot > after)

    def latest_slot(self, now: datetime) -> datetime:
        """The last slot that is not later than an instant, in UTC."""
        return next(slot for slot in self._slots(now, -1) if slot <= now)

    def period(self, slot: datetime) -> Compared:
        """What the summary of a slot is about: the whole day, the seven days or the month that end before its day."""
        day = slot.astimezone(ZoneInfo(self.timezone)).date()
        if self.every == "month":
            first = month_before(day.replace(day=1))
            last, before = day.replace(day=1), month_before(first)
        else:
            length = timedelta(days=7 if self.every == "week" else 1)
            first, last, before = day - length, day, day - 2 * length
        return compared(first, last, before, slot, self.timezone, "")

    def _slots(self, around: datetime, step: int) -> Iterator[datetime]:
        """Slots from the day of an instant on, forward or backward."""
        zone = ZoneInfo(self.timezone)
        day = around.astimezone(zone).date()
        while True:
            if self._is_day(day):
                yield datetime.combine(day, time(self.hour, self.minute), zone).astimezone(UTC)
            day += timedelta(days=step)

    def _is_day(self, day: date) -> bool:
        if self.every == "week":
            return day.weekday() == self.weekday
        return self.every == "day" or day.day == 1


DAY_BEGINS, DAY_ENDS = time(6), time(21)
"""Nobody is sent a summary outside of these hours, by his or her own clock."""


def daytime(now: datetime, timezone: str) -> datetime:
    """Now, or when it is night for the reader, the next morning; in UTC."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    if DAY_BEGINS <= local.time() < DAY_ENDS:
        return now
    day = local.date() + timedelta(days=1 if local.time() >= DAY_ENDS else 0)
    return datetime.combine(day, DAY_BEGINS, zone).astimezone(UTC)
