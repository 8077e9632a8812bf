"""What is written, edited and deleted on the requester's side."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from slackdesk.tickets import outgoing
from slackdesk.tickets.events import MessageDeleted, MessageEdited, RequesterWrote
from slackdesk.tickets.history import record
from slackdesk.tickets.model import MessageKind, Side, Source, Status, Ticket, TicketMessage
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.people import is_guest
from slackdesk.tickets.rights import Action, allowed
from slackdesk.tickets.service.filing import file_ticket
from slackdesk.tickets.service.messages import Written, keep, locked_message, message_at, note_response
from slackdesk.tickets.service.resolution import reopen
from slackdesk.tickets.service.steps import follow, locked, redraw
from slackdesk.tickets.text import MAX_TEXT_CHARACTERS, optional, same_request
from slackdesk.tickets.thanks import is_thanks
from slackdesk.tickets.transaction import Transaction

FOLLOWED_UP = frozenset({Status.CLOSED, Status.NOT_A_REQUEST, Status.CANCELLED})
"""A requester's message on such a ticket files another one that is linked to it."""


def record_requester_message(
    tx: Transaction,
    *,
    ticket_id: int,
    author: str,
    text: str,
    files: Sequence[dict[str, Any]],
    channel: str,
    ts: str,
    arrived_at: datetime | None = None,
) -> Ticket:
    """Keep a message of the requester's thread and show it to the agents; the same message twice changes nothing.

    The requester's message puts a waiting ticket back in progress and reopens a resolved one unless it is mere thanks;
    on an ended one it files a linked ticket, which is returned (later messages go there too). Somebody else may write
    in a channel's thread: that changes no status, and an agent's counts as a response. What ``arrived_at`` (desk time)
    before the ticket was resolved or closed says nothing against that. Raises NotFound.
    """
    ticket = locked(tx, ticket_id)
    known = message_at(tx, channel, ts)
    if known is not None:
        return ticket if known.ticket_id == ticket.id else locked(tx, known.ticket_id)
    written = Written.in_slack(author, text, files, channel, ts)
    if written.is_empty:
        return ticket
    ticket = _taken_up(tx, ticket)
    if author != ticket.requester:
        return _bystander(tx, ticket, written)
    ended_at = ticket.closed_at or ticket.resolved_at
    came_before = arrived_at is not None and ended_at is not None and arrived_at < ended_at
    objects = not came_before and not (is_thanks(written.text) and not files)
    if ticket.status in FOLLOWED_UP and objects:
        return _follow_up(tx, ticket, written, channel, ts)
    reopens = ticket.status is Status.RESOLVED and objects
    was_waiting = ticket.status is Status.WAITING
    follow(ticket, Action.MESSAGE)
    message = keep(tx, ticket, Side.REQUESTER, MessageKind.MESSAGE, written)
    if was_waiting:
        ticket.promised_from = tx.now
    event = RequesterWrote(ticket.id, tx.now, author, message_id=message.id, reopens=reopens)
    record(tx, ticket, event, written.text)
    outgoing.agents_message(tx, ticket, message)
    if reopens:
        reopen(tx, ticket, author)
    else:
        redraw(tx, ticket)
    return ticket


def edit_message(tx: Transaction, *, channel: str, ts: str, text: str) -> Ticket | None:
    """Keep the new text of a message that its author edited in Slack, and show the edit to the agents.

    Editing the message that a ticket was filed from edits its description. Returns None for an unknown message.
    """
    found = _locked_at(tx, channel, ts)
    if found is None:
        return None
    message, ticket = found
    text = optional("text", text, MAX_TEXT_CHARACTERS)
    if same_request(message.text or "", text):
        return ticket
    message.text, message.edited_at = text, tx.now
    if message.kind is MessageKind.REQUEST:
        ticket.description = text
    record(tx, ticket, MessageEdited(ticket.id, tx.now, message.author, message_id=message.id), text)
    if message.side is Side.REQUESTER:
        outgoing.agents_notice(tx, ticket, Notice.MESSAGE_EDITED, author=message.author, text=text)
    redraw(tx, ticket)
    return ticket


def delete_message(tx: Transaction, *, channel: str, ts: str) -> Ticket | None:
    """Empty a message that its author deleted in Slack; a request's description stays, the agents work on it.

    Returns None for an unknown message.
    """
    found = _locked_at(tx, channel, ts)
    if found is None:
        return None
    message, ticket = found
    if message.deleted_at is not None:
        return ticket
    message.text, message.files, message.deleted_at = None, [], tx.now
    record(tx, ticket, MessageDeleted(ticket.id, tx.now, message.author, message_id=message.id))
    if message.side is Side.REQUESTER:
        outgoing.agents_notice(tx, ticket, Notice.MESSAGE_DELETED, author=message.author)
    redraw(tx, ticket)
    return ticket


def lose_source(tx: Transaction, ticket_id: int) -> None:
    """The message that was made a ticket is gone: from now on the requester's side is a direct message."""
    ticket = locked(tx, ticket_id)
    ticket.source_channel = ticket.source_ts = None


def _locked_at(tx: Transaction, channel: str, ts: str) -> tuple[TicketMessage, Ticket] | None:
    message = message_at(tx, channel, ts)
    if message is None:
        return None
    return locked_message(tx, message.id)


def _taken_up(tx: Transaction, ticket: Ticket) -> Ticket:
    """The open ticket in which an ended one goes on, if there is one; else the ticket itself."""
    while ticket.status in FOLLOWED_UP:
        follower = tx.session.scalars(
            select(Ticket.id)
            .where(Ticket.follows == ticket.id, Ticket.requester == ticket.requester)
            .order_by(Ticket.id.desc())
        ).first()
        if follower is None:
            return ticket
        ticket = locked(tx, follower)
    return ticket


def _follow_up(tx: Transaction, ticket: Ticket, written: Written, channel: str, ts: str) -> Ticket:
    in_channel = ticket.source_channel is not None and channel == ticket.source_channel
    filed = file_ticket(
        tx,
        requester=ticket.requester,
        filed_by=ticket.requester,
        queue=ticket.queue,
        topic=ticket.topic if ticket.topic in tx.policy.queue(ticket.queue).topics else None,
        text=written.text,
        files=written.files,
        priority=ticket.priority,
        source=Source.CHANNEL if in_channel else Source.DIRECT_MESSAGE,
        source_channel=ticket.source_channel if in_channel else None,
        source_ts=ticket.source_ts if in_channel else None,
        follows=ticket.id,
    ).ticket
    request = tx.session.scalars(select(TicketMessage).where(TicketMessage.ticket_id == filed.id)).first()
    if request is not None and request.source_ts is None:
        request.source_channel, request.source_ts = channel, ts
    if not in_channel:
        outgoing.requester_notice(tx, ticket, Notice.FOLLOW_UP, number=filed.number)
    return filed


def _bystander(tx: Transaction, ticket: Ticket, written: Written) -> Ticket:
    """Keep what somebody other than the requester wrote in the requester's thread."""
    author = written.author
    answers = allowed(Action.REPLY, tx.policy, ticket, author, is_guest=is_guest(tx.session, author))
    message = keep(tx, ticket, Side.REQUESTER, MessageKind.REPLY if answers else MessageKind.MESSAGE, written)
    if answers:
        note_response(tx, ticket, message, written.text)
    else:
        event = RequesterWrote(ticket.id, tx.now, author, message_id=message.id, reopens=False)
        record(tx, ticket, event, written.text)
    outgoing.agents_message(tx, ticket, message)
    redraw(tx, ticket)
    return ticket
