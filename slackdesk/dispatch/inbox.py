"""The inbox: a delivery enters once, in the transaction that does what it asks for.

Slack delivers events again when they were not acknowledged, and may deliver them twice anyway; the key of a delivery
(event id, trigger id, view id …) is inserted first, so that everything else in the transaction happens once.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from slackdesk.dispatch.model import InboxEntry
from slackdesk.errors import AlreadyAccepted

KEPT = timedelta(hours=48)
"""How long keys are kept. Slack's delayed events come for up to 24 hours after the third retry."""

TRIMMED_AT_ONCE = 1000
"""Rows deleted in one transaction, so that trimming never holds a lock for long."""


def insert_or_nothing(session: Session, table: type[Any]) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT for which ``on_conflict_do_nothing`` exists, in the dialect of the session's database."""
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return build(cast(Table, table.__table__))


def prepared_insert(table: type[Any], returned: str) -> dict[str, "ReturningInsert[Any]"]:
    """Dialect → INSERT of one row, or of none on a conflict, that returns a column of the row it added.

    For what every filing runs: building a statement anew costs several times what running it does.
    """
    into = cast(Table, table.__table__)
    return {
        name: insert(into).on_conflict_do_nothing().returning(into.c[returned])
        for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    }


_ENTER = prepared_insert(InboxEntry, "key")
_REMEMBER = update(cast(Table, InboxEntry.__table__)).where(InboxEntry.key == bindparam("entered"))


def accept(session: Session, key: str, real_now: datetime) -> None:
    """Enter a delivery under its key.

    Raises AlreadyAccepted, with the answer given then, when the key was accepted before. While another transaction is
    accepting the same key, waits for its end.
    """
    connection = session.connection()
    entered = connection.execute(_ENTER[connection.dialect.name], {"key": key, "received_at": real_now})
    if entered.first() is not None:
        return
    answer = session.execute(select(InboxEntry.answer).where(InboxEntry.key == key)).scalar_one()
    raise AlreadyAccepted(key, answer)


def remember_answer(session: Session, key: str, answer: dict[str, Any]) -> None:
    """Keep what an accepted delivery was answered, so that the same delivery gets the same answer again."""
    session.connection().execute(_REMEMBER, {"entered": key, "answer": answer})


def forget_answers(session: Session) -> None:
    """What was answered may quote people. A delivery that comes again is known all the same, and answered shortly."""
    session.execute(
        update(InboxEntry).where(InboxEntry.answer.is_not(None)).values(answer=None),
        execution_options={"synchronize_session": False},
    )


def trim(session: Session, real_now: datetime) -> int:
    """Delete up to ``TRIMMED_AT_ONCE`` keys older than ``KEPT``; returns how many were deleted."""
    old = select(InboxEntry.key).where(InboxEntry.received_at < real_now - KEPT).limit(TRIMMED_AT_ONCE)
    statement = delete(InboxEntry).where(InboxEntry.key.in_(old.scalar_subquery()))
    return cast(
        "CursorResult[Any]", session.execute(statement, execution_options={"synchronize_session": False})
    ).rowcount
