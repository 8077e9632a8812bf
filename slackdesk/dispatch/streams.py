"""The order within a stream: who may leave, and what is said before what waits there already."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Delete, and_, delete, exists, insert, not_, null, or_, select
from sqlalchemy.orm import Session, aliased

from slackdesk.dispatch.model import LIVE, UNTRIED, Work, WorkState, states_sql

_Other = aliased(Work, name="other")
_OF_STREAM = (_Other.stream == Work.stream, _Other.held_for.is_(None), states_sql(LIVE, "other"))
_HAS_TIME = and_(_Other.queue == "slow", _Other.coalesce_key.is_not(None), states_sql(UNTRIED, "other"))
IS_HEAD = or_(
    Work.stream.is_(None),
    and_(
        ~exists().where(*_OF_STREAM, _Other.id < Work.id, not_(and_(_HAS_TIME, Work.queue == "now"))),
        or_(
            Work.queue == "now",
            ~exists().where(*_OF_STREAM, _Other.id > Work.id, states_sql((WorkState.RUNNING,), "other")),
        ),
    ),
)
"""Whether a row may leave: no earlier live row is in its stream, but for those that are held (they go to another place,
or it is held, too), and those that have time.

A redraw on the queue ``slow`` has time: what a person waits for overtakes it, and draws the same. It leaves when
nothing that has overtaken it is on its way.
"""


@contextmanager
def ahead(session: Session, stream: str, *, but: str, real_now: datetime) -> Iterator[None]:
    """What is added to the stream in this block comes before all that waits there, but for the sends named ``but``.

    Order follows from ids: what waits is taken out, and added again afterwards in the order that it had. What is held
    for a place, or may have reached Slack under its id, stays where it is.
    """
    fresh = (Work.held_for.is_(None), Work.attempted.is_(null()), states_sql(UNTRIED))
    waits = (Work.stream == stream, Work.name != but, *fresh)
    rows = session.execute(select(*Work.__table__.columns).where(*waits).order_by(Work.id)).mappings().all()
    taken = [row for row in rows if _is_deleted(session, delete(Work).where(Work.id == row["id"], *waits))]
    yield
    for row in taken:
        again = {key: value for key, value in row.items() if key != "id"}
        if row["state"] == WorkState.QUEUED:  # the job on the queue knows the former id
            again |= {"state": WorkState.PENDING, "not_before": real_now}
        session.execute(insert(Work).values(again))


def _is_deleted(session: Session, statement: Delete) -> bool:
    return session.execute(statement.returning(Work.id)).first() is not None
