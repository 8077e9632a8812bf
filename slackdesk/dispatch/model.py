"""The durable tables of delivery: accepted deliveries, work, and who runs the beat."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, TextClause, text
from sqlalchemy.orm import Mapped, mapped_column

from slackdesk.database import Base


class WorkKind(StrEnum):
    """What a row of work asks for."""

    HANDLE = "handle"
    """An event for one handler."""
    SEND = "send"
    """One call to Slack, in order within its stream."""
    TIMER = "timer"
    """Something to do when desk time reaches ``due_at``."""


class WorkState(StrEnum):
    """pending → queued → running → done | pending again | ambiguous | dead; cancelled by its owner before it ran."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    AMBIGUOUS = "ambiguous"
    """The call may or may not have reached Slack; it is looked up before anything is sent again."""
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


LIVE = (WorkState.PENDING, WorkState.QUEUED, WorkState.RUNNING, WorkState.AMBIGUOUS)
"""States in which a row still has something to do, and holds back later rows of its stream."""

_KEY = String().with_variant(String(collation="C"), "postgresql")
"""Text in the order of its code points on both databases, so that keys of one prefix lie together in the index."""

WAITING = (WorkState.PENDING, WorkState.QUEUED, WorkState.AMBIGUOUS)
"""States in which a row waits to be run."""

UNTRIED = (WorkState.PENDING, WorkState.QUEUED)
"""States in which a row can be cancelled, rescheduled, or stand for another of its coalesce key."""


def states_sql(states: tuple[WorkState, ...], table: str = "work") -> TextClause:
    """``state IN (…)`` with literals: a partial index is used only by a query that repeats its condition."""
    return text(f"{table}.state IN ({', '.join(repr(str(state)) for state in states)})")


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _only_in(states: tuple[WorkState, ...]) -> dict[str, Any]:
    return _only(states_sql(states).text.removeprefix("work."))


class Work(Base):
    """One durable piece of work.

    Due when ``due_at`` (desk time) and ``not_before`` (real time: retries, pacing, queued until) have both passed.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_waiting", "due_at", "not_before", "id", **_only_in(WAITING)),
        Index("ix_work_leases", "lease_until", **_only_in((WorkState.RUNNING,))),
        Index("ix_work_stream", "stream", "id", **_only_in(LIVE)),
        Index("uq_work_coalesce_key", "coalesce_key", unique=True, **_only_in(UNTRIED)),
        Index("ix_work_held", "held_for", "id", **_only("held_for IS NOT NULL")),
        Index("ix_work_finished", "finished_at", **_only("finished_at IS NOT NULL")),
        Index("ix_work_dead", "finished_at", **_only_in((WorkState.DEAD,))),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[WorkKind] = mapped_column(String(10))
    name: Mapped[str]
    """Which runner: a drawing for sends, a handler or timer name otherwise (``plugin.name`` for plugins)."""
    payload: Mapped[dict[str, Any]]
    """What it is about; empty once the row has ended."""
    queue: Mapped[str] = mapped_column(String(10), default="now")
    """RQ queue: ``now`` (a person waits) or ``slow`` (bulk)."""
    stream: Mapped[str | None]
    """Sends of one stream leave in the order of their ids, one at a time."""
    dedupe_key: Mapped[str] = mapped_column(_KEY, unique=True)
    """Inserting a key twice does nothing: the same thing is never asked for twice."""
    coalesce_key: Mapped[str | None]
    """While a row with this key is pending or queued, another is not added (redraws)."""
    ticket_id: Mapped[int | None] = mapped_column(index=True)
    state: Mapped[WorkState] = mapped_column(String(10), default=WorkState.PENDING)
    due_at: Mapped[datetime]
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    attempted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The call that may have reached Slack, to look it up: ``method``, and of ``arguments`` the place and the files."""
    started_at: Mapped[datetime | None]
    """Real time of the first attempt that may have reached Slack: a look-up starts there."""
    slot_reserved: Mapped[bool] = mapped_column(default=False)
    """A pacing slot is reserved for ``not_before``."""
    held_for: Mapped[str | None]
    """The place that is blocked, for which the row waits (``Blockage.place``)."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Blockage(Base):
    """A place where Slack lets nothing pass until somebody mends it; rows for it are held. Times are real time."""

    __tablename__ = "blockage"
    place: Mapped[str] = mapped_column(primary_key=True)
    """Id of a channel, name of a method, or ``token``."""
    error: Mapped[str]
    """Slack's word for it."""
    since: Mapped[datetime]
    tries: Mapped[int]
    try_at: Mapped[datetime]
    """When one row tries again."""
    trier: Mapped[int | None]
    """Id of the row that may pass, to see whether it is open again."""


class InboxEntry(Base):
    """A delivery that was accepted, under its dedupe key, in the transaction that did what it asked for."""

    __tablename__ = "inbox"
    key: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Lease(Base):
    """Who does a thing that one process at a time does (the beat), until when in real time."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class Heartbeat(Base):
    """A living process and when it last said so, in real time."""

    __tablename__ = "heartbeat"
    process: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    beat_at: Mapped[datetime]
