"""What happens to tickets, as frozen facts. ``slackdesk.tickets.history`` records them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from slackdesk.tickets.model import Priority, Source, Status


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
    """Somebody wrote on the requester's side. ``reopens`` says whether a resolved ticket is reopened by it.

    ``is_thanks``: it only thanks, so that nobody waits for an answer.
    """

    kind = "requester_wrote"
    message_id: int
    reopens: bool
    is_thanks: bool = False


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
class TargetMissed(Event):
    """More time was used than was promised. Whoever measures it says so, once for each ``clock`` and ``cycle``.

    ``clock`` is what is measured: ``first_response``, ``next_response``, ``resolution``, or another word; ``cycle``
    counts how often it has begun, from 1 on. ``queue`` is where the ticket was, ``tier`` the tier that caused it.
    """

    kind = "target_missed"
    clock: str
    cycle: int
    queue: str
    tier: str
    missed_at: datetime


@dataclass(frozen=True)
class TextErased(Event):
    """The personal text of those history entries (by sequence) was erased on request."""

    kind = "text_erased"
    sequences: tuple[int, ...]


EVENTS: dict[str, type[Event]] = {event.kind: event for event in Event.__subclasses__()}
"""Kind → class."""
