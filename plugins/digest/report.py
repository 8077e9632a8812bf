"""A report: all numbers of a period beside those of the period before, and nothing that its readers may not know."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from slackdesk_plugins.digest import figures
from slackdesk_plugins.digest.days import came_by_day, went_by_day
from slackdesk_plugins.digest.declared import Feedback
from slackdesk_plugins.digest.figures import Count, Number, Section
from slackdesk_plugins.digest.lists import Scope
from slackdesk_plugins.digest.periods import Compared, Span
from sqlalchemy import or_, select

from slackdesk.api import Figure, Period, ReadContext, Reader, ReportSection, later

PRIVATE_KEYS = ("opened", "resolved", "closed", "backlog")
"""All that is told of a private queue."""

SLOW_SECONDS = 2.0
"""Plugins that need longer for one period are not asked about the one before."""

HIDDEN_BELOW = 5
"""Of a private queue, smaller numbers than this are not told: they would tell of persons."""


@dataclass(frozen=True)
class Row:
    """A number and the one before. ``label`` is said in the reader's language."""

    key: str
    label: str
    unit: str
    value: float | None
    before: float | None
    n: int | None = None
    wanted: str | None = None
    hides_small: bool = False
    """Of a private queue: None in the place of a number means that it is below ``HIDDEN_BELOW``."""

    @property
    def change(self) -> float | None:
        """How much more it is than before; None where one of both is not there or not told."""
        return None if self.value is None or self.before is None else round(self.value - self.before, 2)


@dataclass(frozen=True)
class Rows:
    """Rows under a title. ``key`` says which section it is: ``volume``, ``tiers``…, ``private.hr``, ``plugin``.

    A plugin's section without rows has failed, and its title says so.
    """

    key: str
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Day:
    """The volume of one day."""

    day: date
    opened: int
    resolved: int
    backlog: int
    """When the day ended."""


@dataclass(frozen=True)
class Report:
    """What a summary says, a chart shows and a table lists. ``queues`` are those that are not private."""

    compared: Compared
    queues: Sequence[str]
    names: str
    """Of all queues that it is about, for the headline."""
    topic: str | None
    sections: Sequence[Rows]
    days: Sequence[Day] = ()
    feedback: Sequence[Feedback] = field(default_factory=tuple)

    def rows(self) -> Iterator[Row]:
        """All rows of all sections."""
        for section in self.sections:
            yield from section.rows

    def find(self, key: str) -> Row | None:
        """The row of that key."""
        return next((row for row in self.rows() if row.key == key), None)


def make_report(
    ctx: ReadContext, reader: Reader, compared: Compared, queues: Sequence[str], topic: str | None = None
) -> Report:
    """Count all of it for queues that the readers may see; private ones by themselves, and as numbers only."""
    public = [key for key in queues if not ctx.policy.queue(key).private]
    private = [key for key in queues if ctx.policy.queue(key).private]
    counts = [count_of(ctx, queues, span, topic) for span in (compared.span, compared.before)]
    sections, days = [], []
    if public:
        now, before = (count.only(public) for count in counts)
        sections = [_compared(reader, key, of(now), of(before)) for key, of in _own_sections(ctx, public).items()]
        if topic is None:  # other plugins count whole queues
            sections += _of_plugins(ctx, reader, compared, public)
        days = _days(ctx, before, compared)
    sections += [_private(ctx, reader, key, [count.only([key]) for count in counts]) for key in private]
    names = ", ".join(ctx.policy.queue(key).name for key in queues)
    feedback = _feedback(ctx, compared.span, public)
    return Report(
        compared, public, names, topic, [one for one in sections if one.rows or one.key == "plugin"], days, feedback
    )


def count_of(ctx: ReadContext, queues: Sequence[str], span: Span, topic: str | None = None) -> Count:
    """Counts tickets of these queues in a span."""
    return Count(
        ctx.session,
        lambda queue, since, until: ctx.policy.calendar(queue).spans(since, until),
        Scope(tuple(queues), topic, span.until),
        span,
    )


def _own_sections(ctx: ReadContext, queues: Sequence[str]) -> dict[str, Callable[[Count], Section]]:
    places = [(key, ctx.policy.queue(key).name, tier.name) for key in queues for tier in ctx.policy.queue(key).tiers]
    return {
        "volume": figures.volume,
        "ages": figures.ages,
        "times": figures.times,
        "quality": figures.quality,
        "tiers": lambda count: figures.tiers(count, places),
        "topics": figures.topics,
    }


