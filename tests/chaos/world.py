"""A whole desk beside a simulated workspace, with servers of its own: everything here may be broken."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Literal, Self, TypeVar

from sqlalchemy import Engine, create_engine

from slackdesk.demo.stage import Stage, Transport
from slackdesk.dispatch.redis_access import PAUSE_SECONDS
from slackdesk.sandbox.company import acme
from slackdesk.sandbox.faults import Fault, Injection
from slackdesk.sandbox.journal import Journal
from slackdesk.sandbox.records import Json

from ..process_tree import descendants, is_running, parent_of
from ..servers import OwnPostgresql, OwnRedis
from .processes import Beside

T = TypeVar("T")
DatabaseKind = Literal["sqlite", "postgresql"]
ProcessKind = Literal["supervisor", "app", "beat", "worker", "job"]
"""``worker`` is an RQ worker itself, ``job`` the process that it has forked for the job in hand."""

PATIENCE_SECONDS = 120.0
SHORT_TIMES = {
    "SLACKDESK_SWEEP_SECONDS": "0.5",
    "SLACKDESK_QUEUED_SECONDS": "8",
    "SLACKDESK_SLACK_TIMEOUT_SECONDS": "2",
    "SLACKDESK_JOB_TIMEOUT_SECONDS": "5",
    "SLACKDESK_LEASE_SECONDS": "6",
    "SLACKDESK_AMBIGUOUS_SECONDS": "1",
    "SLACKDESK_BEAT_LEASE_SECONDS": "3",
    "SLACKDESK_UNDO_SECONDS": "3",
}
"""What takes minutes on a real desk takes seconds here; the order of the times is the same."""
REDELIVERY_SCALE = 20.0
"""Slack's redeliveries come after 0, 3 and 15 seconds in place of 0, 60 and 300."""

PACING_AWAY_SECONDS = PAUSE_SECONDS + 2.0
"""A process that found no Redis goes without pacing for that long."""


