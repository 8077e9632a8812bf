"""RQ jobs: they carry row ids and nothing else, and are no-ops for rows that cannot be claimed.

A job lost with Redis loses nothing, a job delivered twice does nothing twice, a job never needs RQ's own retries.
"""

import contextlib
import logging
import os
import time
from collections.abc import Sequence
from typing import Protocol, cast

from redis import Redis, RedisError
from rq import Queue, get_current_job
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text

log = logging.getLogger(__name__)

QUEUES = ("now", "slow")
"""What a person waits for, and bulk."""

JOBS_ON_QUEUE_MAX = 20
"""No more of a backlog is put on a queue that is this long: it waits in SQL, not in Redis, and what is on a queue is
run before its time there is over."""

FAILURE_TTL_SECONDS = 3600
"""A failed job says nothing that SQL does not know; RQ would keep it for a year."""

GO_ON_SECONDS = 2.0
"""A process that was forked for a job goes on with the jobs behind it for that long. Measured: a job of two sends costs
three times as much in a process of its own, which has to copy every page of memory that it touches."""


class RunsWork(Protocol):
    """Runs rows by id: ``slackdesk.dispatch.execution.Executor``."""

    def enter_process(self) -> None:
        """Called in each forked process before ``run``."""
        ...

    def run(self, ids: Sequence[int], began: float | None = None) -> None:
        """Run the rows one by one; never raises for what a row does. ``began``: the job's beginning, now by default."""
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
    began = time.monotonic()
    _Process.executor.run(ids, began)
    if (job := get_current_job()) is not None:
        _run_jobs_behind(_Process.executor, job, began)


def _run_jobs_behind(executor: RunsWork, job: Job, began: float) -> None:
    """Run what else is on the queue in this process; a job that is lost on the way loses nothing."""
    queue = Queue(job.origin, connection=job.connection, serializer=JSONSerializer)
    try:
        while time.monotonic() - began < GO_ON_SECONDS and (job_id := job.connection.lpop(queue.key)) is not None:
            with contextlib.suppress(NoSuchJobError):
                behind = Job.fetch(as_text(cast("bytes", job_id)), connection=job.connection, serializer=JSONSerializer)
                behind.delete(remove_from_queue=False)
                executor.run(behind.args[0], began)
    except (RedisError, OSError) as error:
        log.warning("Redis is away, what was behind the job waits: %s", error)


def rq_name(queue: str) -> str:
    """RQ's name for a queue."""
    return f"slackdesk:{queue}"


def open_queue(client: "Redis", queue: str) -> Queue:
    """The RQ queue, with a serializer that cannot carry code."""
    return Queue(rq_name(queue), connection=client, serializer=JSONSerializer)


def enqueue(
    queue: Queue, batches: Sequence[Sequence[int]], job_timeout_seconds: int, *, at_front: bool = False
) -> None:
    """Enqueue one job for each batch of ids, in one round trip. Raises RedisError when Redis is away."""
    queue.enqueue_many(
        Queue.prepare_data(
            "slackdesk.dispatch.jobs.run_work",
            args=[list(ids)],
            timeout=job_timeout_seconds,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_SECONDS,
            description=f"{len(ids)} rows from {ids[0]}",
            at_front=at_front,
        )
        for ids in batches
    )
