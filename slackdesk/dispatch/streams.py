"""The order within a stream, where something has to be said before what waits there already."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Delete, delete, insert, select
from sqlalchemy.orm import Session

from slackdesk.dispatch.model import UNTRIED, Work, WorkState, states_sql


@contextmanager
def ahead(session: Session, stream: str, *, but: str, real_now: datetime) -> Iterator[None]:
    """What is added to the stream in this block comes before all that waits there, but for the sends named ``but``.

    Order follows from ids: what waits is taken out, and added again afterwards in the order that it had. What is held
    for a place stays where it is.
    """
    waits = (Work.stream == stream, Work.name != but, Work.held_for.is_(None), states_sql(UNTRIED))
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
