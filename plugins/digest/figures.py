"""The numbers of the desk itself, each the count, the median or the share of a list of ``lists``."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeVar

from slackdesk_plugins.digest import lists
from slackdesk_plugins.digest.lists import List, Scope
from slackdesk_plugins.digest.periods import Span
from slackdesk_plugins.digest.working_time import WorkingTime
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from slackdesk.api import later

Key = TypeVar("Key", bound=tuple[Any, ...])

COUNT, MINUTES, PERCENT = "count", "minutes", "percent"
"""Units. Minutes are working time."""

AGES = (
    ("under_1d", later("under 1 day"), timedelta(days=1)),
    ("1d_3d", later("1 to 3 days"), timedelta(days=3)),
    ("3d_7d", later("3 to 7 days"), timedelta(days=7)),
    ("7d_30d", later("7 to 30 days"), timedelta(days=30)),
    ("over_30d", later("over 30 days"), None),
)
"""Key, words, and the age at which the next one begins: plain time since the filing."""


class Calendars(Protocol):
    """The working hours of queues."""

    def __call__(self, queue: str, since: datetime, until: datetime) -> Sequence[tuple[datetime, datetime]]:
        """The working pieces of time between two instants, in order."""
        ...


@dataclass(frozen=True)
class Number:
    """One number of a span. ``value`` is None where there is nothing to count it from; ``n`` is from how many."""

    key: str
    label: str
    """An English template, with ``values``."""
    value: float | None
    unit: str = COUNT
    n: int | None = None
    wanted: str | None = None
    """``less`` or ``more``: which change is for the better; None where neither is."""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """Numbers that are read together."""

    title: str
    numbers: Sequence[Number]


@dataclass(frozen=True)
class Count:
    """Reads the lists of one scope and one span, each at most once."""

    session: Session
    calendars: Calendars
    scope: Scope
    span: Span
    whole: "Count | None" = None
    """The same of more queues: what it has counted by queue is not read again."""

    def only(self, queues: Sequence[str]) -> "Count":
        """The same of some of its queues."""
        return replace(self, scope=replace(self.scope, queues=tuple(queues)), whole=self)

    @cached_property
    def came(self) -> Counter[tuple[str, str, str]]:
        """Queue, tier and how → stays that began."""
        if self.whole is not None:
            return self._mine(self.whole.came)
        return self._counted(lists.begun(self.scope, self.span), "queue", "tier", "how")

    @cached_property
    def went(self) -> Counter[tuple[str, str, str]]:
        """Queue, tier and how → stays that ended."""
        if self.whole is not None:
            return self._mine(self.whole.went)
        return self._counted(lists.left(self.scope, self.span), "queue", "tier", "how")

    @cached_property
    def closed(self) -> Counter[tuple[str]]:
        """Queue → how often a ticket was closed."""
        if self.whole is not None:
            return self._mine(self.whole.closed)
        return self._counted(lists.closed(self.scope, self.span), "queue")

    @cached_property
    def waiting(self) -> Sequence[Any]:
        """Rows of the backlog."""
        if self.whole is not None:
            return [row for row in self.whole.waiting if row.queue in self.scope.queues]
        return self.session.execute(lists.backlog(self.scope, self.span)).all()

    @cached_property
    def topics(self) -> Counter[tuple[str | None]]:
        """Topic → how often a ticket of it was resolved."""
        return self._counted(lists.resolved_topics(self.scope, self.span), "topic")

    def reopened(self) -> list[Any]:
        """Rows of what was taken up again soon enough to say that it had not been solved."""
        rows = self.session.execute(lists.reopened(self.scope, self.span)).all()
        return [row for row in rows if row.at - row.resolved_at <= lists.REOPENED_WITHIN]

    def timed(self, rows: List) -> list[tuple[Any, float]]:
        """Each row, and the working minutes that it took."""
        found = self.session.execute(rows).all()
        columns = rows.selected_columns
        if "seconds" in columns:
            return [(row, (row.seconds or 0) / 60) for row in found]
        return list(zip(found, self._elapsed([(row.queue, row.began_at, row.ended_at) for row in found]), strict=True))

    def minutes(self, rows: List) -> list[float]:
        """The working minutes that each row took, in order. For many rows: reads no more than it needs."""
        columns = rows.selected_columns
        if "seconds" in columns:
            seconds = self.session.scalars(rows.with_only_columns(columns["seconds"])).all()
            return sorted((one or 0) / 60 for one in seconds)
        needed = (columns[name] for name in ("queue", "began_at", "ended_at"))
        return sorted(self._elapsed(self.session.execute(rows.with_only_columns(*needed)).all()))

    def _elapsed(self, spans: Sequence[Any]) -> list[float]:
        """Working minutes of each queue, beginning and end, the instants in seconds since 1970."""
        if not spans:
            return []
        _, begins, ends = zip(*spans, strict=True)
        since = datetime.fromtimestamp(min(begins), UTC)
        until = datetime.fromtimestamp(max(ends), UTC) + timedelta(seconds=1)
        clocks = {queue: WorkingTime(self.calendars(queue, since, until)).minutes for queue in self.scope.queues}
        return [clocks[queue](began_at, ended_at) for queue, began_at, ended_at in spans]

    def _mine(self, counted: Counter[Key]) -> Counter[Key]:
        """What belongs to the queues of the scope; keys begin with the queue."""
        return Counter({key: n for key, n in counted.items() if key[0] in self.scope.queues})

    def _counted(self, rows: List, *columns: str) -> Counter[Any]:
        counted = rows.subquery()
        keys = [counted.c[name] for name in columns]
        found = self.session.execute(select(*keys, func.count()).select_from(counted).group_by(*keys))
        return Counter({tuple(row[:-1]): row[-1] for row in found})


def volume(count: Count) -> Section:
    """What came, what went and what is left.

    What was open before, and what was opened, reopened and came, without what was resolved, ended and went, is open.
    """
    taken = sum(1 for row in count.waiting if row.taken)
    numbers = [
        Number("opened", later("Opened"), _how(count.came, "filed")),
        Number("resolved", later("Resolved"), _how(count.went, "resolved")),
        Number("closed", later("Closed"), count.closed.total()),
        Number("backlog", later("Open at the end"), len(count.waiting), wanted="less"),
        Number("unassigned", later("Of these, taken by nobody"), len(count.waiting) - taken, wanted="less"),
        Number("reopened", later("Reopened"), _how(count.came, "reopened"), wanted="less"),
        Number("ended_otherwise", later("Cancelled, duplicate or no request"), _how(count.went, *lists.OTHER_ENDS)),
        Number("moved_in", later("Came from another queue"), _how(count.came, "moved")),
        Number("moved_out", later("Went to another queue"), _how(count.went, "moved")),
    ]
    return Section(later("Volume"), numbers)


def ages(count: Count) -> Section:
    """The backlog by how long ago it was filed."""
    found = Counter(age_of(count.span.until - row.created_at) for row in count.waiting)
    numbers = [
        Number(f"backlog.{key}", words, found[key], wanted=None if key == AGES[0][0] else "less")
        for key, words, _ in AGES
    ]
    return Section(later("Open at the end, by age"), numbers)


def times(count: Count) -> Section:
    """How long people waited, in working time, by when the waiting was over."""
    scope, span = count.scope, count.span
    return Section(
        later("Times, in working hours"),
        [
            *_spread(count, "first_assignment", later("First assignment"), lists.first_assignments(scope, span)),
            *_spread(count, "first_response", later("First answer"), lists.first_responses(scope, span)),
            *_spread(count, "resolution", later("Resolution"), lists.resolutions(scope, span)),
        ],
    )


def quality(count: Count) -> Section:
    """Whether what was resolved stayed so."""
    again = len(count.reopened())
    rate = share(
        "reopen_rate", later("Reopened within 7 days, of those closed"), again, count.closed.total(), wanted="less"
    )
    return Section(later("Quality"), [rate])


def tiers(count: Count, places: Iterable[tuple[str, str, str]]) -> Section:
    """What each tier got, gave away and took; ``places`` are key of the queue, its name, and the tier's."""
    accepted = count.timed(lists.acceptances(count.scope, count.span))
    numbers: list[Number] = []
    for queue, name, tier in places:
        waits = [minutes for row, minutes in accepted if (row.queue, row.tier) == (queue, tier)]
        numbers += _tier(count, queue, tier, waits, {"queue": name, "tier": tier})
    return Section(later("Tiers"), numbers)


