"""Measures how soon a request is claimed, and tells the lead of every target that is missed, whoever measured it."""

from datetime import timedelta

from slackdesk.api import Context, DirectMessage, Message, Plugin, TargetMissed, TicketFiled, Timer

plugin = Plugin(name="promptly", version="1.0.0", api=1)


@plugin.on(TicketFiled)
def promise(event: TicketFiled, ctx: Context) -> None:
    """An hour, looked at twice: nobody relies on having looked only once."""
    for hours in (1, 2):
        due_at = event.at + timedelta(hours=hours)
        ctx.schedule("look", {}, due_at=due_at, key=f"{event.ticket_id}:{hours}", ticket_id=event.ticket_id)


@plugin.timer("look")
def look(timer: Timer, ctx: Context) -> None:
    """Nobody has claimed it in time."""
    ticket = ctx.ticket(timer.ticket_id or 0)
    if ticket.assignee is None:
        ctx.record_missed_target(ticket.id, "claim", queue=ticket.queue, tier=ticket.tier, missed_at=timer.due_at)


@plugin.on(TargetMissed)
def tell_lead(event: TargetMissed, ctx: Context) -> None:
    """Of the tier that caused it, once."""
    lead, number = ctx.policy.queue(event.queue).tier(event.tier).lead, ctx.ticket(event.ticket_id).number
    message = Message(f"{number} missed its target: {event.clock}, caused by {event.tier}")
    ctx.say(DirectMessage(lead), message, key=f"{event.ticket_id}:{event.clock}:{event.cycle}")