def _compared(reader: Reader, key: str, now: Section, before: Section) -> Rows:
    earlier = {number.key: number for number in before.numbers}
    rows = [_row(reader, number, earlier.get(number.key)) for number in now.numbers]
    return Rows(key, reader.t(now.title), rows)


def _row(reader: Reader, number: Number, before: Number | None) -> Row:
    values = {name: reader.t(value) if name == "what" else value for name, value in number.values.items()}
    was = before.value if before is not None else 0 if number.unit == figures.COUNT else None
    return Row(
        key=number.key,
        label=reader.t(number.label, **values),
        unit=number.unit,
        value=_rounded(number.value),
        before=_rounded(was),
        n=number.n,
        wanted=number.wanted,
    )


def _of_plugins(ctx: ReadContext, reader: Reader, compared: Compared, queues: Sequence[str]) -> list[Rows]:
    """What other plugins contribute. Private queues are kept from them: a plugin would not hide small numbers."""

    def sections(span: Span) -> Sequence[ReportSection]:
        return ctx.report_sections(Period(span.since, span.until, tuple(queues)), reader)

    began = time.monotonic()
    now = sections(compared.span)
    # Whoever is slow is not asked a second time: a worker's time would be over, and with it the whole summary.
    is_quick = time.monotonic() - began < SLOW_SECONDS
    before = sections(compared.before) if is_quick else ()
    earlier = {figure.key: figure.value for section in before for figure in section.figures}
    is_whole = is_quick and all(section.figures for section in before)
    return [
        Rows("plugin", section.title, [_plugin_row(figure, earlier, is_whole) for figure in section.figures])
        for section in now
    ]


def _plugin_row(figure: Figure, earlier: Mapping[str, float | None], is_whole: bool) -> Row:
    """``is_whole``: a count that was not told of the period before was nothing then."""
    before = earlier.get(figure.key, 0 if is_whole and figure.unit == figures.COUNT else None)
    return Row(figure.key, figure.label, figure.unit, _rounded(figure.value), _rounded(before), figure.n, figure.wanted)


def _private(ctx: ReadContext, reader: Reader, queue: str, counts: Iterable[Count]) -> Rows:
    """``counts`` are those of the period, and of the one before."""
    now, before = ({number.key: number for number in figures.volume(count).numbers} for count in counts)
    rows = [_hidden(queue, _row(reader, now[key], before[key])) for key in PRIVATE_KEYS]
    title = reader.t(later("{queue} (private)"), queue=ctx.policy.queue(queue).name)
    return Rows(f"private.{queue}", title, rows)


def _hidden(queue: str, row: Row) -> Row:
    """The row under a key of its queue, without small numbers, nor changes that would tell them."""
    value, before = ((one if one is not None and one >= HIDDEN_BELOW else None) for one in (row.value, row.before))
    return Row(f"{queue}.{row.key}", row.label, row.unit, value, before, wanted=row.wanted, hides_small=True)


def _days(ctx: ReadContext, before: Count, compared: Compared) -> list[Day]:
    scope, since = replace(before.scope, as_of=compared.span.until), compared.span.since
    if before.span.until != since:  # what is not over yet is compared with a part of the period before
        before = count_of(ctx, scope.queues, Span(since, since), scope.topic)
    backlog, found, days = len(before.waiting), [], compared.days()
    spans = [span for _, span in days]
    moves = zip(came_by_day(ctx.session, scope, spans), went_by_day(ctx.session, scope, spans), strict=True)
    for (day, _), (came, went) in zip(days, moves, strict=True):
        backlog += came.total() - went.total()
        found.append(Day(day, came["filed"], went["resolved"], backlog))
    return found


def _feedback(ctx: ReadContext, span: Span, queues: Sequence[str]) -> Sequence[Feedback]:
    about = or_(Feedback.queue.is_(None), Feedback.queue.in_(list(queues)))
    written = select(Feedback).where(about, Feedback.at >= span.since, Feedback.at < span.until)
    return ctx.session.scalars(written.order_by(Feedback.at)).all() if queues else ()


def _rounded(value: float | None) -> float | None:
    """To hundredths; a whole number without them."""
    if value is None:
        return None
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
