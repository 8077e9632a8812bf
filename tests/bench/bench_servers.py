"""Servers that a measurement has for itself: PostgreSQL, Redis, and processes that end with it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from redis import Redis, RedisError

from slackdesk.embedded_redis import find_server_program

HERE = Path(__file__).parent
PATIENCE_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(look: Callable[[], bool], what: str, within_seconds: float = PATIENCE_SECONDS) -> None:
    """Return when ``look`` says yes."""
    deadline = time.monotonic() + within_seconds
    while not look():
        assert time.monotonic() < deadline, f"not within {within_seconds} s: {what}"
        time.sleep(0.01)


def listens(port: int) -> bool:
    """Whether a connection to the port is taken."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(*words: str, environment: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program beside this one, with nothing of our variables in its environment but what is given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK", "DATABASE_"))}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *words],
            env=inherited | {"PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))} | environment,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def redis() -> Iterator[str]:
    """URL of an empty Redis server, kept in memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/redis.sock"
        words = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"]
        process = subprocess.Popen([find_server_program(), *words], stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: _answers(path), "the Redis server answers")
            yield f"unix://{path}"
        finally:
            process.terminate()
            process.wait()


def _answers(path: str) -> bool:
    try:
        with Redis(unix_socket_path=path, retry=None) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


@contextmanager
def sqlite() -> Iterator[str]:
    """URL of a database in an SQLite file that is not there yet."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


@contextmanager
def postgresql() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server with the settings it is delivered with, fsync on."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    program = shutil.which("initdb", path=str(binaries)) or shutil.which("initdb")
    assert program is not None, "there is no PostgreSQL server on this machine: apt-get install postgresql"
    control, port = str(Path(program).parent / "pg_ctl"), free_port()
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        Path(folder).chmod(0o755)
        Path(data).mkdir(0o700)
        user = _other_user(data)
        quiet = {"stdout": subprocess.DEVNULL, "check": True}
        subprocess.run([*user, program, "-D", data, "-U", "bench", "--auth=trust", "-E", "UTF8"], **quiet)  # type: ignore[call-overload]
        options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1"
        subprocess.run([*user, control, "-D", data, "-w", "-l", f"{data}/log", "-o", options, "start"], **quiet)  # type: ignore[call-overload]
        try:
            yield f"postgresql+psycopg://bench@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*user, control, "-D", data, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]


def _other_user(data: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(data, "postgres")
    return ["runuser", "-u", "postgres", "--"]


DATABASES = {"SQLite": sqlite, "PostgreSQL": postgresql}
