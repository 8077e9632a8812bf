"""RQ jobs: they carry row ids and nothing else, and are no-ops for rows that cannot be claimed.

A job lost with Redis loses nothing, a job delivered twice does nothing twice, a job never needs RQ's own retries.
"""

import os
from collections.abc import Sequence
from typing import Protocol

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

QUEUES = ("now", "slow")
"""What a person waits for, and bulk."""

FAILURE_TTL_SECONDS = 3600
"""A failed job says nothing that SQL does not know; RQ would keep it for a year."""


class RunsWork(Protocol):
    """Runs rows by id: ``slackdesk.dispatch.execution.Executor``."""

    def enter_process(self) -> None:
        """Called in each forked process before ``run``."""
        ...

    def run(self, ids: Sequence[int]) -> None:
        """Run the rows one by one; never raises for what a row does."""
        ...


class _Process:
    """What the worker's parent set up before it forked this process."""

    executor: RunsWork | None = None
    parent: int = 0


def serve(executor: RunsWork) -> None:
    """Name what runs work in this process and in the processes forked from it."""
    _Process.executor, _Process.parent = executor, os.getpid()


def run_work(ids: list[int]) -> None:
    """The one job function."""
    if _Process.executor is None:
        raise RuntimeError("this process runs no work: start workers with `slackdesk worker`")
    if os.getpid() != _Process.parent:
        _Process.executor.enter_process()
    _Process.executor.run(ids)


def rq_name(queue: str) -> str:
    """RQ's name for a queue."""
    return f"slackdesk:{queue}"


def open_queue(client: "Redis", queue: str) -> Queue:
    """The RQ queue, with a serializer that cannot carry code."""
    return Queue(rq_name(queue), connection=client, serializer=JSONSerializer)


def enqueue(queue: Queue, batches: Sequence[Sequence[int]], job_timeout_seconds: int) -> None:
    """Enqueue one job for each batch of ids, in one round trip. Raises RedisError when Redis is away."""
    queue.enqueue_many(
        Queue.prepare_data(
            "slackdesk.dispatch.jobs.run_work",
            args=[list(ids)],
            timeout=job_timeout_seconds,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_SECONDS,
            description=f"{len(ids)} rows from {ids[0]}",
        )
        for ids in batches
    )
