"""Adding, taking and settling work: the rules of the table, on whatever database the tests run on."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from slackdesk.database import Database
from slackdesk.dispatch import inbox, work
from slackdesk.dispatch.model import InboxEntry, Work, WorkKind, WorkState
from slackdesk.errors import AlreadyAccepted

LEASE = timedelta(seconds=60)


def take(desk: Any, work_id: int | None, *, after: timedelta = timedelta(0), queue: str = "now") -> Work | None:
    assert work_id is not None
    with desk.transaction() as tx:
        return work.claim(
            tx.session,
            work_id,
            queue=queue,
            holder=f"holder-{threading.get_ident()}",
            now=tx.now + after,
            real_now=tx.real_now + after,
            lease=LEASE,
        )


def in_threads(count: int, act: Callable[[int], None]) -> None:
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            act(number)
        except BaseException as failure:  # noqa: BLE001  told to the test below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def test_dispatch_dedupe_key_is_added_once(desk: Any) -> None:
    assert desk.add(dedupe_key="same") is not None
    assert desk.add(dedupe_key="same") is None
    assert desk.count(WorkState.PENDING) == 1


def test_dispatch_row_is_claimed_once_by_many(desk: Any) -> None:
    work_id = desk.add()
    taken: list[Work | None] = []
    in_threads(8, lambda _: taken.append(take(desk, work_id)))
    winners = [row for row in taken if row is not None]
    assert [row.attempts for row in winners] == [1]
    assert desk.row(work_id).state == WorkState.RUNNING


def test_dispatch_row_is_claimed_when_both_clocks_allow(desk: Any) -> None:
    with desk.transaction() as tx:
        now, real_now = tx.now, tx.real_now
    later = timedelta(minutes=5)
    due_later = desk.add(dedupe_key="due", due_at=now + later)
    real_later = desk.add(dedupe_key="real", not_before=real_now + later)
    assert take(desk, due_later) is None
    assert take(desk, real_later) is None
    assert take(desk, due_later, after=later * 2) is not None
    assert take(desk, real_later, after=later * 2) is not None


def test_dispatch_worker_takes_rows_of_its_queue_only(desk: Any) -> None:
    slow = desk.add(queue="slow")
    assert take(desk, slow) is None
    assert take(desk, slow, queue="slow") is not None


def test_dispatch_stream_lets_only_its_head_be_claimed(desk: Any) -> None:
    first = desk.add(dedupe_key="1", stream="ticket:1")
    second = desk.add(dedupe_key="2", stream="ticket:1")
    other = desk.add(dedupe_key="3", stream="ticket:2")
    assert take(desk, second) is None
    row = take(desk, first)
    assert row is not None
    assert take(desk, second) is None, "the first still runs"
    assert take(desk, other) is not None
    with desk.transaction() as tx:
        assert work.finish(tx.session, row, tx.real_now)
        assert work.head_of_stream(tx.session, "ticket:1", "now") == second
    assert take(desk, second) is not None


def test_dispatch_dead_row_frees_its_stream(desk: Any) -> None:
    first, second = (desk.add(dedupe_key=key, stream="ticket:1") for key in "ab")
    row = take(desk, first)
    assert row is not None
    with desk.transaction() as tx:
        assert work.die(tx.session, row, tx.real_now, "Slack refused chat.postMessage: is_archived")
    assert take(desk, second) is not None
    assert desk.row(first).last_error == "Slack refused chat.postMessage: is_archived"


def test_dispatch_lost_lease_settles_nothing(desk: Any) -> None:
    work_id = desk.add()
    slow_holder = take(desk, work_id)
    assert slow_holder is not None
    with desk.transaction() as tx:
        assert [row.id for row in work.expired(tx.session, tx.real_now + LEASE * 2, 10)] == [work_id]
        assert work.try_again(tx.session, slow_holder, tx.real_now)
    other_holder = take(desk, work_id)
    assert other_holder is not None
    slow_holder.leased_by = "somebody who was slow"
    with desk.transaction() as tx:
        assert not work.finish(tx.session, slow_holder, tx.real_now)
        assert work.finish(tx.session, other_holder, tx.real_now)


@pytest.mark.parametrize("end", ["finish", "die", "cancel"])
def test_dispatch_row_that_has_ended_keeps_nothing_of_what_it_was_about(desk: Any, end: str) -> None:
    work_id = desk.add(payload={"text": "My VPN is down"}, dedupe_key="told")
    row = None if end == "cancel" else take(desk, work_id)
    with desk.transaction() as tx:
        if row is None:
            assert work.cancel(tx.session, "told") == 1
        else:
            assert (
                work.finish(tx.session, row, tx.real_now)
                if end == "finish"
                else work.die(tx.session, row, tx.real_now, "Slack refused it")
            )
    assert desk.row(work_id).payload == {}


def test_dispatch_cancel_by_prefix_takes_exactly_the_prefix(desk: Any) -> None:
    for key in ("sla:4:a", "sla:42:a", "sla:42:b", "sla:43:a", "sla:42", "SLA:42:a", "sla:42_a"):
        desk.add(dedupe_key=key)
    with desk.transaction() as tx:
        assert work.cancel(tx.session, prefix="sla:42:") == 2
        assert work.cancel(tx.session, "sla:43:a") == 1
        assert work.cancel(tx.session, "sla:43:a") == 0, "cancelled already"
    with pytest.raises(ValueError, match="prefix"), desk.transaction() as tx:
        work.cancel(tx.session, prefix="")
    assert desk.count(WorkState.PENDING) == 4


def test_dispatch_cancel_leaves_running_work_alone(desk: Any) -> None:
    work_id = desk.add(dedupe_key="running")
    assert take(desk, work_id) is not None
    with desk.transaction() as tx:
        assert work.cancel(tx.session, "running") == 0


def test_dispatch_reschedule_moves_what_was_not_tried(desk: Any) -> None:
    work_id = desk.add(kind=WorkKind.TIMER, dedupe_key="timer")
    with desk.transaction() as tx:
        assert work.reschedule(tx.session, "timer", tx.now + timedelta(hours=1))
        assert not work.reschedule(tx.session, "no such timer", tx.now)
    assert take(desk, work_id) is None
    assert take(desk, work_id, after=timedelta(hours=2)) is not None


def test_dispatch_waiting_redraw_stands_for_later_ones(desk: Any) -> None:
    first = desk.add(dedupe_key="1", coalesce_key="card:1")
    assert desk.add(dedupe_key="2", coalesce_key="card:1") is None
    row = take(desk, first)
    assert row is not None
    second = desk.add(dedupe_key="3", coalesce_key="card:1")
    assert second is not None, "what runs may have drawn the old state"
    with desk.transaction() as tx:
        assert work.try_again(tx.session, row, tx.real_now)
    assert desk.row(first).state == WorkState.DONE, "the newer one draws the same"
    assert desk.row(first).result == {"superseded": True}
    assert desk.row(second).state == WorkState.PENDING


def test_dispatch_redraw_is_drawn_after_the_commit_that_asked_for_it(desk: Any, database: Database) -> None:
    """A change whose redraw is already waiting is seen by that redraw, however the two meet."""
    with desk.transaction() as tx:
        inbox.accept(tx.session, "state", tx.real_now)
    waiting = desk.add(dedupe_key="first", coalesce_key="card:1")
    changed, drawn = threading.Event(), []

    def change() -> None:
        with desk.transaction() as tx:
            added = work.add(
                tx.session,
                kind=WorkKind.SEND,
                name="card",
                payload={},
                now=tx.now,
                real_now=tx.real_now,
                dedupe_key="second",
                coalesce_key="card:1",
            )
            assert added is None
            changed.set()
            inbox.remember_answer(tx.session, "state", {"version": 2})
            threading.Event().wait(0.2)

    def draw() -> None:
        changed.wait(5)
        with desk.transaction() as tx:
            row = work.claim(
                tx.session, waiting, queue="now", holder="h", now=tx.now, real_now=tx.real_now, lease=LEASE
            )
            assert row is not None
            drawn.append(tx.session.scalar(select(InboxEntry.answer).where(InboxEntry.key == "state")))

    in_threads(2, lambda number: change() if number == 0 else draw())
    assert drawn == [{"version": 2}]


def test_dispatch_coalescing_under_concurrency_never_loses_the_last_change(desk: Any) -> None:
    """Many writers and two drawers: whatever was committed last is drawn."""
    with desk.transaction() as tx:
        inbox.accept(tx.session, "state", tx.real_now)
    drawn: list[Any] = []
    all_written = threading.Event()
    written = threading.Barrier(4, action=all_written.set)

    def write(number: int) -> None:
        for step in range(6):
            with desk.transaction() as tx:
                current = tx.session.scalar(select(InboxEntry).where(InboxEntry.key == "state").with_for_update())
                version = (current.answer or {"version": 0})["version"] + 1
                inbox.remember_answer(tx.session, "state", {"version": version})
                work.add(
                    tx.session,
                    kind=WorkKind.SEND,
                    name="card",
                    payload={},
                    now=tx.now,
                    real_now=tx.real_now,
                    dedupe_key=f"redraw:{number}:{step}",
                    coalesce_key="card:1",
                )
        written.wait(30)

    def draw_all() -> None:
        with desk.transaction() as tx:
            ids = tx.session.scalars(select(Work.id).where(Work.state == WorkState.PENDING)).all()
        for work_id in ids:
            with desk.transaction() as tx:
                row = work.claim(
                    tx.session, work_id, queue="now", holder="h", now=tx.now, real_now=tx.real_now, lease=LEASE
                )
                if row is not None:
                    answer = tx.session.scalar(select(InboxEntry.answer).where(InboxEntry.key == "state"))
                    drawn.append((row.id, answer["version"]))
                    work.finish(tx.session, row, tx.real_now)

    def run(number: int) -> None:
        if number < 4:
            write(number)
        else:
            while not all_written.is_set():
                draw_all()

    in_threads(6, run)
    draw_all()
    assert desk.count(WorkState.PENDING, WorkState.QUEUED) == 0
    assert max(version for _, version in drawn) == 24
    assert len({work_id for work_id, _ in drawn}) == len(drawn), "each row was drawn once"


ACTIONS = ("add", "redraw", "claim", "finish", "retry", "ambiguous")


class StreamHistory:
    """Does to the rows of some streams what it is told, and asserts that one row of a stream runs at a time."""

    def __init__(self, desk: Any) -> None:
        self.desk, self.name = desk, uuid.uuid4().hex
        self.running: dict[str, Work] = {}
        self.ended: dict[str, list[int]] = {}

    def do(self, action: str, number: int) -> None:
        stream = f"{self.name}:{number}"
        if action in ("add", "redraw"):
            key = f"card:{stream}" if action == "redraw" else None
            self.desk.add(dedupe_key=uuid.uuid4().hex, stream=stream, coalesce_key=key)
        elif action == "claim":
            self.claim_any(stream)
        elif stream in self.running:
            self.settle(stream, action)

    def claim_any(self, stream: str) -> None:
        with self.desk.transaction() as tx:
            ids = tx.session.scalars(select(Work.id).where(Work.stream == stream)).all()
        taken = [row for row in (take(self.desk, work_id) for work_id in ids) if row is not None]
        assert len(taken) <= (0 if stream in self.running else 1)
        if taken:
            self.running[stream] = taken[0]

    def settle(self, stream: str, action: str) -> None:
        row = self.running.pop(stream)
        with self.desk.transaction() as tx:
            if action == "finish":
                assert work.finish(tx.session, row, tx.real_now)
                self.ended.setdefault(stream, []).append(row.id)
            elif action == "retry":
                assert work.try_again(tx.session, row, tx.real_now)
            else:
                assert work.be_ambiguous(tx.session, row, tx.real_now, "no answer")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2)), max_size=30))
def test_dispatch_any_history_keeps_streams_in_order(desk: Any, steps: list[tuple[str, int]]) -> None:
    """Whatever happens: rows of one stream run one at a time, and end in the order of their ids."""
    history = StreamHistory(desk)
    for action, number in steps:
        history.do(action, number)
    for ids in history.ended.values():
        assert ids == sorted(set(ids))


def test_dispatch_inbox_accepts_a_key_once_and_repeats_the_answer(desk: Any) -> None:
    with desk.transaction() as tx:
        inbox.accept(tx.session, "Ev1", tx.real_now)
        inbox.remember_answer(tx.session, "Ev1", {"ticket": 42})
    with pytest.raises(AlreadyAccepted) as caught, desk.transaction() as tx:
        inbox.accept(tx.session, "Ev1", tx.real_now)
    assert caught.value.answer == {"ticket": 42}


def test_dispatch_inbox_lets_one_of_many_deliveries_in(desk: Any) -> None:
    accepted: list[int] = []

    def deliver(number: int) -> None:
        try:
            with desk.transaction() as tx:
                inbox.accept(tx.session, "Ev1", tx.real_now)
                accepted.append(number)
        except AlreadyAccepted:
            pass

    in_threads(8, deliver)
    assert len(accepted) == 1


def test_dispatch_inbox_forgets_a_delivery_that_failed(desk: Any) -> None:
    def fail() -> None:
        with desk.transaction() as tx:
            inbox.accept(tx.session, "Ev1", tx.real_now)
            raise RuntimeError("the use case failed")

    with pytest.raises(RuntimeError, match="the use case failed"):
        fail()
    with desk.transaction() as tx:
        inbox.accept(tx.session, "Ev1", tx.real_now)


def test_dispatch_trimming_keeps_what_is_young_or_live(desk: Any) -> None:
    done, dead, young, live = (desk.add(dedupe_key=key) for key in ("done", "dead", "young", "live"))
    with desk.transaction() as tx:
        old = tx.real_now - work.KEPT_AFTER_END - timedelta(days=1)
        for work_id, state, finished_at in (
            (done, WorkState.DONE, old),
            (dead, WorkState.DEAD, old),
            (young, WorkState.DONE, tx.real_now),
        ):
            tx.session.execute(update(Work).where(Work.id == work_id).values(state=state, finished_at=finished_at))
        inbox.accept(tx.session, "young", tx.real_now)
        inbox.accept(tx.session, "old", tx.real_now - inbox.KEPT - timedelta(minutes=1))
        assert work.trim(tx.session, tx.real_now) == 1
        assert inbox.trim(tx.session, tx.real_now) == 1
        assert sorted(tx.session.scalars(select(Work.id)).all()) == [dead, young, live]
        assert tx.session.scalars(select(InboxEntry.key)).all() == ["young"]
