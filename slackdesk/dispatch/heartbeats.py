"""Which processes live, as SQL knows it. RQ's own list of workers is empty for good after Redis was flushed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from slackdesk.dispatch.inbox import insert_or_nothing
from slackdesk.dispatch.model import Heartbeat

SILENT_SECONDS = 60.0
"""A process that said nothing for this long is not counted as living; a worker may be silent for a whole job."""

FORGOTTEN_AFTER = timedelta(days=1)


def say_alive(session: Session, process: str, kind: str, real_now: datetime) -> None:
    """Write that a process of this kind (``app``, ``beat``, ``worker-now`` …) lives."""
    statement = insert_or_nothing(session, Heartbeat).values(process=process, kind=kind, beat_at=real_now)
    session.execute(statement.on_conflict_do_update(index_elements=["process"], set_={"beat_at": real_now}))


def say_ended(session: Session, process: str) -> None:
    """Forget a process that ends in order."""
    session.execute(delete(Heartbeat).where(Heartbeat.process == process))


def living(session: Session, real_now: datetime) -> Sequence[Heartbeat]:
    """Processes that said so within ``SILENT_SECONDS``, by kind."""
    since = real_now - timedelta(seconds=SILENT_SECONDS)
    return session.scalars(select(Heartbeat).where(Heartbeat.beat_at >= since).order_by(Heartbeat.kind)).all()


def trim(session: Session, real_now: datetime) -> None:
    """Forget processes that have been silent for ``FORGOTTEN_AFTER``."""
    session.execute(delete(Heartbeat).where(Heartbeat.beat_at < real_now - FORGOTTEN_AFTER))
