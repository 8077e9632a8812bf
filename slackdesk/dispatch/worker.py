"""The worker process: an RQ worker on one queue that outlives restarts of Redis.

One queue per process, because RQ hands jobs over safely only then; short intervals, because with RQ's defaults an idle
worker looks after nothing for 405 seconds; no RQ retries, because SQL owns them.
"""

import gc
import logging
import os
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from redis import Redis, RedisError
from rq import Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.worker import WorkerStatus

from slackdesk.clock import Clock
from slackdesk.dispatch import heartbeats
from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.jobs import open_queue, serve
from slackdesk.errors import Unavailable
from slackdesk.stopping import Stop

log = logging.getLogger(__name__)

WORKER_TTL_SECONDS = 30
MAINTENANCE_INTERVAL_SECONDS = 10
JOB_MONITORING_INTERVAL_SECONDS = 10
"""While a job runs, RQ looks after it this often."""

RESTART_PAUSE_SECONDS = 1.0
"""RQ's worker ends when Redis does; it is built anew after this pause."""

RECONNECT_PAUSE_SECONDS_MAX = 2.0
"""An idle worker waits longer and longer for Redis, by RQ's default up to a minute."""

HEARTBEAT_SECONDS = 5.0
"""At most this often, and at least every ``WORKER_TTL_SECONDS``, the process says in SQL that it lives."""


def run_worker(executor: Executor, *, redis_url: str, clock: Clock, stop: Stop | None = None) -> None:
    """Work on the executor's queue until SIGTERM or SIGINT; a running job is finished first. Main thread only.

    ``stop`` is set when such a signal came before.
    """
    serve(executor)
    stop = stop or Stop()
    say_alive = _heartbeat(executor, clock)
    _warm_up(executor)
    is_away = False
    while not stop.is_set():
        stop.on_signals()  # RQ's own handlers are gone when it ends
        say_alive()
        try:
            with Redis.from_url(redis_url, socket_connect_timeout=5) as client:
                client.ping()
                if is_away:
                    is_away = False
                    log.info("Redis is back, the worker of %s goes on", executor.queue)
                _RestartedWorker(executor.queue, client, stop, say_alive).work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            if not is_away:  # once, not every second
                is_away = True
                log.error("Redis is away, the worker of %s waits: %s", executor.queue, error)
        stop.wait(RESTART_PAUSE_SECONDS)
    _say_ended(executor)


class _RestartedWorker(Worker):
    """RQ's worker, which tells whether it was asked to stop, and says in SQL that it lives."""

    max_connection_wait_time = RECONNECT_PAUSE_SECONDS_MAX

    def __init__(self, queue: str, client: "Redis", stop: Stop, say_alive: Callable[[], None]) -> None:
        super().__init__(
            [open_queue(client, queue)],
            connection=client,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=MAINTENANCE_INTERVAL_SECONDS,
            job_monitoring_interval=JOB_MONITORING_INTERVAL_SECONDS,
            log_job_description=False,
            serializer=open_queue(client, queue).serializer,
            work_horse_killed_handler=_say_killed,
        )
        self._stop, self._say_alive = stop, say_alive

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM: the job in hand is finished, then nothing is begun."""
        self._stop.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        if self._stop.is_set():  # the signal came before RQ listened for it
            self._stop_requested = True

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ calls this whenever it goes round, idle or not.

        A signal that came just before RQ began to wait for a job is noted by it, and not looked at until the next job.
        """
        if not self.is_horse:
            self._say_alive()
            if self._stop.is_set() and self.get_state() == WorkerStatus.IDLE:
                raise StopRequested
        super().heartbeat(timeout, pipeline)


def _say_killed(job: Job, _process_id: int, status: int, _usage: object) -> None:
    log.error("the process of a job was killed (status %s): %s", status, job.description)


def _warm_up(executor: Executor) -> None:
    try:
        executor.warm_up()
    except Unavailable as error:
        log.warning("the worker of %s starts cold: %s", executor.queue, error)
    executor.desk.database.close()
    gc.freeze()  # what is in memory by now is shared with the forked processes


def _process_name(executor: Executor) -> str:
    return f"worker-{executor.queue}:{socket.gethostname()}:{os.getpid()}"


def _heartbeat(executor: Executor, clock: Clock) -> Callable[[], None]:
    name, kind, database = _process_name(executor), f"worker-{executor.queue}", executor.desk.database
    next_at = 0.0

    def say_alive() -> None:
        nonlocal next_at
        if time.monotonic() < next_at:
            return
        next_at = time.monotonic() + HEARTBEAT_SECONDS
        try:
            with database.begin() as session:
                heartbeats.say_alive(session, name, kind, clock.now(session).real)
        except Unavailable as away:
            log.warning("the worker could not say that it lives: %s", away)
        finally:
            database.close()  # nothing open is handed to the processes that are forked next

    return say_alive


def _say_ended(executor: Executor) -> None:
    try:
        with executor.desk.database.begin() as session:
            heartbeats.say_ended(session, _process_name(executor))
    except Unavailable as away:
        log.warning("the worker could not say that it ended: %s", away)
    executor.desk.database.close()
