"""One use case, one transaction: what a use case is handed, and how it is opened."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from slackdesk.clock import Clock
from slackdesk.database import Database, busy_is_told
from slackdesk.dispatch import inbox, work
from slackdesk.dispatch.model import WorkKind
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.policy.store import current_policy


@dataclass
class Transaction:
    """What a use case works with. ``now`` is desk time, ``real_now`` real time, both fixed for the transaction."""

    session: Session
    now: datetime
    real_now: datetime
    policy: ResolvedPolicy
    subscribers: Mapping[str, tuple[str, ...]]
    undo: timedelta
    inbox_key: str | None = None
    writes: bool = True
    """False: only reads."""
    work_added: list[int] = field(default_factory=list)
    """Ids of the work that is due at once: what the nudge is for."""
    yields: bool = False
    """True: in a rush, this work lets go first what answers a click."""

    def answer(self, answer: dict[str, Any]) -> None:
        """Remember what this delivery was answered, so that the same delivery gets the same answer again."""
        if self.inbox_key is not None:
            inbox.remember_answer(self.session, self.inbox_key, answer)

    def add_work(
        self,
        kind: WorkKind,
        name: str,
        payload: dict[str, Any],
        *,
        dedupe_key: str,
        queue: str = "now",
        stream: str | None = None,
        coalesce_key: str | None = None,
        ticket_id: int | None = None,
        due_at: datetime | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Add a row of work (``slackdesk.dispatch.work.add``); what a person waits for is nudged after the commit."""
        added = work.add(
            self.session,
            kind=kind,
            name=name,
            payload=payload,
            now=self.now,
            real_now=self.real_now,
            dedupe_key=dedupe_key,
            queue=queue,
            stream=stream,
            coalesce_key=coalesce_key,
            ticket_id=ticket_id,
            due_at=due_at,
            not_before=not_before,
        )
        is_due = (due_at or self.now) <= self.now and (not_before or self.real_now) <= self.real_now
        if added is not None and is_due and queue == "now":
            self.work_added.append(added)


@dataclass(frozen=True)
class Desk:
    """Opens transactions. Built once per process by ``slackdesk.bootstrap``."""

    database: Database
    clock: Clock
    undo: timedelta
    nudge: Callable[[list[int], bool], None]
    """Called after the commit with the ids of new due work, and whether it yields."""
    subscribers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Event kind → names of the handlers that are interested, each of which gets a work row of its own."""

    @contextmanager
    def transaction(self, inbox_key: str | None = None) -> Iterator[Transaction]:
        """A writing transaction; with ``inbox_key``, one that a repeated delivery enters only once.

        Raises AlreadyAccepted (with the answer given then) for a key seen before, DatabaseBusy when nothing could be
        written. After the commit the workers are nudged.
        """
        with self.database.begin() as session:
            instant = self.clock.now(session)
            if inbox_key is not None:
                inbox.accept(session, inbox_key, instant.real)
            tx = Transaction(
                session=session,
                now=instant.desk,
                real_now=instant.real,
                policy=current_policy(session),
                subscribers=self.subscribers,
                undo=self.undo,
                inbox_key=inbox_key,
            )
            yield tx
        if tx.work_added:
            self.nudge(tx.work_added, tx.yields)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """The same for use cases that only read."""
        with self.database.read() as session:
            yield self._only_reading(session)

    @contextmanager
    def snapshot(self, limit_seconds: float) -> Iterator[Transaction]:
        """The same for code that is not the core's (``Database.snapshot``)."""
        with self.database.snapshot(limit_seconds) as session:
            with busy_is_told():
                tx = self._only_reading(session)
            yield tx

    def _only_reading(self, session: Session) -> Transaction:
        instant, policy = self.clock.now(session), current_policy(session)
        return Transaction(session, instant.desk, instant.real, policy, self.subscribers, self.undo, writes=False)
