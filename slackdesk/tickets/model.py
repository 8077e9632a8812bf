"""The tables of tickets. Only ``slackdesk.tickets.service`` writes them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Enum, ForeignKey, Index, String, TextClause, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from slackdesk.database import Base


class Status(StrEnum):
    """Where a ticket is in its life."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    """For the requester."""
    ON_HOLD = "on_hold"
    """For somebody or something else."""
    RESOLVED = "resolved"
    """Solved in the agent's eyes; the requester is asked."""
    CLOSED = "closed"
    NOT_A_REQUEST = "not_a_request"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    """How soon."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Source(StrEnum):
    """Through which door a ticket was filed."""

    FORM = "form"
    QUICK = "quick"
    """Text behind the slash command."""
    SHORTCUT = "shortcut"
    HOME = "home"
    DIRECT_MESSAGE = "direct_message"
    CHANNEL = "channel"
    REACTION = "reaction"


class Side(StrEnum):
    """Whose thread a message belongs to."""

    REQUESTER = "requester"
    AGENTS = "agents"


class MessageKind(StrEnum):
    """What a message in a ticket's conversation is."""

    REQUEST = "request"
    MESSAGE = "message"
    """From the requester's side."""
    REPLY = "reply"
    """From an agent to the requester."""
    NOTE = "note"
    """Internal: never leaves the agents' side."""


class StayBegin(StrEnum):
    """How a ticket came into a tier."""

    FILED = "filed"
    ESCALATED = "escalated"
    SENT_BACK = "sent_back"
    REOPENED = "reopened"
    MOVED = "moved"
    """From another queue, by a change of topic."""


class MessageState(StrEnum):
    """What became of a message; only replies to the requester are ever anything but sent."""

    PENDING = "pending"
    """Can be undone."""
    SENT = "sent"
    UNDONE = "undone"


def _enum(of: type[StrEnum], length: int) -> Enum:
    """A column of short text that is read as a member of the enumeration."""
    return Enum(of, native_enum=False, length=length, values_callable=lambda members: list(map(str, members)))


def still_open_sql() -> TextClause:
    """The condition for tickets that are open (``lifecycle.OPEN``), for a walk through all of them.

    With literals: the index of open tickets is used only by a query that repeats its condition.
    """
    return text("ticket.status IN ('new', 'in_progress', 'waiting', 'on_hold')")


_STILL_OPEN = text(still_open_sql().text.removeprefix("ticket."))
_ANSWERED = text("first_response_at IS NOT NULL")
_FIRST_RESPONSE = ("ix_ticket_first_response_at", "first_response_at", "queue", "created_at", "id")
_ACCEPTED = text("accepted_at IS NOT NULL")
_HISTORY_KIND_AT = ("ix_history_kind_at", "kind", "at", "ticket_id", "sequence")


class Person(Base):
    """What the desk remembers of a Slack user; refreshed from Slack."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    handle: Mapped[str]
    timezone: Mapped[str] = mapped_column(default="UTC")
    locale: Mapped[str] = mapped_column(default="en")
    """``en`` or ``id``…: the language part of Slack's locale."""
    is_guest: Mapped[bool] = mapped_column(default=False)
    is_bot: Mapped[bool] = mapped_column(default=False)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    refreshed_at: Mapped[datetime]


