"""Running desks in simulated workspaces: one for each transport, shared by the tests of a process, or a fresh one."""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from redis import Redis
from sqlalchemy import Engine, create_engine, func, select

from slackdesk.demo.stage import Stage
from slackdesk.dispatch.model import LIVE, Work, WorkState, states_sql
from slackdesk.embedded_redis import running_url
from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.seen import SeenMessage

from ..process_tree import descendants, is_running, parent_of
from ..servers import OwnRedis

T = TypeVar("T")

TEST_REDIS_URL = os.environ.get("SLACKDESK_TEST_REDIS_URL")

PATIENCE_SECONDS = 30.0

UNDO_SECONDS = "2"
"""Of the shared desks, where nobody takes a reply back: everybody would wait for it five times as long."""

BOTH_TRANSPORTS = [
    pytest.param("socket", marks=pytest.mark.xdist_group("socket")),
    pytest.param("http", marks=pytest.mark.xdist_group("http")),
]


class FreshStage(Protocol):
    def __call__(self, *, rate_scale: float = 20.0, policy: str | None = None, **environment: str) -> Stage:
        """A running desk of this test alone, with these variables in its environment."""


@pytest.fixture(scope="session", params=BOTH_TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    """How Slack delivers. Tests with a desk of their own may ask for one by indirect parametrization."""
    return str(request.param)


@pytest.fixture(scope="session")
def stage(
    transport: str,
    tmp_path_factory: pytest.TempPathFactory,
    given_servers: Callable[[], AbstractContextManager[dict[str, str]]],
) -> Iterator[Stage]:
    """A desk for tests that leave others alone: each works on tickets of its own and waits for what it did itself."""
    with given_servers() as servers:
        environment = servers | {"SLACKDESK_UNDO_SECONDS": UNDO_SECONDS}
        folder = tmp_path_factory.mktemp(f"desk-{transport}")
        with lawful(
            Stage(folder, transport="socket" if transport == "socket" else "http", environment=environment)
        ) as stage:
            yield stage


@pytest.fixture
def fresh_stage(
    transport: str, tmp_path: Path, given_servers: Callable[[], AbstractContextManager[dict[str, str]]]
) -> Iterator[FreshStage]:
    """Starts desks of this test alone; they end with it."""
    with ExitStack() as stack:

        def start(*, rate_scale: float = 20.0, policy: str | None = None, **environment: str) -> Stage:
            stage = Stage(
                tmp_path / "desk",
                transport="socket" if transport == "socket" else "http",
                rate_scale=rate_scale,
                policy=policy,
                environment=stack.enter_context(given_servers()) | environment,
            )
            return stack.enter_context(lawful(stage))

        yield start


@contextmanager
def lawful(stage: Stage) -> Iterator[Stage]:
    """Whatever is played on it, a desk sends nothing that Slack would refuse."""
    with stage:
        yield stage
    journal = stage.sandbox.journal
    assert journal.illegal() == []
    assert journal.missing_fallback_text() == []


class Probe:
    """Looks at what a test needs to know of a desk besides what its people see."""

    def eventually(self, look: Callable[[], T | None], what: str, within_seconds: float = PATIENCE_SECONDS) -> T:
        """What `look` finds, once it finds something."""
        deadline = time.monotonic() + within_seconds
        while True:
            if found := look():
                return found
            assert time.monotonic() < deadline, f"not within {within_seconds} s: {what}"
            time.sleep(0.01)

    def engine(self, stage: Stage) -> Engine:
        """The desk's database; the caller disposes of the engine."""
        default = f"sqlite:///{stage.folder / 'data' / 'slackdesk.sqlite3'}"
        return create_engine(stage.environment.get("DATABASE_URL", default))

    def freeze(self, stage: Stage, *process_ids: int) -> None:
        """Stop processes (SIGSTOP), though not while they hold a lock in the database: nobody else could write then."""

        def frozen() -> bool:
            for process_id in process_ids:
                os.kill(process_id, signal.SIGSTOP)
            if not self._is_locked(stage):
                return True
            for process_id in process_ids:
                os.kill(process_id, signal.SIGCONT)
            return False

        self.eventually(frozen, "the processes are frozen without a lock")

    def _is_locked(self, stage: Stage) -> bool:
        engine = self.engine(stage)
        try:
            with engine.connect() as connection:
                if engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA busy_timeout=300")
                    connection.connection.driver_connection.execute("BEGIN IMMEDIATE")  # type: ignore[union-attr]
                    connection.connection.driver_connection.execute("ROLLBACK")  # type: ignore[union-attr]
                    return False
                mine = "FROM pg_stat_activity WHERE datname = current_database()"
                held = connection.exec_driver_sql(f"SELECT count(*) {mine} AND state = 'idle in transaction'")
                return bool(held.scalar_one())
        except sqlite3.OperationalError:
            return True
        finally:
            engine.dispose()

    def redis(self, stage: Stage) -> "Redis":
        """The desk's Redis database; the caller closes the client."""
        url = stage.environment.get("REDIS_URL") or running_url(stage.folder / "data")
        assert url is not None, "the desk runs no Redis server"
        return Redis.from_url(url)

    def rest(self, stage: Stage) -> None:
        """Wait until nothing that is due is left to do: then what is visible can be counted."""
        assert stage.sandbox.delivery.wait_until_answered(PATIENCE_SECONDS), "deliveries are still under way"
        self.eventually(lambda: self.due_work(stage, *LIVE) == 0, f"nothing is left to do\n{stage.last_lines()}")

    def due_work(self, stage: Stage, *states: WorkState) -> int:
        """How many rows of work that are due are in one of these states."""
        due = select(func.count()).where(states_sql(states), Work.due_at <= datetime.now(UTC))
        engine = self.engine(stage)
        try:
            with engine.connect() as connection:
                return connection.scalar(due) or 0
        finally:
            engine.dispose()

    def posts(self, stage: Stage, text: str, channel: str = "#it-l1") -> list[CallEntry]:
        """The journal's calls that posted this text into a channel or a thread of it, whatever became of them."""
        channel_id = stage.sandbox.workspace.channel_by_name(channel).id
        calls = stage.sandbox.journal.calls("chat.postMessage")
        return [call for call in calls if call.args.get("channel") == channel_id and text in str(call.args)]

    def visible(self, stage: Stage, text: str, channel: str = "#it-l1") -> list[SeenMessage]:
        """Messages with this text that the lead sees there, in threads too."""
        return [seen for seen in stage.person("helpdesk-lead").messages(channel) if text in seen.text]

    def family(self, stage: Stage) -> list[int]:
        """Process ids of all that `slackdesk run` has started and what these started, itself first."""
        return descendants(parent_of(stage.processes()["app"]))

    def descendants(self, process_id: int) -> list[int]:
        """This process and all below it."""
        return descendants(process_id)

    def are_gone(self, process_ids: list[int]) -> bool:
        """Whether none of these processes runs any more."""
        return not any(is_running(process_id) for process_id in process_ids)


@pytest.fixture(scope="session")
def probe() -> Probe:
    """Looks behind the scenes."""
    return Probe()


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """A running Redis server of this test alone."""
    program = None if TEST_REDIS_URL is None else shutil.which("redis-server")
    server = OwnRedis(program)
    server.start()
    yield server
    server.kill()
