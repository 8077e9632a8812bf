"""Alembic, run on an open transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData


def apply_all(connection: Connection, revisions: Path, tables: MetaData, version_table: str) -> None:
    """Bring ``tables`` to the newest of the revisions in a folder."""
    command.upgrade(_config(connection, revisions, tables, version_table), "head")


def take_away(connection: Connection, revisions: Path, tables: MetaData, version_table: str) -> None:
    """Undo all revisions in a folder, the newest first."""
    command.downgrade(_config(connection, revisions, tables, version_table), "base")


def _config(connection: Connection, revisions: Path, tables: MetaData, version_table: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(revisions).replace("%", "%%"))
    config.attributes.update(connection=connection, tables=tables, version_table=version_table)
    return config
