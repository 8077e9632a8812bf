"""One look at the work table and the heartbeats tells what waits, for how long, and who lives."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from slackdesk.database import Database
from slackdesk.dispatch import heartbeats, work
from slackdesk.dispatch.condition import Condition, Waiting, look
from slackdesk.dispatch.model import Work, WorkKind, WorkState


def _look(desk: Any) -> Condition:
    with desk.database.read() as session:
        return look(session, desk.clock.now(session))


def _set(desk: Any, work_id: int | None, **values: Any) -> None:
    with desk.transaction() as tx:
        tx.session.execute(update(Work).where(Work.id == work_id).values(**values))


def _real_now(desk: Any) -> datetime:
    with desk.transaction() as tx:
        now: datetime = tx.real_now
        return now


def test_condition_of_an_empty_desk(desk: Any) -> None:
    found = _look(desk)
    assert (found.waiting, found.running, found.dead, found.due) == ((), 0, 0, 0)
    assert (found.oldest_due_seconds, found.beat_age_seconds, dict(found.processes)) == (0.0, None, {})
    assert not found.beat_is_running


def test_condition_counts_by_kind_queue_and_state(desk: Any) -> None:
    now = _real_now(desk)
    desk.add("post", dedupe_key="due", not_before=now - timedelta(seconds=30))
    desk.add("post", dedupe_key="paced", not_before=now + timedelta(hours=1))
    desk.add("later", kind=WorkKind.TIMER, dedupe_key="in the future", due_at=now + timedelta(days=1))
    desk.add("bulk", kind=WorkKind.TIMER, queue="slow", dedupe_key="bulk", not_before=now - timedelta(seconds=5))
    unknown = desk.add("post", dedupe_key="unknown", not_before=now + timedelta(seconds=60))
    _set(desk, unknown, state=WorkState.AMBIGUOUS)
    for state in (WorkState.RUNNING, WorkState.DEAD, WorkState.DONE, WorkState.CANCELLED):
        _set(desk, desk.add("post", dedupe_key=state), state=state)
    found = _look(desk)
    shapes = [(one.kind, one.queue, one.state, one.count, one.due) for one in found.waiting]
    assert shapes == [
        (WorkKind.SEND, "now", WorkState.AMBIGUOUS, 1, 0),
        (WorkKind.SEND, "now", WorkState.PENDING, 2, 1),
        (WorkKind.TIMER, "slow", WorkState.PENDING, 1, 1),
    ]
    assert (found.running, found.dead, found.due) == (1, 1, 2)
    assert (found.in_state(WorkState.PENDING), found.in_state(WorkState.AMBIGUOUS)) == (3, 1)
    assert 30 <= found.oldest_due_seconds < 60
    assert 5 <= _of(found, "slow").oldest_due_seconds < 30


def _of(found: Condition, queue: str) -> Waiting:
    [one] = [one for one in found.waiting if one.queue == queue]
    return one


def test_condition_of_a_queue_without_a_worker_grows_old(desk: Any) -> None:
    """The beat queues the same row again and again, each time for a while: it has waited since it was added."""
    row = desk.add("post", dedupe_key="nobody takes it")
    now = _real_now(desk)
    _set(desk, row, created_at=now - timedelta(minutes=5), due_at=now - timedelta(minutes=5))
    with desk.transaction() as tx:
        work.mark_queued(tx.session, [row], real_now=now, until=now + timedelta(seconds=15))
    assert 300 <= _look(desk).oldest_due_seconds < 330


def test_condition_of_a_timer_that_has_just_come_due_is_young(desk: Any) -> None:
    row = desk.add("remind", kind=WorkKind.TIMER, dedupe_key="planned long ago")
    now = _real_now(desk)
    _set(desk, row, created_at=now - timedelta(days=3), state=WorkState.QUEUED, not_before=now)
    found = _look(desk)
    assert found.due == 1
    assert found.oldest_due_seconds < 30


def test_condition_counts_living_processes_by_kind(desk: Any) -> None:
    now = _real_now(desk)
    with desk.transaction() as tx:
        for process, kind, age_seconds in [
            ("beat:a", "beat", 20),
            ("beat:b", "beat", 3600),
            ("worker-now:a", "worker-now", 1),
            ("worker-now:b", "worker-now", 1),
            ("app:a", "app", 3600),
        ]:
            heartbeats.say_alive(tx.session, process, kind, now - timedelta(seconds=age_seconds))
    found = _look(desk)
    assert dict(found.processes) == {"beat": 1, "worker-now": 2}
    assert found.beat_age_seconds == pytest.approx(20, abs=15)
    assert found.beat_is_running
    with desk.transaction() as tx:
        heartbeats.say_ended(tx.session, "beat:a")
    assert not _look(desk).beat_is_running


def test_condition_on_a_large_desk_reads_partial_indexes(desk: Any, database: Database) -> None:
    """Timers in the future and rows that are done may be millions."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM work" in statement:
            asked.append((statement, parameters))

    with database.read() as session:
        connection = session.connection()
        instant = desk.clock.now(session)
        event.listen(connection, "before_cursor_execute", note)
        look(session, instant)
        event.remove(connection, "before_cursor_execute", note)
        if database.is_postgresql:  # its planner would read a small table as a whole, whatever indexes there are
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if database.is_postgresql else "EXPLAIN QUERY PLAN"
        plans = [str(connection.exec_driver_sql(f"{explain} {one}", how).all()) for one, how in asked]
    assert len(plans) == 3
    used = ("ix_work_waiting", "ix_work_leases", "ix_work_dead")
    assert all(index in plan for index, plan in zip(used, plans, strict=True)), plans
