"""What people see of it: badges in lists and on the card, all clocks on the card, the promise to the requester."""

from datetime import datetime

from slack_sdk.models.blocks import Block
from slackdesk_plugins.sla.badges import (
    BADGES,
    LATE,
    MET,
    MISSED,
    OVERDUE,
    RUNNING,
    Recorded,
    badge_of,
    is_met,
    results_of,
    shown,
)
from slackdesk_plugins.sla.clocks import Clock, ClockName
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.sight import Sight, has_targets, see
from slackdesk_plugins.sla.tables import Watch

from slackdesk.api import Badge, ReadContext, Reader, TicketView, context, later

CLOCKS = {
    ClockName.FIRST_RESPONSE: later("First response"),
    ClockName.NEXT_RESPONSE: later("Next response"),
    ClockName.RESOLUTION: later("Resolution"),
}


@plugin.badge
def badge(ticket: TicketView, ctx: ReadContext) -> Badge | None:
    """As it was seen last; read from the history while that is not up to date."""
    if not has_targets(ctx, ticket.queue):
        return None
    watch = ctx.session.get(Watch, ticket.id)
    if watch is not None and watch.ticket_version == ticket.version:
        return _badge(watch.badge, watch.late_from, ctx.now)
    sight = see(ctx, ticket)
    late_from = sight.running[0].late_from if sight.running else None
    return _badge(badge_of(sight), late_from, ctx.now)


@plugin.ticket_card(order=20)
def clocks_on_card(ticket: TicketView, ctx: ReadContext) -> list[Block]:
    """All clocks, each with its instant; nothing that would be wrong a minute later."""
    if not has_targets(ctx, ticket.queue):
        return []
    sight, reader = see(ctx, ticket), ctx.reader()
    recorded = results_of(sight)
    lines = [_line(reader, sight, clock, recorded) for clock in shown(sight)]
    return [context("\n".join(lines))] if lines else []


@plugin.promise
def next_answer(ticket: TicketView, ctx: ReadContext) -> datetime | None:
    """The response that is due first; the solution, when nobody waits for a response."""
    if not has_targets(ctx, ticket.queue):
        return None
    due = {clock.name: clock.due_at for clock in reversed(see(ctx, ticket).running)}
    return due.get(ClockName.FIRST_RESPONSE) or due.get(ClockName.NEXT_RESPONSE) or due.get(ClockName.RESOLUTION)


def _badge(name: str | None, late_from: datetime | None, now: datetime) -> Badge | None:
    if name is None:
        return None
    is_late = late_from is not None and now > late_from
    return LATE[name] if is_late and name in LATE else BADGES[name]


def _line(reader: Reader, sight: Sight, clock: Clock, recorded: Recorded) -> str:
    t, due = reader.t, clock.due_at
    values = {"clock": t(CLOCKS[clock.name]), "due": reader.instant(due) if due else t("never")}
    if clock.stopped_at is not None:
        if is_met(sight, clock, recorded):
            return t("{sign} {clock}: in time", sign=MET, **values)
        return t("{sign} {clock}: too late", sign=MISSED, **values)
    if clock.is_late(sight.now):
        return t("{sign} {clock}: overdue since {due}", sign=OVERDUE, **values)
    if clock.paused_since is not None:
        return t("{sign} {clock}: paused", sign=RUNNING, **values)
    return t("{sign} {clock}: due {due}", sign=RUNNING, **values)
