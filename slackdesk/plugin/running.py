"""What runs plugins in workers: their handlers, timers and recurring slots, each in one unit of work."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial

from croniter import croniter
from sqlalchemy.orm import Session

from slackdesk.dispatch import work
from slackdesk.dispatch.model import Work, WorkKind
from slackdesk.dispatch.runners import GiveUp, Later, Runner
from slackdesk.errors import AlreadyAccepted
from slackdesk.i18n import zone
from slackdesk.plugin import states
from slackdesk.plugin.context import Context
from slackdesk.plugin.deadline import alarm, in_main_thread
from slackdesk.plugin.declaration import Handler, Plugin, Recurring, TimerFunction
from slackdesk.plugin.errors import PluginTooSlow
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.unit_of_work import run_and_write
from slackdesk.plugin.values import Slot, Timer
from slackdesk.policy.store import current_policy
from slackdesk.tickets.history import event_in
from slackdesk.tickets.transaction import Desk, Transaction

log = logging.getLogger(__name__)

WORKER_SECONDS = 10.0
"""A function in a worker that takes longer hangs: it is not tried again."""

PAUSED_SECONDS = 300.0
"""Work of a paused plugin looks again after this long; resuming makes it due at once."""

EVERY = "every."
"""Recurring work is a timer of this name."""


def handlers(registry: Registry) -> dict[str, Runner]:
    """Name of a row → what runs it, for events."""
    return {
        f"{plugin.name}.{name}": _runner(registry, plugin, partial(_handle, function))
        for plugin in registry.active.values()
        for name, (_, function) in plugin.handlers.items()
    }


def timers(registry: Registry) -> dict[str, Runner]:
    """Name of a row → what runs it, for timers and recurring work."""
    found: dict[str, Runner] = {}
    for plugin in registry.active.values():
        for name, function in plugin.timers.items():
            found[f"{plugin.name}.{name}"] = _runner(registry, plugin, partial(_fire, function))
        for name, recurring in plugin.recurring.items():
            found[f"{plugin.name}.{EVERY}{name}"] = _runner(registry, plugin, partial(_run_slot, plugin, recurring))
    return found


def ensure_recurring(registry: Registry) -> Callable[[Session, datetime], None]:
    """A chore of the beat: every recurring function has its next slot in the table of work."""

    def chore(session: Session, now: datetime) -> None:
        timezone = current_policy(session).desk.timezone
        for plugin in registry.active.values():
            for recurring in plugin.recurring.values():
                _schedule(session, plugin, recurring, timezone, now, datetime.now(UTC))

    return chore


def note_end_of_plugin_work(tx: Transaction, row: Work, error: str | None) -> None:
    """What a plugin's row came to: too many given up one after the other pause the plugin."""
    plugin = row.payload.get("plugin") if row.name == "plugin_message" else row.name.partition(".")[0]
    if row.name == "plugin_message" or "." in row.name:
        states.note_end(tx, str(plugin), failed=error is not None, error=error or "")


def _runner(registry: Registry, plugin: Plugin, call: Callable[[Work, Context], None]) -> Runner:
    def run(desk: Desk, row: Work) -> None:
        with desk.reading() as tx:
            if states.is_paused(tx.session, plugin.name):
                raise Later(timedelta(seconds=PAUSED_SECONDS), f"the plugin {plugin.name} is paused")
            config = registry.config(plugin, tx.policy)
        try:
            with _limit(row.name):
                run_and_write(desk, plugin, config, partial(call, row), inbox_key=f"work:{row.id}")
        except AlreadyAccepted:
            log.info("work %s (%s) had been done when its worker ended", row.id, row.name)
        except PluginTooSlow as slow:
            raise GiveUp(str(slow)) from None

    return run


def _limit(name: str) -> AbstractContextManager[None]:
    return alarm(WORKER_SECONDS, name) if in_main_thread() else nullcontext()


def _handle(function: Handler, row: Work, ctx: Context) -> None:
    function(event_in(row.payload), ctx)


def _fire(function: TimerFunction, row: Work, ctx: Context) -> None:
    key = row.dedupe_key.removeprefix(f"timer:{row.name}:")
    function(Timer(key=key, payload=row.payload, due_at=row.due_at, ticket_id=row.ticket_id), ctx)


def _run_slot(plugin: Plugin, recurring: Recurring, _row: Work, ctx: Context) -> None:
    timezone = recurring.timezone or ctx.policy.desk.timezone
    slot = croniter(recurring.cron, ctx.now.astimezone(zone(timezone)) + timedelta(seconds=1)).get_prev(datetime)

    def next_slot(tx: Transaction) -> None:
        _schedule(tx.session, plugin, recurring, timezone, tx.now, tx.real_now)

    ctx.effects.append(next_slot)
    recurring.function(Slot(slot.astimezone(UTC)), ctx)


def _schedule(
    session: Session, plugin: Plugin, recurring: Recurring, desk_timezone: str, now: datetime, real_now: datetime
) -> None:
    timezone = recurring.timezone or desk_timezone
    slot = croniter(recurring.cron, now.astimezone(zone(timezone))).get_next(datetime).astimezone(UTC)
    name = f"{plugin.name}.{EVERY}{recurring.name}"
    work.add(
        session,
        kind=WorkKind.TIMER,
        name=name,
        payload={},
        now=now,
        real_now=real_now,
        dedupe_key=f"every:{name}:{slot.isoformat()}",
        coalesce_key=f"every:{name}",
        due_at=slot,
        queue="slow",
    )
