"""Solving a ticket, asking whether it is solved, closing it, and opening it again."""

from datetime import datetime

from sqlalchemy import func, select

from slackdesk.dispatch import work
from slackdesk.dispatch.model import WorkKind
from slackdesk.errors import WrongState
from slackdesk.policy.model import Queue
from slackdesk.tickets import ledger, outgoing
from slackdesk.tickets.events import ResolutionConfirmed, TicketClosed, TicketReopened, TicketResolved
from slackdesk.tickets.history import record
from slackdesk.tickets.model import HistoryEntry, Status, StayBegin, Ticket
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.people import is_guest
from slackdesk.tickets.rights import Action, Role, is_agent_of, roles
from slackdesk.tickets.service.steps import (
    assign,
    follow,
    locked,
    redraw,
    tell_watchers,
    ticket_for,
    topic_named,
)
from slackdesk.tickets.text import optional, required
from slackdesk.tickets.transaction import Transaction

MAX_RESOLUTION_CHARACTERS = 10_000


def resolve_ticket(tx: Transaction, ticket_id: int, actor: str, *, topic: str | None, resolution: str) -> Ticket:
    """Say that it is solved, and how; whoever decides is asked, and no answer closes the ticket after a while.

    The topic may only be missing in a queue without topics. Raises InvalidInput (topic, resolution), NotAllowed,
    WrongState, NotFound.
    """
    ticket = ticket_for(tx, ticket_id, actor, Action.RESOLVE)
    queue = tx.policy.queue(ticket.queue)
    if queue.topics:
        topic = required("topic", topic or "", "Choose the topic: reports count by it.")
    ticket.topic = topic_named(queue, topic) or ticket.topic
    ticket.resolution = required(
        "resolution", resolution, "Say what solved it, so that the next one is faster.", MAX_RESOLUTION_CHARACTERS
    )
    ledger.leave(tx, ticket, Status.RESOLVED)
    follow(ticket, Action.RESOLVE)
    ticket.resolved_at, ticket.resolved_by = tx.now, actor
    record(tx, ticket, TicketResolved(ticket.id, tx.now, actor, topic=ticket.topic), ticket.resolution)
    redraw(tx, ticket)
    outgoing.agents_notice(tx, ticket, Notice.RESOLVED, by=actor, resolution=ticket.resolution)
    tell_watchers(tx, ticket, Notice.RESOLVED, but=actor, by=actor, resolution=ticket.resolution)
    _ask(tx, ticket, queue, actor)
    _close_later(tx, ticket, queue)
    return ticket


