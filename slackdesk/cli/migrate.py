"""``slackdesk migrate``."""

import typer
from rich.console import Console

from slackdesk import bootstrap
from slackdesk.cli.found_plugins import plugins_in_force, plugins_keep_quiet
from slackdesk.database import Database
from slackdesk.errors import ConfigurationError
from slackdesk.migrations import migrate as bring_to_current_schema
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import migrate_plugins
from slackdesk.plugin.registry import Registry, Status
from slackdesk.settings import Settings, read_settings


def migrate() -> None:
    """Bring the database to the current schema, tables of plugins included; does nothing when it is current.

    Exit code 1 when the tables of a plugin could not be made; the others are.
    """
    settings = read_settings()
    output = Console(highlight=False, soft_wrap=True, markup=False)
    database = bootstrap.open_database(settings)
    try:
        bring_to_current_schema(database)
        with plugins_keep_quiet():
            found = _plugins(settings, database)
            registry = migrate_plugins(database, found)
    finally:
        database.close()
    output.print(f"The schema of {database.url.render_as_string(hide_password=True)} is current.")
    with_tables = [name for name, plugin in sorted(registry.active.items()) if plugin.tables is not None]
    if with_tables:
        output.print(f"So are the tables of {', '.join(with_tables)}.")
    failed = [one for one in registry.found if one.status is Status.QUARANTINED]
    for one in failed:
        output.print(f"Warning: the plugin {one.name} does not run: {one.reason}")
    if {one.name for one in failed} & set(found.active):
        raise typer.Exit(1)


def _plugins(settings: Settings, database: Database) -> Registry:
    try:
        return plugins_in_force(settings, database).registry
    except ConfigurationError:  # no policy yet: what is bundled and installed gets its tables all the same
        return load({})
