"""Runs a plugin's function against a snapshot, then writes what it asked for in one short transaction.

No lock is held while a plugin's code runs: on SQLite, one that hangs would stop every writer of the desk. Changes that
came in between are noticed by constraints and by the revision of each row; then the function is run again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from slackdesk.errors import Unavailable
from slackdesk.plugin.context import Context, Effect
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError
from slackdesk.tickets.transaction import Desk, Transaction

T = TypeVar("T")

TRIES = 5
"""A function that meets another change each time is a busy row, not a mistake of the plugin: the work comes again."""


@dataclass
class Outcome(Generic[T]):
    """What a function returned, and all that it asked for."""

    result: T
    effects: list[Effect]
    saved: list[object] = field(default_factory=list)
    deleted: list[object] = field(default_factory=list)

    def write(self, tx: Transaction) -> None:
        """Into the open transaction. Raises IntegrityError or StaleDataError when something changed in between."""
        tx.session.add_all(self.saved)
        for row in self.deleted:
            tx.session.delete(row)
        tx.session.flush()
        for effect in self.effects:
            effect(tx)


@contextmanager
def snapshot(desk: Desk) -> Iterator[Transaction]:
    """A transaction in which nothing can be written, and nothing is flushed."""
    with desk.reading() as tx:
        session = tx.session
        session.autoflush = False
        connection = session.connection()
        if desk.database.is_postgresql:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            yield tx
            return
        connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            yield tx
        finally:
            connection.exec_driver_sql("PRAGMA query_only=OFF")


def run(
    desk: Desk, plugin: Plugin, config: Any, function: Callable[[Context], T], *, person_waits: bool = False
) -> Outcome[T]:
    """Call the function on a snapshot; what it changed and asked for is in the outcome, and not written yet."""
    with snapshot(desk) as tx:
        ctx = Context(tx, plugin.name, config, plugin.locale, person_waits=person_waits)
        result = function(ctx)
        return _outcome(plugin, tx.session, ctx, result)


def run_and_write(desk: Desk, plugin: Plugin, config: Any, function: Callable[[Context], T], *, inbox_key: str) -> T:
    """Run and write, again when something changed in between; raises AlreadyAccepted for a key that was written."""
    for attempt in range(TRIES):
        outcome = run(desk, plugin, config, function)
        try:
            with desk.transaction(inbox_key) as tx:
                outcome.write(tx)
            return outcome.result
        except (IntegrityError, StaleDataError) as conflict:
            if attempt == TRIES - 1:
                raise Unavailable(f"{plugin.name}: what it writes was changed by others {TRIES} times") from conflict
    raise AssertionError("unreachable")


def _outcome(plugin: Plugin, session: Session, ctx: Context, result: T) -> Outcome[T]:
    saved = [*session.new, *(row for row in session.dirty if session.is_modified(row))]
    deleted = list(session.deleted)
    for row in (*saved, *deleted):
        table = getattr(row, "__tablename__", "")
        if not table.startswith(f"{plugin.name}_"):
            raise PluginError(f"{plugin.name} changed a row of {table!r}; a plugin writes its own tables only")
    session.expunge_all()
    return Outcome(result, ctx.effects, saved, deleted)
