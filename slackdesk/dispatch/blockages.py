"""Where nothing passes at the moment: rows for such a place wait, one of them tries now and then, all leave after it.

An archived channel, a channel that the app was removed from, a token that was revoked: neither will it pass by itself,
nor is the message to blame. Whoever meets it is held (``Work.held_for``); a held row holds back nobody in its stream,
because everything else that goes to the same place is held as well, and what goes elsewhere need not wait.

A blockage is locked before rows are: whoever takes a row first reads the blockages with ``lock``, so that no row passes
or is held while the blockage is ended. A later row can therefore not overtake the held ones of its stream.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from slackdesk.dispatch.inbox import insert_or_nothing
from slackdesk.dispatch.model import LIVE, WAITING, Blockage, Work, states_sql
from slackdesk.dispatch.work import rows_changed

log = logging.getLogger(__name__)

TOKEN = "token"  # noqa: S105
"""The place of everything that needs the token. Other places are ids of channels, and names of methods."""

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0
"""Between two tries; doubles with each. One call a minute costs nothing, and whoever mended it sees it work soon."""

HELD_AT_MOST = timedelta(days=1)
"""A held row that nobody let go tries by itself after this long."""


def standing(session: Session, *, lock: bool = False) -> dict[str, Blockage]:
    """Place → blockage. With ``lock``, none of them ends before the transaction does."""
    query = select(Blockage).execution_options(populate_existing=True)
    found = session.scalars(query.with_for_update(read=True) if lock else query)
    return {blockage.place: blockage for blockage in found}


def begin(session: Session, place: str, error: str, real_now: datetime) -> bool:
    """Note that nothing passes there. True when that is news: it was not known, or there is another reason."""
    values = {"place": place, "error": error, "since": real_now, "tries": 0, "try_at": real_now + _pause(0)}
    added = insert_or_nothing(session, Blockage).values(values).on_conflict_do_nothing().returning(Blockage.place)
    if session.execute(added).first() is not None:
        return True
    # Only another reason is written: whoever has read the blockages with a lock may be here, and must not wait for one.
    another_reason = update(Blockage).where(Blockage.place == place, Blockage.error != error).values(error=error)
    return rows_changed(session, another_reason) == 1


def end(session: Session, *places: str, real_now: datetime) -> int:
    """Let everything go that waits for these places; returns how many rows."""
    session.execute(delete(Blockage).where(Blockage.place.in_(places)))
    count = _let_go(session, Work.held_for.in_(places), real_now=real_now)
    if count:
        log.warning("nothing is in the way any more to %s: %s rows leave", ", ".join(places), count)
    return count


def end_all(session: Session, real_now: datetime) -> None:
    """Have every held row drawn and tried anew: its place may be another one now."""
    end(session, *standing(session), real_now=real_now)


def places_of(method: str, channel: str | None) -> tuple[str, ...]:
    """Every place that a call has to pass."""
    return (TOKEN, method, channel or "")


def passed(session: Session, work_id: int, places: Sequence[str], real_now: datetime) -> None:
    """The row got through these places: what it tried is open again. Where it went another way, the next one tries."""
    tried = session.scalars(select(Blockage.place).where(Blockage.trier == work_id)).all()
    if not tried:
        return
    if opened := [place for place in tried if place in places]:
        end(session, *opened, real_now=real_now)
    session.execute(update(Blockage).where(Blockage.trier == work_id).values(trier=None, try_at=real_now))


def draw_anew(session: Session, stream: str, real_now: datetime) -> None:
    """Something of the stream got a place: what is held in it may belong there now."""
    _let_go(session, Work.stream == stream, Work.held_for.is_not(None), states_sql(LIVE), real_now=real_now)


def let_one_try(session: Session, real_now: datetime) -> None:
    """For each place whose pause is over and for which rows wait, let the oldest of them try."""
    for blockage in session.scalars(select(Blockage).where(_may_try(real_now)).with_for_update()).all():
        oldest = select(func.min(Work.id)).where(Work.held_for == blockage.place, states_sql(WAITING))
        blockage.trier = session.execute(oldest).scalar_one()
        blockage.tries += 1
        blockage.try_at = real_now + _pause(blockage.tries)
        session.flush()
        _let_go(session, Work.id == blockage.trier, real_now=real_now)


def may_try(session: Session, real_now: datetime) -> bool:
    """Whether ``let_one_try`` has something to do."""
    return session.execute(select(Blockage.place).where(_may_try(real_now)).limit(1)).first() is not None


def _may_try(real_now: datetime) -> ColumnElement[bool]:
    return and_(Blockage.try_at <= real_now, exists().where(Work.held_for == Blockage.place, states_sql(WAITING)))


def _let_go(session: Session, *which: ColumnElement[bool] | TextClause, real_now: datetime) -> int:
    held = update(Work).where(*which, states_sql(WAITING))
    return rows_changed(session, held.values(held_for=None, not_before=real_now))


def _pause(tries: int) -> timedelta:
    return timedelta(seconds=min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(tries, 20)))
