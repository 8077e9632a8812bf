"""Processes die or are asked to end in the middle of something; two beats and four workers share the work."""

import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text as sql

from slackdesk.demo.actors import Actor
from slackdesk.sandbox import faults

from .short_day import ShortDay, at_rest, dead_work, freeze, until
from .world import World

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
    maya = world.stage.person("maya")
    maya.says("The first one, so that everything is warm", in_="dm")
    at_rest(world)
    world.redis.freeze()  # the nudge after the commit waits for it, and the ack for the nudge
    tickets = count(world, "ticket")
    maya.says("The lift is stuck on the third floor", in_="dm")
    world.eventually(lambda: count(world, "ticket") > tickets, "the request is committed", within_seconds=5)
    assert world.kill("app", Random(1)) is not None
    events = [e for e in world.journal.deliveries("events_api") if e.payload["event"].get("text", "").endswith("floor")]
    assert all(event.acked_after_seconds is None for event in events), "the app was killed too late"
    world.redis.thaw()

    def delivered_again() -> bool:
        events = world.journal.deliveries("events_api")
        return any(e.attempt > 0 and e.acked_after_seconds and "floor" in str(e.payload) for e in events)

    until(world, delivered_again, "Slack has delivered it again")
    at_rest(world)
    assert count(world, "ticket") == tickets + 1
    rina = world.stage.person("rina")
    assert len([seen for seen in rina.messages("#it-l1") if "The lift is stuck" in seen.text]) == 1


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
