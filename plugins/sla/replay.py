"""What a ticket's clocks come to under a policy, for asking what another one would change."""

from slackdesk_plugins.sla.breaches import breaches
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.sight import has_targets, see

from slackdesk.api import Measured, Priority, ReadContext, TicketView


@plugin.replay
def measure(ticket: TicketView, ctx: ReadContext) -> list[Measured]:
    """Each clock: met or missed, and whether it was ever late; what is open and overdue is missed."""
    if not has_targets(ctx, ticket.queue):
        return []
    sight = see(ctx, ticket)
    late = {one.key for one in breaches(sight.history, sight.rules, since=ticket.created_at, until=ctx.now)}
    measured = []
    for clock in sight.clocks:
        is_missed = clock.is_late(ctx.now)
        is_met = False if is_missed else True if clock.stopped_at is not None else None
        if not clock.is_void:
            priority = Priority(clock.where.priority)
            measured.append(Measured(clock.where.queue, priority, clock.name.value, is_met, clock.key in late))
    return measured
