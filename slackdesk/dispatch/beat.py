"""The beat: finds what is due in SQL and puts it on the queues; takes back what killed workers held; tidies up.

One beat works at a time, by a lease in SQL; a second one takes over, and two at once do no harm, because every row is
taken by a conditional update.
"""

import logging
import os
import socket
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import RedisError
from sqlalchemy import Row
from sqlalchemy.orm import Session

from slackdesk.clock import Clock, Instant
from slackdesk.database import Database
from slackdesk.dispatch import blockages, heartbeats, inbox, leases, work
from slackdesk.dispatch.jobs import JOBS_ON_QUEUE_MAX, QUEUES, enqueue, open_queue
from slackdesk.dispatch.model import WorkKind
from slackdesk.dispatch.redis_access import connect
from slackdesk.dispatch.retries import take_back
from slackdesk.errors import Unavailable
from slackdesk.settings import Settings
from slackdesk.stopping import Stop

log = logging.getLogger(__name__)

SWEPT_AT_ONCE = 100
"""Rows in one sweep; a full sweep is followed by the next at once. What comes due meanwhile, such as a card whose slot
has come, waits behind them: with 500, a channel got half of its pace in a rush on two processors."""

FULL_QUEUE_SHARE = 0.2
"""Of the pause between two sweeps, when a queue took no more: it has room again long before the pause is over."""

ROWS_PER_JOB = 25
SENDS_PER_JOB = 5
"""A send waits for Slack's answer: short jobs spread over the workers and let a click pass sooner."""

REDIS_TIMEOUT_SECONDS = 2.0

CHORES_SECONDS = 600.0
"""Between two rounds of tidying up."""

REDIS_MARK = "slackdesk:mark"
"""A key that is gone when Redis lost its data: then what was on the queues is put there again."""


@dataclass(frozen=True)
class Found:
    """What one look into SQL found."""

    instant: Instant
    due: Sequence[Row[int, datetime]]
    has_expired_leases: bool
    may_try_blockages: bool


