"""The condition of a desk as SQL knows it: what waits, how long, who lives. Health, metrics and the doctor look here.

Costs little on a large desk: what is due, held or dead is read from partial indexes; timers that lie in the future and
rows that are done are not looked at.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from slackdesk.clock import Instant
from slackdesk.dispatch import heartbeats
from slackdesk.dispatch.model import WAITING, Heartbeat, Work, WorkKind, WorkState, states_sql

BEAT_SILENT_SECONDS = 60.0
"""A beat that said nothing for this long is not running."""


@dataclass(frozen=True)
class Waiting:
    """Rows of one kind, RQ queue and state whose desk time has come."""

    kind: WorkKind
    queue: str
    state: WorkState
    """``pending``, ``queued`` or ``ambiguous``."""
    count: int
    due: int
    """Those that a worker could run now; the others wait for a retry, a pacing slot or a look-up."""
    oldest_due_seconds: float
    """How long the oldest of the due ones has waited, 0 when there is none."""


@dataclass(frozen=True)
class Condition:
    """What one look found."""

    instant: Instant
    waiting: tuple[Waiting, ...]
    running: int
    dead: int
    """Rows that were given up and are kept for the operator."""
    beat_age_seconds: float | None
    """Since a beat last said that it lives; None when none ever did, or the last one ended in order."""
    processes: Mapping[str, int]
    """Living processes by kind: ``app``, ``beat``, ``worker-now``, ``worker-slow``."""

    @property
    def due(self) -> int:
        """How many rows a worker could run now."""
        return sum(one.due for one in self.waiting)

    @property
    def oldest_due_seconds(self) -> float:
        """How long the oldest due row has waited for a worker; 0 when nothing is due."""
        return max((one.oldest_due_seconds for one in self.waiting), default=0.0)

    @property
    def beat_is_running(self) -> bool:
        """Whether a beat said within ``BEAT_SILENT_SECONDS`` that it lives."""
        return self.beat_age_seconds is not None and self.beat_age_seconds < BEAT_SILENT_SECONDS

    def in_state(self, state: WorkState) -> int:
        """How many rows wait in ``pending``, ``queued`` or ``ambiguous``."""
        return sum(one.count for one in self.waiting if one.state is state)


def look(session: Session, instant: Instant) -> Condition:
    """Look at the work table and the heartbeats; ``instant`` is ``Clock.now(session)``. Raises what SQL raises."""
    beat_at = session.execute(select(func.max(Heartbeat.beat_at)).where(Heartbeat.kind == "beat")).scalar()
    return Condition(
        instant=instant,
        waiting=_waiting(session, instant),
        running=_count(session, WorkState.RUNNING),
        dead=_count(session, WorkState.DEAD),
        beat_age_seconds=None if beat_at is None else _seconds(instant.real - beat_at),
        processes=Counter(one.kind for one in heartbeats.living(session, instant.real)),
    )


def _waiting(session: Session, instant: Instant) -> tuple[Waiting, ...]:
    # A queued row's real time is when it is queued again, so a queue without a worker would always look young. A row
    # that never ran has waited since it was added or, if that came later, since its desk time.
    untried = and_(Work.state == WorkState.QUEUED, Work.attempts == 0, Work.slot_reserved.is_(False))
    is_due = or_(Work.state == WorkState.QUEUED, Work.not_before <= instant.real)
    statement = (
        select(
            Work.kind,
            Work.queue,
            Work.state,
            func.count(),
            func.count(case((is_due, 1))),
            func.min(case((Work.not_before <= instant.real, Work.not_before))),
            func.min(case((untried, Work.created_at))),
            func.min(case((untried, Work.due_at))),
        )
        .where(states_sql(WAITING), Work.due_at <= instant.desk)
        .group_by(Work.kind, Work.queue, Work.state)
        .order_by(Work.kind, Work.queue, Work.state)
    )
    return tuple(
        Waiting(WorkKind(kind), queue, WorkState(state), count, due, _oldest_seconds(instant, *oldest))
        for kind, queue, state, count, due, *oldest in session.execute(statement)
    )


def _oldest_seconds(
    instant: Instant, not_before: datetime | None, added_at: datetime | None, due_at: datetime | None
) -> float:
    ages = [0.0] if not_before is None else [_seconds(instant.real - not_before)]
    if added_at is not None and due_at is not None:
        ages.append(min(_seconds(instant.real - added_at), _seconds(instant.desk - due_at)))
    return max(ages)


def _count(session: Session, state: WorkState) -> int:
    return session.execute(select(func.count()).select_from(Work).where(states_sql((state,)))).scalar_one()


def _seconds(age: timedelta) -> float:
    return max(0.0, age.total_seconds())
