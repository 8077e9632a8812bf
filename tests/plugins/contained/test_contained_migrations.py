"""Migrations that go wrong: rolled back, the plugin put aside with the reason, the desk's own tables as they were."""

from pathlib import Path

import pytest
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from sqlalchemy import inspect, text

from slackdesk.database import Database
from slackdesk.errors import SlackdeskError
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import migrate_plugins, require_current_tables
from slackdesk.plugin.registry import Registry, Status

from .conftest import write_plugin

PLUGIN = """
from pathlib import Path
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from slackdesk.api import *

class Base(OwnTables, DeclarativeBase): pass

class Row(Base):
    __tablename__ = "bad_row"
    id: Mapped[int] = mapped_column(primary_key=True)

plugin = Plugin(name="bad", version="1", api=1, tables=Base.metadata, migrations=Path(__file__).parent / "revisions")
"""

REVISION = """
import os, sys, time
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "bad_1", None, None, None

def upgrade():
    op.create_table("bad_row", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("revision", sa.Integer()))
    {body}

def downgrade():
    op.drop_table("bad_row")
"""

WRONG = {
    "raises": ("raise ValueError('half done')", "bad: its tables: ValueError: half done"),
    "ends the process": ("sys.exit(0)", "bad: its tables: SystemExit: 0"),
    "makes a table of another": (
        "op.create_table('worse', sa.Column('id', sa.Integer()))",
        "make, change or drop worse: not its own",
    ),
    "drops a table of the desk": ("op.drop_table('heartbeat')", "make, change or drop heartbeat: not its own"),
    "changes a table of the desk": (
        "op.add_column('heartbeat', sa.Column('more', sa.Integer()))",
        "make, change or drop heartbeat: not its own",
    ),
    "indexes a table of the desk": (
        "op.create_index('ix_more', 'heartbeat', ['kind'])",
        "make, change or drop heartbeat: not its own",
    ),
    "hangs": ("time.sleep(60)", "bad: its migrations took longer than"),
    "is no SQL": ("op.execute('nonsense')", "bad: its tables: "),
}


def desk_of(tmp_path: Path, body: str) -> Registry:
    folder = tmp_path / "plugins"
    (folder / "bad" / "revisions").mkdir(parents=True)
    (folder / "bad" / "__init__.py").write_text(PLUGIN)
    (folder / "bad" / "revisions" / "one.py").write_text(REVISION.format(body=body))
    write_plugin(folder, "good", "")
    return load({one.name: {"enabled": False} for one in load({}).found}, [folder])


def shape(database: Database) -> dict[str, list[str]]:
    inspector = inspect(database.engine)
    return {
        table: sorted(column["name"] for column in inspector.get_columns(table))
        + sorted(str(index["name"]) for index in inspector.get_indexes(table))
        for table in inspector.get_table_names()
    }


@pytest.mark.parametrize(("body", "reason"), WRONG.values(), ids=WRONG.keys())
def test_a_migration_that_goes_wrong_is_rolled_back(tmp_path: Path, database: Database, body: str, reason: str) -> None:
    registry, before = desk_of(tmp_path, body), shape(database)
    with UnixSignalDeathPenalty(3, JobTimeoutException):  # type: ignore[no-untyped-call]
        migrated = migrate_plugins(database, registry)
    bad = next(one for one in migrated.found if one.name == "bad")
    assert bad.status is Status.QUARANTINED
    assert reason in bad.reason
    assert sorted(migrated.active) == ["good"]
    assert shape(database) == before, "half of it is left"
    with database.begin() as session:
        session.execute(text("INSERT INTO heartbeat (process, kind, beat_at) VALUES ('p', 'k', '2026-01-01')"))


def test_strict_desks_do_not_start_with_a_wrong_migration(tmp_path: Path, database: Database) -> None:
    with pytest.raises(SlackdeskError, match="bad: its tables: ValueError: half done"):
        migrate_plugins(database, desk_of(tmp_path, "raise ValueError('half done')"), strict=True)


def test_tables_that_are_not_up_to_date_put_a_plugin_aside(tmp_path: Path, database: Database) -> None:
    registry = desk_of(tmp_path, "pass")
    (bad,) = (one for one in require_current_tables(database, registry).found if one.name == "bad")
    assert bad.reason == "bad: its tables are not up to date; run `slackdesk migrate`"
    assert "bad" in migrate_plugins(database, registry).active
    assert "bad" in require_current_tables(database, registry).active
    assert "bad_row" in shape(database)
