"""The schema of the core: Alembic revisions, how they are applied, and how a process checks that they were.

Alembic itself is imported where something has to be applied. Measured: it is a seventh of what a process imports, and
almost every start finds the schema as it should be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, text
from sqlalchemy.exc import DBAPIError

from slackdesk.database import PATIENCE, Base, Database
from slackdesk.errors import ConfigurationError
from slackdesk.migrations.revisions import revision_of, revisions_in

REVISIONS = Path(__file__).parent / "versions"
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
        found = revision_of(connection, VERSION_TABLE)
        if found != known_revisions()[0]:
            _require_known(database, found)
            upgrade(connection, REVISIONS, core_metadata(), VERSION_TABLE)


def upgrade(connection: Connection, revisions: Path, tables: MetaData, version_table: str) -> None:
    """Bring ``tables`` to the newest of the revisions in a folder, in the open transaction."""
    from slackdesk.migrations.applying import apply_all  # noqa: PLC0415

    apply_all(connection, revisions, tables, version_table)


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
        return revision_of(connection, VERSION_TABLE)


def known_revisions() -> list[str]:
    """The revisions that this version can bring a schema to, the current one first."""
    return revisions_in(REVISIONS)


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
