"""Which statements something runs, how long each takes, and how the database finds its rows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from slackdesk.database import Database

PLANNED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
"""What statements begin with that have a plan."""


@dataclass
class Statement:
    """One statement that was run."""

    sql: str
    parameters: Any
    began: float
    milliseconds: float = 0.0


def statements_of(database: Database, act: Callable[[], object]) -> list[Statement]:
    """The statements with a plan that ``act`` runs, the slowest first."""
    found: list[Statement] = []
    engines = (database.engine, database._snapshots)

    def begins(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> None:
        found.append(Statement(sql, parameters, time.perf_counter()))

    def ends(*_: Any) -> None:
        found[-1].milliseconds = (time.perf_counter() - found[-1].began) * 1000

    listeners = (("before_cursor_execute", begins), ("after_cursor_execute", ends))
    for engine in engines:
        for name, listener in listeners:
            event.listen(engine, name, listener)
    try:
        act()
    finally:
        for engine in engines:
            for name, listener in listeners:
                event.remove(engine, name, listener)
    planned = [one for one in found if one.sql.lstrip().upper().startswith(PLANNED)]
    return sorted(planned, key=lambda one: -one.milliseconds)


def plan_of(database: Database, statement: Statement) -> str:
    """How the database runs it, one step a line."""
    explain = "EXPLAIN " if database.is_postgresql else "EXPLAIN QUERY PLAN "
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(explain + statement.sql, statement.parameters).all()
    return "\n".join(f"    {row[-1]}" for row in rows)
