"""Working time between many pairs of instants, a hundred thousand in a tenth of a second. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from math import inf


class WorkingTime:
    """Counts within ``spans``: the working pieces of time, in order, none of them touching the next."""

    def __init__(self, spans: Sequence[tuple[datetime, datetime]]) -> None:
        # The first piece lies before all of them and has no length: every instant lies in or behind one.
        self._opens = [-inf, *(opens.timestamp() for opens, _ in spans)]
        self._lengths = [0.0, *((closes - opens).total_seconds() for opens, closes in spans)]
        self._before = [0.0, *accumulate(self._lengths)]

    def minutes(self, began_at: float, ended_at: float) -> float:
        """Working minutes from one instant to a later one, both in seconds since 1970."""
        # Written twice: a call for each end would take as long as the rest.
        opens, lengths, before = self._opens, self._lengths, self._before
        last = bisect_right(opens, ended_at) - 1
        within, length = ended_at - opens[last], lengths[last]
        seconds = before[last] + (within if within < length else length)
        first = bisect_right(opens, began_at, 0, last + 1) - 1
        within, length = began_at - opens[first], lengths[first]
        seconds -= before[first] + (within if within < length else length)
        return seconds / 60