def topics(count: Count) -> Section:
    """What was resolved most often, by the topic that was given then."""
    found = sorted(((topic, n) for (topic,), n in count.topics.items() if topic), key=lambda one: (-one[1], one[0]))
    numbers = [Number(f"topic.{topic}", "{topic}", n, values={"topic": topic}) for topic, n in found]
    return Section(later("Topics of what was resolved"), numbers)


def share(
    key: str, label: str, part: int, whole: int, *, wanted: str | None = None, values: Mapping[str, str] | None = None
) -> Number:
    """So many of a hundred; None of nothing."""
    value = round(100 * part / whole, 1) if whole else None
    return Number(key, label, value, PERCENT, n=whole, wanted=wanted, values=values or {})


def age_of(age: timedelta) -> str:
    """The key of ``AGES`` to which an age belongs."""
    return next(key for key, _, limit in AGES if limit is None or age < limit)


def _how(counted: Mapping[tuple[str, str, str], int], *hows: str) -> int:
    return sum(n for (_, _, how), n in counted.items() if how in hows)


def _tier(count: Count, queue: str, tier: str, waits: Sequence[float], names: Mapping[str, str]) -> list[Number]:
    key, up, back = f"tier.{queue}.{tier}", count.went[queue, tier, "escalated"], count.went[queue, tier, "sent_back"]
    came = sum(n for place, n in count.came.items() if place[:2] == (queue, tier))
    left = sum(n for place, n in count.went.items() if place[:2] == (queue, tier))
    accepted = later("{queue} {tier}, median until accepted")
    return [
        Number(f"{key}.inflow", later("{queue} {tier}, came in"), came, values=names),
        share(f"{key}.escalated_out", later("{queue} {tier}, handed up of what left"), up, left, values=names),
        share(
            f"{key}.sent_back", later("{queue} {tier}, sent back of what left"), back, left,
            wanted="less", values=names,
        ),
        Number(f"{key}.acceptance", accepted, _median(waits), MINUTES, len(waits), "less", names),
    ]  # fmt: skip


def _spread(count: Count, key: str, label: str, rows: List) -> list[Number]:
    minutes = count.minutes(rows)
    n, mean = len(minutes), statistics.fmean(minutes) if minutes else None
    what = {"what": label}
    return [
        Number(f"{key}.median", later("{what}, median"), _median(minutes), MINUTES, n, "less", what),
        Number(f"{key}.p90", later("{what}, nine of ten within"), _ninetieth(minutes), MINUTES, n, "less", what),
        Number(f"{key}.mean", later("{what}, mean"), mean, MINUTES, n, "less", what),
    ]


def _median(minutes: Sequence[float]) -> float | None:
    return statistics.median(minutes) if minutes else None


def _ninetieth(ordered: Sequence[float]) -> float | None:
    """The shortest time within which nine of ten were done: the time of a ticket that there is."""
    return ordered[-(-9 * len(ordered) // 10) - 1] if ordered else None
