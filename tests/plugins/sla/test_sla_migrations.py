"""Tables of an earlier version are brought up to date with what stands in them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.tables import Base, Result
from sqlalchemy import select, text

from slackdesk.database import Database
from slackdesk.migrations import migrating, upgrade
from slackdesk.migrations.applying import take_away
from slackdesk.plugin.loading import in_path
from slackdesk.plugin.migrating import migrate_plugins, version_table
from slackdesk.plugin.registry import Registry
from slackdesk.testing.loading import loaded

from .conftest import SLA

STOPPED_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)

OLD_ROW = text(
    "INSERT INTO sla_result (ticket_id, clock, cycle, queue, priority, tier, started_at, stopped_at, target_seconds, "
    "used_seconds, is_met, is_void, revision) VALUES (1, 'resolution', 1, 'it', 'normal', 'L1', "
    "'2026-11-23 08:00:00.000000', '2026-11-23 09:00:00.000000', 60, 3600, :is_met, :is_void, 1)"
)


def test_results_are_kept_and_a_clock_may_stop_again(database: Database, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(SLA / "migrations" / "0001_service_levels.py", first)
    with migrating(database) as connection:
        upgrade(connection, first, Base.metadata, version_table("sla"))
        connection.execute(OLD_ROW, {"is_met": False, "is_void": False})
    migrate_plugins(database, Registry([loaded(in_path(SLA), {})]), strict=True)
    with database.begin() as session:
        row = session.scalars(select(Result)).one()
        assert (row.ticket_id, row.clock, row.stopped_at, row.is_met) == (1, "resolution", STOPPED_AT, False)
        names = [column.key for column in Result.__table__.columns if column.key not in ("stopped_at", "revision")]
        again = {name: getattr(row, name) for name in names}
        session.add(Result(**again, stopped_at=STOPPED_AT.replace(hour=10)))
    with migrating(database) as connection:
        assert plugin.migrations is not None
        take_away(connection, plugin.migrations, Base.metadata, version_table("sla"))
