"""The safety net: a changed policy, tickets that nobody told of, timers and messages that were lost."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.reminders import Reminders
from slackdesk_plugins.sla.sight import has_targets, see
from slackdesk_plugins.sla.tables import Reminder, Watch
from slackdesk_plugins.sla.watching import look_at, remembered
from sqlalchemy import select

from slackdesk.api import Context, Slot, TicketView, Timer

LOST_AFTER = timedelta(minutes=5)
"""What should have happened so long ago was lost."""

SCANNED_AT_ONCE = 100
LOOKED_AT_ONCE = 10
"""One call may ask for a hundred things; a look asks for up to nine."""

STEP = timedelta(seconds=10)
REDRAWN_STEP = timedelta(seconds=5)
"""Between two steps through all open tickets, and for each one that was redrawn: an hour has its limits."""


@plugin.every("*/5 * * * *")
def sweep(_slot: Slot, ctx: Context) -> None:
    """Begin a walk through all open tickets when the policy has changed; else look after what was missed."""
    if not any(has_targets(ctx, queue) for queue in ctx.config.targets):
        return
    desk, digest = remembered(ctx), digest_of(ctx)
    if desk.policy != digest:
        desk.policy = digest
        _step_later(ctx, ctx.now, after_id=0)
        return
    _take_up_lost_timers(ctx)
    _take_up_lost_messages(ctx)
    tickets = ctx.open_tickets(desk.scanned_id, SCANNED_AT_ONCE)
    missed = _missed(ctx, tickets)[:LOOKED_AT_ONCE]
    for ticket in missed:
        look_at(ctx, ticket.id)
    is_whole = len(missed) < LOOKED_AT_ONCE
    reached = tickets[-1].id if tickets and is_whole else missed[-1].id if missed else 0
    desk.scanned_id = 0 if is_whole and len(tickets) < SCANNED_AT_ONCE else reached


@plugin.timer("recompute")
def walk(timer: Timer, ctx: Context) -> None:
    """One step of a walk through all open tickets, under the policy of now."""
    tickets = ctx.open_tickets(timer.payload["after_id"], LOOKED_AT_ONCE)
    redrawn = sum(look_at(ctx, ticket.id) for ticket in tickets)
    if len(tickets) == LOOKED_AT_ONCE:
        _step_later(ctx, ctx.now + max(STEP, redrawn * REDRAWN_STEP), after_id=tickets[-1].id)


def digest_of(ctx: Context) -> str:
    """Changes whenever anything in the policy does, but for who is in a user group."""
    stored = ctx.policy.model_dump(mode="json", exclude={"user_groups": True, "queues": {"__all__": {"tiers": True}}})
    tiers = [
        [key, tier.name, tier.channel, tier.lead, tier.budget.total_seconds()]
        for key, queue in ctx.policy.queues.items()
        for tier in queue.tiers
    ]
    return hashlib.sha256(json.dumps([stored, tiers], sort_keys=True).encode()).hexdigest()


def _step_later(ctx: Context, due_at: datetime, *, after_id: int) -> None:
    key = f"{ctx.now.isoformat()}:{after_id}"
    ctx.schedule("recompute", {"after_id": after_id}, due_at=due_at, key=key)


def _missed(ctx: Context, tickets: Sequence[TicketView]) -> list[TicketView]:
    """Those that have changed since they were looked at, or never were."""
    of_tickets = select(Watch.ticket_id, Watch.ticket_version).where(Watch.ticket_id.in_([one.id for one in tickets]))
    seen = {row.ticket_id: row.ticket_version for row in ctx.session.execute(of_tickets)}
    return [
        ticket
        for ticket in tickets
        if seen.get(ticket.id) != ticket.version and (ticket.id in seen or has_targets(ctx, ticket.queue))
    ]


def _take_up_lost_timers(ctx: Context) -> None:
    lost = select(Watch).where(Watch.next_at < ctx.now - LOST_AFTER).order_by(Watch.next_at).limit(LOOKED_AT_ONCE // 2)
    for watch in ctx.session.scalars(lost).all():
        watch.round, watch.next_at = watch.round + 1, None
        look_at(ctx, watch.ticket_id)


def _take_up_lost_messages(ctx: Context) -> None:
    lost = select(Reminder).where(
        Reminder.deliver_at < ctx.now - LOST_AFTER, Reminder.sent_at.is_(None), Reminder.dropped.is_(None)
    )
    for row in ctx.session.scalars(lost.order_by(Reminder.deliver_at).limit(LOOKED_AT_ONCE)).all():
        Reminders(ctx, see(ctx, ctx.ticket(row.ticket_id))).plan(row, row.recipient)
