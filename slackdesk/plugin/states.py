"""Pausing plugins that do harm, in SQL, so that every process knows."""

import logging
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from slackdesk.dispatch.inbox import insert_or_nothing
from slackdesk.dispatch.model import UNTRIED, Work, WorkState, states_sql
from slackdesk.i18n import later
from slackdesk.plugin.model import PluginState
from slackdesk.tickets import outgoing
from slackdesk.tickets.transaction import Transaction

log = logging.getLogger(__name__)

FAILURES_MAX = 5
"""As many pieces of a plugin's work given up one after the other pause it."""

PAUSED = later(
    "The plugin {plugin} is paused: {reason}. Its work waits, everything else runs on. "
    "When it is mended: slackdesk plugins resume {plugin}"
)
QUARANTINED = later("The plugin {plugin} does not run: {reason}. Everything else runs on. See: slackdesk plugins list")


def paused(session: Session) -> dict[str, str]:
    """Name → reason of each plugin that is paused."""
    rows = session.execute(select(PluginState.name, PluginState.reason).where(PluginState.paused_at.is_not(None)))
    return {name: reason or "" for name, reason in rows}


def is_paused(session: Session, plugin: str) -> bool:
    """Whether nothing of the plugin is to be run."""
    return session.scalar(select(PluginState.paused_at).where(PluginState.name == plugin)) is not None


def pause(tx: Transaction, plugin: str, reason: str) -> None:
    """Stop running the plugin, and tell the operators; does nothing when it is paused already."""
    state = _state(tx.session, plugin)
    if state.paused_at is not None:
        return
    state.paused_at, state.reason, state.failures = tx.real_now, reason, 0
    tx.session.flush()
    log.error("the plugin %s is paused: %s", plugin, reason)
    values = {"plugin": plugin, "reason": reason}
    outgoing.operators(tx, PAUSED, values, key=f"paused:{plugin}:{tx.real_now.isoformat()}")


def resume(session: Session, plugin: str | None, *, now: datetime, real_now: datetime) -> list[str]:
    """Run it again, by default all that are paused, and its work at once; the names of those that were paused."""
    names = [name for name in paused(session) if plugin in (None, name)]
    for name in names:
        session.execute(delete(PluginState).where(PluginState.name == name))
        waiting = (states_sql(UNTRIED), Work.due_at <= now, Work.name >= f"{name}.", Work.name < f"{name}/")
        session.execute(update(Work).where(*waiting).values(not_before=real_now, state=WorkState.PENDING))
    return names


def note_end(tx: Transaction, plugin: str, *, failed: bool, error: str = "") -> None:
    """Count work of a plugin that was given up; what ends well begins the count anew."""
    if not failed:
        fine = update(PluginState).where(PluginState.name == plugin, PluginState.failures > 0)
        tx.session.execute(fine.values(failures=0), execution_options={"synchronize_session": False})
        return
    state = _state(tx.session, plugin)
    state.failures += 1
    if state.failures >= FAILURES_MAX:
        pause(tx, plugin, f"{FAILURES_MAX} pieces of its work failed one after the other, the last with: {error}")


def tell_quarantine(tx: Transaction, plugin: str, reason: str) -> None:
    """Tell the operators once that a plugin does not run, for each reason."""
    outgoing.operators(
        tx, QUARANTINED, {"plugin": plugin, "reason": reason}, key=f"quarantined:{plugin}:{reason[:300]}"
    )


def _state(session: Session, plugin: str) -> PluginState:
    session.execute(insert_or_nothing(session, PluginState).values(name=plugin, failures=0).on_conflict_do_nothing())
    return session.get_one(PluginState, plugin, with_for_update=True, populate_existing=True)
