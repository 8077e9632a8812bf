"""What ratings contribute to a summary: the score, and how many answered."""

from collections.abc import Callable, Sequence

from slackdesk_plugins.csat.declared import Poll, plugin
from slackdesk_plugins.csat.rules import ANSWERS_MIN
from slackdesk_plugins.csat.scores import SATISFIED
from sqlalchemy import ColumnElement, and_, case, func, select, true

from slackdesk.api import Figure, Period, ReadContext, ReportSection, later

IS_RATED = Poll.score.is_not(None)


@plugin.report_section(order=60)
def ratings(period: Period, ctx: ReadContext) -> ReportSection | None:
    """Of the polls about tickets that were closed in the period, whenever they were answered; None without any.

    What is anonymous is left out below ``ANSWERS_MIN`` answers, and names no tickets.
    """
    in_period = and_(Poll.queue.in_(period.queues), Poll.closed_at >= period.since, Poll.closed_at < period.until)
    counts = select(
        _count(true()), _count(IS_RATED), _count(Poll.score >= SATISFIED), _count(Poll.is_anonymous.is_(True))
    ).where(in_period)
    asked, rated, satisfied, anonymous = ctx.session.execute(counts).one()
    if not asked or (anonymous and rated < ANSWERS_MIN):
        return None

    def behind(condition: ColumnElement[bool]) -> Callable[[], Sequence[int]] | None:
        tickets = select(Poll.ticket_id).where(in_period, condition).order_by(Poll.ticket_id)
        return None if anonymous else lambda: ctx.session.scalars(tickets).all()

    score, rate = _percent(satisfied, rated), _percent(rated, asked)
    figures = [
        Figure("csat_score", later("Satisfied"), score, "percent", rated, behind(IS_RATED), "more"),
        Figure("csat_rate", later("Answered"), rate, "percent", asked, behind(true()), "more"),
    ]
    return ReportSection(later("Ratings"), figures)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _percent(some: int, of: int) -> float | None:
    return 100 * some / of if of else None
