"""The one way into a plugin's code: on a snapshot, within its time, and whatever it raises is contained."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

from slackdesk.errors import DatabaseBusy, Refused
from slackdesk.plugin.deadline import Bulkhead, Interrupted, alarm, in_main_thread, in_thread
from slackdesk.plugin.errors import PluginError, PluginFailed, PluginTooSlow, said
from slackdesk.tickets.transaction import Desk, Transaction

T = TypeVar("T")

_MISTAKES = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT}
"""What SQLite calls operational, and is the statement's own fault: no such table, nothing may be written here."""

_QUERY_CANCELED = "57014"
"""PostgreSQL's code for a statement that took too long."""


def call(desk: Desk, bulkhead: Bulkhead, function: Callable[[Transaction], T], *, seconds: float, what: str) -> T:
    """What the function returns. ``what`` names it and its plugin in every complaint.

    Raises Refused as the function does, PluginTooSlow, PluginBusy, PluginFailed for anything else that it raises
    (SystemExit, too), and DatabaseBusy when the database is away.
    """
    if in_main_thread():
        with desk.snapshot(seconds) as tx:
            try:
                with alarm(seconds, what):
                    return contained(partial(function, tx), what)
            except PluginTooSlow:
                tx.session.invalidate()  # the alarm may have struck in the middle of a statement
                raise
    bulkhead.enter()
    with ExitStack() as opened:
        opened.callback(bulkhead.leave)
        tx = opened.enter_context(desk.snapshot(seconds))
        run = partial(_run_and_close, opened.pop_all(), partial(contained, partial(function, tx), what))
    return in_thread(run, seconds, what, partial(desk.database.end_from_outside, tx.session))


def require_only_read(tx: Transaction, what: str) -> None:
    """Raise PluginError when something was changed: it would be lost, and its author would not know."""
    session = tx.session
    if session.new or session.deleted or any(map(session.is_modified, session.dirty)):
        raise PluginError(f"{what} changed something; what only shows must not write")


def contained(function: Callable[[], T], what: str) -> T:
    """What the function returns; whatever it raises is one of the few errors that ``call`` names."""
    try:
        return function()
    except (Refused, PluginError, Interrupted):
        raise
    except DBAPIError as error:
        if is_away(error):
            raise DatabaseBusy(str(error.orig)) from error
        raise PluginFailed(f"{what}: {said(error)}") from error
    except BaseException as error:
        raise PluginFailed(f"{what}: {said(error)}") from error


def is_away(error: DBAPIError) -> bool:
    """Whether the database is locked, slow or away, rather than the statement wrong."""
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return isinstance(error, OperationalError) and code & 0xFF not in _MISTAKES
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) != _QUERY_CANCELED


def _run_and_close(opened: ExitStack, function: Callable[[], T]) -> T:
    with opened:
        return function()
