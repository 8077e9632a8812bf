"""What goes wrong between a person and the database: events come again, two click at once, nothing can be written."""

import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text as sql

from slackdesk.demo.actors import NUMBER, Actor
from slackdesk.demo.stage import Stage

both_transports = pytest.mark.parametrize("transport", ["socket", "http"], indirect=True)
ROUNDS = 15
ACK_SECONDS = 3.0


@both_transports
def test_faults_event_delivered_again_is_taken_once(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    maya, rina = stage.person("maya"), stage.person("rina")
    maya.slash("/ticket The projector is broken")
    root = maya.sees("The projector is broken", in_="dm")
    card = rina.sees("The projector is broken", in_="#it-l1")
    app = probe.descendants(stage.processes()["app"])
    probe.freeze(stage, *app)
    maya.says("It hums, too", in_=root)
    stage.person("prakash").says("My charger is gone", in_="#help-it")
    stage.person("wei-ling").says("Hello", in_="dm")
    again = probe.eventually(lambda: delivered_again(stage), "all events are delivered again")
    for process_id in app:
        os.kill(process_id, signal.SIGCONT)
    rina.sees("It hums, too", in_=card, within_seconds=15)
    rina.sees("My charger is gone", in_="#it-l1", within_seconds=15)
    stage.person("wei-ling").sees("Write what you need", in_="dm", within_seconds=15)
    probe.rest(stage)
    assert all(entry.attempt == 1 and entry.acked_after_seconds is not None for entry in again)
    assert len(probe.visible(stage, "It hums, too")) == 1
    assert len(probe.visible(stage, "My charger is gone")) == 1
    assert len([seen for seen in rina.messages("#help-it") if seen.author != "prakash"]) == 1
    greetings = [seen for seen in stage.person("wei-ling").messages("dm") if "Write what you need" in seen.text]
    assert len(greetings) == 1


def delivered_again(stage: Stage) -> list[Any]:
    again = [entry for entry in stage.sandbox.journal.deliveries("events_api") if entry.attempt == 1]
    texts = {entry.payload["event"].get("text") for entry in again}
    return again if texts >= {"It hums, too", "My charger is gone", "Hello"} else []


@pytest.mark.crossing
@both_transports
def test_faults_two_claims_at_once_have_one_winner(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    texts = [f"Fan number {number:02} rattles" for number in range(ROUNDS)]
    for text in texts:
        stage.person("maya").slash(f"/ticket {text}")
    probe.rest(stage)
    agents = [Actor(stage, handle) for handle in ("rina", "agus")]
    probe.freeze(stage, stage.processes()["worker-now-1"])  # no card is redrawn, so that both can press in every round
    barrier = Barrier(len(agents))

    def press(agent: Actor) -> None:
        for text in texts:
            card = agent.person.sees(text, in_="#it-l1")
            barrier.wait()
            agent.person.click("Claim", in_=card)

    with ThreadPoolExecutor(len(agents)) as pool:
        list(pool.map(press, agents))
    assert [agent.person.errors for agent in agents] == [[], []]
    stage.kill("worker-now-1", signal.SIGCONT)
    probe.rest(stage)
    winners = set()
    for text in texts:
        (card,) = probe.visible(stage, text)
        number = NUMBER.search(card.text)
        winner = re.search(r"Assignee\n@(rina|agus)\n", card.text)
        assert number is not None
        assert winner is not None, card.text
        refused = [agent for agent in agents if was_refused(agent, number.group(), winner[1])]
        assert [agent.handle for agent in refused] == [each.handle for each in agents if each.handle != winner[1]], text
        winners.add(winner[1])
    overlapping = [
        (one, two)
        for one, two in zip(clicks(stage, "rina"), clicks(stage, "agus"), strict=True)
        if abs(one.monotonic - two.monotonic) < min(one.acked_after_seconds, two.acked_after_seconds)
    ]
    assert overlapping, "the two never pressed while the other's press was under way"


def was_refused(agent: Actor, number: str, winner: str) -> bool:
    template = "{number} was already claimed by <@{assignee}>, {seconds} s ago."
    said = agent.t(template, number=number, assignee="WINNER", seconds="0").split("<@WINNER>")[0]
    return any(seen.text.startswith(f"{said}@{winner}") for seen in agent.person.messages("#it-l1") if seen.ephemeral)


def clicks(stage: Stage, handle: str) -> list[Any]:
    person = stage.person(handle).user.id
    return [entry for entry in stage.sandbox.journal.deliveries("interactive") if entry.payload["user"]["id"] == person]


@contextmanager
def locked(probe: Any, stage: Stage) -> Iterator[None]:
    """Nobody else can write tickets in this block."""
    engine = probe.engine(stage)
    if engine.dialect.name == "sqlite":
        connection = sqlite3.connect(str(engine.url.database), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()
    else:
        with engine.begin() as server:
            server.execute(sql("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE"))
            yield
    engine.dispose()


@pytest.mark.crossing
@both_transports
def test_faults_locked_database_is_said_and_keeps_the_form(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    maya = stage.person("maya")
    maya.slash("/ticket")
    modal = maya.modal
    modal.fill({"What is it about?": "Laptop", "What do you need?": "A second screen, please"})
    with locked(probe, stage):
        answer = maya.slash("/ticket The tap drips")
        modal.submit()
    assert not answer.error
    assert "cannot save anything just now" in answer.text
    assert "The tap drips" in answer.text, "the words are given back"
    assert not modal.trouble
    assert any("cannot save anything just now" in error for error in modal.errors.values())
    assert modal.is_open
    assert modal.values["What do you need?"] == "A second screen, please"
    deliveries = [*stage.sandbox.journal.deliveries("slash_commands"), *clicks(stage, "maya")]
    assert all(entry.acked_after_seconds < ACK_SECONDS for entry in deliveries)
    modal.submit()
    assert "IT-" in maya.modal.title
    assert "IT-" in maya.slash("/ticket The tap drips").text
    probe.rest(stage)
    for text in ("A second screen, please", "The tap drips"):
        assert len(probe.visible(stage, text)) == 1


@both_transports
def test_faults_app_killed_between_commit_and_ack_files_once(fresh_stage: Any, probe: Any, own_redis: Any) -> None:
    stage = fresh_stage(REDIS_URL=own_redis.url)
    maya = stage.person("maya")
    maya.slash("/ticket The first one, so that everything is warm")
    probe.rest(stage)
    own_redis.freeze()  # the nudge after the commit waits for it, and the ack for the nudge
    engine = probe.engine(stage)
    family = probe.descendants(stage.processes()["app"])
    with ThreadPoolExecutor(1) as pool, engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        filing = pool.submit(maya.slash, "/ticket The lift is stuck")
        deadline = time.monotonic() + ACK_SECONDS
        while connection.scalar(sql("SELECT count(*) FROM ticket")) < 2:
            assert time.monotonic() < deadline, "the request was not committed"
        for process_id in family:
            os.kill(process_id, signal.SIGKILL)
        assert filing.result().error, "the app was killed too late to keep it from answering"
    engine.dispose()
    own_redis.kill()
    own_redis.start()
    card = stage.person("rina").sees("The lift is stuck", in_="#it-l1", within_seconds=15)
    answer = probe.eventually(lambda: said_again(stage), "the app answers again")
    number = NUMBER.search(card.text)
    assert number is not None
    assert number.group() in answer
    probe.rest(stage)
    assert len(probe.visible(stage, "The lift is stuck")) == 1


def said_again(stage: Stage) -> str:
    return str(stage.person("maya").slash("/ticket The lift is stuck").text)
