"""The plugin's own tables. What clocks say is always computed from the history; here is what was done about it."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slackdesk.api import OwnTables


class Base(OwnTables, DeclarativeBase):
    """Of the tables of this plugin."""


class Watch(Base):
    """One ticket with targets: what was seen of it last, and when it is looked at next."""

    __tablename__ = "sla_ticket"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(default=0)
    """Counts the timers of the ticket: the key of one that ran is never used again."""
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the timer of this round runs; None: nothing is due."""
    judged_until: Mapped[datetime]
    """Breaches up to then were judged, by the policy of then."""
    ticket_version: Mapped[int]
    badge: Mapped[str | None]
    """Name of the badge as of ``ticket_version``; one that is running becomes overdue at ``late_from``."""
    late_from: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """Of the promise that was shown last."""


class Breach(Base):
    """A clock used more than its target. Rows are never changed, whatever becomes of the ticket."""

    __tablename__ = "sla_breach"
    __table_args__ = (Index("ix_sla_breach_at", "at", "queue", "tier"),)  # what summaries count by
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    clock: Mapped[str] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str]
    priority: Mapped[str]
    tier: Mapped[str]
    """The tier that caused it."""
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    target_seconds: Mapped[int]


class Result(Base):
    """What a clock had come to when it stopped. Rows are never changed: a resolution that is taken back by a reopen,
    and comes again, has one row for each. Whether a stop still counts at an instant is told by the ledger of stays."""

    __tablename__ = "sla_result"
    __table_args__ = (Index("ix_sla_result_stopped_at", "stopped_at", "queue", "clock", "is_met"),)
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    clock: Mapped[str] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stopped_at: Mapped[datetime] = mapped_column(primary_key=True)
    queue: Mapped[str]
    priority: Mapped[str]
    tier: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    target_seconds: Mapped[int]
    used_seconds: Mapped[int]
    is_met: Mapped[bool]


class Reminder(Base):
    """Something to be said once: about a clock at a level, about a breach, about a tier's budget."""

    __tablename__ = "sla_reminder"
    __table_args__ = (
        UniqueConstraint("ticket_id", "clock", "cycle", "level"),
        Index("ix_sla_reminder_delivery", "delivery"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int]
    clock: Mapped[str]
    """A clock, or ``tier``: a stay beyond its budget."""
    cycle: Mapped[int]
    """Of the clock; of a stay, its number."""
    level: Mapped[int]
    """Percent of the target; 100 is the breach, what is above counts the reminders after it."""
    recipient: Mapped[str]
    """User id, or id of a tier's channel."""
    delivery: Mapped[str | None]
    """Recipient and minute of the message that says it."""
    due_at: Mapped[datetime]
    """When it was seen that the level is reached."""
    deliver_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    dropped: Mapped[str | None]
    """Why it was never said."""


class Delivery(Base):
    """One message to one recipient, and what was answered to it."""

    __tablename__ = "sla_delivery"
    key: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    sent_at: Mapped[datetime]
    answer: Mapped[str | None]
    """``on_it`` or ``snoozed``."""
    answered_by: Mapped[str | None]
    until: Mapped[datetime | None]
    """Of a snooze."""


class Quiet(Base):
    """Somebody said [On it] or [Snooze …] about a clock."""

    __tablename__ = "sla_quiet"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    clock: Mapped[str] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    on_it_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]


class Desk(Base):
    """One row: what the plugin remembers of the desk as a whole."""

    __tablename__ = "sla_desk"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    """Since then the plugin watches: what was before is not judged."""
    policy: Mapped[str]
    """Digest of the policy by which the open tickets were looked at last."""
    scanned_id: Mapped[int] = mapped_column(default=0)
    """Up to this ticket the open ones were looked through."""
