"""Pausing plugins that do harm, in SQL, so that every process knows."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from slackdesk.dispatch import work
from slackdesk.dispatch.inbox import insert_or_nothing
from slackdesk.dispatch.model import UNTRIED, Work, WorkState, states_sql
from slackdesk.i18n import later
from slackdesk.plugin.model import PluginState
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets import outgoing
from slackdesk.tickets.transaction import Transaction

if TYPE_CHECKING:  # a declaration needs the context, which needs this
    from slackdesk.plugin.declaration import Plugin
    from slackdesk.plugin.registry import Registry

log = logging.getLogger(__name__)

FAILURES_MAX = 5
"""As many pieces of a plugin's work given up one after the other pause it."""

STANDSTILL = timedelta(hours=1)
"""Work of a plugin that does not run looks again after this long; ending the pause makes it due at once."""

REASON_CHARACTERS = 300

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


def stands_still(tx: Transaction, plugin: str) -> bool:
    """Whether nothing of the plugin is to be run: it is paused, or the policy in force has switched it off."""
    return is_off(tx.policy, plugin) or is_paused(tx.session, plugin)


def is_off(policy: ResolvedPolicy, plugin: str) -> bool:
    """Whether the policy in force has switched it off: at once, whatever was so when it was loaded."""
    return policy.plugins.get(plugin, {}).get("enabled") is False


def running(registry: "Registry", tx: Transaction) -> "list[Plugin]":
    """The plugins of this process that run just now, in order of their names."""
    if not registry.active:
        return []
    names = sorted(set(registry.active) - set(paused(tx.session)))
    return [registry.active[name] for name in names if not is_off(tx.policy, name)]


def pause(tx: Transaction, plugin: str, reason: str) -> None:
    """Stop running the plugin, and tell the operators; does nothing when it is paused already."""
    state = _state(tx.session, plugin)
    if state.paused_at is not None:
        return
    reason = _line(reason)
    state.paused_at, state.reason, state.failures = tx.real_now, reason, 0
    tx.session.flush()
    _put_off(tx.session, plugin, tx.now, tx.real_now + STANDSTILL)
    log.error("the plugin %s is paused: %s", plugin, reason)
    values = {"plugin": plugin, "reason": reason}
    outgoing.operators(tx, PAUSED, values, key=f"paused:{plugin}:{tx.real_now.isoformat()}")


def resume(session: Session, plugin: str | None, *, now: datetime, real_now: datetime) -> list[str]:
    """Run it again, by default all that are paused, and its work at once; the names of those that were paused."""
    names = [name for name in paused(session) if plugin in (None, name)]
    session.execute(delete(PluginState).where(PluginState.name.in_(names)))
    let_go(session, names, now=now, real_now=real_now)
    return names


def let_go(session: Session, names: Iterable[str], *, now: datetime, real_now: datetime) -> None:
    """Make the work of these plugins that waits and is due run at once."""
    for name in names:
        _put_off(session, name, now, real_now)


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
    reason = _line(reason)
    outgoing.operators(tx, QUARANTINED, {"plugin": plugin, "reason": reason}, key=f"quarantined:{plugin}:{reason}")


def _line(reason: str) -> str:
    """A reason as people read it: one line, not too long, without a full stop of its own."""
    line = " ".join(reason.split()).rstrip(".")
    return line if len(line) <= REASON_CHARACTERS else line[: REASON_CHARACTERS - 1] + "…"


def _put_off(session: Session, plugin: str, now: datetime, until: datetime) -> None:
    """Have the plugin's due work, its messages too, wait until then."""
    own = or_(
        Work.name.startswith(f"{plugin}.", autoescape=True),
        Work.stream.startswith(f"plugin:{plugin}:", autoescape=True),
    )
    waiting = update(Work).where(states_sql(UNTRIED), Work.due_at <= now, Work.held_for.is_(None), own)
    values = {"not_before": until, "state": WorkState.PENDING, "slot_reserved": False}
    work.rows_changed(session, waiting.values(values))


def _state(session: Session, plugin: str) -> PluginState:
    insert = insert_or_nothing(session, PluginState).values(name=plugin, failures=0, messages=0, timers=0)
    session.execute(insert.on_conflict_do_nothing())
    return session.get_one(PluginState, plugin, with_for_update=True, populate_existing=True)
