"""Two clocks.

*Desk time* is real time plus one offset kept in SQL, forward only, the same in every process: history, due dates,
summaries. *Real time* (the database's own where it is PostgreSQL, so that a machine with a wrong clock does no harm)
is for leases, retries and whatever Slack counts in real seconds.

For simulations desk time may stand: it begins at a given instant and moves by the offset alone, so that what is told of
it does not depend on how fast the machine is.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from slackdesk.database import Base
from slackdesk.errors import ConfigurationError


class DeskClock(Base):
    """The one row that holds the offset of desk time."""

    __tablename__ = "desk_clock"
    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[float] = mapped_column(default=0.0)


@dataclass(frozen=True)
class Instant:
    """Now, on both clocks; aware, UTC."""

    real: datetime
    desk: datetime


class Clock:
    """Reads both clocks inside a transaction; moves desk time forward where that is allowed."""

    def __init__(self, *, shiftable: bool, stands_from: datetime | None = None) -> None:
        self.shiftable = shiftable
        self._stands_from = stands_from

    def now(self, session: Session) -> Instant:
        """Both clocks now."""
        if session.get_bind().dialect.name == "postgresql":
            real = session.execute(select(func.clock_timestamp())).scalar_one().astimezone(UTC)
        else:
            real = datetime.now(UTC)
        return Instant(real, (self._stands_from or real) + self._offset(session))

    def advance(self, session: Session, by: timedelta) -> datetime:
        """Move desk time forward; returns the new desk time.

        Raises ConfigurationError unless the clock is shiftable and ``by`` is positive.
        """
        if not self.shiftable:
            raise ConfigurationError(
                "SLACKDESK_CLOCK", "real", "the clock of a real desk is not moved; set 'shiftable' for demo and tests"
            )
        if by <= timedelta(0):
            raise ConfigurationError("clock advance", str(by), "desk time only moves forward; give a positive duration")
        row = session.get(DeskClock, 1, with_for_update=True)
        if row is None:
            row = DeskClock(id=1, offset_seconds=0.0)
            session.add(row)
        row.offset_seconds += by.total_seconds()
        session.flush()
        return self.now(session).desk

    def _offset(self, session: Session) -> timedelta:
        if not self.shiftable:
            return timedelta(0)
        seconds = session.execute(select(DeskClock.offset_seconds).where(DeskClock.id == 1)).scalar_one_or_none()
        return timedelta(seconds=seconds or 0.0)
