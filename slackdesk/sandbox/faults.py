"""What can go wrong between the app and Slack, on demand.

injection = sandbox.faults.inject("chat.postMessage", http_500(applied=True), times=1)
...
assert injection.fired == 1
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from slackdesk.sandbox.records import Json

UPLOAD = "files.upload_url"
DOWNLOAD = "files.url_private"


class Kind(Enum):
    RATE_LIMITED = "ratelimited"
    HTTP_500 = "http_500"
    SLACK_ERROR = "slack_error"
    NO_ANSWER = "no_answer"
    DROPPED = "dropped"
    SLOW = "slow"


@dataclass(frozen=True)
class Fault:
    kind: Kind
    applied: bool = False
    """Whether the call takes effect although the app is not told."""
    seconds: float = 0.0
    error: str = ""


def rate_limited(retry_after_seconds: int) -> Fault:
    """429 with `Retry-After`; that method then refuses further calls until the time is over."""
    if retry_after_seconds < 1:
        raise ValueError(f"retry_after_seconds is {retry_after_seconds}; Retry-After is at least 1 whole second")
    return Fault(Kind.RATE_LIMITED, seconds=retry_after_seconds)


def http_500(*, applied: bool = False) -> Fault:
    return Fault(Kind.HTTP_500, applied)


def slack_error(code: str) -> Fault:
    """`{"ok": false, "error": code}`, for refusals that have no cause in this workspace, such as `fatal_error`."""
    return Fault(Kind.SLACK_ERROR, error=code)


def no_answer(*, applied: bool) -> Fault:
    """Holds the connection until the client gives up."""
    return Fault(Kind.NO_ANSWER, applied)


def dropped_before() -> Fault:
    """Closes the connection without an answer and without applying the call."""
    return Fault(Kind.DROPPED)


def dropped_after() -> Fault:
    """Applies the call, then closes the connection without an answer."""
    return Fault(Kind.DROPPED, applied=True)


def slow(seconds: float) -> Fault:
    """Answers as usual, this much later; the call is applied after the wait."""
    return Fault(Kind.SLOW, seconds=seconds)


@dataclass(eq=False)
class Injection:
    method: str
    fault: Fault
    times: int | None
    matching: Callable[[Json], bool]
    fired: int = 0

    def remove(self) -> None:
        """Fires no more."""
        self.times = 0


class Faults:
    """`socket_listeners` are told to end the app's sockets: with a `disconnect` reason, or None to just drop them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._injections: list[Injection] = []
        self.socket_listeners: list[Callable[[str | None], None]] = []

    def inject(
        self,
        method: str,
        fault: Fault,
        *,
        times: int | None = 1,
        matching: Callable[[Json], bool] = lambda args: True,
    ) -> Injection:
        """The next `times` calls (None: all) of `method` ("*": any) whose decoded args match meet the fault.

        The upload of a file's bytes counts as the method `files.upload_url`, its download as `files.url_private`.
        """
        if fault.kind is Kind.SLACK_ERROR and method in (UPLOAD, DOWNLOAD):
            raise ValueError(f"{method} has no JSON answer that could carry the error {fault.error!r}")
        injection = Injection(method, fault, times, matching)
        with self._lock:
            self._injections.append(injection)
        return injection

    def take(self, method: str, args: Json) -> Fault | None:
        """The fault that this call meets: of several that match, the one injected first."""
        with self._lock:
            for injection in self._injections:
                spent = injection.times is not None and injection.fired >= injection.times
                if not spent and injection.method in ("*", method) and injection.matching(args):
                    injection.fired += 1
                    return injection.fault
        return None

    def fired(self) -> int:
        """How many calls have met a fault so far."""
        with self._lock:
            return sum(injection.fired for injection in self._injections)

    def clear(self) -> None:
        """Inject nothing any more."""
        with self._lock:
            self._injections.clear()

    def disconnect_sockets(self, reason: str = "refresh_requested") -> None:
        """Slack's `disconnect` message to every socket: warning, refresh_requested or link_disabled."""
        for listener in self.socket_listeners:
            listener(reason)

    def drop_sockets(self) -> None:
        """Every socket breaks without a word."""
        for listener in self.socket_listeners:
            listener(None)