def confirm_ticket(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Say yes, it is solved. Closes the ticket once enough of those who are asked have said so.

    Saying it twice changes nothing. Raises WrongState (also for a requester whose queue asks others), NotAllowed,
    NotFound.
    """
    ticket = locked(tx, ticket_id)
    if ticket.status is Status.CLOSED and ticket.closed_by == actor:
        return ticket
    ticket = ticket_for(tx, ticket_id, actor, Action.CONFIRM)
    validation = tx.policy.queue(ticket.queue).validation
    decides = roles(tx.policy, ticket, actor, is_guest=is_guest(tx.session, actor)) & {Role.VALIDATOR, Role.LEAD}
    if validation.by != "requester" and not decides:
        people = ", ".join(f"<@{person}>" for person in validation.people)
        raise WrongState(
            "{number} is confirmed by {people}. If it is not solved, reopen it.", number=ticket.number, people=people
        )
    confirmed = _confirmed_by(tx, ticket)
    if actor in confirmed:
        return ticket
    needed = _needed(validation.by, len(validation.people))
    votes = len(confirmed | {actor})
    event = ResolutionConfirmed(ticket.id, tx.now, actor, votes=votes, needed=needed)
    record(tx, ticket, event)
    if votes >= needed or Role.VALIDATOR not in decides:
        return _close(tx, ticket, actor, Action.CONFIRM)
    outgoing.agents_notice(tx, ticket, Notice.CONFIRMED, by=actor, votes=votes, needed=needed)
    redraw(tx, ticket)
    return ticket


def close_ticket(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Close a resolved ticket without waiting for an answer. Raises NotAllowed, WrongState, NotFound."""
    return _close(tx, ticket_for(tx, ticket_id, actor, Action.CLOSE), actor, Action.CLOSE)


def close_ticket_automatically(tx: Transaction, ticket_id: int, resolved_at: datetime) -> Ticket:
    """Close a ticket about which nobody answered since ``resolved_at``.

    Changes nothing when it was reopened, closed or resolved anew in the meantime. Raises NotFound.
    """
    ticket = locked(tx, ticket_id)
    if ticket.status is Status.RESOLVED and ticket.resolved_at == resolved_at:
        _close(tx, ticket, None, Action.CLOSE)
    return ticket


def reopen_ticket(tx: Transaction, ticket_id: int, actor: str, reason: str | None = None) -> Ticket:
    """Take up a ticket that was resolved, closed or otherwise ended: same tier, same assignee.

    Raises InvalidInput (reason), NotAllowed, WrongState, NotFound.
    """
    reason = optional("reason", reason or "")
    ticket = ticket_for(tx, ticket_id, actor, Action.REOPEN)
    return reopen(tx, ticket, actor, reason)


def reopen(tx: Transaction, ticket: Ticket, actor: str, reason: str = "") -> Ticket:
    """Reopen a ticket whose status was checked already."""
    was = ticket.status
    queue = tx.policy.queue(ticket.queue)
    follow(ticket, Action.REOPEN)
    ticket.reopened_count += 1
    ticket.resolved_at = ticket.resolved_by = ticket.resolution = None
    ticket.closed_at = ticket.closed_by = ticket.duplicate_of = None
    if ticket.assignee is not None and not is_agent_of(queue, ticket.assignee):
        assign(tx, ticket, None)
    work.cancel(tx.session, prefix=_auto_close_prefix(ticket))
    ledger.enter(tx, ticket, StayBegin.REOPENED, handed_by=actor, reason=reason or None)
    record(tx, ticket, TicketReopened(ticket.id, tx.now, actor, was=was), reason or None)
    redraw(tx, ticket)
    if was in (Status.RESOLVED, Status.CLOSED):
        outgoing.question_answered(tx, ticket)
    outgoing.agents_notice(tx, ticket, Notice.REOPENED, by=actor, reason=reason)
    tell_watchers(tx, ticket, Notice.REOPENED, but=actor, also=[ticket.assignee], by=actor, reason=reason)
    if actor != ticket.requester:
        outgoing.requester_notice(tx, ticket, Notice.REOPENED, by=actor, reason="")
    return ticket


def _ask(tx: Transaction, ticket: Ticket, queue: Queue, actor: str) -> None:
    if queue.validation.by == "requester":
        outgoing.question(tx, ticket, tx.now)
        return
    outgoing.requester_notice(tx, ticket, Notice.RESOLVED, by=actor, resolution=ticket.resolution)
    for person in queue.validation.people:
        outgoing.person_notice(tx, ticket, person, Notice.VALIDATION_ASKED, by=actor, resolution=ticket.resolution)


def _close_later(tx: Transaction, ticket: Ticket, queue: Queue) -> None:
    if queue.auto_close is None:
        return
    tx.add_work(
        WorkKind.TIMER,
        "auto_close",
        {"ticket_id": ticket.id, "resolved_at": tx.now.isoformat()},
        dedupe_key=f"{_auto_close_prefix(ticket)}{ticket.version}",
        ticket_id=ticket.id,
        due_at=tx.policy.calendar(queue.key).due(tx.now, queue.auto_close),
    )


def _close(tx: Transaction, ticket: Ticket, actor: str | None, action: Action) -> Ticket:
    """Close; without an actor because nobody answered."""
    follow(ticket, action)
    ticket.closed_at, ticket.closed_by = tx.now, actor
    work.cancel(tx.session, prefix=_auto_close_prefix(ticket))
    record(tx, ticket, TicketClosed(ticket.id, tx.now, actor, automatically=actor is None))
    redraw(tx, ticket)
    outgoing.question_answered(tx, ticket)
    if actor is None:
        auto_close = tx.policy.queue(ticket.queue).auto_close
        hours = round(auto_close.total_seconds() / 3600, 1) if auto_close is not None else 0
        outgoing.agents_notice(tx, ticket, Notice.CLOSED_AUTOMATICALLY, hours=hours)
        outgoing.requester_notice(tx, ticket, Notice.CLOSED_AUTOMATICALLY, hours=hours)
        return ticket
    outgoing.agents_notice(tx, ticket, Notice.CLOSED, by=actor)
    if actor != ticket.requester:
        outgoing.requester_notice(tx, ticket, Notice.CLOSED, by=actor)
    return ticket


def _needed(by: str, people: int) -> int:
    return {"all": people, "majority": people // 2 + 1}.get(by, 1)


def _confirmed_by(tx: Transaction, ticket: Ticket) -> frozenset[str]:
    """Who has said yes since the ticket was resolved last."""
    resolved = (
        select(func.max(HistoryEntry.sequence))
        .where(HistoryEntry.ticket_id == ticket.id, HistoryEntry.kind == TicketResolved.kind)
        .scalar_subquery()
    )
    actors = tx.session.scalars(
        select(HistoryEntry.actor).where(
            HistoryEntry.ticket_id == ticket.id,
            HistoryEntry.kind == ResolutionConfirmed.kind,
            HistoryEntry.sequence > resolved,
        )
    )
    return frozenset(actor for actor in actors if actor is not None)


def _auto_close_prefix(ticket: Ticket) -> str:
    return f"auto_close:{ticket.id}:"
