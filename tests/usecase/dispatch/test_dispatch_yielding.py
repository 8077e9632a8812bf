"""Bulk lets others go first: in the pace of Slack's methods and channels, and in the stream of a ticket."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from slackdesk.dispatch import work
from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.model import Work, WorkState
from slackdesk.dispatch.pacing import Pacing
from slackdesk.dispatch.runners import Runners
from slackdesk.settings import Settings

POST, UPDATE = "chat.postMessage", "chat.update"
LEASE = timedelta(minutes=1)


def close_to(seconds: float) -> Any:
    return pytest.approx(seconds, abs=0.5)


@pytest.fixture
def pacing(redis_url: str) -> Pacing:
    return Pacing(redis_url)


def test_yielding_posts_take_every_other_second_of_a_channel(pacing: Pacing) -> None:
    waits = [pacing.reserve(POST, "C1", reserved=False, yields=True) for _ in range(10)]
    assert waits == [close_to(2 * number) for number in range(10)]


def test_others_do_not_wait_behind_what_yields(pacing: Pacing) -> None:
    for number in range(200):
        pacing.reserve(POST, f"C{number % 3}", reserved=False, yields=True)
        pacing.reserve(UPDATE, None, reserved=False, yields=True)
    assert pacing.reserve(POST, "C1", reserved=False) <= 1.0, "the one that has just left"
    assert pacing.reserve(POST, "C4", reserved=False) == 0
    assert pacing.reserve(UPDATE, None, reserved=False) <= 1.5


def test_what_yields_waits_behind_others_and_takes_none_of_their_slots(pacing: Pacing) -> None:
    for _ in range(5):
        pacing.reserve(POST, "C1", reserved=False)
    waits = [pacing.reserve(POST, "C1", reserved=True, yields=True) for _ in range(5)]
    assert waits == [close_to(5)] * 5, "its turn has come, and no slot is free"
    assert pacing.reserve(POST, "C1", reserved=False) == close_to(5)


def test_a_held_method_holds_what_yields(pacing: Pacing) -> None:
    pacing.hold(POST, 30)
    assert pacing.reserve(POST, "C1", reserved=True, yields=True) == close_to(30)


def take(desk: Any, work_id: int, queue: str) -> Work | None:
    with desk.transaction() as tx:
        return work.claim(tx.session, work_id, queue=queue, holder=queue, now=tx.now, real_now=tx.real_now, lease=LEASE)


def add(desk: Any, key: str, queue: str, coalesce_key: str | None = None) -> int:
    added = desk.add(dedupe_key=key, queue=queue, stream="ticket:1", coalesce_key=coalesce_key)
    assert added is not None
    return int(added)


def finish(desk: Any, row: Work) -> None:
    with desk.transaction() as tx:
        assert work.finish(tx.session, row, tx.real_now)


def test_a_redraw_that_has_time_is_overtaken(desk: Any) -> None:
    slow, first, second = add(desk, "a", "slow", "card"), add(desk, "b", "now"), add(desk, "c", "now", "card:now")
    row = take(desk, first, "now")
    assert row is not None
    assert take(desk, second, "now") is None, "among themselves they keep their order"
    assert take(desk, slow, "slow") is None, "what has overtaken it is on its way"
    finish(desk, row)
    slow_row = take(desk, slow, "slow")
    assert slow_row is not None
    assert take(desk, second, "now") is None, "one at a time"
    finish(desk, slow_row)
    assert take(desk, second, "now") is not None


def test_what_is_no_redraw_keeps_its_place(desk: Any) -> None:
    slow, now = add(desk, "a", "slow"), add(desk, "b", "now", "card")
    assert take(desk, now, "now") is None
    row = take(desk, slow, "slow")
    assert row is not None
    finish(desk, row)
    assert take(desk, now, "now") is not None


def test_a_sweep_finds_what_overtakes(desk: Any) -> None:
    slow, now = add(desk, "a", "slow", "card"), add(desk, "b", "now")
    with desk.transaction() as tx:
        due = work.due_heads(tx.session, now=tx.now, until=tx.real_now, queues=("now", "slow"), limit=10)
        assert {row.id for row in due} == {slow, now}


def test_a_flood_on_the_slow_queue_leaves_the_channel_to_others(
    desk: Any,
    runners: Runners,
    redis_url: str,
    quick: Settings,
    channel: str,
    texts_in: Callable[[str], list[str]],
) -> None:
    """At Slack's own pace: 200 messages of bulk are due, and three that people wait for."""
    pacing = Pacing(redis_url, 1)
    slow, now = (Executor(desk=desk, runners=runners, pacing=pacing, settings=quick, queue=q) for q in ("slow", "now"))
    bulk = [desk.add(payload={"channel": channel, "text": f"bulk {n}"}, queue="slow") for n in range(200)]
    slow.run(bulk)
    urgent = [desk.add(payload={"channel": channel, "text": f"urgent {n}"}) for n in range(3)]
    now.run(urgent)
    waits = [desk.row(one) for one in urgent]
    latest = max(row.not_before - row.created_at for row in waits)
    assert latest <= timedelta(seconds=3.5), "a second for each, and one for the message that has just left"
    assert texts_in(channel)[0] == "bulk 0"
    assert all(row.state in (WorkState.PENDING, WorkState.DONE) for row in waits)
