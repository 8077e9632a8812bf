"""Sends the lead and the requester of each new ticket a message with everything that the desk offers as a button."""

from slackdesk.api import Action, Context, DirectMessage, Message, Plugin, TicketFiled, actions, desk_button

OFFERED = [action for action in Action if action.name not in {"MESSAGE", "DESCRIBE", "CANCEL", "TAKE_OVER", "MOVE"}]
OFFERED.remove(Action.NOT_A_REQUEST)

plugin = Plugin(name="buttons", version="1.0.0", api=1)


@plugin.on(TicketFiled)
def offer(event: TicketFiled, ctx: Context) -> None:
    """To the lead, and to whoever filed it."""
    ticket = ctx.ticket(event.ticket_id)
    lead = ctx.policy.queue(ticket.queue).tier(ticket.tier).lead
    row = [desk_button(one, ticket.id, one.name, about=f"{one.name}: {ticket.number}") for one in OFFERED]
    message = Message(f"Everything about {ticket.number}", actions("everything", ticket.version, row))
    for person in (lead, ticket.requester):
        ctx.say(DirectMessage(person), message, key=f"{ticket.number}:{person}")
