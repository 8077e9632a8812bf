"""Runs a plugin's function against a snapshot, then writes what it asked for in one short transaction.

No lock is held while a plugin's code runs: on SQLite, one that hangs would stop every writer of the desk. Changes that
came in between are noticed by constraints and by the revision of each row; then the function is run again.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from slackdesk.plugin import limits
from slackdesk.plugin.calling import call, contained
from slackdesk.plugin.context import Context, Effect
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError, PluginFailed, said
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.reporting import Reporting
from slackdesk.tickets.transaction import Desk, Transaction

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 5
"""A function that meets another change that often meets its own mistake: a value that its tables never take."""


CONSOLE_SECONDS = 3600.0
"""As long as an operator waits at most; the database then ends what is still open."""


@dataclass
class Outcome(Generic[T]):
    """What a function returned, and all that it asked for."""

    plugin: str
    result: T
    effects: list[Effect]
    messages: int = 0
    timers: int = 0
    saved: list[object] = field(default_factory=list)
    deleted: list[object] = field(default_factory=list)

    @property
    def is_only_an_answer(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.effects or self.saved or self.deleted)

    def write(self, tx: Transaction) -> None:
        """Into the open transaction.

        Raises IntegrityError or StaleDataError when something changed in between, PluginFloods, PluginFailed when it
        cannot be written.
        """
        limits.count(tx, self.plugin, messages=self.messages, timers=self.timers)
        conflict: list[Exception] = []

        def write() -> None:
            try:
                tx.session.add_all(self.saved)
                for row in self.deleted:
                    tx.session.delete(row)
                tx.session.flush()
                for effect in self.effects:
                    effect(tx)
            except (IntegrityError, StaleDataError) as error:
                conflict.append(error)

        contained(write, f"what {self.plugin} writes")
        if conflict:
            raise conflict[0]


def run(desk: Desk, registry: Registry, plugin: Plugin, function: Callable[[Context], T]) -> Outcome[T]:
    """Call the function on a snapshot; what it changed and asked for is in the outcome, and not written yet.

    For whoever waits at a console: without a limit, and raises whatever the function raises.
    """
    with desk.snapshot(CONSOLE_SECONDS) as tx:
        return _outcome(desk, registry, plugin, tx, function)


def run_contained(
    desk: Desk,
    registry: Registry,
    plugin: Plugin,
    function: Callable[[Context], T],
    *,
    seconds: float,
    what: str,
    person_waits: bool = False,
) -> Outcome[T]:
    """The same within ``seconds``. Raises what ``calling.call`` raises."""

    def on_snapshot(tx: Transaction) -> Outcome[T]:
        return _outcome(desk, registry, plugin, tx, function, person_waits=person_waits)

    return call(desk, registry.bulkheads[plugin.name], on_snapshot, seconds=seconds, what=what)


def run_and_write(
    desk: Desk, registry: Registry, plugin: Plugin, function: Callable[[Context], T], *, inbox_key: str
) -> T:
    """``run`` and write. Raises AlreadyAccepted for a key that was written, and what ``Outcome.write`` raises."""
    return _written(
        desk, lambda _: run(desk, registry, plugin, function), Tries(plugin.name, CONSOLE_SECONDS), inbox_key
    )


def run_and_write_contained(
    desk: Desk,
    registry: Registry,
    plugin: Plugin,
    function: Callable[[Context], T],
    *,
    inbox_key: str,
    seconds: float,
    what: str,
) -> T:
    """``run_contained`` and write, all tries within ``seconds``. Raises AlreadyAccepted, and what both raise."""

    def run_once(left_seconds: float) -> Outcome[T]:
        return run_contained(desk, registry, plugin, function, seconds=left_seconds, what=what)

    return _written(desk, run_once, Tries(what, seconds), inbox_key)


def _written(desk: Desk, run_once: Callable[[float], Outcome[T]], tries: "Tries", inbox_key: str) -> T:
    while True:
        outcome = run_once(tries.left_seconds)
        try:
            with desk.transaction(inbox_key) as tx:
                outcome.write(tx)
            return outcome.result
        except (IntegrityError, StaleDataError) as conflict:
            tries.again(conflict)


class Tries:
    """How often a function that meets other changes is run again, and how much of its time is left."""

    def __init__(self, what: str, seconds: float) -> None:
        self.what, self._seconds = what, seconds
        self._until = time.monotonic() + seconds
        self._count = 0

    @property
    def left_seconds(self) -> float:
        """For the next try: all of it for the first one, and some for any."""
        return max(0.1, self._until - time.monotonic()) if self._count else self._seconds

    def again(self, conflict: Exception) -> None:
        """Raises PluginFailed when that was the last try."""
        self._count += 1
        if self._count == TRIES or time.monotonic() > self._until:
            raise PluginFailed(f"what {self.what} writes cannot be written: {said(conflict)}") from conflict
        log.info("%s is run again, something changed in between: %s", self.what, said(conflict))


def _outcome(
    desk: Desk,
    registry: Registry,
    plugin: Plugin,
    tx: Transaction,
    function: Callable[[Context], T],
    *,
    person_waits: bool = False,
) -> Outcome[T]:
    ctx = Context(
        tx,
        plugin.name,
        registry.config(plugin, tx.policy),
        plugin.locale,
        Reporting(desk, registry, person_waits).sections,
        person_waits=person_waits,
        timer_names=plugin.timers,
    )
    result, session = function(ctx), tx.session
    saved = [*session.new, *(row for row in session.dirty if session.is_modified(row))]
    deleted = list(session.deleted)
    for row in (*saved, *deleted):
        for table in inspect(row).mapper.tables:
            if not plugin.owns(getattr(table, "name", "")):
                raise PluginError(f"{plugin.name} changed a row of {table}; a plugin writes its own tables only")
    session.expunge_all()
    return Outcome(plugin.name, result, ctx.effects, ctx.messages, ctx.timers, saved, deleted)
