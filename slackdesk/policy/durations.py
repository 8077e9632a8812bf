"""Lengths of time as people write them: ``15m``, ``8h``, ``1h30m``, ``14d``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_DURATION = re.compile(
    r"(?:(?P<days>\d{1,5})d)?(?:(?P<hours>\d{1,6})h)?(?:(?P<minutes>\d{1,6})m)?(?:(?P<seconds>\d{1,6})s)?"
)


def parse_duration(text: object) -> timedelta:
    """``"1h30m"`` as a timedelta; days, hours, minutes, seconds in this order.

    Raises ValueError, with what to write instead, for anything else, for zero and for a negative length.
    """
    if isinstance(text, timedelta) and text > timedelta():
        return text
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not text or match is None:
        raise ValueError('not a duration; write text such as "15m", "8h", "1h30m" or "14d"')
    duration = timedelta(**{unit: int(number) for unit, number in match.groupdict(default="0").items()})
    if not duration:
        raise ValueError("a duration of zero; write a longer one, or leave the key out where it is optional")
    return duration


def format_duration(duration: timedelta) -> str:
    """A text that ``parse_duration`` reads as this length (whole seconds); in days only from thirty days on."""
    if duration >= timedelta(days=30) and not duration % timedelta(days=1):
        return f"{duration.days}d"
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number)


def parse_business_duration(text: object) -> timedelta:
    """Like ``parse_duration``, for working time, where a day has no length of its own: hours and minutes only."""
    if isinstance(text, str) and "d" in text and _DURATION.fullmatch(text):
        raise ValueError("working time is counted in hours and minutes; write hours, such as 8h for a working day")
    return parse_duration(text)


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""Plain time, longer than zero."""
BusinessDuration = Annotated[timedelta, BeforeValidator(parse_business_duration)]
"""Working time of a calendar, longer than zero."""
