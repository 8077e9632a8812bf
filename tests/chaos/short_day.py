"""A few requests that people file, claim and talk about, whatever happens meanwhile; what has to be seen of them."""

import signal
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import func, select

from slackdesk.dispatch.model import LIVE, Work, WorkState, states_sql
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.seen import SeenMessage

from .world import World

T = TypeVar("T")

REQUESTERS = ("maya", "prakash", "wei-ling")
PATIENCE_SECONDS = 60.0
"""At most, and never longer than the world's own."""
PAUSE_SECONDS = 0.2
"""Between two tries of somebody who was told that it did not work."""


class ShortDay:
    """Three people file, an agent claims each card, the requester adds a word. They try again what was refused."""

    def __init__(self, world: World, tag: str) -> None:
        self.world = world
        self.texts = {handle: f"{tag}: the lamp of {handle} flickers" for handle in REQUESTERS}
        self.words = {handle: f"{tag}: it went out, says {handle}" for handle in REQUESTERS}

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Play it, with ``meanwhile`` beside it; returns when both are over and nothing is left to do."""
        with ThreadPoolExecutor(1) as pool:
            playing = pool.submit(self._play)
            meanwhile()
            playing.result()
        at_rest(self.world)

    def assert_whole(self) -> None:
        """Each request has one card, claimed, one head of its thread, and the word once below the card."""
        for handle, text in self.texts.items():
            cards = self._seen("rina", "#it-l1", text)
            assert len(cards) == 1, f"{len(cards)} cards of {text!r}"
            assert "Assignee\n@rina" in cards[0].text, f"the card of {text!r} does not say who claimed it"
            heads = len(self._seen(handle, "dm", text))
            assert heads == 1, f"{heads} heads of the thread of {text!r}"
            below = self.world.stage.person("rina").messages(cards[0])[1:]
            words = [self.words[handle] in seen.text for seen in below].count(True)
            assert words == 1, f"{words} times {self.words[handle]!r}"
        dead = dead_work(self.world)
        assert dead == [], f"given up: {dead}"

    def _play(self) -> None:
        for handle, text in self.texts.items():
            self._until(lambda handle=handle, text=text: file(self.world, handle, text), f"{text!r} is filed")
        for handle, text in self.texts.items():
            root = self._until(lambda handle=handle, text=text: self._seen(handle, "dm", text), "a thread")[0]
            self._until(lambda text=text: self._claimed(text), f"{text!r} is claimed")
            self.world.stage.person(handle).says(self.words[handle], in_=root)
        for text, word in zip(self.texts.values(), self.words.values(), strict=True):
            self._until(lambda text=text, word=word: self._copied(text, word), f"{word!r} is below the card")

    def _claimed(self, text: str) -> bool:
        rina = self.world.stage.person("rina")
        for card in self._seen("rina", "#it-l1", text):
            if "Assignee\n@rina" in card.text:
                return True
            if "Claim" in card.buttons:
                try:
                    rina.click("Claim", in_=card, within_seconds=0.1)
                except (AssertionError, ApiError):
                    continue  # the button went away, or the channel is closed just now: looked at again
        return False

    def _copied(self, text: str, word: str) -> bool:
        rina = self.world.stage.person("rina")
        return any(word in seen.text for card in self._seen("rina", "#it-l1", text) for seen in rina.messages(card))

    def _seen(self, handle: str, place: str, text: str) -> list[SeenMessage]:
        found = self.world.stage.person(handle).messages(place)
        return [seen for seen in found if text in seen.text and not seen.ephemeral]

    def _until(self, look: Callable[[], T], what: str) -> T:
        return until(self.world, look, what)


def until(world: World, look: Callable[[], T], what: str) -> T:
    """What ``look`` finds, asked again and again, as people ask who are told to try again."""
    patience_seconds = min(PATIENCE_SECONDS, world.patience_seconds)
    deadline = time.monotonic() + patience_seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {patience_seconds} s: {what}\n{world.stage.last_lines()}"
        time.sleep(PAUSE_SECONDS)
    return found


def file(world: World, handle: str, text: str) -> str:
    """File by command; what the person was told when it was taken, else nothing."""
    answer = world.stage.person(handle).slash(f"/ticket {text}")
    return answer.text if "IT-" in answer.text else ""


def at_rest(world: World) -> None:
    """Wait until nothing that is due is left to do."""
    assert world.sandbox.delivery.wait_until_answered(PATIENCE_SECONDS), "deliveries are still under way"
    until(world, lambda: work_in(world, *LIVE) == 0, f"nothing is left to do\n{live_work(world)}")


def work_in(world: World, *states: WorkState) -> int:
    """How many rows of work that are due are in one of these states."""
    due = select(func.count()).where(states_sql(states), Work.due_at <= datetime.now(UTC))
    with world.engine() as engine, engine.connect() as connection:
        return connection.scalar(due) or 0


def live_work(world: World) -> list[str]:
    """Rows that are not over, for a message of failure."""
    return _rows(world, *LIVE)


def dead_work(world: World) -> list[str]:
    """Rows that were given up."""
    return _rows(world, WorkState.DEAD)


def _rows(world: World, *states: WorkState) -> list[str]:
    found = select(Work.id, Work.name, Work.state, Work.held_for, Work.last_error).where(states_sql(states))
    with world.engine() as engine, engine.connect() as connection:
        return [str(tuple(row)) for row in connection.execute(found)]


def held_work(world: World) -> list[str]:
    """Rows that wait for a place where nothing passes."""
    with world.engine() as engine, engine.connect() as connection:
        return [str(row) for row in connection.scalars(select(Work.id).where(Work.held_for.is_not(None)))]


def freeze(world: World, process_id: int) -> None:
    """Stop a process (SIGSTOP), though not while it holds SQLite's write lock: nobody else could write then."""
    with world.engine() as engine:
        while True:
            world.signal(process_id, signal.SIGSTOP)
            try:
                with closing(
                    sqlite3.connect(str(engine.url.database), isolation_level=None, timeout=0.3)
                ) as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("ROLLBACK")
                return
            except sqlite3.OperationalError:
                world.signal(process_id, signal.SIGCONT)
