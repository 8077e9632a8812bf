"""What runs plugins in workers: their handlers, timers and recurring slots, each in one unit of work."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from croniter import CroniterError, croniter
from sqlalchemy.orm import Session

from slackdesk.dispatch import work
from slackdesk.dispatch.model import Work, WorkKind
from slackdesk.dispatch.retries import WORKER_ENDED
from slackdesk.dispatch.runners import Ended, GiveUp, Later, Runner
from slackdesk.errors import AlreadyAccepted, Refused, Unavailable
from slackdesk.i18n import zone
from slackdesk.plugin import files, states
from slackdesk.plugin.context import Context
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginBusy, PluginError, PluginFloods, PluginTooSlow
from slackdesk.plugin.points import Handler, Recurring, TimerFunction
from slackdesk.plugin.registry import Registry, Status
from slackdesk.plugin.unit_of_work import run_and_write_contained
from slackdesk.plugin.values import Slot, Timer
from slackdesk.policy.store import current_policy
from slackdesk.tickets.history import event_in
from slackdesk.tickets.transaction import Desk, Transaction

log = logging.getLogger(__name__)

WORKER_SECONDS = 10.0
"""A function in a worker that takes longer hangs: it is not tried again."""

ATTEMPTS = 8
"""A function that fails is tried for about four minutes. More would only put off what five failures in a row lead to:
the pause that keeps the rest of the plugin's work for when it is mended."""

KILLS_MAX = 3
"""Work in whose middle the worker's process has ended so often is what ends it."""

AWAY_SECONDS = 5.0
"""After that long the database is looked for again."""

MESSAGES = frozenset({"plugin_message", files.UPLOAD, files.SHARE})
"""Names of the sends of plugins."""

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
                try:
                    _schedule(session, plugin, recurring, timezone, now, datetime.now(UTC))
                except CroniterError:  # a time zone's rules may leave an expression without a next instant
                    log.exception("%s.%s has no next slot", plugin.name, recurring.name)

    return chore


def wait_or_fail(registry: Registry) -> Runner:
    """What runs work that nothing here runs: that of a plugin which does not run just now waits for it."""
    reasons = {one.name: one.reason for one in registry.found if one.status is not Status.ACTIVE}

    def run(_desk: Desk, row: Work) -> None:
        plugin = row.name.partition(".")[0]
        if "." in row.name and plugin in reasons:
            raise Later(states.STANDSTILL, f"the plugin {plugin} does not run: {reasons[plugin]}")
        raise LookupError(f"this version has nothing that runs {row.kind} {row.name!r}")

    return run


def note_end(registry: Registry) -> Ended:
    """What a plugin's row came to: too many given up one after the other pause the plugin."""

    def note(tx: Transaction, row: Work, error: str | None) -> None:
        is_message = row.name in MESSAGES
        if is_message and error is not None:
            files.forget(tx, row.payload)
        plugin = row.payload["plugin"] if is_message else row.name.partition(".")[0]
        if plugin in registry.active and (is_message or "." in row.name):
            states.note_end(tx, plugin, failed=error is not None, error=error or "")

    return note


def _runner(registry: Registry, plugin: Plugin, call: Callable[[Work, Context], None]) -> Runner:
    def run(desk: Desk, row: Work) -> None:
        with desk.reading() as tx:
            if states.stands_still(tx, plugin.name):
                raise Later(states.STANDSTILL, f"the plugin {plugin.name} is paused")
        if row.last_error == WORKER_ENDED and row.attempts > KILLS_MAX:
            raise GiveUp(f"{row.name}: {WORKER_ENDED}, {row.attempts - 1} times")
        try:
            _run(desk, registry, plugin, partial(call, row), row)
        except PluginFloods as flood:
            with desk.transaction() as tx:
                states.pause(tx, plugin.name, str(flood))
            raise Later(states.STANDSTILL, str(flood)) from None

    return run


def _run(desk: Desk, registry: Registry, plugin: Plugin, function: Callable[[Context], None], row: Work) -> None:
    key = f"work:{row.id}"
    try:
        run_and_write_contained(desk, registry, plugin, function, inbox_key=key, seconds=WORKER_SECONDS, what=row.name)
    except AlreadyAccepted:
        log.info("work %s (%s) had been done when its worker ended", row.id, row.name)
    except PluginTooSlow as slow:
        raise GiveUp(str(slow)) from None
    except (Unavailable, PluginBusy) as away:
        raise Later(timedelta(seconds=AWAY_SECONDS), str(away)) from None
    except PluginFloods:
        raise
    except (PluginError, Refused) as failed:
        if row.attempts < ATTEMPTS:
            raise
        raise GiveUp(_named(row.name, failed)) from failed


def _named(name: str, failed: Exception) -> str:
    """The reason, with the name of the work in front, for operators who read it alone."""
    return str(failed) if str(failed).startswith(name) else f"{name}: {failed}"


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
