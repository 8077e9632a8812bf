"""What ratings contribute to a summary: the score, and how many answered."""

from collections.abc import Callable, Sequence

from slackdesk_plugins.csat.declared import Poll, plugin
from slackdesk_plugins.csat.rules import ANSWERS_MIN
from slackdesk_plugins.csat.scores import SATISFIED
from sqlalchemy import select

from slackdesk.api import Figure, Period, ReadContext, ReportSection, later


@plugin.report_section(order=60)
def ratings(period: Period, ctx: ReadContext) -> ReportSection | None:
    """Of the polls about tickets that were closed in the period, whenever they were answered; None without any.

    What is anonymous is left out below ``ANSWERS_MIN`` answers, and names no tickets.
    """
    asked_about = select(Poll.ticket_id, Poll.score, Poll.is_anonymous).where(
        Poll.queue.in_(period.queues), Poll.closed_at >= period.since, Poll.closed_at < period.until
    )
    polls = ctx.session.execute(asked_about.order_by(Poll.ticket_id)).all()
    is_anonymous = any(poll.is_anonymous for poll in polls)
    rated = [poll.ticket_id for poll in polls if poll.score is not None]
    if not polls or (is_anonymous and len(rated) < ANSWERS_MIN):
        return None
    asked = [poll.ticket_id for poll in polls]
    satisfied = [poll.ticket_id for poll in polls if poll.score is not None and poll.score >= SATISFIED]

    def behind(tickets: Sequence[int]) -> Callable[[], Sequence[int]] | None:
        return None if is_anonymous else lambda: tickets

    figures = [
        Figure(
            "csat_score",
            later("Satisfied"),
            _percent(satisfied, rated),
            "percent",
            len(rated),
            behind(rated),
            "more",
        ),
        Figure("csat_rate", later("Answered"), _percent(rated, asked), "percent", len(asked), behind(asked), "more"),
    ]
    return ReportSection(later("Ratings"), figures)


def _percent(some: Sequence[int], of: Sequence[int]) -> float | None:
    return 100 * len(some) / len(of) if of else None
