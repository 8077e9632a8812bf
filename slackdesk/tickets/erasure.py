"""Erasing a person's text on request, so that numbers and the proof of the history stay whole."""

from typing import Any

from sqlalchemy import or_, select, union, update

from slackdesk.dispatch.model import Work, WorkKind, WorkState
from slackdesk.tickets.events import TextErased
from slackdesk.tickets.history import record
from slackdesk.tickets.model import HistoryEntry, MessageState, Person, Ticket, TicketMessage, TierStay
from slackdesk.tickets.transaction import Transaction

_TEXT_VALUES = frozenset({"reason", "tried", "asked", "text", "resolution"})
"""Values of notices that people wrote."""


def erase_person(tx: Transaction, person: str) -> int:
    """Empty the personal text by and of a person; returns how many tickets were touched.

    Of the person's own requests everything that anybody wrote is emptied, of other tickets what the person wrote.
    Ids, times and counts stay. Messages in Slack itself are not touched: Slack's own tools delete them.
    """
    concerned = union(
        select(Ticket.id).where(or_(Ticket.requester == person, Ticket.resolved_by == person)),
        select(HistoryEntry.ticket_id).where(HistoryEntry.actor == person, HistoryEntry.text.is_not(None)),
        select(TicketMessage.ticket_id).where(TicketMessage.author == person),
        select(TierStay.ticket_id).where(TierStay.handed_by == person),
    )
    ticket_ids = sorted(tx.session.scalars(concerned))
    for ticket_id in ticket_ids:
        _erase_in(tx, tx.session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True), person)
    known = tx.session.get(Person, person)
    if known is not None:
        known.name = known.handle = ""
    return len(ticket_ids)


def _erase_in(tx: Transaction, ticket: Ticket, person: str) -> None:
    own = ticket.requester == person
    if own:
        ticket.title = ticket.description = None
    if own or ticket.resolved_by == person:
        ticket.resolution = None
    _erase_messages(tx, ticket, person, own=own)
    for stay in tx.session.scalars(select(TierStay).where(TierStay.ticket_id == ticket.id)):
        if own or stay.handed_by == person:
            stay.reason = stay.tried = stay.asked = None
    _erase_work(tx, ticket, person, own=own)
    sequences = []
    for entry in tx.session.scalars(
        select(HistoryEntry).where(HistoryEntry.ticket_id == ticket.id, HistoryEntry.text.is_not(None))
    ):
        if own or entry.actor == person:
            entry.text, entry.salt, entry.erased_at = None, None, tx.now
            sequences.append(entry.sequence)
    if sequences:
        record(tx, ticket, TextErased(ticket.id, tx.now, None, sequences=tuple(sorted(sequences))))


def _erase_messages(tx: Transaction, ticket: Ticket, person: str, *, own: bool) -> None:
    for message in tx.session.scalars(select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)):
        if own or message.author == person:
            message.text, message.files = None, []
            if message.state is MessageState.PENDING:
                message.state = MessageState.UNDONE


def _erase_work(tx: Transaction, ticket: Ticket, person: str, *, own: bool) -> None:
    """Rows of work keep what was said for a while: empty the values that people wrote, and Slack's answers."""
    for row in tx.session.scalars(select(Work).where(Work.ticket_id == ticket.id, Work.kind == WorkKind.SEND)):
        values: dict[str, Any] = row.payload.get("values", {})
        if values.keys() & _TEXT_VALUES and (own or person in (values.get("by"), values.get("author"))):
            emptied = {key: "" if key in _TEXT_VALUES else value for key, value in values.items()}
            row.payload = {**row.payload, "values": emptied}
    tx.session.execute(
        update(Work)
        .where(Work.ticket_id == ticket.id, Work.kind == WorkKind.SEND, Work.state == WorkState.DONE)
        .values(result=None),
        execution_options={"synchronize_session": False},
    )