class Ticket(Base):
    """One request. Personal text (title, description, resolution) is empty once it was erased."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_requester", "requester", "status"),
        Index("ix_ticket_queue", "queue", "tier", "status"),
        Index("ix_ticket_assignee", "assignee", "status"),
        Index("ix_ticket_created_at", "created_at"),
        Index("ix_ticket_id_queue", "id", "queue", "created_at"),  # reports need no more of a ticket
        Index(*_FIRST_RESPONSE, sqlite_where=_ANSWERED, postgresql_where=_ANSWERED),
        Index("ix_ticket_open", "id", sqlite_where=_STILL_OPEN, postgresql_where=_STILL_OPEN),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    prefix: Mapped[str]
    queue: Mapped[str]
    """Key of the queue in the policy."""
    tier: Mapped[str]
    """Name of the current tier."""
    status: Mapped[Status] = mapped_column(_enum(Status, 20), default=Status.NEW)
    priority: Mapped[Priority] = mapped_column(_enum(Priority, 10), default=Priority.NORMAL)
    topic: Mapped[str | None]
    title: Mapped[str | None]
    """One line, at most 150 characters."""
    description: Mapped[str | None]
    """What was asked, whole."""
    requester: Mapped[str]
    filed_by: Mapped[str]
    """Who filed it; another person than the requester when on behalf of somebody."""
    assignee: Mapped[str | None]
    assigned_at: Mapped[datetime | None]
    private: Mapped[bool] = mapped_column(default=False)
    source: Mapped[Source] = mapped_column(_enum(Source, 20))
    source_channel: Mapped[str | None]
    source_ts: Mapped[str | None]
    """Root message when filed in a channel: its thread is then the requester's side."""
    created_at: Mapped[datetime]
    promised_from: Mapped[datetime]
    """From when the promised answer counts: the filing, a hand-off, or a message that the desk has to answer."""
    first_response_at: Mapped[datetime | None]
    """When the first answer of an agent was sent to the requester."""
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolution: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    """Empty on a closed ticket: closed automatically."""
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    follows: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    """The closed ticket on which the requester wrote again."""
    reopened_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes: a button carries the version it was drawn with only where staleness matters."""
    history_count: Mapped[int] = mapped_column(default=0)
    history_head: Mapped[str] = mapped_column(default="")
    """Hash of the newest history entry: a cut tail shows."""

    @property
    def number(self) -> str:
        """What people call it, such as ``IT-42``."""
        return f"{self.prefix}-{self.id}"


class TicketMessage(Base):
    """One message of a ticket's conversation."""

    __tablename__ = "ticket_message"
    __table_args__ = (UniqueConstraint("source_channel", "source_ts"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    side: Mapped[Side] = mapped_column(_enum(Side, 10))
    kind: Mapped[MessageKind] = mapped_column(_enum(MessageKind, 10))
    author: Mapped[str]
    text: Mapped[str | None]
    files: Mapped[list[Any]]
    """``{"id", "name", "mimetype", "size_bytes", "permalink"}`` each."""
    source_channel: Mapped[str | None]
    source_ts: Mapped[str | None]
    """Where the person wrote it, when it was written as a Slack message."""
    state: Mapped[MessageState] = mapped_column(_enum(MessageState, 10), default=MessageState.SENT)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """When its author deleted it in Slack; the text is empty since then."""


class Posting(Base):
    """A message of ours in Slack that belongs to a ticket: where it is, and what it is."""

    __tablename__ = "posting"
    __table_args__ = (UniqueConstraint("channel", "ts"), Index("ix_posting_ticket_kind", "ticket_id", "kind", "tier"))
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str] = mapped_column(String(20))
    """``card`` (agents' side, one per tier), ``root`` (requester's side), ``question``, ``reply``, ``copy`` …;
    ``source`` is the person's own message that a ticket was filed from."""
    tier: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_message.id"))
    channel: Mapped[str]
    ts: Mapped[str]
    thread_ts: Mapped[str | None]


class TierStay(Base):
    """The ledger: one stay of a ticket in a tier, from the hand-off on."""

    __tablename__ = "tier_stay"
    __table_args__ = (  # what reports count by stands in the indexes
        Index("ix_tier_stay_ticket_id", "ticket_id", "id", "business_seconds"),
        Index("ix_tier_stay_entered_at", "entered_at", "queue", "tier", "entered_how"),
        Index("ix_tier_stay_left_at", "left_at", "queue", "tier", "left_how"),
        Index("ix_tier_stay_accepted_at", "accepted_at", sqlite_where=_ACCEPTED, postgresql_where=_ACCEPTED),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    queue: Mapped[str]
    tier: Mapped[str]
    entered_at: Mapped[datetime]
    entered_how: Mapped[StayBegin] = mapped_column(_enum(StayBegin, 20))
    handed_by: Mapped[str | None]
    reason: Mapped[str | None]
    tried: Mapped[str | None]
    asked: Mapped[str | None]
    accepted_by: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    left_how: Mapped[str | None] = mapped_column(String(20))
    """``escalated`` | ``sent_back`` | ``moved``, or the status that ended it."""
    business_seconds: Mapped[int | None]
    """Business time of the stay without waiting and hold, filled when it ends."""
    budget_seconds: Mapped[int]


class HistoryEntry(Base):
    """One thing that happened to a ticket; append-only, chained by hashes (see ``slackdesk.tickets.audit``)."""

    __tablename__ = "history"
    __table_args__ = (UniqueConstraint("ticket_id", "sequence"), Index(*_HISTORY_KIND_AT))
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str | None]
    """Slack user, or empty for the desk itself."""
    kind: Mapped[str] = mapped_column(String(30))
    data: Mapped[dict[str, Any]]
    """Nothing personal but ids."""
    text: Mapped[str | None]
    """Personal text; empty once erased."""
    salt: Mapped[str | None]
    digest: Mapped[str]
    """Salted digest of the text: the chain covers it, so erasing the text and the salt keeps the chain whole."""
    erased_at: Mapped[datetime | None]
    hash: Mapped[str]


class Watcher(Base):
    """Somebody who is told of what becomes of a ticket (whoever handed it up)."""

    __tablename__ = "watcher"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class Snooze(Base):
    """Hidden from one person's list, and reminders to that person muted, until then; clocks run on."""

    __tablename__ = "snooze"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
