"""What ratings contribute to a summary: the score, and how many answered."""

from collections.abc import Sequence

from slackdesk_plugins.csat.declared import Poll, plugin
from slackdesk_plugins.csat.scores import SATISFIED
from sqlalchemy import select

from slackdesk.api import Figure, Period, ReadContext, ReportSection, later


@plugin.report_section(order=60)
def ratings(period: Period, ctx: ReadContext) -> ReportSection | None:
    """Of the polls that were sent in the period, whenever they were answered; None when there were none."""
    sent = select(Poll.ticket_id, Poll.score).where(
        Poll.queue.in_(period.queues), Poll.sent_at >= period.since, Poll.sent_at < period.until
    )
    polls = ctx.session.execute(sent.order_by(Poll.ticket_id)).all()
    if not polls:
        return None
    asked = [ticket_id for ticket_id, _ in polls]
    rated = [ticket_id for ticket_id, score in polls if score is not None]
    satisfied = [ticket_id for ticket_id, score in polls if score is not None and score >= SATISFIED]
    figures = [
        Figure(
            "csat_score", later("Satisfied"), _percent(satisfied, rated), "percent", len(rated), lambda: rated, "more"
        ),
        Figure("csat_rate", later("Answered"), _percent(rated, asked), "percent", len(asked), lambda: asked, "more"),
    ]
    return ReportSection(later("Ratings"), figures)


def _percent(some: Sequence[int], of: Sequence[int]) -> float | None:
    return 100 * len(some) / len(of) if of else None