class Beat:
    """One beat. ``run`` until told to stop; ``sweep`` does one round.

    ``chores`` are done every ``CHORES_SECONDS``, each in a transaction of its own, with desk time.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        redis_url: str,
        settings: Settings,
        chores: Sequence[Callable[[Session, datetime], object]] = (),
    ) -> None:
        self.database, self.clock, self.settings, self.chores = database, clock, settings, chores
        self.name = f"beat:{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._redis = connect(redis_url, REDIS_TIMEOUT_SECONDS)
        self._redis_is_away = False
        self._lease = leases.HeldLease("beat", self.name, timedelta(seconds=settings.beat_lease_seconds))
        self._chores_at: datetime | None = None

    def run(self, stop: Stop) -> None:
        """Sweep until ``stop`` is set. A database or Redis that is away is a line in the log, not an end."""
        database_is_away = False
        while not stop.is_set():
            try:
                pause_seconds = self.sweep()
                database_is_away = False
            except Unavailable as away:
                if not database_is_away:
                    log.error("the database is away, the beat waits: %s", away)
                database_is_away = True
                pause_seconds = self.settings.sweep_seconds
            stop.wait(pause_seconds)
        self._end()

    def sweep(self) -> float:
        """One round; returns the seconds until the next is wanted. Raises DatabaseBusy when the database is away."""
        if not self._holds_lease():
            return self.settings.sweep_seconds
        queues = self._open_queues()
        found = self._look(queues)
        if found.has_expired_leases:
            self._take_back()
        if found.may_try_blockages:
            self._let_one_try()
        real_now = found.instant.real
        ids = [work_id for work_id, not_before in found.due if not_before <= real_now]
        if ids:
            self._enqueue(ids)
        if self._chores_at is None or real_now >= self._chores_at:
            self._do_chores(found.instant)
        if len(ids) == SWEPT_AT_ONCE:
            return 0.0
        later = [(not_before - real_now).total_seconds() for _, not_before in found.due if not_before > real_now]
        is_full = 0 < len(queues) < len(QUEUES)
        return min([self.settings.sweep_seconds * (FULL_QUEUE_SHARE if is_full else 1.0), *later])

    def _holds_lease(self) -> bool:
        if self._lease.is_fresh():
            return True
        with self.database.begin() as session:
            real_now = self.clock.now(session).real
            heartbeats.say_alive(session, self.name, "beat", real_now)
            return self._lease.take(session, real_now)

    def _look(self, queues: Sequence[str]) -> Found:
        with self.database.read() as session:
            instant = self.clock.now(session)
            until = instant.real + timedelta(seconds=self.settings.sweep_seconds)
            due: Sequence[Row[int, datetime]] = ()
            if queues:
                due = work.due_heads(session, now=instant.desk, until=until, queues=queues, limit=SWEPT_AT_ONCE)
            may_try = blockages.may_try(session, instant.real)
            return Found(instant, due, work.has_expired(session, instant.real), may_try)

    def _open_queues(self) -> list[str]:
        """Queues that take more; none while Redis is away. What a flushed Redis forgot is made due again."""
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.set(REDIS_MARK, self.name, nx=True)
                for queue in QUEUES:
                    pipeline.llen(open_queue(self._redis, queue).key)
                mark_was_set, *lengths = pipeline.execute()
        except (RedisError, OSError) as error:
            self._say_redis_is_away(error)
            return []
        if self._redis_is_away:
            log.warning("Redis is back")
            self._redis_is_away = False
        if mark_was_set:
            self._put_all_back()
        return [queue for queue, length in zip(QUEUES, lengths, strict=True) if length < JOBS_ON_QUEUE_MAX]

    def _enqueue(self, ids: Sequence[int]) -> None:
        with self.database.begin() as session:
            real_now = self.clock.now(session).real
            until = real_now + timedelta(seconds=self.settings.queued_seconds)
            marked = work.mark_queued(session, ids, real_now=real_now, until=until)
        try:
            for queue in QUEUES:
                if batches := list(_batches(row for row in marked if row[1] == queue)):
                    enqueue(open_queue(self._redis, queue), batches, self.settings.job_timeout_seconds)
        except (RedisError, OSError) as error:
            self._say_redis_is_away(error)
            self._put_back([row[0] for row in marked])

    def _put_back(self, ids: Sequence[int]) -> None:
        with self.database.begin() as session:
            instant = self.clock.now(session)
            work.release(session, ids, now=instant.desk, real_now=instant.real)

    def _put_all_back(self) -> None:
        with self.database.begin() as session:
            instant = self.clock.now(session)
            if count := work.release(session, now=instant.desk, real_now=instant.real):
                log.warning("Redis had lost its data: %s rows are put on the queues again", count)

    def _take_back(self) -> None:
        with self.database.begin() as session:
            real_now = self.clock.now(session).real
            for row in work.expired(session, real_now, limit=SWEPT_AT_ONCE):
                log.warning("work %s (%s %s) is taken back from %s", row.id, row.kind, row.name, row.leased_by)
                take_back(session, row, real_now)

    def _let_one_try(self) -> None:
        with self.database.begin() as session:
            blockages.let_one_try(session, self.clock.now(session).real)

    def _do_chores(self, now: Instant) -> None:
        real_now = now.real
        self._chores_at = real_now + timedelta(seconds=CHORES_SECONDS)
        for trim in (inbox.trim, work.trim):
            deleted = work.TRIMMED_AT_ONCE
            while deleted >= work.TRIMMED_AT_ONCE and self._lease.is_fresh():
                with self.database.begin() as session:
                    deleted = trim(session, real_now)
        with self.database.begin() as session:
            heartbeats.trim(session, real_now)
        for chore in self.chores:
            with self.database.begin() as session:
                chore(session, now.desk)

    def _say_redis_is_away(self, error: Exception) -> None:
        if not self._redis_is_away:
            log.error("Redis is away, due work waits in SQL: %s", error)
        self._redis_is_away = True

    def _end(self) -> None:
        try:
            with self.database.begin() as session:
                self._lease.give_up(session)
                heartbeats.say_ended(session, self.name)
        except Unavailable as away:
            log.warning("the lease of the beat runs out by itself: %s", away)
        self._redis.close()


def _batches(rows: Iterable[Row[int, str, WorkKind]]) -> Iterable[list[int]]:
    """Ids in jobs: sends in short ones, the rest in long ones."""
    sends: list[int] = []
    others: list[int] = []
    for work_id, _, kind in rows:
        (sends if kind == WorkKind.SEND else others).append(work_id)
    for ids, size in ((sends, SENDS_PER_JOB), (others, ROWS_PER_JOB)):
        yield from (ids[start : start + size] for start in range(0, len(ids), size))
