"""Writing rows in bulk, on SQLite and PostgreSQL."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lives import Row
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Enum,
    Integer,
    String,
    Table,
    cast,
    create_engine,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.pool import NullPool

from slackdesk.database import Database, UtcDateTime
from slackdesk.migrations import core_metadata
from slackdesk.plugin.registry import Registry

REPEATED = [
    *("ticket", "ticket_message", "posting", "tier_stay", "history", "watcher"),
    *("csat_poll", "sla_result", "sla_breach"),
]
"""Tables in the order of their references, as the next ones."""

FILLED = (*REPEATED, "work", "inbox", "person", "home_tab")

SQLITE_INSTANT = "%Y-%m-%d %H:%M:%S.000000"
"""As SQLAlchemy writes a whole second."""

QUICK_SQLITE = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY")


@dataclass
class Writer:
    """Writes rows of whatever tables the desk has."""

    connection: Connection
    tables: Mapping[str, Table]
    highest: dict[str, int] = field(default_factory=dict)
    """Table → its highest id before anything was repeated."""

    @property
    def is_postgresql(self) -> bool:
        return self.connection.dialect.name == "postgresql"

    def write(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Add rows; all rows of a table have the same columns in the same order, and may have more than the table."""
        put = _copy if self.is_postgresql else _insert
        for name in FILLED:
            if rows.get(name) and name in self.tables:
                put(self.connection, self.tables[name], rows[name])
        self.connection.commit()

    def repeat(self, times: int, tickets: int, later: timedelta) -> None:
        """Add what was written so far again and again, as other tickets, each time so much later."""
        tables = [self.tables[name] for name in REPEATED if name in self.tables]
        for table in tables:
            if "id" in table.c:
                self.highest[table.name] = self.connection.scalar(select(func.max(table.c.id))) or 0
        for number in range(1, times + 1):
            for table in tables:
                self._repeat(table, number, tickets, int(later.total_seconds()) * number)
            self.connection.commit()
        self.go_on()

    def add_timers(self, count: int, row: Row, now: datetime, within: timedelta) -> None:
        """Add timers, one for each ticket and so on until there are enough, due at chance within that time from now on.

        ``row`` has what is the same in all of them.
        """
        tickets, work = self.tables["ticket"], self.tables["work"]
        size = self.connection.scalar(select(func.count()).select_from(tickets)) or 1
        number = cast(tickets.c.id, String)
        for first in range(0, count, size):
            values = {name: literal(value, work.c[name].type) for name, value in row.items()} | {
                "ticket_id": tickets.c.id,
                "dedupe_key": f"timer:{row['name']}:" + number + f":bench-{first // size}",
                "payload": cast('{"ticket_id": ' + number + "}", JSON) if self.is_postgresql else _object(number),
                "due_at": self._by_chance(now, within),
            }
            some = select(*values.values()).order_by(tickets.c.id).limit(count - first)
            self.connection.execute(insert(work).from_select(list(values), some))
            self.connection.commit()

    def _by_chance(self, now: datetime, within: timedelta) -> ColumnElement[Any]:
        if self.is_postgresql:
            return literal(now) + func.make_interval(0, 0, 0, 0, 0, 0, func.random() * within.total_seconds())
        seconds = cast(func.abs(func.random()) % int(within.total_seconds()), String)
        return func.strftime(SQLITE_INSTANT, _sqlite_instant(now), literal("+") + seconds + " seconds")

    def go_on(self) -> None:
        """Let ids that the database gives go on after those that were given to it."""
        for table in self.tables.values() if self.is_postgresql else ():
            if table.name in FILLED and "id" in table.c and isinstance(table.c.id.type, Integer):
                sequence = func.pg_get_serial_sequence(table.name, "id")
                self.connection.execute(select(func.setval(sequence, func.coalesce(func.max(table.c.id), 1))))
        self.connection.commit()

    def _repeat(self, table: Table, number: int, tickets: int, seconds: int) -> None:
        values = {column.name: self._later(column, number, seconds) for column in table.c}
        block = table.c.id <= self.highest[table.name] if "id" in table.c else table.c.ticket_id <= tickets
        self.connection.execute(insert(table).from_select(list(values), select(*values.values()).where(block)))

    def _later(self, column: Column[Any], number: int, seconds: int) -> ColumnElement[Any]:
        of = {"id": column.table.name, "ticket_id": "ticket", "message_id": "ticket_message"}.get(column.name)
        if of is not None:
            return column + number * self.highest[of]
        if column.name == "ts":
            whole = cast(func.substr(column, 1, 10), BigInteger) + seconds
            return cast(whole, String) + func.substr(column, 11)
        if not isinstance(column.type, UtcDateTime):
            return column
        if self.is_postgresql:
            return column + literal(timedelta(seconds=seconds))
        return func.strftime(SQLITE_INSTANT, column, f"+{seconds} seconds")


@contextmanager
def loading(database: Database, registry: Registry) -> Iterator[Writer]:
    """Writes without indexes, which are made anew at the end, and leaves statistics as a server keeps them."""
    tables = dict(core_metadata().tables)
    for plugin in registry.active.values():
        tables |= dict(plugin.tables.tables) if plugin.tables is not None else {}
    database.close()  # SQLite changes how it writes only for its one connection
    engine = create_engine(database.url, poolclass=NullPool)
    indexes = [index for name in FILLED if name in tables for index in tables[name].indexes]
    with engine.connect() as connection:
        writer = Writer(connection, tables)
        for pragma in () if writer.is_postgresql else QUICK_SQLITE:
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        for index in indexes:
            index.drop(connection)
        yield writer
        for index in indexes:
            index.create(connection)
        writer.go_on()
        if writer.is_postgresql:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM (ANALYZE)"))
        else:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()


def _object(number: ColumnElement[str]) -> ColumnElement[Any]:
    return literal('{"ticket_id": ') + number + "}"


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    names = [name for name in rows[0] if name in table.c]
    marks = ", ".join("?" * len(names))
    driver: Any = connection.connection.driver_connection
    statement = f'INSERT INTO "{table.name}" ({", ".join(names)}) VALUES ({marks})'  # noqa: S608
    driver.executemany(statement, _values(table, rows, _sqlite_instant))


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    driver: Any = connection.connection.driver_connection
    names = ", ".join(name for name in rows[0] if name in table.c)
    with driver.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for values in _values(table, rows, None):
            copy.write_row(values)


def _values(table: Table, rows: Sequence[Row], instant: Callable[[datetime], str] | None) -> Iterator[list[Any]]:
    """As the driver takes them; columns of JSON may hold text that is JSON already."""
    converters = [_converter(table.c[name].type, instant) for name in rows[0] if name in table.c]
    converted = [(position, one) for position, one in enumerate(converters) if one is not None]
    missing = [name for name in rows[0] if name not in table.c]
    for row in rows:
        values = list(row.values() if not missing else (value for name, value in row.items() if name not in missing))
        for position, convert in converted:
            if values[position] is not None:
                values[position] = convert(values[position])
        yield values


def _converter(of: object, instant: Callable[[datetime], str] | None) -> Callable[[Any], str] | None:
    if isinstance(of, JSON):
        return lambda value: value if isinstance(value, str) else json.dumps(value)
    if isinstance(of, Enum):
        return str
    return instant if isinstance(of, UtcDateTime) else None


def _sqlite_instant(at: datetime) -> str:
    return f"{at.isoformat(' ')[:19]}.000000"
