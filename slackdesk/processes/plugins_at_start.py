"""Bringing the plugins up to date when a desk starts: their tables, what paused them, and what is to be told."""

from collections.abc import Callable

from slackdesk import bootstrap
from slackdesk.errors import ConfigurationError
from slackdesk.plugin import states
from slackdesk.plugin.migrating import migrate_plugins
from slackdesk.plugin.registry import Registry, Status
from slackdesk.settings import Settings


def prepare_plugins(settings: Settings, say: Callable[[str], None]) -> None:
    """Migrate the tables of the plugins, end pauses, and tell the operators of those that do not run, once each.

    Imports the plugins, so that processes that are forked afterwards share them. Raises what is wrong with a plugin
    when ``strict_plugins`` is set; otherwise the desk runs without it.
    """
    database = bootstrap.open_database(settings)
    try:
        found, is_strict = bootstrap.find_plugins(settings, database)
        registry = migrate_plugins(database, found, strict=is_strict)
    finally:
        database.close()
    desk = bootstrap.open_desk(settings, registry)
    try:
        with desk.transaction() as tx:
            states.resume(tx.session, None, now=tx.now, real_now=tx.real_now)
            states.let_go(tx.session, registry.active, now=tx.now, real_now=tx.real_now)
            for one in registry.found:
                if one.status is Status.QUARANTINED:
                    states.tell_quarantine(tx, one.name, one.reason)
            unknown = set(tx.policy.plugins) - {one.name for one in registry.found}
    except ConfigurationError:  # no policy: nobody to tell, and the desk says so itself
        unknown = set()
    finally:
        desk.database.close()
    _say_all(registry, unknown, say)


def _say_all(registry: Registry, unknown: set[str], say: Callable[[str], None]) -> None:
    if registry.active:
        say(f"Plugins: {', '.join(sorted(registry.active))}.")
    for one in registry.found:
        if one.status is Status.QUARANTINED:
            say(f"Warning: the plugin {one.name} does not run: {one.reason}")
    for name in sorted(unknown):
        say(f"Warning: plugins.{name}: no plugin of this name is installed; its settings are ignored")
