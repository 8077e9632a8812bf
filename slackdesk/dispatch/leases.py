"""Leases in SQL: a thing that one process at a time does."""

import time
from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from slackdesk.dispatch.inbox import insert_or_nothing
from slackdesk.dispatch.model import Lease


class HeldLease:
    """One holder's view of a lease. Another holder can take it once it was not renewed for ``length``."""

    def __init__(self, name: str, holder: str, length: timedelta) -> None:
        self.name, self.holder, self.length = name, holder, length
        self._renew_at = 0.0

    def is_fresh(self) -> bool:
        """Whether it is held and was renewed within half its length, without asking SQL."""
        return time.monotonic() < self._renew_at

    def take(self, session: Session, real_now: datetime) -> bool:
        """Take or renew the lease; False when another holder has it."""
        asked_at = time.monotonic()
        statement = insert_or_nothing(session, Lease).values(
            name=self.name, holder=self.holder, until=real_now + self.length
        )
        taken = session.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": self.holder, "until": real_now + self.length},
                where=or_(Lease.holder == self.holder, Lease.until < real_now),
            ).returning(Lease.holder)
        ).first()
        self._renew_at = asked_at + self.length.total_seconds() / 2 if taken is not None else 0.0
        return taken is not None

    def give_up(self, session: Session) -> None:
        """Let another holder take it at once."""
        session.execute(delete(Lease).where(Lease.name == self.name, Lease.holder == self.holder))
        self._renew_at = 0.0
