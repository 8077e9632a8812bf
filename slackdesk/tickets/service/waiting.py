"""Waiting for somebody, going on, and hiding a ticket from one's own list."""

from datetime import datetime

from slackdesk.errors import InvalidInput
from slackdesk.tickets import outgoing
from slackdesk.tickets.events import RequesterAwaited, TicketHeld, TicketResumed, TicketSnoozed
from slackdesk.tickets.history import record
from slackdesk.tickets.model import Snooze, Ticket
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.rights import Action
from slackdesk.tickets.service.steps import follow, redraw, ticket_for
from slackdesk.tickets.text import required
from slackdesk.tickets.transaction import Transaction


def wait_for_requester(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Wait for the requester, whose next message puts the ticket back in progress. The tier's time stands still.

    Raises NotAllowed, WrongState, NotFound.
    """
    ticket = ticket_for(tx, ticket_id, actor, Action.WAIT)
    follow(ticket, Action.WAIT)
    record(tx, ticket, RequesterAwaited(ticket.id, tx.now, actor))
    redraw(tx, ticket)
    outgoing.requester_notice(tx, ticket, Notice.WAITING, by=actor)
    return ticket


def hold_ticket(tx: Transaction, ticket_id: int, actor: str, reason: str) -> Ticket:
    """Wait for somebody or something else; the reason stays with the agents. The tier's time stands still.

    Raises InvalidInput (reason), NotAllowed, WrongState, NotFound.
    """
    reason = required("reason", reason, "Say what this waits for.")
    ticket = ticket_for(tx, ticket_id, actor, Action.HOLD)
    follow(ticket, Action.HOLD)
    record(tx, ticket, TicketHeld(ticket.id, tx.now, actor), reason)
    redraw(tx, ticket)
    outgoing.agents_notice(tx, ticket, Notice.HELD, by=actor, reason=reason)
    return ticket


def resume_ticket(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Go on with a ticket that was waiting or on hold. Raises NotAllowed, WrongState, NotFound."""
    ticket = ticket_for(tx, ticket_id, actor, Action.RESUME)
    follow(ticket, Action.RESUME)
    ticket.promised_from = tx.now
    record(tx, ticket, TicketResumed(ticket.id, tx.now, actor))
    redraw(tx, ticket)
    return ticket


def snooze_ticket(tx: Transaction, ticket_id: int, actor: str, until: datetime) -> Ticket:
    """Hide the ticket from the actor's list, and mute reminders to the actor, until then; its clocks run on.

    ``until`` is desk time. Raises InvalidInput (until), NotAllowed, WrongState, NotFound.
    """
    if until <= tx.now:
        raise InvalidInput("until", "That time has passed. Give one in the future, such as 2h or tomorrow 9:00.")
    ticket = ticket_for(tx, ticket_id, actor, Action.SNOOZE)
    tx.session.merge(Snooze(ticket_id=ticket.id, person=actor, until=until))
    record(tx, ticket, TicketSnoozed(ticket.id, tx.now, actor, until=until))
    outgoing.home(tx, actor)
    return ticket
