"""Due dates per second, beside businesstimedelta in the same run."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

import businesstimedelta
from outcome import Bench, Figure, Target

from slackdesk.businesstime import BusinessCalendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
START = datetime(2026, 1, 1, tzinfo=UTC)
STARTS = [START + timedelta(minutes=7 * n % 500_000) for n in range(60_000)]
WANTED = 100_000
TARGETS_HOURS = (1, 2, 4, 8, 16, 24)


def due_dates_per_second(due: Callable[[datetime, int], object], count: int) -> float:
    """The best of three runs over ``count`` of the starts, in processor time: others on the machine do not count."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for n, start in enumerate(STARTS[:count]):
            due(start, TARGETS_HOURS[n % len(TARGETS_HOURS)])
        best = min(best, time.process_time() - began)
    return count / best


def measure() -> Sequence[Figure]:
    """The rates on one core, and the ratio to businesstimedelta's."""
    office = BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in WEEKDAYS})
    split = BusinessCalendar("Europe/Berlin", {day: [("08:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS})
    rule = businesstimedelta.WorkDayRule(clock_time(9), clock_time(17), working_days=[0, 1, 2, 3, 4])
    hours = businesstimedelta.Rules([rule])
    ours = due_dates_per_second(lambda start, target: office.due(start, timedelta(hours=target)), 60_000)
    split_rate = due_dates_per_second(lambda start, target: split.due(start, timedelta(hours=target)), 60_000)
    theirs = due_dates_per_second(
        lambda start, target: start + businesstimedelta.BusinessTimeDelta(hours, hours=target), 2_000
    )
    text = (
        f"{ours:,.0f} with one interval a day ({ours / theirs:,.0f} × businesstimedelta), {split_rate:,.0f} with two "
        "and daylight saving"
    )
    return [Figure(text, min(ours, split_rate) >= WANTED)]


BENCH = Bench((Target("Due dates in business time, per second on one core", "≥ 100,000"),), measure)
