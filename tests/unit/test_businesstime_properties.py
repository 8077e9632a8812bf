"""Business time against a brute force that asks of every single minute whether somebody is at work."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from slackdesk.businesstime import WEEKDAYS, BusinessCalendar

MINUTE = timedelta(minutes=1)
WINDOW_MINUTES = 3 * 24 * 60

# A zone and a UTC instant around which something happens there.
SCENES = [
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # 30 minutes back
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),  # 30 minutes on
    ("Asia/Kathmandu", datetime(2026, 11, 20, tzinfo=UTC)),  # +05:45
    ("Australia/Adelaide", datetime(2026, 4, 4, 16, 30, tzinfo=UTC)),  # +09:30, an hour back
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),  # 01:00 back to midnight
    ("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),  # 00:01 back to the day before
    ("Africa/Casablanca", datetime(2026, 2, 15, 2, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a whole date skipped
    ("Asia/Jakarta", datetime(2026, 12, 24, tzinfo=UTC)),
    ("Pacific/Kiritimati", datetime(2026, 12, 31, 12, tzinfo=UTC)),  # +14
]


@dataclass(frozen=True)
class Case:
    timezone: str
    week: dict[str, list[tuple[str, str]]]
    holidays: list[date]
    dates: dict[date, list[tuple[str, str]]]
    start: datetime
    pauses: list[tuple[datetime, datetime]]

    @property
    def calendar(self) -> BusinessCalendar:
        return BusinessCalendar(self.timezone, self.week, self.holidays, self.dates)


def _text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


MINUTES_OF = {_text(minutes): minutes for minutes in range(24 * 60 + 1)}

_edges = st.integers(0, 24 * 60) | st.sampled_from([0, 1, 30, 60, 90, 120, 150, 180, 23 * 60, 23 * 60 + 1, 24 * 60])
_interval = st.tuples(_edges.filter(lambda minute: minute < 24 * 60), _edges).map(
    lambda pair: (_text(pair[0]), _text(pair[1]))
)
_intervals = st.lists(_interval, max_size=3)


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    timezone, around = draw(st.sampled_from(SCENES))
    start = around + draw(st.integers(-48 * 60, 24 * 60)) * MINUTE
    near = st.integers(-3, 4).map(lambda days: (around + timedelta(days=days)).date())
    pauses = []
    edge = draw(st.integers(-300, 300))
    for length, gap in draw(st.lists(st.tuples(st.integers(0, 600), st.integers(-200, 600)), max_size=4)):
        pauses.append((start + edge * MINUTE, start + (edge + length) * MINUTE))
        edge += length + gap  # zero: touches the next one, negative: overlaps it
    return Case(
        timezone=timezone,
        week=draw(st.dictionaries(st.sampled_from(WEEKDAYS), _intervals)),
        holidays=draw(st.lists(near, max_size=2)),
        dates=draw(st.dictionaries(near, _intervals, max_size=2)),
        start=start,
        pauses=draw(st.permutations(pauses)),
    )


def _is_working(case: Case, zone: ZoneInfo, at: datetime) -> bool:
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    today = local.date()
    for day, runs_over in ((today, 0), (today - timedelta(days=1), 24 * 60)):
        if day in case.dates:
            intervals = case.dates[day]
        else:
            intervals = [] if day in case.holidays else case.week.get(WEEKDAYS[day.weekday()], [])
        for opening, closing in intervals:
            opens, closes = MINUTES_OF[opening], MINUTES_OF[closing]
            if closes < opens:
                closes += 24 * 60
            if opens <= minute + runs_over < closes:
                return not any(start <= at < end for start, end in case.pauses)
    return False


def _working_minutes(case: Case) -> Iterator[datetime]:
    zone = ZoneInfo(case.timezone)
    every_minute = (case.start + n * MINUTE for n in range(WINDOW_MINUTES))
    return (at for at in every_minute if _is_working(case, zone, at))


@settings(max_examples=100, deadline=None)
@given(_cases(), st.integers(0, 3000))
def test_business_time_agrees_with_asking_every_minute(case: Case, target_minutes: int) -> None:
    calendar, working = case.calendar, list(_working_minutes(case))
    end = case.start + WINDOW_MINUTES * MINUTE
    assert calendar.elapsed(case.start, end, case.pauses) == len(working) * MINUTE
    assert sum((b - a for a, b in calendar.spans(case.start, end, case.pauses)), timedelta()) == len(working) * MINUTE
    if working:
        target = min(target_minutes, len(working))
        expected = working[target - 1] + MINUTE if target else working[0]
        assert calendar.due(case.start, target * MINUTE, case.pauses) == expected
    if not case.pauses:
        assert calendar.is_open(case.start) == (working[:1] == [case.start])


@settings(max_examples=60, deadline=None)
@given(_cases(), st.timedeltas(timedelta(microseconds=1), timedelta(hours=2)))
def test_due_is_the_earliest_instant_at_which_the_target_has_elapsed(case: Case, target: timedelta) -> None:
    assume(any(opens != closes for intervals in case.week.values() for opens, closes in intervals))
    calendar = case.calendar
    due = calendar.due(case.start, target, case.pauses)
    assert calendar.elapsed(case.start, due, case.pauses) == target
    assert calendar.elapsed(case.start, due - timedelta(microseconds=1), case.pauses) < target


@settings(max_examples=60, deadline=None)
@given(_cases(), st.integers(0, WINDOW_MINUTES), st.integers(0, WINDOW_MINUTES))
def test_elapsed_time_adds_up(case: Case, first: int, second: int) -> None:
    middle, end = (case.start + minutes * MINUTE for minutes in sorted((first, second)))
    calendar = case.calendar
    whole = calendar.elapsed(case.start, end, case.pauses)
    assert calendar.elapsed(case.start, middle, case.pauses) + calendar.elapsed(middle, end, case.pauses) == whole


@pytest.mark.parametrize(("timezone", "around"), SCENES)
def test_round_the_clock_is_real_time(timezone: str, around: datetime) -> None:
    always = BusinessCalendar(timezone, {day: [("00:00", "24:00")] for day in WEEKDAYS})
    start = around - timedelta(days=2, minutes=17)
    assert always.due(start, timedelta(days=5)) == start + timedelta(days=5)
    assert always.spans(start, start + timedelta(days=5)) == [(start, start + timedelta(days=5))]
