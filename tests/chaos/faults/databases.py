"""The database is locked, or its server restarts."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from random import Random

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ..world import World
from .kinds import End
from .named import Named, once

LOCKED_SECONDS = (0.3, 1.0, 2.5, 4.0)
"""Shorter and longer than the desk waits for a lock (1.5 s), and than Slack waits for an answer (3 s)."""


def _holding(hold: Callable[[World, str, threading.Event, float], None]) -> Callable[[World, Random, str], End]:
    """Lets a thread hold something for a while, and waits for its end."""

    def act(world: World, random: Random, name: str) -> End:
        stop, seconds = threading.Event(), random.choice(LOCKED_SECONDS)
        thread = threading.Thread(target=hold, args=(world, name, stop, seconds), name=name)
        thread.start()

        def end() -> None:
            stop.set()
            thread.join()

        return once(end)

    return act


def _lock_sqlite(world: World, name: str, stop: threading.Event, seconds: float) -> None:
    with world.engine() as engine:
        connection = sqlite3.connect(str(engine.url.database), isolation_level=None, timeout=10)
        connection.execute("BEGIN IMMEDIATE")
        world.observed(name)  # SQLite grants it to one at a time: nobody else writes now
        stop.wait(seconds)
        connection.execute("ROLLBACK")
        connection.close()


def _lock_postgresql(world: World, name: str, stop: threading.Event, seconds: float) -> None:
    with world.engine() as engine:
        while not stop.is_set():
            with suppress(OperationalError), engine.begin() as connection:  # a deadlock: one of the two has to give way
                connection.execute(text("LOCK TABLE ticket, work IN ACCESS EXCLUSIVE MODE"))
                world.observed(name)
                stop.wait(seconds)
                return


def _restart_postgresql(world: World, random: Random, name: str) -> End:
    server, mode = world.postgresql, random.choice(("immediate", "immediate", "fast"))
    assert server is not None
    before = _postmaster(world)
    server.down(mode)

    def end() -> None:
        server.up()
        if _postmaster(world) != before:
            world.observed(name)

    return once(end)


def _postmaster(world: World) -> str:
    assert world.postgresql is not None
    return (world.postgresql.data / "postmaster.pid").read_text().splitlines()[0]


KINDS = (
    Named("SQLite locked", _holding(_lock_sqlite), frozenset({"sqlite"})),
    Named("PostgreSQL tables locked", _holding(_lock_postgresql), frozenset({"postgresql"})),
    Named("PostgreSQL restarted", _restart_postgresql, frozenset({"own_postgresql"})),
)
