"""Real beats and workers as processes of their own, and what may befall them."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from slackdesk.dispatch import heartbeats, work
from slackdesk.dispatch.beat import Beat
from slackdesk.dispatch.jobs import JOBS_ON_QUEUE_MAX
from slackdesk.dispatch.model import Work, WorkKind, WorkState
from slackdesk.dispatch.nudge import Nudge
from slackdesk.dispatch.runners import Drawing, Runners, SlackCall
from slackdesk.sandbox import Sandbox
from slackdesk.settings import Settings

Eventually = Callable[[Callable[[], bool], str], None]
Texts = Callable[[str], list[str]]


class Tally:
    """A file that counts what processes did: one short line for each, appended in one write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def note(self, what: object) -> None:
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{what}\n".encode())

    def read(self) -> Counter[str]:
        return Counter(self.path.read_text().split())


@pytest.fixture
def tally(tmp_path: Path) -> Tally:
    return Tally(tmp_path / "tally")


def add_timers(desk: Any, count: int) -> None:
    with desk.transaction() as tx:
        for number in range(count):
            work.add(
                tx.session,
                kind=WorkKind.TIMER,
                name="count",
                payload={"number": number},
                now=tx.now,
                real_now=tx.real_now,
                dedupe_key=f"timer:{number}",
            )


def test_dispatch_two_beats_and_two_workers_run_a_thousand_timers_once_each(
    desk: Any, runners: Runners, redis_url: str, quick: Settings, tally: Tally, start: Any, eventually: Eventually
) -> None:
    runners.timers["count"] = lambda _desk, row: tally.note(row.payload["number"])
    add_timers(desk, 1000)
    settings = quick.model_copy(update={"queued_seconds": 15.0})
    for what in ("beat", "worker", "beat", "worker"):
        start(what, redis_url, settings)
    eventually(lambda: desk.count(WorkState.DONE) == 1000, "all timers are done")
    assert tally.read() == Counter({str(number): 1 for number in range(1000)})


def test_dispatch_killed_process_in_the_middle_of_a_batch_loses_nothing(
    desk: Any, runners: Runners, redis_url: str, quick: Settings, tally: Tally, start: Any, eventually: Eventually
) -> None:
    settings = quick.model_copy(
        update={"slack_timeout_seconds": 0.3, "job_timeout_seconds": 1, "lease_seconds": 1.5, "queued_seconds": 0.5}
    )

    def count(_desk: Any, row: Work) -> None:
        if row.payload["number"] == 7 and row.attempts == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        tally.note(row.payload["number"])

    runners.timers["count"] = count
    add_timers(desk, 20)
    start("beat", redis_url, settings)
    start("worker", redis_url, settings)
    eventually(lambda: desk.count(WorkState.DONE) == 20, "all timers are done")
    assert tally.read() == Counter({str(number): 1 for number in range(20)})


@pytest.mark.parametrize("whom", ["the job's process", "the worker and the job's process"])
def test_dispatch_kill_between_slack_and_the_record_is_seen_once(
    whom: str, desk: Any, runners: Runners, redis_url: str, quick: Settings, tally: Tally, start: Any,
    eventually: Eventually, slack: Sandbox, channel: str, texts_in: Texts,
) -> None:  # fmt: skip
    settings = quick.model_copy(
        update={"slack_timeout_seconds": 0.3, "job_timeout_seconds": 1, "lease_seconds": 1.5, "queued_seconds": 0.5}
    )

    class HangsOnce(Drawing):
        def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
            return SlackCall("chat.postMessage", {"channel": channel, "text": "once"})

        def sent(self, tx: Any, payload: dict[str, Any], response: dict[str, Any]) -> None:
            first = not tally.read()
            tally.note(os.getpid())
            if first:
                time.sleep(30)

    runners.drawings["hang"] = HangsOnce()
    work_id = desk.add("hang", stream="ticket:1")
    start("beat", redis_url, settings)
    worker = start("worker", redis_url, settings)
    eventually(lambda: bool(tally.read()), "Slack was called")
    if whom == "the worker and the job's process":
        os.kill(worker.pid, signal.SIGKILL)
    os.kill(int(next(iter(tally.read()))), signal.SIGKILL)
    if whom == "the worker and the job's process":
        start("worker", redis_url, settings)
    eventually(lambda: desk.row(work_id).state == WorkState.DONE, "it was settled")
    assert texts_in(channel) == ["once"]
    assert desk.row(work_id).result["ts"] in slack.workspace.channels[channel].messages
    assert desk.row(work_id).attempts >= 2


def test_dispatch_order_of_streams_survives_two_workers(
    desk: Any, redis_url: str, quick: Settings, start: Any, eventually: Eventually, channel: str, texts_in: Texts
) -> None:
    for number in range(12):
        for stream in "ab":
            desk.add(payload={"channel": channel, "text": f"{stream}{number}"}, stream=stream)
    for what in ("beat", "worker", "worker"):
        start(what, redis_url, quick)
    eventually(lambda: desk.count(WorkState.DONE) == 24, "everything was sent")
    for stream in "ab":
        assert [text for text in texts_in(channel) if text[0] == stream] == [f"{stream}{n}" for n in range(12)]


