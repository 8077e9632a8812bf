"""Messages of a conversation: kept, found again, and counted as responses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from slackdesk.errors import NotFound
from slackdesk.tickets.events import ReplySent
from slackdesk.tickets.history import record
from slackdesk.tickets.model import MessageKind, MessageState, Side, Ticket, TicketMessage
from slackdesk.tickets.service.steps import locked
from slackdesk.tickets.text import MAX_TEXT_CHARACTERS, optional
from slackdesk.tickets.transaction import Transaction


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and where in Slack, if it was written as a message there."""

    author: str
    text: str
    files: Sequence[dict[str, Any]] = ()
    channel: str | None = None
    ts: str | None = None

    @classmethod
    def in_slack(cls, author: str, text: str, files: Sequence[dict[str, Any]], channel: str, ts: str) -> "Written":
        """A message of Slack, its text cleaned; raises InvalidInput for one longer than Slack delivers."""
        return cls(author, optional("text", text, MAX_TEXT_CHARACTERS), files, channel, ts)

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.files


def keep(tx: Transaction, ticket: Ticket, side: Side, kind: MessageKind, written: Written) -> TicketMessage:
    """Keep what was written as a message of the ticket, sent already."""
    message = TicketMessage(
        ticket_id=ticket.id,
        side=side,
        kind=kind,
        author=written.author,
        text=written.text,
        files=list(written.files),
        source_channel=written.channel,
        source_ts=written.ts,
        state=MessageState.SENT,
        created_at=tx.now,
        sent_at=tx.now,
    )
    tx.session.add(message)
    tx.session.flush()
    return message


def message_at(tx: Transaction, channel: str, ts: str) -> TicketMessage | None:
    """The message that was written in Slack at that place."""
    return tx.session.scalars(
        select(TicketMessage).where(TicketMessage.source_channel == channel, TicketMessage.source_ts == ts)
    ).one_or_none()


def locked_message(tx: Transaction, message_id: int) -> tuple[TicketMessage, Ticket]:
    """The message as it is once its ticket is locked: undoing and sending never both win. Raises NotFound."""
    message = tx.session.get(TicketMessage, message_id)
    if message is None:
        raise NotFound("That message does not exist any more.")
    ticket = locked(tx, message.ticket_id)
    tx.session.refresh(message)
    return message, ticket


def note_response(tx: Transaction, ticket: Ticket, message: TicketMessage, text: str | None = None) -> None:
    """Record that an answer reached the requester; the first one by somebody else is the first response.

    ``text`` where the history does not have it yet.
    """
    is_first = ticket.first_response_at is None and message.author != ticket.requester
    if is_first:
        ticket.first_response_at = tx.now
    event = ReplySent(ticket.id, tx.now, message.author, message_id=message.id, is_first_response=is_first)
    record(tx, ticket, event, text)
