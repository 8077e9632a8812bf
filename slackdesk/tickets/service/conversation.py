"""What people write: the requester's side, the agents' side, and what crosses over.

Notes never leave the agents' side. A reply crosses by an explicit act, and can be undone for a while.
"""

from collections.abc import Sequence
from typing import Any

from slackdesk.dispatch import work
from slackdesk.dispatch.model import WorkKind
from slackdesk.errors import NotAllowed, WrongState
from slackdesk.tickets import outgoing
from slackdesk.tickets.events import NoteAdded, ReplyUndone, ReplyWritten
from slackdesk.tickets.history import record
from slackdesk.tickets.lifecycle import TRANSITIONS
from slackdesk.tickets.model import MessageKind, MessageState, Side, Ticket, TicketMessage
from slackdesk.tickets.people import is_guest
from slackdesk.tickets.rights import Action, allowed, require
from slackdesk.tickets.service.messages import Written, keep, locked_message, message_at, note_response
from slackdesk.tickets.service.steps import locked, redraw, ticket_for
from slackdesk.tickets.text import MAX_TEXT_CHARACTERS, required
from slackdesk.tickets.transaction import Transaction

_NOTE_MARKS = ("🔒", ":lock:")


def record_agent_message(
    tx: Transaction,
    *,
    ticket_id: int,
    author: str,
    text: str,
    files: Sequence[dict[str, Any]],
    channel: str,
    ts: str,
) -> Ticket:
    """Keep a message of the agents' thread: a note, whoever wrote it; the same message twice changes nothing.

    In a queue that mirrors, a message of somebody who may reply is a reply to the requester, unless it begins with 🔒.
    Raises NotFound.
    """
    ticket = locked(tx, ticket_id)
    written = Written.in_slack(author, text, files, channel, ts)
    if written.is_empty or message_at(tx, channel, ts) is not None:
        return ticket
    mirrors = tx.policy.queue(ticket.queue).conversation == "mirror" and not written.text.startswith(_NOTE_MARKS)
    may_reply = allowed(Action.REPLY, tx.policy, ticket, author, is_guest=is_guest(tx.session, author))
    if mirrors and may_reply and (ticket.status, Action.REPLY) in TRANSITIONS:
        _write_reply(tx, ticket, written, shown_to_agents=True)
        return ticket
    _add_note(tx, ticket, written)
    return ticket


def add_note(tx: Transaction, ticket_id: int, actor: str, text: str) -> Ticket:
    """Add an internal note. Raises InvalidInput (text), NotAllowed, NotFound."""
    text = required("text", text, "Write the note.", MAX_TEXT_CHARACTERS)
    ticket = ticket_for(tx, ticket_id, actor, Action.NOTE)
    note = _add_note(tx, ticket, Written(actor, text))
    outgoing.agents_message(tx, ticket, note)
    return ticket


def reply_to_requester(
    tx: Transaction, ticket_id: int, actor: str, text: str, *, shown_to_agents: bool = False
) -> TicketMessage:
    """Write to the requester; it leaves when it can no longer be undone.

    Colleagues read it in the card's thread once it left; with ``shown_to_agents`` they have read it there already
    (somebody's own message was sent on). Raises InvalidInput (text), NotAllowed, WrongState, NotFound.
    """
    text = required("text", text, "Write what the requester shall read.", MAX_TEXT_CHARACTERS)
    ticket = ticket_for(tx, ticket_id, actor, Action.REPLY)
    return _write_reply(tx, ticket, Written(actor, text), shown_to_agents=shown_to_agents)


def undo_reply(tx: Transaction, message_id: int, actor: str) -> TicketMessage:
    """Take back a reply that has not left yet. Raises WrongState when it has left, NotAllowed, NotFound."""
    message, ticket = locked_message(tx, message_id)
    if message.author != actor:
        require(Action.VIEW, tx.policy, ticket, actor, is_guest=is_guest(tx.session, actor))
        raise NotAllowed("Only <@{author}>, who wrote it, can undo this reply.", author=message.author)
    if message.state is MessageState.SENT:
        raise WrongState(
            "Too late to undo: <@{requester}> has the reply already. Write another one to correct it.",
            requester=ticket.requester,
        )
    if message.state is MessageState.UNDONE:
        return message
    message.state = MessageState.UNDONE
    work.cancel(tx.session, _send_reply_key(message))
    record(tx, ticket, ReplyUndone(ticket.id, tx.now, actor, message_id=message.id))
    redraw(tx, ticket)
    return message


def send_reply_now(tx: Transaction, message_id: int, *, shown_to_agents: bool) -> TicketMessage:
    """Let a pending reply leave: now it counts as a response. Changes nothing when it left or was undone."""
    message, ticket = locked_message(tx, message_id)
    if message.state is not MessageState.PENDING:
        return message
    message.state, message.sent_at = MessageState.SENT, tx.now
    note_response(tx, ticket, message)
    outgoing.requester_message(tx, ticket, message)
    if not shown_to_agents:
        outgoing.agents_message(tx, ticket, message)
    redraw(tx, ticket)
    return message


def _write_reply(tx: Transaction, ticket: Ticket, written: Written, *, shown_to_agents: bool) -> TicketMessage:
    message = keep(tx, ticket, Side.AGENTS, MessageKind.REPLY, written)
    message.state, message.sent_at = MessageState.PENDING, None
    record(tx, ticket, ReplyWritten(ticket.id, tx.now, written.author, message_id=message.id), written.text)
    tx.add_work(
        WorkKind.TIMER,
        "send_reply",
        {"message_id": message.id, "shown_to_agents": shown_to_agents},
        dedupe_key=_send_reply_key(message),
        stream=f"ticket:{ticket.id}:replies",  # the one written first leaves first, whichever worker is faster
        ticket_id=ticket.id,
        not_before=tx.real_now + tx.undo,
    )
    outgoing.reply_pending(tx, ticket, message)
    return message


def _add_note(tx: Transaction, ticket: Ticket, written: Written) -> TicketMessage:
    note = keep(tx, ticket, Side.AGENTS, MessageKind.NOTE, written)
    record(tx, ticket, NoteAdded(ticket.id, tx.now, written.author, message_id=note.id), written.text)
    return note


def _send_reply_key(message: TicketMessage) -> str:
    return f"send_reply:{message.id}"
