"""What the two ways to an app have in common: the three kinds of payload, the three seconds, the answer."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal, Protocol

from slackdesk.sandbox.records import Json

ACK_TIMEOUT_SECONDS = 3.0

Kind = Literal["events_api", "interactive", "slash_commands"]


@dataclass(frozen=True)
class Retry:
    """Which redelivery of an event this is (1 to 3), and why the attempt before it failed, in Slack's words."""

    attempt: int
    reason: str


@dataclass(frozen=True)
class Reply:
    """What came of one attempt: `failure` is "" for an acknowledged one, else Slack's retry reason."""

    body: Json = field(default_factory=dict)
    failure: str = ""
    may_retry: bool = True

    @property
    def timed_out(self) -> bool:
        return self.failure in ("timeout", "http_timeout")


class Transport(Protocol):
    def send(self, kind: Kind, payload: str, delivery_id: str, retry: Retry | None) -> Future[Reply]:
        """Hand the JSON text to the app without waiting; the future always gets a `Reply`, within about 3 s."""


class Scheduler:
    """Runs callbacks when they are due, on one thread of its own. They must be short."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._wake = threading.Condition()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """What is still to come is dropped."""
        with self._wake:
            self._is_stopping = True
            self._due.clear()
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def after(self, delay_seconds: float, callback: Callable[[], None]) -> None:
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + delay_seconds, next(self._number), callback))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._is_stopping and (not self._due or self._due[0][0] > time.monotonic()):
                    self._wake.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if self._is_stopping:
                    return
                callback = heapq.heappop(self._due)[2]
            callback()
