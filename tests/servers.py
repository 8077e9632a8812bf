"""Redis and PostgreSQL servers of a test's own, which it may kill, freeze and restart."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from redis import Redis, RedisError

from slackdesk.embedded_redis import find_server_program

START_SECONDS = 30.0


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class OwnRedis:
    """A Redis server without persistence that a test may kill and freeze."""

    def __init__(self, program: str | None = None) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._program = program or str(find_server_program())
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start an empty server and wait until it answers."""
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --daemonize no --save".split()
        self._process = subprocess.Popen([self._program, *options, ""], stdout=subprocess.DEVNULL)
        _wait_until(self._answers, "the Redis server answers")

    def kill(self) -> None:
        """End it at once; everything in it is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it take connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        with Redis.from_url(self.url, retry=None) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False


def postgresql_programs() -> Path | None:
    """The folder of the newest PostgreSQL server of this machine, by Debian's layout; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parents[1].name))
    return found[-1].parent if found else None


class OwnPostgresql:
    """A PostgreSQL server with one empty database, in a folder of its own, that a test may restart and kill."""

    def __init__(self) -> None:
        programs = postgresql_programs()
        assert programs is not None, "there is no PostgreSQL server on this machine"
        self._programs = programs
        self.port = free_port()
        self.url = f"postgresql+psycopg://slackdesk@127.0.0.1:{self.port}/slackdesk"
        self.folder = Path(tempfile.mkdtemp(prefix="slackdesk-postgresql-"))

    def start(self) -> None:
        """Make the cluster, start it, create the database."""
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.data), "-U", "slackdesk", "--auth=trust", "-E", "UTF8")
        self.up()
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE slackdesk")

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.folder / "data"

    def up(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def down(self, mode: str = "immediate") -> None:
        """Stop it: ``immediate`` is a crash, ``fast`` ends sessions in order."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        """Stop it if it runs, and remove its folder."""
        if (self.data / "postmaster.pid").exists():
            self.down()
        shutil.rmtree(self.folder)

    @property
    def _server_url(self) -> str:
        return f"postgresql://slackdesk@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *words: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []  # it refuses to run as root
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run([*as_user, str(self._programs / program), *words], check=True, stdout=log, stderr=log)


def _wait_until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not look():
        assert time.monotonic() < deadline, f"not within {START_SECONDS} s: {what}"
        time.sleep(0.01)