class World:
    """Simulated workspace, `slackdesk run`, and beside it a second beat and two more workers of what people wait for.

    ``stage``, ``sandbox``, ``journal``: the company and what happened in it. ``redis``, ``postgresql`` (None with
    SQLite): servers of this world alone. ``provides``: what a fault may need. ``folder`` keeps the evidence: logs,
    policy, SQLite file.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database: DatabaseKind = "sqlite",
        transport: Transport = "socket",
        rate_scale: float = 20.0,
        beside: tuple[tuple[str, ...], ...] = (("beat",), ("worker",), ("worker",)),
        environment: Mapping[str, str] | None = None,
        policy: str | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.folder, self.patience_seconds = folder, patience_seconds
        self.redis = OwnRedis()
        self.postgresql = OwnPostgresql() if database == "postgresql" else None
        self.provides = frozenset({database, transport, "own_redis", *(["own_postgresql"] * (database != "sqlite"))})
        urls = {"REDIS_URL": self.redis.url} | ({"DATABASE_URL": self.postgresql.url} if self.postgresql else {})
        workspace = acme()
        workspace.update_user(workspace.user_by_handle("helpdesk-lead").id, is_admin=True)  # may delete cards
        self.stage = Stage(
            folder,
            policy=policy,
            workspace=workspace,
            transport=transport,
            rate_scale=rate_scale,
            redelivery_scale=REDELIVERY_SCALE,
            ready_seconds=PATIENCE_SECONDS,
            environment=SHORT_TIMES | urls | dict(environment or {}),
        )
        self.sandbox = self.stage.sandbox
        self.deaths: Counter[str] = Counter()
        """Kind of process → how many were seen to be dead after ``kill``."""
        self._beside = [Beside(words, self.stage, folder) for words in beside]
        self._injections: dict[str, list[Injection]] = {}
        self._observed: Counter[str] = Counter()
        self._pacing_lost_at: list[float] = []
        self._lock = threading.Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.postgresql is not None:
                stack.callback(self.postgresql.remove)
                self.postgresql.start()
            stack.callback(self.redis.kill)
            self.redis.start()
            stack.enter_context(self.stage)
            for process in self._beside:
                stack.enter_context(process)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def journal(self) -> Journal:
        """Calls, deliveries and acts so far."""
        return self.sandbox.journal

    @property
    def logs(self) -> list[Path]:
        """The log of `slackdesk run`, and of each process beside it."""
        return [self.stage.log, *(process.log for process in self._beside)]

    # What faults note

    def inject(
        self,
        name: str,
        method: str,
        fault: Fault,
        *,
        times: int | None = 1,
        matching: Callable[[Json], bool] = lambda args: True,
    ) -> Injection:
        """``sandbox.faults.inject``, counted for the fault kind of that name."""
        injection = self.sandbox.faults.inject(method, fault, times=times, matching=matching)
        with self._lock:
            self._injections.setdefault(name, []).append(injection)
        return injection

    def observed(self, name: str, times: int = 1) -> None:
        """The fault kind of that name was seen to have happened."""
        with self._lock:
            self._observed[name] += times

    def pacing_is_lost(self) -> None:
        """The Redis server has just gone away, or come back without what Slack had asked for."""
        with self._lock:
            self._pacing_lost_at.append(time.monotonic())

    def is_pacing_lost(self, since: float, until: float) -> bool:
        """Whether it was between two monotonic times, or shortly before: a desk then goes without for a while."""
        with self._lock:
            return any(since - PACING_AWAY_SECONDS <= moment <= until for moment in self._pacing_lost_at)

    def fired(self, name: str) -> int:
        """How often injections of that fault kind fired, and how often it was observed."""
        with self._lock:
            return self._observed[name] + sum(injection.fired for injection in self._injections.get(name, ()))

    # Processes

    def processes(self, kind: ProcessKind) -> list[int]:
        """Process ids of that kind that run now, of `slackdesk run` first, while that runs."""
        register = self.folder / "data" / "processes.json"
        named = self.stage.processes() if register.exists() else {}
        if kind == "supervisor":
            return [parent_of(named["app"])] if named else []
        if kind in ("app", "beat"):
            found = [named[name] for name in named if name == kind] + [
                one.process_id for one in self._beside if one.words[0] == kind
            ]
        else:
            workers = [process_id for name, process_id in named.items() if name.startswith("worker")]
            workers += [one.process_id for one in self._beside if one.words[0] == "worker"]
            found = workers if kind == "worker" else [job for worker in workers for job in descendants(worker)[1:]]
        return [process_id for process_id in found if is_running(process_id)]

    def kill(self, kind: ProcessKind, random: Random, signal_number: signal.Signals = signal.SIGKILL) -> int | None:
        """Send a signal that ends it to one process of the kind, and wait for its death; None when none runs now.

        Returns the process id. What runs `slackdesk run` or a process beside it starts it again. With an app in HTTP
        mode, what it has forked is killed with it.
        """
        running = self.processes(kind)
        if not running:
            return None
        victim = random.choice(running)
        family = descendants(victim) if kind == "app" else [victim]
        for process_id in family:
            self.signal(process_id, signal_number)
        self.eventually(lambda: not any(map(is_running, family)), f"{kind} {victim} is dead")
        self.deaths[kind] += 1
        return victim

    def signal(self, process_id: int, signal_number: signal.Signals) -> bool:
        """Whether there was such a process to send it to."""
        try:
            os.kill(process_id, signal_number)
        except ProcessLookupError:
            return False
        return True

    # Looking and waiting

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The desk's database."""
        default = f"sqlite:///{self.folder / 'data' / 'slackdesk.sqlite3'}"
        engine = create_engine(self.stage.environment.get("DATABASE_URL", default))
        try:
            yield engine
        finally:
            engine.dispose()

    def eventually(self, look: Callable[[], T | None], what: str, within_seconds: float | None = None) -> T:
        """What ``look`` finds, once it finds something. Raises AssertionError when the time (or patience) is over."""
        within_seconds = self.patience_seconds if within_seconds is None else within_seconds
        deadline = time.monotonic() + within_seconds
        while True:
            if found := look():
                return found
            assert time.monotonic() < deadline, f"not within {within_seconds} s: {what}\n{self.stage.last_lines()}"
            time.sleep(0.02)
