"""A plugin's migrations, run up and down on an empty database."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect

from slackdesk.database import Database
from slackdesk.migrations import migrating
from slackdesk.migrations.applying import take_away
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.migrating import migrate_plugins, version_table
from slackdesk.plugin.registry import Found, Registry
from slackdesk.testing.findings import Finding, finding_of


def check_migrations(found: Found, plugin: Plugin, main: Path) -> Iterator[Finding]:
    """They make exactly the declared tables, and take them away again."""
    if plugin.migrations is None or plugin.tables is None:
        return
    if not plugin.migrations.is_dir():
        yield Finding("migrations: there is no such folder", plugin.migrations)
        return
    with tempfile.TemporaryDirectory() as temporary:
        database = Database(f"sqlite:///{Path(temporary) / 'empty.sqlite3'}")
        try:
            migrate_plugins(database, Registry([found]), strict=True)
            differences = _differences(database, plugin.tables, version_table(plugin.name))
            yield from (Finding(f"the migrations do not make what tables declares: {one}", main) for one in differences)
            yield from _down(database, plugin, plugin.tables, plugin.migrations)
        except Exception as error:  # noqa: BLE001 — whatever its revisions raise is the finding
            yield finding_of(error, main.parent, "migrations")
        finally:
            database.close()


def _differences(database: Database, tables: MetaData, version_table_name: str) -> list[str]:
    with database.engine.connect() as connection:
        options = {"version_table": version_table_name}
        context = MigrationContext.configure(connection, opts=options)
        return [_told(one) for one in compare_metadata(context, tables)]


def _told(difference: Any) -> str:
    """``add_table csat_poll``: what would have to be done to the migrated database."""
    if isinstance(difference, list):
        return "; ".join(map(_told, difference))
    names = [str(getattr(part, "name", None) or part) for part in difference[1:] if part is not None]
    return f"{difference[0]} {' '.join(names)}"


def _down(database: Database, plugin: Plugin, tables: MetaData, migrations: Path) -> Iterator[Finding]:
    with migrating(database) as connection:
        take_away(connection, migrations, tables, version_table(plugin.name))
        left = set(inspect(connection).get_table_names()) - {version_table(plugin.name)}
        if left:
            yield Finding(f"the downgrades leave {', '.join(sorted(left))} behind", migrations)
