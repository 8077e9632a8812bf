"""What service levels contribute to a summary: how often each clock was met, and how often targets were missed."""

from collections.abc import Callable, Sequence

from slackdesk_plugins.sla.clocks import ClockName
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.tables import Breach, Result
from sqlalchemy import exists, select

from slackdesk.api import Figure, Period, ReadContext, ReportSection, later

LABELS = {
    ClockName.FIRST_RESPONSE: later("First response in time"),
    ClockName.NEXT_RESPONSE: later("Next response in time"),
    ClockName.RESOLUTION: later("Resolution in time"),
}


@plugin.report_section(order=40)
def attainment(period: Period, ctx: ReadContext) -> ReportSection | None:
    """Of the clocks that stopped in the period, and of those that ran on beyond their target when it ended."""
    figures = [figure for clock in ClockName if (figure := _share(period, ctx, clock)) is not None]
    missed = select(Breach.ticket_id).where(
        Breach.queue.in_(period.queues), Breach.at >= period.since, Breach.at < period.until
    )
    tickets = ctx.session.scalars(missed.order_by(Breach.ticket_id)).all()
    if not figures and not tickets:
        return None
    breached = Figure("sla_breaches", later("Missed targets"), len(tickets), "count", None, _behind(tickets), "less")
    return ReportSection(later("Service levels"), [*figures, breached])


def _share(period: Period, ctx: ReadContext, clock: ClockName) -> Figure | None:
    stopped = select(Result.ticket_id, Result.is_met).where(
        Result.clock == clock.value,
        Result.queue.in_(period.queues),
        Result.stopped_at >= period.since,
        Result.stopped_at < period.until,
        Result.is_void.is_(False),
    )
    results = ctx.session.execute(stopped.order_by(Result.ticket_id)).all()
    has_stopped = exists().where(
        Result.ticket_id == Breach.ticket_id,
        Result.clock == Breach.clock,
        Result.cycle == Breach.cycle,
        Result.stopped_at < period.until,
    )
    overdue = select(Breach.ticket_id).where(
        Breach.clock == clock.value, Breach.queue.in_(period.queues), Breach.at < period.until, ~has_stopped
    )
    tickets = [one.ticket_id for one in results] + list(ctx.session.scalars(overdue.order_by(Breach.ticket_id)))
    if not tickets:
        return None
    percent = 100 * sum(one.is_met for one in results) / len(tickets)
    return Figure(f"sla_{clock.value}", LABELS[clock], percent, "percent", len(tickets), _behind(tickets), "more")


def _behind(tickets: Sequence[int]) -> Callable[[], Sequence[int]]:
    return lambda: sorted(set(tickets))
