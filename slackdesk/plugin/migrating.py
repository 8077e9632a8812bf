"""Plugins' own tables: each plugin has its revisions, its version table, and tables that begin with its name."""

import logging
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection, inspect

from slackdesk.database import Database
from slackdesk.migrations import migrating, upgrade
from slackdesk.migrations.revisions import revision_of, revisions_in
from slackdesk.plugin.deadline import within
from slackdesk.plugin.declaration import Plugin, PluginMistake
from slackdesk.plugin.errors import PluginError, PluginTooSlow, said
from slackdesk.plugin.registry import Registry, Status

log = logging.getLogger(__name__)

MIGRATION_SECONDS = 120.0
"""A migration that takes longer hangs: nobody can use the desk meanwhile."""


def migrate_plugins(database: Database, registry: Registry, *, strict: bool = False) -> Registry:
    """Bring the tables of every active plugin up to date, each in a transaction of its own.

    A plugin whose migration fails is rolled back and put into quarantine, with the reason; ``strict`` raises instead.
    """
    return _checked(database, registry, _migrate, strict=strict)


def require_current_tables(database: Database, registry: Registry, *, strict: bool = False) -> Registry:
    """The registry, with plugins whose tables are not up to date in quarantine."""
    return _checked(database, registry, _require_current, strict=strict)


def _checked(
    database: Database, registry: Registry, check: Callable[[Database, Plugin], None], *, strict: bool
) -> Registry:
    found = list(registry.found)
    for position, one in enumerate(found):
        if one.status is not Status.ACTIVE or one.plugin is None or one.plugin.migrations is None:
            continue
        try:
            check(database, one.plugin)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            is_explained = isinstance(error, PluginError)
            reason = str(error) if is_explained else f"{one.name}: its tables: {said(error)}"
            if strict:
                raise PluginMistake(reason) from error
            log.error("the plugin %s does not run: %s", one.name, reason, exc_info=error)
            found[position] = replace(one, status=Status.QUARANTINED, reason=reason)
    return registry if found == registry.found else Registry(found)


def _migrate(database: Database, plugin: Plugin) -> None:
    if plugin.migrations is None or plugin.tables is None or _is_current(database, plugin):
        return
    folder, tables, migrations = plugin.migrations, plugin.tables, f"{plugin.name}: its migrations"
    with migrating(database) as connection:
        before = _shapes(connection)
        try:
            within(
                MIGRATION_SECONDS, migrations, lambda: upgrade(connection, folder, tables, version_table(plugin.name))
            )
        except PluginTooSlow:
            connection.invalidate()  # the alarm may have struck in the middle of a statement
            raise
        after = _shapes(connection)
        changed = {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)}
        if foreign := sorted(table for table in changed if not plugin.owns(table)):
            raise PluginMistake(f"{migrations} make, change or drop {', '.join(foreign)}: not its own")


def _require_current(database: Database, plugin: Plugin) -> None:
    if not _is_current(database, plugin):
        raise PluginMistake(f"{plugin.name}: its tables are not up to date; run `slackdesk migrate`")


def _is_current(database: Database, plugin: Plugin) -> bool:
    if plugin.migrations is None:
        return True
    newest = next(iter(revisions_in(plugin.migrations)), None)
    with database.engine.connect() as connection:
        return revision_of(connection, version_table(plugin.name)) == newest


def version_table(plugin: str) -> str:
    """The table that says at which revision the plugin's tables are."""
    return f"{plugin}_alembic_version"


def _shapes(connection: Connection) -> dict[str, str]:
    """Table → its columns and indexes, to see what a migration has changed."""
    inspector = inspect(connection)
    columns, indexes = inspector.get_multi_columns(), inspector.get_multi_indexes()
    shapes = {}
    for key, found in columns.items():
        shown = [f"{one['name']} {one['type']} {one['nullable']} {one.get('default')}" for one in found]
        shown += sorted(f"{one['name']} {one['column_names']} {one['unique']}" for one in indexes.get(key, ()))
        shapes[key[-1]] = "; ".join(shown)
    return shapes
