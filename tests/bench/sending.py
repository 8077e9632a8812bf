"""How fast a worker sends, beside RQ's own worker with the same intervals and jobs that do nothing."""

import json
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bare
from acceptance import two_apps
from beside import HERE, running, sqlite, wait_until
from outcome import Bench, Figure, Target
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from servers import free_port
from traffic import at_a_pace, listens

ROUNDS = 3
TICKETS = 100
POSTS = 2 * TICKETS
"""A card and the head of the requester's thread for each ticket."""
EMPTY_JOBS = 150
FIRST_JOBS = 10
"""Not counted: the worker starts."""
FILED_PER_SECOND = 15.0
PATIENCE_SECONDS = 300.0
SHARE_WANTED = 0.5


@contextmanager
def _answering(folder: Path) -> Iterator[str]:
    port = free_port()
    with running(str(HERE / "answering.py"), str(port), environment={}, folder=folder):
        wait_until(lambda: listens(port), "the Web API answers")
        yield f"http://127.0.0.1:{port}"


def _counted(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/counted") as response:  # noqa: S310  a server of this bench
        counted: dict[str, Any] = json.load(response)
    return counted


def _sends_per_second(environment: Mapping[str, str], folder: Path) -> float:
    """Worker and beat of a desk, until everything that waits has left."""
    with _answering(folder) as url:
        paced = {"SLACK_API_URL": f"{url}/", "SLACKDESK_RATE_SCALE": "1000"}
        with (
            running("-m", "slackdesk", "worker", environment={**environment, **paced}, folder=folder),
            running("-m", "slackdesk", "beat", environment={**environment, **paced}, folder=folder),
        ):
            wait_until(lambda: _counted(url)["count"] >= POSTS, "everything is sent", PATIENCE_SECONDS)
        first, last = _counted(url)["times"]
    return (POSTS - 1) / (last - first)


def _empty_jobs_per_second(environment: Mapping[str, str], folder: Path) -> float:
    with Redis.from_url(environment["REDIS_URL"]) as client:
        queue = Queue(bare.QUEUE, connection=client, serializer=JSONSerializer)
        for number in range(EMPTY_JOBS):
            queue.enqueue("bare.nothing", [number], result_ttl=0)
        with running(str(HERE / "bare.py"), "worker", environment=environment, folder=folder):
            wait_until(lambda: len(queue) <= EMPTY_JOBS - FIRST_JOBS, "the worker works")
            began, left = time.monotonic(), len(queue)
            wait_until(lambda: len(queue) == 0, "all jobs are done")
            return left / (time.monotonic() - began)


def measure() -> Sequence[Figure]:
    """Rounds that take turns: tickets are filed over HTTP, then a worker and the beat send what waits."""
    sends, jobs = [], []
    with sqlite() as url, two_apps(url) as apps, tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            filed = at_a_pace(apps.desk_port, apps.requests("command", TICKETS), FILED_PER_SECOND)
            assert filed.answered == TICKETS
            sends.append(_sends_per_second(apps.stage.environment, Path(folder)))
            jobs.append(_empty_jobs_per_second(apps.stage.environment, Path(folder)))
    share = statistics.median(sends) / statistics.median(jobs)
    text = f"{statistics.median(sends):.0f} sends/s beside {statistics.median(jobs):.0f} empty jobs/s: {share:.0%}"
    return [Figure(text, share >= SHARE_WANTED)]


BENCH = Bench(
    (
        Target(
            "Sends of one worker to a Web API that answers at once",
            "≥ 50 % of the empty jobs that RQ's own worker runs",
            "a send is two transactions, a drawing and a call over HTTP; a job that stands alone also pays for its "
            "process, which copies some eight thousand pages of memory",
        ),
    ),
    measure,
)
