"""The database: engine, declarative base, column types, and the one way to open a transaction.

SQLite runs with WAL, ``synchronous=FULL`` and ``BEGIN IMMEDIATE``; PostgreSQL with lock and statement timeouts.
Both give up after 1.5 s, so that a locked database can still be answered within Slack's three seconds.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, URL, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from slackdesk.errors import DatabaseBusy

LOCK_TIMEOUT_MILLISECONDS = 1500
"""How long a statement waits for a lock before the transaction is given up."""

CONNECTIONS_KEPT = 20
"""More than the edge has threads: what goes beyond is opened anew for each transaction, which costs a PostgreSQL server
many times what the transaction does. Connections are opened when they are needed first."""

WRITE_LOCK_PAUSE_SECONDS = 0.001
"""Between two tries to take SQLite's write lock. SQLite itself pauses up to 100 ms; while one process commits again and
again, another that looks so seldom hardly ever finds the lock free, and its work stands still for seconds."""

PATIENCE = "slackdesk_patience_milliseconds"
"""Execution option of a connection whose transaction writes: how long it may wait for SQLite's write lock."""


_DRIVER = "slackdesk_driver_connection"
"""Key in a snapshot's ``info``."""

_STEPS_BETWEEN_LOOKS = 100_000
"""Steps of SQLite's machine between two looks at alarms: some milliseconds."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on every database. Refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; naive on SQLite, which keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: every instant is aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables of the core."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class Database:
    """An engine and its transactions. One per process: after a fork, the child calls ``forget_connections``."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _create_engine(url)
        self._snapshots = _create_snapshot_engine(self.url)
        self._turn = threading.Lock()

    @property
    def is_postgresql(self) -> bool:
        """Whether SQL written by hand has to be PostgreSQL's."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing transaction: commits at the end of the block, rolls back on any error.

        Raises DatabaseBusy when the database is locked, too slow or away; then nothing was written.
        """
        with (
            self._own_turn() as patience_milliseconds,
            busy_is_told(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            # Takes SQLite's write lock now, so that a busy database shows before any work is done.
            session.connection(execution_options={PATIENCE: patience_milliseconds})
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads; on SQLite it takes no write lock. Raises DatabaseBusy like ``begin``."""
        with busy_is_told(), Session(self.engine, expire_on_commit=False) as session:
            session.connection()
            yield session

    @contextmanager
    def snapshot(self, limit_seconds: float) -> Iterator[Session]:
        """A transaction that sees one moment and can write nothing, for code that is not the core's.

        On connections that nothing else uses: whatever that code does to one, or a thread that never gives one back,
        is nobody else's trouble. PostgreSQL ends what is still open after twice ``limit_seconds``. Raises DatabaseBusy
        when it cannot be opened; what is raised in the block is left as it is.
        """
        with Session(self._snapshots, expire_on_commit=False, autoflush=False) as session:
            with busy_is_told():
                connection = session.connection()
                if self.is_postgresql:
                    limit = f"'{int(2000 * limit_seconds)}ms'"
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit}")
                    connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {limit}")
                session.info[_DRIVER] = connection.connection.driver_connection
            yield session

    def end_from_outside(self, snapshot: Session) -> None:
        """Another thread hangs in this snapshot: end its transaction, which would keep the database from tidying up."""
        driver: Any = snapshot.info[_DRIVER]
        if self.is_postgresql:
            driver.cancel()  # a statement; the server ends the rest by idle_in_transaction_session_timeout
            return
        driver.interrupt()
        with suppress(sqlite3.Error):  # that thread has just ended it
            driver.execute("ROLLBACK")

    def forget_connections(self) -> None:
        """In a forked child: drop the parent's connections without closing the parent's sockets."""
        self._snapshots.dispose(close=False)
        self.engine.dispose(close=False)
        self._turn = threading.Lock()  # another thread of the parent may have held it

    def close(self) -> None:
        """Close all pooled connections."""
        self._snapshots.dispose()
        self.engine.dispose()

    @contextmanager
    def _own_turn(self) -> Iterator[int]:
        """On SQLite, the threads of a process write one after the other; yields what is left to wait for others.

        SQLite lets waiting writers try at random, so that with many of them some wait far too long; a lock in the
        process is handed on at once.
        """
        if self.is_postgresql:
            yield LOCK_TIMEOUT_MILLISECONDS
            return
        started = time.monotonic()
        if not self._turn.acquire(timeout=LOCK_TIMEOUT_MILLISECONDS / 1000):
            raise DatabaseBusy("other threads of this process keep writing")
        try:
            waited_milliseconds = int((time.monotonic() - started) * 1000)
            yield max(1, LOCK_TIMEOUT_MILLISECONDS - waited_milliseconds)
        finally:
            self._turn.release()


@contextmanager
def busy_is_told() -> Iterator[None]:
    """Raises DatabaseBusy for what a locked, slow or absent database raises."""
    try:
        yield
    except OperationalError as error:
        raise DatabaseBusy(str(error.orig)) from error
    except PoolTimeoutError as error:
        raise DatabaseBusy("every connection of this process is in use") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseBusy(str(error.orig)) from error
        raise


def _create_engine(url: str) -> Engine:
    """Errors name the statement and not its values: those are what people wrote, and errors are logged and kept."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        timeouts = f"-c lock_timeout={LOCK_TIMEOUT_MILLISECONDS} -c statement_timeout={LOCK_TIMEOUT_MILLISECONDS}"
        return create_engine(
            parsed,
            hide_parameters=True,
            pool_size=CONNECTIONS_KEPT,
            pool_timeout=LOCK_TIMEOUT_MILLISECONDS / 1000,
            pool_pre_ping=True,
            connect_args={"options": timeouts, "connect_timeout": 2},
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    timeout = {"timeout": LOCK_TIMEOUT_MILLISECONDS / 1000}
    engine = create_engine(parsed, hide_parameters=True, pool_size=10, connect_args=timeout)
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _create_snapshot_engine(url: URL) -> Engine:
    """Of connections that only read. Without a limit: those that are never given back must not keep others waiting."""
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            max_overflow=-1,
            pool_pre_ping=True,  # and without compiling statements, which takes longer than those of a report
            connect_args={"options": "-c jit=off", "connect_timeout": 2},
        )
    engine = create_engine(url, hide_parameters=True, max_overflow=-1)
    event.listen(engine, "connect", _prepare_sqlite_snapshot)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _prepare_sqlite_connection(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={LOCK_TIMEOUT_MILLISECONDS}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_sqlite_snapshot(connection: Any, entry: ConnectionPoolEntry) -> None:
    _prepare_sqlite_connection(connection, entry)
    connection.execute("PRAGMA query_only=ON")
    # Alarms and interrupts reach Python code only: without this, none would end a long query.
    connection.set_progress_handler(lambda: 0, _STEPS_BETWEEN_LOOKS)


def _begin_on_sqlite(connection: Any) -> None:
    patience_milliseconds = connection.get_execution_options().get(PATIENCE)
    if patience_milliseconds is None:
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    deadline = time.monotonic() + patience_milliseconds / 1000
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _took_write_lock(driver, is_last_try=time.monotonic() > deadline):
            time.sleep(WRITE_LOCK_PAUSE_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout={LOCK_TIMEOUT_MILLISECONDS}")


def _took_write_lock(driver: sqlite3.Connection, *, is_last_try: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        if is_last_try:
            raise DatabaseBusy(str(error)) from error
        return False
    return True
