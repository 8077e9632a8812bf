"""Ending a ticket otherwise than by solving it: cancelled, not a request, a duplicate."""

from slackdesk.errors import InvalidInput, NotFound
from slackdesk.tickets import ledger, outgoing
from slackdesk.tickets.events import Event, TicketCancelled, TicketMarkedDuplicate, TicketMarkedNotARequest
from slackdesk.tickets.history import record
from slackdesk.tickets.lifecycle import TRANSITIONS
from slackdesk.tickets.model import Status, Ticket
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.rights import Action, require
from slackdesk.tickets.service.steps import locked, redraw, tell_watchers, ticket_for
from slackdesk.tickets.transaction import Transaction


def cancel_ticket(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Withdraw one's own request; the assignee is told. Raises NotAllowed, WrongState, NotFound."""
    ticket = ticket_for(tx, ticket_id, actor, Action.CANCEL)
    _end(tx, ticket, Action.CANCEL, TicketCancelled(ticket.id, tx.now, actor))
    outgoing.agents_notice(tx, ticket, Notice.CANCELLED, by=actor)
    tell_watchers(tx, ticket, Notice.CANCELLED, but=actor, also=[ticket.assignee], by=actor)
    return ticket


def mark_not_a_request(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """End a ticket that asks for nothing; the requester is told and may reopen it.

    Raises NotAllowed, WrongState, NotFound.
    """
    ticket = ticket_for(tx, ticket_id, actor, Action.NOT_A_REQUEST)
    _end(tx, ticket, Action.NOT_A_REQUEST, TicketMarkedNotARequest(ticket.id, tx.now, actor))
    outgoing.agents_notice(tx, ticket, Notice.NOT_A_REQUEST, by=actor)
    outgoing.requester_notice(tx, ticket, Notice.NOT_A_REQUEST, by=actor)
    return ticket


def mark_duplicate(tx: Transaction, ticket_id: int, actor: str, of: int) -> Ticket:
    """End a ticket because another one is about the same; the requester is told, no text is copied.

    ``of`` is the other ticket's id. Raises InvalidInput (of) for itself, for one that is a duplicate itself (so no
    circle can arise) or was cancelled; NotAllowed, WrongState, NotFound.
    """
    for one in sorted({ticket_id, of}):  # in one order everywhere, so that two of these never wait for each other
        locked(tx, one)
    ticket = ticket_for(tx, ticket_id, actor, Action.DUPLICATE)
    other = _original(tx, ticket, actor, of)
    ticket.duplicate_of = other.id
    _end(tx, ticket, Action.DUPLICATE, TicketMarkedDuplicate(ticket.id, tx.now, actor, of=other.id))
    outgoing.agents_notice(tx, ticket, Notice.DUPLICATE, by=actor, of=other.number)
    told = other.number if not other.private or other.requester == ticket.requester else ""
    outgoing.requester_notice(tx, ticket, Notice.DUPLICATE, by=actor, of=told)
    return ticket


def _original(tx: Transaction, ticket: Ticket, actor: str, of: int) -> Ticket:
    if of == ticket.id:
        raise InvalidInput("of", "{number} cannot be a duplicate of itself.", number=ticket.number)
    other = tx.session.get(Ticket, of)
    if other is None:
        raise NotFound("There is no ticket {id}. Type /ticket mine for your own.", id=of)
    require(Action.VIEW, tx.policy, other, actor)
    if other.status is Status.DUPLICATE:
        raise InvalidInput(
            "of",
            "{other} is itself a duplicate of ticket {id}. Name that one.",
            other=other.number,
            id=other.duplicate_of,
        )
    if other.status in (Status.CANCELLED, Status.NOT_A_REQUEST):
        raise InvalidInput("of", "Nobody works on {other}: it was ended. Name another one.", other=other.number)
    return other


def _end(tx: Transaction, ticket: Ticket, action: Action, event: Event) -> None:
    target = TRANSITIONS[ticket.status, action]
    ledger.leave(tx, ticket, target)
    ticket.status = target
    ticket.closed_at, ticket.closed_by = tx.now, event.actor
    record(tx, ticket, event)
    redraw(tx, ticket)
