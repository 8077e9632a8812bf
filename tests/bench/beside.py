"""What runs beside a measurement and ends with it: programs, and servers with the settings they are delivered with."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from servers import OwnPostgresql, OwnRedis

from slackdesk.sandbox import Workspace
from slackdesk.sandbox.company import acme

HERE = Path(__file__).parent
PATIENCE_SECONDS = 60.0
LOG_CHARACTERS = 3_000
"""So much of the end of a program's log is shown when something fails."""

EMPLOYEES = 800
"""A rush comes from many people: each of them is looked up, and what he or she asked a moment ago as well."""


def wait_until(look: Callable[[], object], what: str, within_seconds: float = PATIENCE_SECONDS) -> None:
    """Return when ``look`` finds something. Raises AssertionError when it does not in time."""
    deadline = time.monotonic() + within_seconds
    while not look():
        assert time.monotonic() < deadline, f"not within {within_seconds} s: {what}"
        time.sleep(0.01)


@contextmanager
def running(*words: str, environment: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program beside this one, with none of our variables in its environment but what is given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK", "DATABASE_"))}
    path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    with (folder / "bench.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *words], env=inherited | {"PYTHONPATH": path} | environment, stdout=log, stderr=log
        )
    try:
        yield process
    except BaseException:
        print(f"{words}: {(folder / 'bench.log').read_text('utf-8')[-LOG_CHARACTERS:]}", file=sys.stderr)
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def redis() -> Iterator[str]:
    """URL of an empty Redis server."""
    server = OwnRedis()
    server.start()
    try:
        yield server.url
    finally:
        server.kill()


@contextmanager
def sqlite() -> Iterator[str]:
    """URL of an SQLite file that is not there yet."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


@contextmanager
def postgresql() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server of its own."""
    server = OwnPostgresql()
    server.start()
    try:
        yield server.url
    finally:
        server.remove()


def company() -> Workspace:
    """The workspace of the demo with many more employees."""
    workspace = acme()
    for number in range(EMPLOYEES):
        workspace.add_user(f"employee-{number}", f"Employee {number}", display_name=f"Employee {number}")
    return workspace
