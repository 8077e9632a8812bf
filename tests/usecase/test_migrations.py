"""The revisions build the schema of the models, and every process says what to do about another one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from slackdesk.database import Database
from slackdesk.migrations import REVISIONS, core_metadata, known_revisions, migrate, require_current_schema
from slackdesk.migrations.revisions import revisions_in

TOKENS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_API_URL": "http://127.0.0.1:1/api/",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


@pytest.fixture
def empty(database_url: str) -> Any:
    database = Database(database_url)
    yield database
    database.close()


def _shape(database: Database) -> dict[str, Any]:
    """Everything that the database knows of each table, Alembic's own left out."""
    inspector = inspect(database.engine)
    looks: dict[str, Callable[[str], Any]] = {
        "columns": inspector.get_columns,
        "keys": inspector.get_pk_constraint,
        "indexes": inspector.get_indexes,
        "unique": inspector.get_unique_constraints,
        "checks": inspector.get_check_constraints,
        "foreign": inspector.get_foreign_keys,
    }
    tables = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {
        f"{table}.{what}": sorted(_written(one) for one in found) if isinstance(found, list) else _written(found)
        for table in tables
        for what, found in ((what, look(table)) for what, look in looks.items())
    }


def _written(found: Any) -> str:
    return json.dumps(found, default=str, sort_keys=True)


def test_migrations_build_the_schema_of_the_models(empty: Database, database: Database) -> None:
    migrate(empty)
    with empty.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), core_metadata()) == []
    shape = _shape(empty)
    assert len(shape) == 6 * len(core_metadata().tables)
    assert shape == _shape(database)


def test_revisions_are_those_that_alembic_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(REVISIONS.parent))
    known = ScriptDirectory.from_config(config)
    assert revisions_in(REVISIONS) == [script.revision for script in known.walk_revisions()]
    assert known_revisions()[0] == known.get_current_head()


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ([], []),
        (['revision = "a"\ndown_revision = None'], ["a"]),
        (['revision: str = "b"\ndown_revision: str | None = "a"', 'revision, down_revision = "a", None'], ["b", "a"]),
    ],
)
def test_revisions_are_read_however_they_are_written(tmp_path: Path, files: list[str], found: list[str]) -> None:
    (tmp_path / "__init__.py").touch()
    for number, words in enumerate(files):
        (tmp_path / f"{number}.py").write_text(words)
    assert revisions_in(tmp_path) == found


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (["revision = 'a'"], "does not say what its revision and its down_revision are"),
        (["revision, down_revision = 'a', None", "revision, down_revision = 'b', None"], "do not form one line"),
        (["revision, down_revision = 'a', 'b'", "revision, down_revision = 'b', 'a'"], "do not form one line"),
        (["revision, down_revision = 'a', 'gone'"], "do not form one line"),
    ],
)
def test_revisions_that_do_not_fit_are_told(tmp_path: Path, files: list[str], problem: str) -> None:
    for number, words in enumerate(files):
        (tmp_path / f"{number}.py").write_text(words)
    with pytest.raises(ValueError, match=problem):
        revisions_in(tmp_path)


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    migrate(empty)
    before = _shape(empty)
    migrate(empty)
    require_current_schema(empty)
    assert _shape(empty) == before


def test_two_migrations_at_once_both_succeed(background: Any, database_url: str, empty: Database) -> None:
    both = [background("migrate", DATABASE_URL=database_url) for _ in range(2)]
    assert [(one.ends(), "is current" in one.output) for one in both] == [(0, True), (0, True)], both[0].output
    require_current_schema(empty)


@pytest.mark.parametrize("words", [("app",), ("worker",), ("beat",), ("clock", "show"), ("audit", "verify")])
def test_old_schema_is_told_with_its_remedy(background: Any, database_url: str, words: tuple[str, ...]) -> None:
    command = background(*words, DATABASE_URL=database_url, **TOKENS)
    assert command.ends() == 1
    assert "the schema is at revision none" in command.output
    assert "run `slackdesk migrate`" in command.output
    assert "Traceback" not in command.output


@pytest.mark.parametrize("words", [("migrate",), ("worker",)])
def test_schema_of_a_newer_version_is_left_alone(
    background: Any, database_url: str, empty: Database, words: tuple[str, ...]
) -> None:
    migrate(empty)
    with empty.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    command = background(*words, DATABASE_URL=database_url, **TOKENS)
    assert command.ends() == 1
    assert "revision 9999, which a newer slackdesk made: install that version" in command.output
    assert "Traceback" not in command.output
