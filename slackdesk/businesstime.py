"""Business time: when a target falls due and how much working time lies between two instants.

An instant is working iff its local wall clock lies in an interval of the calendar and in no pause. Rules:

- Intervals are half-open, ``[open, close)``; ``24:00`` closes a day; overlapping and touching intervals count once.
- ``close < open`` is an overnight shift. All of it belongs to the date it opens on: a holiday or an override of that
  date takes the whole shift, the date it runs into does not cut it. ``close == open`` is no time at all.
- The entry of a date in ``dates`` replaces the intervals of its weekday, on a holiday too; a holiday has none.
- Time is real elapsed time: a day on which the clocks change lasts 23 or 25 hours, an hour that occurs twice counts
  twice, one that is skipped does not count. Seconds and microseconds are kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Span = tuple[datetime, datetime]
"""A half-open piece of time ``[start, end)``, both aware."""
WallInterval = tuple[timedelta, timedelta]
"""Open and close as time since local midnight; an overnight shift closes after 24 hours."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_YEARS = 10
"""How far ahead a due date is looked for."""

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class CalendarError(ValueError):
    """A calendar that cannot be read, or that has too little working time for what is asked of it."""


class BusinessCalendar:
    """The working hours of one place. Immutable; spans that were computed are kept, so reuse the object.

    ``week`` maps ``mon`` … ``sun`` to ``(open, close)`` pairs such as ``("09:00", "17:00")``; a missing day is closed.
    ``holidays`` are dates or ISO texts, ``dates`` maps such a date to the pairs that replace its weekday's.
    Raises CalendarError for an unknown timezone, weekday, date or clock time.
    """

    def __init__(
        self,
        timezone: str,
        week: Mapping[str, Iterable[Sequence[str]]],
        holidays: Iterable[date | str] = (),
        dates: Mapping[str, Iterable[Sequence[str]]] | Mapping[date, Iterable[Sequence[str]]] | None = None,
    ) -> None:
        self._zone = _zone(timezone)
        if unknown := sorted(set(week) - set(WEEKDAYS)):
            raise CalendarError(f"unknown weekday {unknown[0]!r}: write one of {', '.join(WEEKDAYS)}")
        self._week = tuple(tuple(wall_interval(pair) for pair in week.get(day, ())) for day in WEEKDAYS)
        self._dates: dict[date, tuple[WallInterval, ...]] = {_date(day): () for day in holidays}
        for day, pairs in (dates or {}).items():
            self._dates[_date(day)] = tuple(wall_interval(pair) for pair in pairs)
        self._spans_of_day: dict[int, tuple[Span, ...]] = {}

    @property
    def timezone(self) -> str:
        return self._zone.key

    def due(self, start: datetime, target: timedelta, pauses: Iterable[Span] = ()) -> datetime:
        """The earliest instant (UTC) at which ``target`` of working time has passed since ``start``.

        A target that ends exactly at closing is due at closing; a target of zero at the first working instant.
        Raises CalendarError when the calendar has not that much working time in the next ten years, ValueError for a
        negative target or a datetime without timezone.
        """
        if target < timedelta():
            raise ValueError(f"target {target} is negative")
        start = _utc(start)
        remaining = target
        for opens, closes in self._working(start, start + 366 * HORIZON_YEARS * _DAY, _merged_pauses(pauses)):
            length = closes - opens
            if remaining <= length:
                return opens + remaining
            remaining -= length
        raise CalendarError(
            f"{target} of working time after {start:%Y-%m-%d %H:%M} UTC does not end within {HORIZON_YEARS} years: "
            "give the calendar more working hours"
        )

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Span] = ()) -> timedelta:
        """Working time between two instants; zero when ``end`` is not after ``start``."""
        working = self._working(_utc(start), _utc(end), _merged_pauses(pauses))
        return sum((closes - opens for opens, closes in working), timedelta())

    def spans(self, start: datetime, end: datetime, pauses: Iterable[Span] = ()) -> list[Span]:
        """The working pieces (UTC) between two instants, in order, none touching the next."""
        return _merged(self._working(_utc(start), _utc(end), _merged_pauses(pauses)))

    def is_open(self, at: datetime) -> bool:
        """Whether ``at`` is a working instant."""
        at = _utc(at)
        return any(opens <= at < closes for opens, closes in self._day(at.toordinal()))

    def next_open(self, at: datetime) -> datetime:
        """The first working instant (UTC) at or after ``at``; raises CalendarError when there is none in ten years."""
        return self.due(at, timedelta())

    def _working(self, start: datetime, end: datetime, pauses: Sequence[Span]) -> Iterator[Span]:
        if start >= end:
            return
        days = self._spans_of_day
        for ordinal in range(start.toordinal(), end.toordinal() + 1):
            for opens, closes in days[ordinal] if ordinal in days else self._day(ordinal):
                if closes <= start:
                    continue
                if opens >= end:
                    return
                first, last = opens if opens > start else start, closes if closes < end else end  # min() is slower
                if pauses:
                    yield from _without(first, last, pauses)
                else:
                    yield first, last

    def _day(self, ordinal: int) -> tuple[Span, ...]:
        """The working pieces of one UTC day: unlike local days these never interleave, whatever the clocks do."""
        if ordinal not in self._spans_of_day:
            midnight = datetime.fromordinal(ordinal)
            pieces = [
                (max(first, opens - offset), min(last, closes - offset))
                for first, last, offset in self._offsets(midnight)
                for opens, closes in self._local_intervals((first + offset).date(), (last + offset).date())
            ]
            merged = _merged(piece for piece in pieces if piece[0] < piece[1])
            self._spans_of_day[ordinal] = tuple((a.replace(tzinfo=UTC), b.replace(tzinfo=UTC)) for a, b in merged)
        return self._spans_of_day[ordinal]

    def _offsets(self, midnight: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """The UTC day (naive) in pieces of one UTC offset each."""
        first, offset = midnight, self._offset(midnight)
        for hour in (midnight + n * _HOUR for n in range(1, 25)):
            if self._offset(hour - _SECOND) != offset:
                switch = self._switch(hour - _HOUR - _SECOND, hour - _SECOND)
                yield first, switch, offset
                first, offset = switch, self._offset(switch)
        yield first, midnight + _DAY, offset

    def _switch(self, before: datetime, after: datetime) -> datetime:
        """The second at which the offset changes between two UTC instants (naive)."""
        while after - before > _SECOND:
            middle = before + (after - before) // _SECOND // 2 * _SECOND
            before, after = (middle, after) if self._offset(middle) == self._offset(before) else (before, middle)
        return after

    def _offset(self, at: datetime) -> timedelta:
        return self._zone.fromutc(at.replace(tzinfo=self._zone)).utcoffset() or timedelta()

    def _local_intervals(self, first: date, last: date) -> Iterator[Span]:
        """Intervals (naive local time) of the dates that can be open on the local dates ``first`` … ``last``."""
        for ordinal in range(first.toordinal() - 1, last.toordinal() + 1):
            midnight = datetime.fromordinal(ordinal)
            day = midnight.date()
            for opens, closes in self._dates.get(day, self._week[day.weekday()]):
                yield midnight + opens, midnight + closes


def wall_interval(pair: Sequence[str]) -> WallInterval:
    """``("09:00", "17:00")`` as time since local midnight; raises CalendarError for anything that is no such pair."""
    if isinstance(pair, str) or len(pair) != 2:
        raise CalendarError(f"{pair!r} is no interval: write an opening and a closing time, such as 09:00 and 17:00")
    opens, closes = (_clock_time(text) for text in pair)
    if opens == _DAY:
        raise CalendarError(f"{pair[0]}-{pair[1]} opens at 24:00: write 00:00 on the next day")
    return opens, closes if closes >= opens else closes + _DAY


def _clock_time(text: str) -> timedelta:
    if not _CLOCK_TIME.fullmatch(text):
        raise CalendarError(f"{text!r} is no clock time: write hours and minutes from 00:00 to 24:00, such as 08:30")
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CalendarError(f"unknown timezone {name!r}: write a name such as Asia/Jakarta or Europe/Berlin") from error


def _date(day: date | str) -> date:
    try:
        return day if isinstance(day, date) else date.fromisoformat(day)
    except ValueError as error:
        raise CalendarError(f"{day!r} is no date: write it as 2026-12-24") from error


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no timezone")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _merged_pauses(pauses: Iterable[Span]) -> Sequence[Span]:
    if not pauses:
        return ()
    return _merged((_utc(start), _utc(end)) for start, end in pauses)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in order, without empty, overlapping or touching spans."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _without(start: datetime, end: datetime, pauses: Sequence[Span]) -> Iterator[Span]:
    for pause_start, pause_end in pauses:
        if pause_end <= start:
            continue
        if pause_start >= end:
            break
        if pause_start > start:
            yield start, pause_start
        start = pause_end
        if start >= end:
            return
    yield start, end
