"""Every statement on the work table. The same statements run on SQLite and PostgreSQL.

Rows are taken by conditional UPDATEs: whoever changes one row owns it, everybody else sees no row changed. ``now`` is
desk time, ``real_now`` real time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Row, Update, case, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from slackdesk.dispatch.inbox import prepared_insert
from slackdesk.dispatch.model import LIVE, UNTRIED, WAITING, Work, WorkKind, WorkState, states_sql
from slackdesk.dispatch.streams import IS_HEAD

KEPT_AFTER_END = timedelta(days=30)
"""How long rows that are done or cancelled are kept; until then their dedupe key keeps its effect."""

DEAD_KEPT = timedelta(days=180)
"""How long rows that were given up are kept for the operator."""

TRIMMED_AT_ONCE = 1000
"""Rows deleted in one transaction."""

LAST_ERROR_MAX_CHARACTERS = 1000

NOTHING_KEPT: dict[str, Any] = {"payload": {}, "attempted": None}
"""Of what a row was about, once it has ended: that may be what people wrote, which is erased elsewhere on request."""

_INSERT = prepared_insert(Work, "id")


def add(
    session: Session,
    *,
    kind: WorkKind,
    name: str,
    payload: dict[str, Any],
    now: datetime,
    real_now: datetime,
    dedupe_key: str,
    queue: str = "now",
    stream: str | None = None,
    coalesce_key: str | None = None,
    ticket_id: int | None = None,
    due_at: datetime | None = None,
    not_before: datetime | None = None,
) -> int | None:
    """Add a row; returns its id, or None when the dedupe key was used before or the coalesce key already waits.

    A waiting row of the same coalesce key is touched (and due no later than asked for): whoever claims it waits for
    the caller's commit, so that what is drawn then shows what the caller changed.
    """
    due_at = due_at or now
    values = {
        "kind": kind,
        "name": name,
        "payload": payload,
        "queue": queue,
        "stream": stream,
        "dedupe_key": dedupe_key,
        "coalesce_key": coalesce_key,
        "ticket_id": ticket_id,
        "state": WorkState.PENDING,
        "due_at": due_at,
        "not_before": not_before or real_now,
        "attempts": 0,
        "slot_reserved": False,
        "created_at": real_now,
    }
    connection = session.connection()
    while True:
        added: int | None = connection.execute(_INSERT[connection.dialect.name], values).scalar_one_or_none()
        if added is not None or coalesce_key is None or _touch(session, coalesce_key, due_at):
            return added
        if session.execute(select(Work.id).where(Work.dedupe_key == dedupe_key)).first() is not None:
            return None
        # The row that waited under the coalesce key was claimed in between: there is room for another.


def cancel(session: Session, dedupe_key: str | None = None, *, prefix: str | None = None) -> int:
    """Cancel what was not tried yet, by dedupe key or by a prefix of it; returns how many rows."""
    if (dedupe_key is None) == (not prefix):
        raise ValueError("give either a dedupe key or a non-empty prefix")
    wanted: tuple[ColumnElement[bool], ...] = (Work.dedupe_key == dedupe_key,)
    if prefix:
        wanted = (Work.dedupe_key >= prefix, Work.dedupe_key < prefix[:-1] + chr(ord(prefix[-1]) + 1))
    values = {"state": WorkState.CANCELLED, "finished_at": Work.created_at, **NOTHING_KEPT}
    return rows_changed(session, update(Work).where(*wanted, states_sql(UNTRIED)).values(values))


def reschedule(session: Session, dedupe_key: str, due_at: datetime) -> bool:
    """Move a row that was not tried yet to another desk time; False when there is none."""
    changed = update(Work).where(Work.dedupe_key == dedupe_key, states_sql(UNTRIED)).values(due_at=due_at)
    return rows_changed(session, changed) == 1


def claim(
    session: Session, work_id: int, *, queue: str, holder: str, now: datetime, real_now: datetime, lease: timedelta
) -> Work | None:
    """Take a row for running; None when it is not due, not the head of its stream, taken, of another queue or over."""
    statement = (
        update(Work)
        .where(
            Work.id == work_id,
            Work.queue == queue,
            states_sql(WAITING),
            Work.due_at <= now,
            or_(Work.state == WorkState.QUEUED, Work.not_before <= real_now),
            IS_HEAD,
        )
        .values(
            state=WorkState.RUNNING,
            leased_by=holder,
            lease_until=real_now + lease,
            attempts=Work.attempts + 1,
            held_for=None,
        )
        .returning(Work)
    )
    options = {"synchronize_session": False, "populate_existing": True}
    return session.scalars(statement, execution_options=options).one_or_none()


def head_of_stream(session: Session, stream: str, queue: str) -> int | None:
    """Id of the earliest live row of a stream, of this queue, that is not held."""
    live = (Work.stream == stream, Work.queue == queue, Work.held_for.is_(None), states_sql(LIVE))
    statement = select(func.min(Work.id)).where(*live)
    return session.execute(statement).scalar_one()


def call_begins(session: Session, row: Work, attempted: dict[str, Any], real_now: datetime) -> None:
    """Note, before Slack is called, which call is about to be made and since when it may have been applied."""
    values = {"attempted": attempted, "started_at": row.started_at or real_now}
    rows_changed(session, update(Work).where(Work.id == row.id).values(values))


def finish(session: Session, row: Work, real_now: datetime, result: dict[str, Any] | None = None) -> bool:
    """Record that a claimed row is done. False when the lease was lost: then somebody else settles the row."""
    values = {"result": result, "last_error": None, "finished_at": real_now, **NOTHING_KEPT}
    return _settle(session, row, WorkState.DONE, values)


def try_again(
    session: Session,
    row: Work,
    not_before: datetime,
    error: str | None = None,
    *,
    counted: bool = True,
    held_for: str | None = None,
) -> bool:
    """Put a claimed row, whose call was surely not applied, back to be run at ``not_before``.

    ``held_for`` names the place that it waits for (``slackdesk.dispatch.blockages``).

    Done instead when a newer row of its coalesce key waits: that one draws the same, newer. ``counted=False`` does not
    count the attempt. False when the lease was lost.
    """
    values: dict[str, Any] = {"not_before": not_before, "attempted": None, "slot_reserved": False, "held_for": held_for}
    if error is not None:
        values["last_error"] = error[:LAST_ERROR_MAX_CHARACTERS]
    if not counted:
        values["attempts"] = Work.attempts - 1
    try:
        with session.begin_nested():
            return _settle(session, row, WorkState.PENDING, values)
    except IntegrityError:
        return finish(session, row, not_before, {"superseded": True})


def wait_for_slot(session: Session, row: Work, slot_at: datetime) -> bool:
    """Put a claimed row back until its reserved pacing slot, in the transaction that claimed it."""
    values = {"not_before": slot_at, "slot_reserved": True, "attempts": Work.attempts - 1}
    return _settle(session, row, WorkState.PENDING, values)


def be_ambiguous(session: Session, row: Work, not_before: datetime, error: str, *, held_for: str | None = None) -> bool:
    """Record that a call may have been applied; it is looked up from ``not_before`` on. False: the lease was lost.

    ``held_for`` names the place that the look-up waits for; such an attempt is not counted.

    The row stands for no other of its coalesce key any more: what it drew may be visible already.
    """
    values: dict[str, Any] = {"not_before": not_before, "coalesce_key": None, "held_for": held_for}
    values["last_error"] = error[:LAST_ERROR_MAX_CHARACTERS]
    if held_for is not None:
        values["attempts"] = Work.attempts - 1
    return _settle(session, row, WorkState.AMBIGUOUS, values)


def die(session: Session, row: Work, real_now: datetime, error: str) -> bool:
    """Give a claimed row up, with a reason that a person can read. False when the lease was lost."""
    values = {"finished_at": real_now, "last_error": error[:LAST_ERROR_MAX_CHARACTERS], **NOTHING_KEPT}
    return _settle(session, row, WorkState.DEAD, values)


def due_heads(
    session: Session, *, now: datetime, until: datetime, queues: Sequence[str], limit: int
) -> Sequence[Row[int, datetime]]:
    """``(id, not_before)`` of rows due at desk time ``now`` whose real time comes at ``until`` or earlier.

    Only heads of streams, oldest first. Reads one index; costs nothing for timers that lie in the future.
    """
    statement = (
        select(Work.id, Work.not_before)
        .where(states_sql(WAITING), Work.due_at <= now, Work.not_before <= until, Work.queue.in_(queues), IS_HEAD)
        .order_by(Work.due_at, Work.not_before, Work.id)
        .limit(limit)
    )
    return session.execute(statement).all()


def mark_queued(
    session: Session, ids: Sequence[int], *, real_now: datetime, until: datetime
) -> Sequence[Row[int, str, WorkKind]]:
    """Mark waiting rows as queued until then; ``(id, queue, kind)`` of those that this call marked, in order of id."""
    statement = (
        update(Work)
        .where(Work.id.in_(ids), states_sql(WAITING), Work.not_before <= real_now)
        .values(state=WorkState.QUEUED, not_before=until)
        .returning(Work.id, Work.queue, Work.kind)
    )
    return sorted(session.execute(statement, execution_options={"synchronize_session": False}).all(), key=_id_of)


def release(session: Session, ids: Sequence[int] | None = None, *, now: datetime, real_now: datetime) -> int:
    """Make rows that are on a queue pending and due at once; without ``ids``, all of them (the queue was lost)."""
    which = () if ids is None else (Work.id.in_(ids),)
    queued = update(Work).where(Work.due_at <= now, Work.state == WorkState.QUEUED, states_sql(WAITING), *which)
    return rows_changed(session, queued.values(state=WorkState.PENDING, not_before=real_now))


def expired(session: Session, real_now: datetime, limit: int) -> Sequence[Work]:
    """Running rows whose lease is over: their worker died, or was too slow."""
    statement = (
        select(Work)
        .where(states_sql((WorkState.RUNNING,)), Work.lease_until < real_now)
        .order_by(Work.lease_until)
        .limit(limit)
    )
    return session.scalars(statement).all()


def has_expired(session: Session, real_now: datetime) -> bool:
    """Whether ``expired`` would find anything."""
    overdue = select(Work.id).where(states_sql((WorkState.RUNNING,)), Work.lease_until < real_now)
    return session.execute(overdue.limit(1)).first() is not None


def trim(session: Session, real_now: datetime) -> int:
    """Delete up to ``TRIMMED_AT_ONCE`` rows that ended long ago; returns how many."""
    ended = func.coalesce(Work.finished_at, real_now)
    kept_since = case((Work.state == WorkState.DEAD, real_now - DEAD_KEPT), else_=real_now - KEPT_AFTER_END)
    old = (
        select(Work.id)
        .where(Work.finished_at.is_not(None), Work.finished_at < real_now - KEPT_AFTER_END, ended < kept_since)
        .limit(TRIMMED_AT_ONCE)
    )
    statement = delete(Work).where(Work.id.in_(old.scalar_subquery()))
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def _id_of(row: Row[int, str, WorkKind]) -> int:
    return row[0]


def _touch(session: Session, coalesce_key: str, due_at: datetime) -> bool:
    sooner = case((Work.due_at > due_at, due_at), else_=Work.due_at)
    waiting = update(Work).where(Work.coalesce_key == coalesce_key, states_sql(UNTRIED))
    return rows_changed(session, waiting.values(due_at=sooner)) == 1


def _settle(session: Session, row: Work, state: WorkState, values: dict[str, Any]) -> bool:
    mine = (Work.id == row.id, Work.state == WorkState.RUNNING, Work.leased_by == row.leased_by)
    changes = {"state": state, "leased_by": None, "lease_until": None, **values}
    return rows_changed(session, update(Work).where(*mine).values(changes)) == 1


def rows_changed(session: Session, statement: Update) -> int:
    """Run an UPDATE; how many rows it changed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount
