"""One beat alone: what it enqueues, in whose place, and what it costs."""

import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import event, text, update

from slackdesk import clock as clock_module
from slackdesk.database import Database
from slackdesk.dispatch import beat as beat_module
from slackdesk.dispatch import inbox, work
from slackdesk.dispatch.beat import JOBS_ON_QUEUE_MAX, Beat
from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.jobs import open_queue
from slackdesk.dispatch.leases import HeldLease
from slackdesk.dispatch.model import InboxEntry, Work, WorkKind, WorkState
from slackdesk.dispatch.retries import RUN_ATTEMPTS, SEND_ATTEMPTS, pause_after, take_back
from slackdesk.dispatch.runners import Runners
from slackdesk.settings import Settings
from slackdesk.stopping import Stop


@pytest.fixture
def beat(desk: Any, redis_url: str, quick: Settings) -> Beat:
    return Beat(database=desk.database, clock=desk.clock, redis_url=redis_url, settings=quick)


def jobs_on(redis_url: str, queue: str) -> list[list[int]]:
    with Redis.from_url(redis_url) as client:
        return [list(job.args[0]) for job in open_queue(client, queue).jobs]


def test_dispatch_beat_enqueues_heads_that_are_due_on_their_queue(desk: Any, beat: Beat, redis_url: str) -> None:
    with desk.transaction() as tx:
        tomorrow = tx.now + timedelta(days=1)
    head = desk.add(dedupe_key="head", stream="ticket:1")
    desk.add(dedupe_key="behind", stream="ticket:1")
    desk.add(kind=WorkKind.TIMER, dedupe_key="tomorrow", due_at=tomorrow)
    slow = desk.add(kind=WorkKind.TIMER, dedupe_key="slow", queue="slow")
    beat.sweep()
    assert jobs_on(redis_url, "now") == [[head]]
    assert jobs_on(redis_url, "slow") == [[slow]]
    beat.sweep()
    assert jobs_on(redis_url, "now") == [[head]], "what is queued is not queued again"
    with desk.transaction() as tx:
        desk.clock.advance(tx.session, timedelta(days=2))
    beat.sweep()
    assert len(jobs_on(redis_url, "now")) == 2


def test_dispatch_beat_enqueues_again_what_was_not_claimed_in_time(desk: Any, redis_url: str, quick: Settings) -> None:
    settings = quick.model_copy(update={"queued_seconds": 0.000001})
    beat = Beat(database=desk.database, clock=desk.clock, redis_url=redis_url, settings=settings)
    work_id = desk.add()
    beat.sweep()
    beat.sweep()
    assert jobs_on(redis_url, "now") == [[work_id], [work_id]]


def test_dispatch_beat_never_floods_a_queue(
    desk: Any, beat: Beat, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beat_module, "JOBS_ON_QUEUE_MAX", 3)
    assert JOBS_ON_QUEUE_MAX > 3
    for number in range(30):
        desk.add(dedupe_key=f"{number}", queue="now")
    beat.sweep()
    queued = desk.count(WorkState.QUEUED)
    assert queued == 30, "one sweep may go over the limit by its own rows"
    desk.add(dedupe_key="backlog")
    desk.add(dedupe_key="other queue", queue="slow")
    beat.sweep()
    assert desk.count(WorkState.PENDING) == 1
    assert len(jobs_on(redis_url, "slow")) == 1


def test_dispatch_second_beat_takes_over_when_the_first_is_gone(
    desk: Any, beat: Beat, redis_url: str, quick: Settings
) -> None:
    second = Beat(database=desk.database, clock=desk.clock, redis_url=redis_url, settings=quick)
    beat.sweep()
    desk.add()
    second.sweep()
    assert desk.count(WorkState.PENDING) == 1, "the first beat holds the lease"
    stop = Stop()
    stop.set()
    beat.run(stop)
    second.sweep()
    assert desk.count(WorkState.QUEUED) == 1


def test_dispatch_lease_is_taken_over_only_after_it_ran_out(desk: Any) -> None:
    first, second = (HeldLease("beat", name, timedelta(seconds=10)) for name in ("first", "second"))
    with desk.transaction() as tx:
        assert first.take(tx.session, tx.real_now)
        assert not second.take(tx.session, tx.real_now + timedelta(seconds=9))
        assert first.take(tx.session, tx.real_now + timedelta(seconds=9)), "renewed"
        assert not second.take(tx.session, tx.real_now + timedelta(seconds=18))
        assert second.take(tx.session, tx.real_now + timedelta(seconds=20))
        assert not first.take(tx.session, tx.real_now + timedelta(seconds=21))


def test_dispatch_beat_survives_redis_that_is_away(
    desk: Any, quick: Settings, unused_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"redis://127.0.0.1:{unused_port}/0"
    beat = Beat(database=desk.database, clock=desk.clock, redis_url=url, settings=quick)
    desk.add()
    beat.sweep()
    beat.sweep()
    assert desk.count(WorkState.PENDING) == 1
    assert [record.message for record in caplog.records if "Redis is away" in record.message][1:] == [], "said once"


def test_dispatch_idle_sweep_reads_a_few_statements_and_writes_nothing(desk: Any, beat: Beat) -> None:
    with desk.transaction() as tx:
        tomorrow = tx.now + timedelta(days=1)
    for number in range(50):
        desk.add(kind=WorkKind.TIMER, dedupe_key=f"{number}", due_at=tomorrow)
    beat.sweep()
    statements: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    beat.sweep()
    assert not [line for line in statements if line.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE"))]
    looks = [line for line in statements if line.startswith("SELECT") and "clock_timestamp" not in line]
    assert len(looks) <= 4  # the offset of the desk's clock, due work, blockages, leases that ran out


def test_dispatch_sweep_walks_the_index_of_what_is_due(database: Database) -> None:
    """The cost of a sweep depends on what is due, not on how many timers lie in the future."""
    queries: list[tuple[str, Any]] = []
    with database.begin() as session:
        connection = session.connection()
        if database.is_postgresql:
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # the planner would read a small table at once
        event.listen(connection, "before_cursor_execute", lambda *args: queries.append((args[2], args[3])))
        instant = clock_module.Clock(shiftable=False).now(session)
        queries.clear()
        work.due_heads(session, now=instant.desk, until=instant.real, queues=["now"], limit=500)
        work.has_expired(session, instant.real)
        explain = "EXPLAIN " if database.is_postgresql else "EXPLAIN QUERY PLAN "
        plans = [
            str(connection.exec_driver_sql(explain + statement, parameters).all())
            for statement, parameters in list(queries)
        ]
    assert "ix_work_waiting" in plans[0]
    assert "ix_work_stream" in plans[0]
    assert "ix_work_leases" in plans[1]


def test_dispatch_lease_that_ran_out_is_taken_back(desk: Any, beat: Beat) -> None:
    timer = desk.add(kind=WorkKind.TIMER, name="t", dedupe_key="timer")
    send = desk.add(dedupe_key="send")
    unsent = desk.add(dedupe_key="unsent")
    with desk.transaction() as tx:
        for work_id in (timer, send, unsent):
            row = work.claim(
                tx.session,
                work_id,
                queue="now",
                holder="killed",
                now=tx.now,
                real_now=tx.real_now,
                lease=timedelta(seconds=-1),
            )
            assert row is not None
            if work_id == send:
                work.call_begins(tx.session, row, {"method": "chat.postMessage", "arguments": {}}, tx.real_now)
    with desk.transaction() as tx:
        for row in work.expired(tx.session, tx.real_now, 10):
            take_back(tx.session, row, tx.real_now)
    assert desk.row(timer).state == WorkState.PENDING
    assert desk.row(unsent).state == WorkState.PENDING, "it was killed before Slack was called"
    assert desk.row(send).state == WorkState.AMBIGUOUS
    assert desk.row(send).last_error == "its worker ended in the middle of it"


def test_dispatch_work_that_kills_its_worker_each_time_is_given_up(desk: Any, beat: Beat) -> None:
    timer = desk.add(kind=WorkKind.TIMER, name="t", dedupe_key="timer")
    with desk.transaction() as tx:
        tx.session.execute(
            update(Work)
            .where(Work.id == timer)
            .values(
                state=WorkState.RUNNING,
                leased_by="killed",
                attempts=RUN_ATTEMPTS,
                lease_until=tx.real_now - timedelta(seconds=1),
            )
        )
    beat.sweep()
    assert desk.row(timer).state == WorkState.DEAD


def test_dispatch_failing_timer_is_tried_again_and_then_given_up(
    desk: Any, executor: Executor, runners: Runners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slackdesk.dispatch.retries.FIRST_PAUSE_SECONDS", 0.0)

    def fail(_desk: Any, _row: Work) -> None:
        raise RuntimeError("the mail server is away")

    runners.timers["fail"] = fail
    timer = desk.add("fail", WorkKind.TIMER)
    executor.run([timer])
    assert (desk.row(timer).state, desk.row(timer).attempts) == (WorkState.PENDING, 1)
    executor.run([timer] * RUN_ATTEMPTS)
    row = desk.row(timer)
    assert (row.state, row.attempts) == (WorkState.DEAD, RUN_ATTEMPTS)
    assert "the mail server is away" in row.last_error


def test_dispatch_work_that_nothing_runs_says_so(desk: Any, executor: Executor) -> None:
    handler = desk.add("csat.poll", WorkKind.HANDLE)
    executor.run([handler])
    assert "nothing that runs handle 'csat.poll'" in desk.row(handler).last_error


def test_dispatch_handler_gets_its_row_and_the_desk(desk: Any, executor: Executor, runners: Runners) -> None:
    def handle(given_desk: Any, row: Work) -> None:
        with given_desk.transaction() as tx:
            inbox.accept(tx.session, row.payload["key"], tx.real_now)

    runners.handlers["h"] = handle
    handler = desk.add("h", WorkKind.HANDLE, payload={"key": "handled"})
    executor.run([handler, handler])
    assert desk.row(handler).state == WorkState.DONE
    with desk.transaction() as tx:
        assert tx.session.get(InboxEntry, "handled") is not None


def test_dispatch_pauses_grow_to_ten_minutes_and_last_a_day() -> None:
    assert [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 9, 10, 100)] == [2, 4, 8, 512, 600, 600]
    total = sum((pause_after(attempts) for attempts in range(1, SEND_ATTEMPTS)), timedelta())
    assert timedelta(hours=22) < total < timedelta(hours=26)
    assert sum((pause_after(attempts) for attempts in range(1, RUN_ATTEMPTS)), timedelta()) < timedelta(hours=1)


if "SLACKDESK_TEST_DATABASE_URL" in os.environ:  # SQLite has no clock but the machine's

    def test_dispatch_machine_clock_is_never_read_on_postgresql(
        desk: Any, beat: Beat, executor: Executor, runners: Runners, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class NoClock:
            @staticmethod
            def now(*_: object) -> None:
                raise AssertionError("the machine's clock was read")

        monkeypatch.setattr(clock_module, "datetime", NoClock)
        runners.timers["t"] = lambda _desk, _row: None
        timer = desk.add("t", WorkKind.TIMER)
        beat.sweep()
        executor.run([timer])
        assert desk.row(timer).state == WorkState.DONE


def test_dispatch_beat_goes_on_while_the_database_is_away_and_says_so_once(
    redis_url: str, quick: Settings, unused_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    away = Database(f"postgresql+psycopg://nobody@127.0.0.1:{unused_port}/nothing")
    clock = clock_module.Clock(shiftable=False)
    settings = quick.model_copy(update={"sweep_seconds": 0.01})
    beat = Beat(database=away, clock=clock, redis_url=redis_url, settings=settings)
    stop = Stop()
    thread = threading.Thread(target=beat.run, args=(stop,))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert caplog.text.count("the database is away, the beat waits") == 1