def test_dispatch_flushed_redis_loses_nothing(
    desk: Any, redis_url: str, quick: Settings, start: Any, eventually: Eventually, channel: str, texts_in: Texts
) -> None:
    """What was on a queue is put there again at once, not when its time on the queue is over."""
    patient = quick.model_copy(update={"queued_seconds": 3600.0})
    ids = [desk.add(payload={"channel": channel, "text": str(number)}) for number in range(5)]
    beat = Beat(database=desk.database, clock=desk.clock, redis_url=redis_url, settings=patient)
    beat.sweep()
    assert {desk.row(work_id).state for work_id in ids} == {WorkState.QUEUED}
    with Redis.from_url(redis_url) as client:
        assert client.llen("rq:queue:slackdesk:now") == 1
        client.flushdb()
    start("worker", redis_url, patient)
    beat.sweep()
    eventually(lambda: desk.count(WorkState.DONE) == 5, "everything was sent")
    assert sorted(texts_in(channel)) == ["0", "1", "2", "3", "4"]


def test_dispatch_redis_restart_is_survived_by_beat_and_worker(
    desk: Any, quick: Settings, start: Any, eventually: Eventually, channel: str, texts_in: Texts,
    redis_that_restarts: Any,
) -> None:  # fmt: skip
    server = redis_that_restarts()
    url = f"redis://127.0.0.1:{server.port}/0"
    beat, worker = start("beat", url, quick), start("worker", url, quick)
    before = desk.add(payload={"channel": channel, "text": "before"})
    eventually(lambda: desk.row(before).state == WorkState.DONE, "it was sent")
    server.stop()
    during = desk.add(payload={"channel": channel, "text": "during"})
    Nudge(url)([during], False)
    assert desk.row(during).state == WorkState.PENDING
    redis_that_restarts()
    eventually(lambda: desk.row(during).state == WorkState.DONE, "it was sent once Redis was back")
    assert texts_in(channel) == ["before", "during"]
    assert beat.is_alive()
    assert worker.is_alive()


def test_dispatch_nudge_delivers_without_a_beat(
    desk: Any, redis_url: str, quick: Settings, start: Any, eventually: Eventually, channel: str, texts_in: Texts
) -> None:
    start("worker", redis_url, quick)
    ids = [desk.add(payload={"channel": channel, "text": str(n)}, stream="ticket:1") for n in range(3)]
    Nudge(redis_url)(ids, False)
    eventually(lambda: desk.count(WorkState.DONE) == 3, "everything was sent")
    assert texts_in(channel) == ["0", "1", "2"]


def test_dispatch_in_a_rush_what_a_click_asked_for_goes_first(
    desk: Any, runners: Runners, redis_url: str, quick: Settings, tally: Tally, start: Any, eventually: Eventually
) -> None:
    runners.timers["count"] = lambda _desk, row: tally.note(row.payload["number"])
    nudge = Nudge(redis_url)
    for number in range(JOBS_ON_QUEUE_MAX + 5):
        nudge([desk.add("count", WorkKind.TIMER, payload={"number": number})], True)
    nudge([desk.add("count", WorkKind.TIMER, payload={"number": "click"})], False)
    with Redis.from_url(redis_url) as client:
        assert client.llen("rq:queue:slackdesk:now") == JOBS_ON_QUEUE_MAX + 1
    start("worker", redis_url, quick)
    eventually(lambda: desk.count(WorkState.DONE) == JOBS_ON_QUEUE_MAX + 1, "what is on the queue is done")
    assert tally.path.read_text().split()[0] == "click"
    start("beat", redis_url, quick)
    eventually(lambda: desk.count(WorkState.DONE) == JOBS_ON_QUEUE_MAX + 6, "the others were found in SQL")


def test_dispatch_process_of_a_job_goes_on_with_the_jobs_behind_it(
    desk: Any, redis_url: str, quick: Settings, start: Any, eventually: Eventually, runners: Any, tmp_path: Path
) -> None:
    def note(_desk: Any, _row: Any) -> None:
        with (tmp_path / "processes").open("a") as file:
            file.write(f"{os.getpid()}\n")

    runners.timers["note"] = note
    for n in range(20):
        Nudge(redis_url)([desk.add("note", WorkKind.TIMER, payload={"n": n})], False)
    start("worker", redis_url, quick)
    eventually(lambda: desk.count(WorkState.DONE) == 20, "every job was done")
    processes = (tmp_path / "processes").read_text().split()
    assert len(processes) == 20
    assert len(set(processes)) < 20
    with Redis.from_url(redis_url) as client:
        eventually(lambda: client.keys("rq:job:*") == [], "no job is left in Redis")


def test_dispatch_worker_ends_on_sigterm_and_is_known_as_long_as_it_lives(
    desk: Any, redis_url: str, quick: Settings, start: Any, eventually: Eventually
) -> None:
    def living() -> list[str]:
        with desk.transaction() as tx:
            return [row.kind for row in heartbeats.living(tx.session, tx.real_now)]

    worker, beat = start("worker", redis_url, quick), start("beat", redis_url, quick)
    eventually(lambda: sorted(living()) == ["beat", "worker-now"], "both said that they live")
    for process in (worker, beat):
        process.terminate()
        process.join(10)
        assert process.exitcode == 0
    assert living() == []
