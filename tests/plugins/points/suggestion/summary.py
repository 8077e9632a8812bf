"""What the plugin contributes to summaries, and a word that shows what all plugins do."""

from datetime import timedelta

from sqlalchemy import func, select

from slackdesk.api import (
    Context,
    Figure,
    Modal,
    Period,
    ReadContext,
    ReportSection,
    Words,
    context,
    later,
    section,
    ticket_table,
)

from .declared import Suggestion, plugin

DAYS = 7


@plugin.report_section(order=80)
def count_suggestions(period: Period, ctx: ReadContext) -> ReportSection | None:
    """How many there were, and how many requests came in meanwhile."""
    suggested = select(func.count()).where(Suggestion.at >= period.since, Suggestion.at < period.until)
    filed = select(ticket_table.c.id).where(
        ticket_table.c.queue.in_(period.queues),
        ticket_table.c.created_at >= period.since,
        ticket_table.c.created_at < period.until,
    )
    ids = ctx.session.scalars(filed.order_by(ticket_table.c.id)).all()
    figures = [
        Figure("suggestion_count", later("Suggestions"), ctx.session.scalar(suggested), "count"),
        Figure("suggestion_requests", later("Requests meanwhile"), len(ids), "count", tickets=lambda: ids),
    ]
    return ReportSection(later("What could be better"), figures)


@plugin.command("numbers", help=later("shows the numbers of the last week"))
def show_numbers(words: Words, ctx: Context) -> Modal:
    """`/desk numbers`: every figure of every plugin, with the tickets behind it."""
    reader = ctx.reader(words.person)
    blocks = []
    period = Period(ctx.now - timedelta(days=DAYS), ctx.now, tuple(ctx.policy.queues))
    for part in ctx.report_sections(period, reader):
        blocks.append(section(f"*{part.title}*"))
        for figure in part.figures:
            numbers = [ctx.ticket(one).number for one in figure.tickets()] if figure.tickets else []
            blocks.append(context(f"{figure.label}: {figure.value} {' '.join(numbers)}"))
    return Modal("numbers", title=reader.t("Numbers"), blocks=blocks)
