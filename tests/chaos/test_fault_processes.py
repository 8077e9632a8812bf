"""Processes die or are asked to end in the middle of something; two beats and four workers share the work."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text as sql

from slackdesk.demo.actors import Actor
from slackdesk.dispatch.redis_access import PAUSE_SECONDS
from slackdesk.sandbox import faults
from slackdesk.sandbox.journal import DeliveryEntry

from ..process_tree import descendants
from .short_day import PATIENCE_SECONDS, ShortDay, at_rest, dead_work, freeze, until
from .world import World

TRIES = 8
MANY = (("beat",), ("worker",), ("worker",))


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with World(tmp_path / "world", **getattr(request, "param", {"beside": ()})) as world:
        yield world
        assert dead_work(world) == []


def count(world: World, table: str) -> int:
    with world.engine() as engine, engine.connect() as connection:
        return int(connection.scalar(sql(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


def beat_in_charge(world: World) -> int:
    """Process id of the beat that holds the lease."""
    with world.engine() as engine, engine.connect() as connection:
        holder = connection.scalar(sql("SELECT holder FROM lease WHERE name = 'beat'"))
    return int(str(holder or "beat:nobody:0:").split(":")[2])


@pytest.mark.parametrize(
    "world", [{"beside": (), "transport": "socket"}, {"beside": (), "transport": "http"}], ids=["socket", "http"],
    indirect=True,
)  # fmt: skip
def test_fault_app_killed_between_commit_and_ack_of_an_event_takes_it_once(world: World) -> None:
    maya, rina = world.stage.person("maya"), world.stage.person("rina")
    maya.says("The first one, so that everything is warm", in_="dm")
    at_rest(world)
    texts = [f"The lift is stuck on floor {number}" for number in range(TRIES)]
    text = next((text for text in texts if killed_in_time(world, text)), None)
    assert text is not None, "the app had always answered before it was killed"

    def delivered_again() -> bool:
        return any(event.attempt > 0 and event.acked_after_seconds for event in events(world, text))

    until(world, delivered_again, "Slack has delivered it again")
    at_rest(world)
    assert count(world, f"ticket_message WHERE text = '{text}'") == 1
    assert len([seen for seen in rina.messages("#it-l1") if text in seen.text]) == 1


def killed_in_time(world: World, text: str) -> bool:
    """Kill the app when what was written is committed; whether it had not been acknowledged yet.

    The nudge after the commit waits a moment for a frozen Redis server, and the acknowledgement for the nudge.
    """
    time.sleep(PAUSE_SECONDS)  # after a nudge that failed there is none for a while
    family = descendants(world.processes("app")[0])
    world.redis.freeze()
    with world.engine() as engine, engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        world.stage.person("maya").says(text, in_="dm")
        written = sql("SELECT count(*) FROM ticket_message WHERE text = :text")
        until_committed = time.monotonic() + PATIENCE_SECONDS
        while not connection.scalar(written, {"text": text}):
            assert time.monotonic() < until_committed, "it was not committed"
        for process_id in family:
            world.signal(process_id, signal.SIGKILL)
    acknowledged = [event for event in events(world, text) if event.acked_after_seconds is not None]
    world.redis.thaw()
    world.eventually(lambda: world.processes("app") not in ([], family[:1]), "the app runs again")
    return not acknowledged


def events(world: World, text: str) -> list[DeliveryEntry]:
    """The deliveries of what somebody wrote."""
    return [event for event in world.journal.deliveries("events_api") if event.payload["event"].get("text") == text]


@pytest.mark.parametrize("world", [{"beside": MANY}], ids=["two beats, four workers"], indirect=True)
def test_fault_second_beat_takes_over_from_a_frozen_one(world: World) -> None:
    assert (len(world.processes("beat")), len(world.processes("worker"))) == (2, 4)
    day = ShortDay(world, "many")
    day.run()
    day.assert_whole()
    rina, maya = Actor(world.stage, "rina"), Actor(world.stage, "maya")
    number = maya.asks("The door of the server room is warm")
    rina.presses("Claim", number, "#it-l1")
    rina.card(number, "#it-l1", "Assignee\n@rina")
    at_rest(world)
    frozen = until(world, lambda: beat_in_charge(world), "a beat holds the lease")
    freeze(world, frozen)
    try:
        rina.replies(number, "#it-l1", "We have opened it")  # it leaves when its time has come: the beat's work
        until(world, lambda: beat_in_charge(world) not in (0, frozen), "the other beat takes over")
        until(world, lambda: [seen for seen in maya.thread(number) if "We have opened it" in seen.text], "it leaves")
    finally:
        world.signal(frozen, signal.SIGCONT)
    at_rest(world)
    until(world, lambda: beat_in_charge(world) != frozen, "the frozen one does not take it back by itself")
    assert len([seen for seen in maya.thread(number) if "We have opened it" in seen.text]) == 1


def test_fault_worker_asked_to_end_finishes_what_it_is_doing(world: World) -> None:
    slow = world.inject("slow", "chat.postMessage", faults.slow(1.0), times=1)
    maya = Actor(world.stage, "maya")
    number = maya.asks("The clock in the hall stands still")
    world.eventually(lambda: slow.fired, "a post is under way")
    assert world.kill("worker", Random(1), signal.SIGTERM) is not None
    maya.root(number)
    Actor(world.stage, "rina").card(number, "#it-l1")
    at_rest(world)
    assert len([call for call in world.journal.calls("chat.postMessage") if number in str(call.args)]) == 2
    assert world.journal.calls("conversations.history") == [], "nothing had to be looked up"
