"""Erasing a person's text on request, so that numbers and the proof of the history stay whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from slackdesk.dispatch.inbox import forget_answers
from slackdesk.tickets.erasing_work import erase_waiting, erase_work_of
from slackdesk.tickets.events import TextErased
from slackdesk.tickets.history import record
from slackdesk.tickets.model import (
    HistoryEntry,
    MessageKind,
    MessageState,
    Person,
    Source,
    Ticket,
    TicketMessage,
    TierStay,
)
from slackdesk.tickets.transaction import Transaction

_TYPED = (Source.FORM, Source.QUICK, Source.HOME)
"""Where whoever files on behalf of somebody writes the request; elsewhere it is that person's own message."""


@dataclass(frozen=True)
class ErasedText:
    """What an erasure came to."""

    ticket_ids: tuple[int, ...]
    """The person's own requests, and the tickets in which the person wrote; also those that were erased before."""
    unsaid: tuple[tuple[str, str], ...]
    """Plugin and key of messages that waited and may have said something of it: they say it no more."""


def erase_person(tx: Transaction, person: str) -> ErasedText:
    """Empty the personal text by and of a person.

    Of the person's own requests everything that anybody wrote is emptied, of other tickets what the person wrote.
    Ids, times and counts stay. What waits to be said says nothing of it any more. Messages in Slack itself are not
    touched: Slack's own tools delete them.
    """
    concerned = union(
        select(Ticket.id).where(or_(Ticket.requester == person, Ticket.filed_by == person)),
        select(Ticket.id).where(Ticket.resolved_by == person),
        select(HistoryEntry.ticket_id).where(HistoryEntry.actor == person, HistoryEntry.text.is_not(None)),
        select(TicketMessage.ticket_id).where(TicketMessage.author == person),
        select(TierStay.ticket_id).where(TierStay.handed_by == person),
    )
    ticket_ids = tuple(sorted(tx.session.scalars(concerned)))
    for ticket_id in ticket_ids:
        _erase_in(tx, tx.session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True), person)
    known = tx.session.get(Person, person)
    if known is not None:
        known.name = known.handle = ""
    forget_answers(tx.session)
    return ErasedText(ticket_ids, tuple(erase_waiting(tx, person, frozenset(ticket_ids))))


def was_erased_since(session: Session, ticket_ids: Iterable[int], since: datetime) -> bool:
    """Whether text of one of these tickets was erased at that desk time or later."""
    erased = select(HistoryEntry.id).where(
        HistoryEntry.kind == TextErased.kind, HistoryEntry.at >= since, HistoryEntry.ticket_id.in_(ticket_ids)
    )
    return session.scalars(erased.limit(1)).first() is not None


def _erase_in(tx: Transaction, ticket: Ticket, person: str) -> None:
    own = ticket.requester == person
    typed_it = own or (ticket.filed_by == person and ticket.source in _TYPED)
    if typed_it:
        ticket.title = ticket.description = None
    if own or ticket.resolved_by == person:
        ticket.resolution = None
    for message in tx.session.scalars(select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)):
        if own or message.author == person or (typed_it and message.kind is MessageKind.REQUEST):
            _erase_message(message)
    for stay in tx.session.scalars(select(TierStay).where(TierStay.ticket_id == ticket.id)):
        if own or stay.handed_by == person:
            stay.reason = stay.tried = stay.asked = None
    erase_work_of(tx, ticket, person, own=own)
    sequences = []
    for entry in tx.session.scalars(
        select(HistoryEntry).where(HistoryEntry.ticket_id == ticket.id, HistoryEntry.text.is_not(None))
    ):
        if own or entry.actor == person:
            entry.text, entry.salt, entry.erased_at = None, None, tx.now
            sequences.append(entry.sequence)
    if sequences:
        record(tx, ticket, TextErased(ticket.id, tx.now, None, sequences=tuple(sorted(sequences))))


def _erase_message(message: TicketMessage) -> None:
    message.text, message.files = None, []
    if message.state is MessageState.PENDING:
        message.state = MessageState.UNDONE
