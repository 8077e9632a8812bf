"""The policy file as the model reads it, and working hours by looking at wall clocks, minute by minute."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours:
    """The hours of a calendar, by the wall clock of a zone."""

    def __init__(self, section: Mapping[str, Any], zone: str) -> None:
        self._section, self._zone = section, ZoneInfo(zone)
        self._known: dict[datetime, bool] = {}

    def is_open(self, minute: datetime) -> bool:
        """Whether work is done in the minute that begins then."""
        if minute not in self._known:
            self._known[minute] = self._look(minute.astimezone(self._zone))
        return self._known[minute]

    def next_day(self, at: datetime) -> datetime:
        """The first minute after the next midnight in which work is done."""
        wall = at.astimezone(self._zone)
        minute = datetime.combine(wall.date() + timedelta(days=1), time(), self._zone).astimezone(UTC)
        while not self.is_open(minute):
            minute += MINUTE
        return minute

    def _look(self, wall: datetime) -> bool:
        shown = wall.hour * 60 + wall.minute
        today, yesterday = wall.date(), wall.date() - timedelta(days=1)
        return any(opens <= shown < closes for opens, closes in self._of(today)) or any(
            opens <= shown + 1440 < closes for opens, closes in self._of(yesterday)
        )

    def _of(self, day: date) -> list[tuple[int, int]]:
        dates = self._section.get("dates", {})
        texts = dates[str(day)] if str(day) in dates else self._section.get(DAYS[day.weekday()], [])
        pairs = [[_minutes(end) for end in text.split("-")] for text in texts]
        return [(opens, closes if closes > opens else closes + 1440) for opens, closes in pairs]


class Rules:
    """The policy file, and everybody's zone."""

    def __init__(self, policy: Mapping[str, Any], sla: Mapping[str, Any], zones: Mapping[str, str]) -> None:
        self.policy, self.sla, self.zones = policy, sla, zones
        self.repeat = duration(sla["repeat_after_breach"])
        self._hours: dict[tuple[str, str], Hours] = {}
        self._open: dict[datetime, list[str]] = {}

    def hours(self, queue: str, person: str = "") -> Hours:
        """Of a queue, by its own wall clock or by a person's."""
        section = self.policy["calendars"][self.policy["queues"][queue]["calendar"]]
        zone = self.zones.get(person, section["timezone"])
        return self._hours.setdefault((queue, zone), Hours(section, zone))

    def open_queues(self, minute: datetime) -> list[str]:
        """Queues in whose hours work is done in the minute that begins then."""
        if minute not in self._open:
            self._open[minute] = [queue for queue in self.policy["queues"] if self.hours(queue).is_open(minute)]
        return self._open[minute]

    def target(self, queue: str, priority: str, clock: str) -> timedelta | None:
        text = self.sla["targets"][queue].get(priority, {}).get(clock)
        return None if text is None else duration(text)


def duration(text: str) -> timedelta:
    """``4h`` or ``30m``."""
    return timedelta(**{{"h": "hours", "m": "minutes"}[text[-1]]: int(text[:-1])})


def first_minute(at: datetime, hours: Hours, not_before: datetime | None = None) -> datetime:
    """The first full minute, at least five seconds ahead and not before then, in which the hours are open."""
    wished = max(at, not_before or at)
    minute = wished.replace(second=0, microsecond=0)
    minute += MINUTE if wished > minute else timedelta()
    while minute < at + timedelta(seconds=5) or not hours.is_open(minute):
        minute += MINUTE
    return minute


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
