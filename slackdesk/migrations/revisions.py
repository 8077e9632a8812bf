"""Which revisions there are, and at which one a schema is: read without Alembic."""

import ast
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table


def revisions_in(folder: Path) -> list[str]:
    """The revisions in a folder, the newest first. Raises ValueError when they do not form one line."""
    files = [file for file in sorted(folder.glob("*.py")) if file.name != "__init__.py"]
    before = dict(map(_named_in, files))
    newest = before.keys() - before.values()
    revision = next(iter(newest), None)
    line = []
    while revision in before and revision not in line:
        line.append(revision)
        revision = before[revision]
    if len(newest) > 1 or len(line) < len(before) or revision is not None:
        raise ValueError(f"the revisions in {folder} do not form one line: {before}")
    return line


def revision_of(connection: Connection, version_table: str) -> str | None:
    """The revision that the tables are at by that table of Alembic's, None where there is none."""
    if not inspect(connection).has_table(version_table):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(version_table)))


def _named_in(file: Path) -> tuple[str, str | None]:
    """The file's revision, and the one before it."""
    named: dict[str, str | None] = {}
    for line in ast.parse(file.read_bytes()).body:
        if isinstance(line, ast.Assign):
            for target in line.targets:
                named.update(_assigned(target, line.value))
        elif isinstance(line, ast.AnnAssign) and line.value is not None:
            named.update(_assigned(line.target, line.value))
    if named.keys() != {"revision", "down_revision"}:
        raise ValueError(f"{file} does not say what its revision and its down_revision are")
    return str(named["revision"]), named["down_revision"]


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str | None]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each_target, each_value in zip(target.elts, value.elts, strict=False):
            yield from _assigned(each_target, each_value)
    elif isinstance(target, ast.Name) and target.id in ("revision", "down_revision"):
        yield target.id, ast.literal_eval(value)
