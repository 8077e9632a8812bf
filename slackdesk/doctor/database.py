"""The database: whether it answers, can be written, and is what this version needs; and what stands in it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from slackdesk import bootstrap
from slackdesk.database import Database
from slackdesk.doctor import delivery, machine
from slackdesk.doctor.finding import Finding, Severity, ok, problem, warning
from slackdesk.doctor.places import places
from slackdesk.errors import ConfigurationError, Unavailable
from slackdesk.i18n import later
from slackdesk.migrations import known_revisions, schema_revision
from slackdesk.policy.model import PolicyVersion, UserGroup
from slackdesk.policy.store import latest_version, read_resolved
from slackdesk.settings import Settings
from slackdesk.tickets.model import Person

OLDEST_POSTGRESQL = 15
"""The oldest version that slackdesk is tested with."""


@dataclass(frozen=True)
class InForce:
    """What other parts need to know from the database."""

    version: PolicyVersion | None
    handles: dict[str, str]
    """Id → handle of the people and user groups that it names, as far as the desk has heard of them."""


def examine_database(settings: Settings) -> tuple[list[Finding], InForce | None]:
    """Everything about the database, and the policy in force; None while it cannot be read."""
    url = make_url(settings.effective_database_url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return [
            problem(
                "database",
                later("There is no database yet."),
                later("Make it with `slackdesk migrate`, or start the desk with `slackdesk run`, which does so too."),
                key="DATABASE_URL",
                value=shown,
            )
        ], None
    try:
        database = bootstrap.open_database(settings)
        with closing(database):
            return _examine(settings, database, shown)
    except (Unavailable, DBAPIError, ConfigurationError) as error:
        reason = error.remedy if isinstance(error, ConfigurationError) else getattr(error, "orig", None) or error
        return [away(shown, " ".join(str(reason).split()))], None


def away(shown: str, reason: str) -> Finding:
    """Nothing can be saved."""
    return problem(
        "database",
        later("The database cannot be written: {reason}. People are told that nothing can be saved just now."),
        later("Start the database, correct its address, or end what locks it; nothing is half done meanwhile."),
        key="DATABASE_URL",
        value=shown,
        reason=reason.rstrip(".?"),
    )


def _examine(settings: Settings, database: Database, shown: str) -> tuple[list[Finding], InForce | None]:
    with database.begin():
        pass  # the lock that every write takes
    findings = [*(_of_postgresql if database.is_postgresql else _of_sqlite)(database)]
    stale = schema(schema_revision(database), known_revisions(), shown)
    if stale.severity is not Severity.OK:
        return [*findings, stale], None
    with database.read() as session:
        instant = bootstrap.open_clock(settings).now(session)
        if database.is_postgresql:
            ahead_seconds = (datetime.now(UTC) - instant.real).total_seconds()
            findings.append(machine.clock("clock.database", ahead_seconds, "PostgreSQL"))
        findings += [stale, *delivery.examine_delivery(session, instant)]
        return findings, _policy_in_force(session)


def _policy_in_force(session: Session) -> InForce:
    version = latest_version(session)
    if version is None:
        return InForce(None, {})
    named = [place.id for place in places(read_resolved(version.resolved))]
    people = session.execute(select(Person.id, Person.handle).where(Person.id.in_(named)))
    groups = session.execute(select(UserGroup.id, UserGroup.handle))
    return InForce(version, {row[0]: row[1] for row in (*people, *groups)})


def _of_postgresql(database: Database) -> Iterator[Finding]:
    with database.read() as session:
        version = int(session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
        is_read_only = session.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
    yield standby() if is_read_only else ok("database", "The database can be written.")
    yield postgresql_version(version)


def _of_sqlite(database: Database) -> Iterator[Finding]:
    file = Path(str(database.url.database))
    yield ok("database", "The database can be written.")
    yield machine.disk("DATABASE_URL", file.parent)
    yield machine.filesystem(file.parent)
    with database.read() as session:
        yield journal(session.execute(text("PRAGMA journal_mode")).scalar_one())


def schema(found: str | None, known: list[str], shown: str) -> Finding:
    """Whether the tables are those of this version; ``known`` are its revisions, the current one first."""
    if found == known[0]:
        return ok("database.schema", f"The schema is current ({found}).")
    if found is None or found in known:
        return problem(
            "database.schema",
            later("The schema of the database is at revision {found}; this version needs {wanted}."),
            later("Run `slackdesk migrate`, then start the desk again."),
            key="DATABASE_URL",
            value=shown,
            found=found or "none",
            wanted=known[0],
        )
    return problem(
        "database.schema",
        later("The schema of the database is at revision {found}, which a newer version of slackdesk made."),
        later("Install that version here, too; a schema does not go back."),
        key="DATABASE_URL",
        value=shown,
        found=found,
    )


def standby() -> Finding:
    """A server that takes no writes."""
    return problem(
        "database",
        later("PostgreSQL takes no writes: this server is a standby, or set to read only."),
        later("Point DATABASE_URL to the primary server, or promote this one."),
        key="DATABASE_URL",
    )


def postgresql_version(major: int) -> Finding:
    """Whether it is a version that slackdesk was run on."""
    if major >= OLDEST_POSTGRESQL:
        return ok("database.version", f"PostgreSQL {major}.")
    return warning(
        "database.version",
        later("PostgreSQL {major} is older than the versions that slackdesk is tested with."),
        later("Update PostgreSQL to {oldest} or newer."),
        key="DATABASE_URL",
        major=major,
        oldest=OLDEST_POSTGRESQL,
    )


def journal(mode: str) -> Finding:
    """Without a write-ahead log, readers and the writer hold each other up."""
    if mode == "wal":
        return ok("database.journal", "SQLite writes ahead (WAL).")
    return problem(
        "database.journal",
        later("SQLite does not write ahead (journal mode {mode}), so that every reader holds up every writer."),
        later("Move the file to a local disk whose file system has shared memory, or use PostgreSQL."),
        key="DATABASE_URL",
        mode=mode,
    )
