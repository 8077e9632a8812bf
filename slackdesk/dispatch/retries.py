"""When failed work is tried again, and when it is given up."""

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from slackdesk.dispatch import work
from slackdesk.dispatch.model import Work, WorkKind

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 2.0
"""Pause after the first failure; it doubles with each."""

LONGEST_PAUSE_SECONDS = 600.0

SEND_ATTEMPTS = 150
"""A send that Slack or the network keeps from leaving is tried for about a day."""

RUN_ATTEMPTS = 12
"""A handler or timer that fails is tried for about forty minutes."""

DRAWING_ATTEMPTS = 5
"""A send that cannot be drawn is tried for half a minute: later sends of its stream wait for it."""


WORKER_ENDED = "its worker ended in the middle of it"
"""``last_error`` of a row that was taken back."""


def pause_after(attempts: int) -> timedelta:
    """Pause after that many attempts."""
    return timedelta(seconds=min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 20)))


def attempts_allowed(row: Work) -> int:
    """How many attempts a row of this kind has."""
    return SEND_ATTEMPTS if row.kind == WorkKind.SEND else RUN_ATTEMPTS


def retry_or_die(session: Session, row: Work, real_now: datetime, error: str, attempts: int) -> bool:
    """Put a claimed row back with a pause, or give it up after ``attempts``: then True."""
    if row.attempts >= attempts:
        return give_up(session, row, real_now, f"{error} (given up after {row.attempts} attempts)")
    work.try_again(session, row, real_now + pause_after(row.attempts), error)
    return False


def give_up(session: Session, row: Work, real_now: datetime, error: str) -> bool:
    """Give a claimed row up, and say so in the log; of a message about a ticket, a timer ``given_up`` tells people.

    Of one kind of message one is told about in an hour: what broke one may have broken many. False when the lease was
    lost.
    """
    if not work.die(session, row, real_now, error):
        return False
    if row.kind == WorkKind.SEND and row.ticket_id is not None:
        work.add(
            session,
            kind=WorkKind.TIMER,
            name="given_up",
            payload={"work_id": row.id},
            now=row.due_at,
            real_now=real_now,
            dedupe_key=f"given_up:{row.name}:{real_now:%Y-%m-%dT%H}",
        )
    log.error("work %s (%s %s, %s) was given up: %s", row.id, row.kind, row.name, row.dedupe_key, error)
    return True


def look_up_or_die(session: Session, row: Work, look_up_at: datetime, real_now: datetime, error: str) -> None:
    """Have a call that may have been applied looked up, or give it up when that was tried too often."""
    if row.attempts >= SEND_ATTEMPTS:
        give_up(session, row, real_now, f"{error}; it may have been sent, and could not be looked up")
    else:
        work.be_ambiguous(session, row, look_up_at, error)


def take_back(session: Session, row: Work, real_now: datetime) -> None:
    """Settle running work whose lease is over: its worker was killed or was too slow."""
    if row.kind == WorkKind.SEND and row.attempted is not None:
        look_up_or_die(session, row, real_now, real_now, WORKER_ENDED)
    elif row.attempts >= attempts_allowed(row):
        give_up(session, row, real_now, WORKER_ENDED)
    else:
        work.try_again(session, row, real_now, WORKER_ENDED)
