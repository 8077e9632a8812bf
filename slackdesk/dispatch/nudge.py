"""The nudge: after a commit, workers are told at once instead of at the next sweep.

Rows are not marked as queued for it: a second transaction would cost more than the job without effect that comes when
the sweep enqueues the same row again. A nudge that fails costs nothing but the wait for the sweep.

In a rush, what a click asked for goes first: new requests are put behind what is on the queue, and on a long queue not
at all; the sweep brings them in their turn.
"""

import time

from redis import Redis
from rq import Queue

from slackdesk.dispatch.jobs import JOBS_ON_QUEUE_MAX, enqueue, open_queue
from slackdesk.dispatch.redis_access import BriefRedis

TRY_SECONDS = 0.04
"""Connecting or one answer may take this long: a person waits for the acknowledgement."""

FULL_SECONDS = 0.2
"""A queue that was long is taken to be so for that long: in a rush, even a look at it is a part of each filing."""


class Nudge:
    """Called with the ids of new due work. Takes at most about 50 ms, and never raises for Redis."""

    def __init__(self, redis_url: str, job_timeout_seconds: int = 30) -> None:
        self._redis = BriefRedis(redis_url, "the nudge", TRY_SECONDS)
        self._job_timeout_seconds = job_timeout_seconds
        self._queue: Queue | None = None
        self._full_until = 0.0

    def __call__(self, ids: list[int], yields: bool) -> None:
        """Enqueue one job for the ids, if Redis is there; one that ``yields`` lets others go first."""
        if ids and not (yields and time.monotonic() < self._full_until):
            self._redis.attempt(lambda: self._enqueue(self._redis.client, ids, yields))

    def _enqueue(self, client: "Redis", ids: list[int], yields: bool) -> None:
        if self._queue is None:
            self._queue = open_queue(client, "now")
        if yields and client.llen(self._queue.key) >= JOBS_ON_QUEUE_MAX:
            self._full_until = time.monotonic() + FULL_SECONDS
        else:
            enqueue(self._queue, [ids], self._job_timeout_seconds, at_front=not yields)
