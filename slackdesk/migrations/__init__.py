"""The schema of the core: Alembic revisions, how they are applied, and how a process checks that they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text
from sqlalchemy.exc import DBAPIError

from slackdesk.database import PATIENCE, Base, Database
from slackdesk.errors import ConfigurationError

VERSION_TABLE = "alembic_version"
"""Says at which revision the core's tables are; every plugin has one of its own."""

MIGRATION_LOCK = 7_340_001
"""Advisory lock on PostgreSQL, so that two machines that start at once migrate one after the other."""

MIGRATION_PATIENCE_SECONDS = 60
"""How long a migration waits for locks: longer than anybody who files a request."""


def core_metadata() -> MetaData:
    """All tables of the core; importing the modules is what registers them."""
    from slackdesk import clock  # noqa: F401, PLC0415
    from slackdesk.dispatch import model as dispatch_model  # noqa: F401, PLC0415
    from slackdesk.plugin import model as plugin_model  # noqa: F401, PLC0415
    from slackdesk.policy import model as policy_model  # noqa: F401, PLC0415
    from slackdesk.tickets import home_tab  # noqa: F401, PLC0415
    from slackdesk.tickets import model as ticket_model  # noqa: F401, PLC0415

    return Base.metadata


def migrate(database: Database) -> None:
    """Bring the schema to the current revision, in one transaction; does nothing when it is current.

    Raises ConfigurationError when the database does not answer, or a newer version of slackdesk has migrated it.
    """
    with migrating(database) as connection:
        _require_known(database, _revision(connection))
        upgrade(connection, _config(), core_metadata(), VERSION_TABLE)


def upgrade(connection: Connection, config: Config, tables: MetaData, version_table: str) -> None:
    """Bring ``tables`` to the newest revision that ``config`` leads to, in the open transaction."""
    config.attributes.update(connection=connection, tables=tables, version_table=version_table)
    command.upgrade(config, "head")


def require_current_schema(database: Database) -> None:
    """Raise ConfigurationError unless the database answers and its schema is at the current revision."""
    found, wanted = schema_revision(database), known_revisions()[0]
    _require_known(database, found)
    if found != wanted:
        remedy = f"the schema is at revision {found or 'none'}, this version needs {wanted}: run `slackdesk migrate`"
        raise _wrong_database(database, remedy)


def schema_revision(database: Database) -> str | None:
    """The revision that the schema is at, None without tables. Raises ConfigurationError without an answer."""
    with _connected(database, database.engine) as connection:
        return _revision(connection)


def known_revisions() -> list[str]:
    """The revisions that this version can bring a schema to, the current one first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _require_known(database: Database, found: str | None) -> None:
    if found is not None and found not in known_revisions():
        raise _wrong_database(
            database, f"the schema is at revision {found}, which a newer slackdesk made: install that version"
        )


def _wrong_database(database: Database, remedy: str) -> ConfigurationError:
    return ConfigurationError("DATABASE_URL", database.url.render_as_string(hide_password=True), remedy)


def _connected(database: Database, engine: Engine) -> Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise _wrong_database(database, f"{reason}; start this database, or correct the address") from None


def _config() -> Config:
    return config_of(Path(__file__).parent / "versions")


def config_of(versions: Path) -> Config:
    """Alembic's configuration for the revisions in a folder."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    return config


@contextmanager
def migrating(database: Database) -> Iterator[Connection]:
    """A transaction in which a schema is changed, by one process at a time, with patience for locks."""
    patient = database.engine.execution_options(**{PATIENCE: MIGRATION_PATIENCE_SECONDS * 1000})
    with _connected(database, patient) as connection, connection.begin():
        if database.is_postgresql:  # a migration may take longer than a person waits
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_PATIENCE_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        yield connection
