"""What happens to tickets. Each event becomes one entry of the ticket's history, and work for every subscriber."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from pydantic import TypeAdapter

from slackdesk.dispatch import work
from slackdesk.dispatch.model import WorkKind
from slackdesk.tickets.chain import digest_of, hash_of
from slackdesk.tickets.model import HistoryEntry, Priority, Source, Status, Ticket
from slackdesk.tickets.transaction import Transaction


@dataclass(frozen=True)
class Event:
    """Something that happened. ``at`` is desk time; ``actor`` a user id, None for the desk itself."""

    kind: ClassVar[str]
    ticket_id: int
    at: datetime
    actor: str | None


@dataclass(frozen=True)
class TicketFiled(Event):
    kind = "filed"
    queue: str
    tier: str
    topic: str | None
    priority: Priority
    source: Source
    requester: str
    follows: int | None


@dataclass(frozen=True)
class TicketDescribed(Event):
    """The requester added text or a topic."""

    kind = "described"
    topic: str | None


@dataclass(frozen=True)
class TicketClaimed(Event):
    kind = "claimed"


@dataclass(frozen=True)
class TicketTakenOver(Event):
    kind = "taken_over"
    previous: str


@dataclass(frozen=True)
class TicketAssigned(Event):
    kind = "assigned"
    assignee: str
    previous: str | None


@dataclass(frozen=True)
class PriorityChanged(Event):
    kind = "priority_changed"
    old: Priority
    new: Priority


@dataclass(frozen=True)
class TopicChanged(Event):
    kind = "topic_changed"
    old: str | None
    new: str | None


@dataclass(frozen=True)
class TicketMoved(Event):
    """To another queue."""

    kind = "moved"
    from_queue: str
    from_tier: str
    queue: str
    tier: str
    topic: str | None


@dataclass(frozen=True)
class RequesterAwaited(Event):
    """The ticket waits for the requester."""

    kind = "waiting"


@dataclass(frozen=True)
class TicketHeld(Event):
    kind = "held"


@dataclass(frozen=True)
class TicketResumed(Event):
    kind = "resumed"


@dataclass(frozen=True)
class TicketSnoozed(Event):
    """For the actor only."""

    kind = "snoozed"
    until: datetime


@dataclass(frozen=True)
class TicketEscalated(Event):
    """``by_rule``: because of its priority, not by a hand-off."""

    kind = "escalated"
    from_tier: str
    to_tier: str
    by_rule: bool


@dataclass(frozen=True)
class TicketAccepted(Event):
    kind = "accepted"
    tier: str
    handed_by: str | None


@dataclass(frozen=True)
class TicketSentBack(Event):
    kind = "sent_back"
    from_tier: str
    to_tier: str
    assignee: str | None


@dataclass(frozen=True)
class TicketResolved(Event):
    kind = "resolved"
    topic: str | None


@dataclass(frozen=True)
class ResolutionConfirmed(Event):
    """``votes`` of the ``needed`` validators (one, where the requester alone is asked) have said yes."""

    kind = "confirmed"
    votes: int
    needed: int


@dataclass(frozen=True)
class TicketClosed(Event):
    """``automatically``: nobody answered; otherwise the actor closed it, as its requester, a validator or an agent."""

    kind = "closed"
    automatically: bool


@dataclass(frozen=True)
class TicketReopened(Event):
    kind = "reopened"
    was: Status


@dataclass(frozen=True)
class TicketCancelled(Event):
    kind = "cancelled"


@dataclass(frozen=True)
class TicketMarkedNotARequest(Event):
    kind = "not_a_request"


@dataclass(frozen=True)
class TicketMarkedDuplicate(Event):
    kind = "duplicate"
    of: int


@dataclass(frozen=True)
class RequesterWrote(Event):
    """Somebody wrote on the requester's side. ``reopens`` says whether a resolved ticket is reopened by it."""

    kind = "requester_wrote"
    message_id: int
    reopens: bool


@dataclass(frozen=True)
class MessageEdited(Event):
    kind = "message_edited"
    message_id: int


@dataclass(frozen=True)
class MessageDeleted(Event):
    kind = "message_deleted"
    message_id: int


@dataclass(frozen=True)
class NoteAdded(Event):
    kind = "note_added"
    message_id: int


@dataclass(frozen=True)
class ReplyWritten(Event):
    """It leaves after the time in which it can be undone."""

    kind = "reply_written"
    message_id: int


@dataclass(frozen=True)
class ReplyUndone(Event):
    kind = "reply_undone"
    message_id: int


@dataclass(frozen=True)
class ReplySent(Event):
    kind = "reply_sent"
    message_id: int
    is_first_response: bool


@dataclass(frozen=True)
class TextErased(Event):
    """The personal text of those history entries (by sequence) was erased on request."""

    kind = "text_erased"
    sequences: tuple[int, ...]


EVENTS: dict[str, type[Event]] = {event.kind: event for event in Event.__subclasses__()}
"""Kind → class."""


def record(tx: Transaction, ticket: Ticket, event: Event, text: str | None = None) -> HistoryEntry:
    """Append the event to the ticket's history, and give every subscriber of its kind a row of work.

    ``text`` is the personal text of what happened. The ticket has to be in the status that the event leads to: the
    entry keeps it, so that pauses can be told from the history alone.
    """
    values = _adapter(event.kind).dump_python(event, mode="json")
    entry = _chained(ticket, event, values, text)
    tx.session.add(entry)
    ticket.history_count += 1
    ticket.history_head = entry.hash
    ticket.version += 1
    tx.session.flush()
    for handler in tx.subscribers.get(event.kind, ()):
        added = work.add(
            tx.session,
            kind=WorkKind.HANDLE,
            name=handler,
            payload={"kind": event.kind, "sequence": entry.sequence, "event": values},
            now=tx.now,
            real_now=tx.real_now,
            dedupe_key=f"handle:{handler}:{ticket.id}:{entry.sequence}",
            ticket_id=ticket.id,
        )
        if added is not None:
            tx.work_added.append(added)
    return entry


def event_in(payload: dict[str, Any]) -> Event:
    """The event in the payload of a handler's row of work; raises KeyError for a kind that does not exist."""
    return _adapter(payload["kind"]).validate_python(payload["event"])


def _chained(ticket: Ticket, event: Event, values: dict[str, Any], text: str | None) -> HistoryEntry:
    data = {key: value for key, value in values.items() if key not in ("ticket_id", "at", "actor")}
    data["status"] = str(ticket.status)
    salt = None if text is None else secrets.token_hex(16)
    entry = HistoryEntry(
        ticket_id=ticket.id,
        sequence=ticket.history_count,
        at=event.at,
        actor=event.actor,
        kind=event.kind,
        data=data,
        text=text,
        salt=salt,
        digest="" if text is None or salt is None else digest_of(salt, text),
    )
    entry.hash = entry_hash(entry, ticket.history_head)
    return entry


def entry_hash(entry: HistoryEntry, previous: str, sequence: int | None = None) -> str:
    """The hash that the entry has when it follows ``previous``; as if at ``sequence``, by default its own."""
    return hash_of(
        previous,
        ticket_id=entry.ticket_id,
        sequence=entry.sequence if sequence is None else sequence,
        at=entry.at,
        actor=entry.actor,
        kind=entry.kind,
        data=entry.data,
        digest=entry.digest,
    )


@cache
def _adapter(kind: str) -> TypeAdapter[Event]:
    return TypeAdapter(EVENTS[kind])
