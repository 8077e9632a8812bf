"""A desk that runs in a simulated workspace: what the demo plays on, and what scenario tests are played on.

The workspace runs in this process, so that people can be driven; the desk is the real `slackdesk run` beside it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from slackdesk.sandbox import Sandbox, Workspace
from slackdesk.sandbox.company import acme
from slackdesk.sandbox.manifest import AppManifest
from slackdesk.sandbox.people import Person
from slackdesk.slack.manifest import build_manifest

Transport = Literal["socket", "http"]

READY_SECONDS = 60.0
"""How long a desk may take until it receives what Slack delivers."""
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
"""What a desk takes over from the surroundings: nothing that would steer it."""


class StageError(Exception):
    """The desk did not start or ended by itself; the message ends with the last lines of its log."""


class Stage:
    """Simulated workspace and running desk, as a context manager.

    ``folder`` holds the policy file, the desk's data and its log. ``environment`` adds to or replaces what the desk
    gets (``DATABASE_URL``, ``REDIS_URL``, ``SLACKDESK_…``). ``rate_scale`` is the multiple of Slack's pace that both
    the workspace and the desk's pacing work at. ``redelivery_scale`` is that of Slack's pace of redeliveries.
    """

    def __init__(
        self,
        folder: Path,
        *,
        transport: Transport = "socket",
        rate_scale: float = 20.0,
        redelivery_scale: float = 1.0,
        policy: str | None = None,
        environment: Mapping[str, str] | None = None,
        workspace: Workspace | None = None,
        ready_seconds: float = READY_SECONDS,
    ) -> None:
        self.folder = folder
        self.ready_seconds = ready_seconds
        self.transport = transport
        self.rate_scale = rate_scale
        self.port = _free_port()
        http_url = f"http://127.0.0.1:{self.port}/slack/events" if transport == "http" else None
        manifest = AppManifest.read(build_manifest(http_url))
        self.sandbox = Sandbox(
            workspace=workspace or acme(),
            manifest=manifest,
            rate_scale=rate_scale,
            redelivery_scale=redelivery_scale,
        )
        self.policy_file = folder / "slackdesk.toml"
        self.log = folder / "desk.log"
        self._policy = (
            policy if policy is not None else files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")
        )
        self._extra = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.policy_file.write_text(self._policy, "utf-8")
        self.sandbox.start()
        try:
            self.start_desk()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_desk()
        self.sandbox.stop()

    def person(self, handle: str) -> Person:
        """Somebody of the company, to be driven."""
        return self.sandbox.person(handle)

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the desk's processes and commands."""
        own = {
            "SLACK_BOT_TOKEN": self.sandbox.bot_token,
            "SLACK_API_URL": self.sandbox.api_url,
            "SLACKDESK_POLICY": str(self.policy_file),
            "SLACKDESK_DATA": str(self.folder / "data"),
            "SLACKDESK_CLOCK": "shiftable",
            "SLACKDESK_RATE_SCALE": str(self.rate_scale),
        }
        if self.transport == "socket":
            own["SLACK_APP_TOKEN"] = self.sandbox.app_token
        else:
            own["SLACK_SIGNING_SECRET"] = self.sandbox.signing_secret
        return {name: os.environ[name] for name in INHERITED if name in os.environ} | own | self._extra

    def start_desk(self) -> None:
        """Start `slackdesk run` and wait until it receives deliveries. Raises StageError when it does not."""
        if self.transport == "http":
            self.sandbox.deliver_over_http(f"http://127.0.0.1:{self.port}/slack/events")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "slackdesk", "run", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        deadline = time.monotonic() + self.ready_seconds
        while not self._is_ready():
            if self._process.poll() is not None:
                raise StageError(f"the desk ended with exit code {self._process.returncode}\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise StageError(f"the desk was not ready after {self.ready_seconds} s\n{self.last_lines()}")
            time.sleep(0.02)

    def stop_desk(self) -> int | None:
        """End the desk in order (SIGTERM) and return its exit code; None when it did not run."""
        if self._process is None:
            return None
        self._process.terminate()
        code = self._process.wait(timeout=60)
        self._process = None
        return code

    def kill_desk(self) -> None:
        """Kill the supervisor at once (SIGKILL); the kernel then ends what it watched over."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def processes(self) -> dict[str, int]:
        """Name → process id of what `slackdesk run` keeps running."""
        register = self.folder / "data" / "processes.json"
        return dict(json.loads(register.read_text()))

    def kill(self, name: str, signal_number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to one process of the desk, such as ``worker-now-1``; returns its process id."""
        process_id = self.processes()[name]
        os.kill(process_id, signal_number)
        return process_id

    def command(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run another `slackdesk` command in the desk's surroundings."""
        return subprocess.run(
            [sys.executable, "-m", "slackdesk", *words],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=60,
            check=False,
        )

    def advance(self, duration: str) -> None:
        """Move desk time forward, such as ``"90m"``."""
        done = self.command("clock", "advance", duration)
        if done.returncode != 0:
            raise StageError(done.stderr)

    def last_lines(self, count: int = 40) -> str:
        """The end of the desk's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:]) if self.log.exists() else ""

    def _is_ready(self) -> bool:
        if self.transport == "socket":
            return self.sandbox.delivery.sockets.connection_count > 0
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
