"""Time limits for code that is not ours.

In a process's main thread (workers run jobs there) an alarm interrupts the code where it is. In other threads (the
edge) the code runs in a thread of its own, which is asked to end, and left behind if it does not, when its time is
over. A process that was itself stopped meanwhile is no fault of the code: then its time begins once more.
"""

import ctypes
import queue
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import FrameType, TracebackType
from typing import TypeVar

from slackdesk.plugin.errors import PluginBusy, PluginTooSlow

T = TypeVar("T")

AGAIN_SECONDS = 0.25
"""Between two alarms, for code that holds on to the first one. psycopg looks for alarms whenever it has waited for
0.1 s without one; closer together, they would never reach it."""

SWALLOWED_MAX = 2
"""So many alarms may be swallowed before they come in quick succession."""

SOON_SECONDS = 0.001
_MOMENTS = 40

LATE_SECONDS = 0.25
"""An alarm or a wait that ends so much too late says that the process did not run meanwhile."""

OUTER_SHARE = 2 / 3
"""As much of an outer alarm's time as a limit may take: what follows needs some of it, too."""

SLOT_SECONDS = 0.5
"""How long a call waits for one of its plugin's threads."""


class Interrupted(BaseException):
    """Strikes inside code whose time is over. No Exception, so that ``except Exception`` does not hold it."""


def in_main_thread() -> bool:
    """Whether an alarm can be set here."""
    return threading.current_thread() is threading.main_thread()


def alarm(seconds: float, what: str) -> "AbstractContextManager[None]":
    """Raises PluginTooSlow once ``seconds`` are over, also for code that swallows it. Main thread only.

    Shorter inside an alarm that would ring before long; that one is set again afterwards.
    """
    return _Alarm(seconds, what)


class _Alarm(AbstractContextManager[None]):
    """No generator: an alarm must not ring between the end of the block and its own last lines."""

    def __init__(self, seconds: float, what: str) -> None:
        self._seconds, self._what = seconds, what
        self._rings, self._may_be_late = 0, True

    def __enter__(self) -> None:
        self._outer_seconds, _ = signal.getitimer(signal.ITIMER_REAL)
        if self._outer_seconds:
            self._seconds = min(self._seconds, self._outer_seconds * OUTER_SHARE)
        self._started = time.monotonic()
        self._before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN_SECONDS)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before or signal.SIG_DFL)
        if self._outer_seconds:
            left_seconds = self._outer_seconds - (time.monotonic() - self._started)
            signal.setitimer(signal.ITIMER_REAL, max(left_seconds, 0.001))
        if self._rings:
            raise PluginTooSlow(f"{self._what} took longer than {self._seconds:.3g} s") from error

    def _ring(self, _number: int, frame: FrameType | None) -> None:
        is_late = time.monotonic() > self._started + self._seconds + LATE_SECONDS
        if is_late and self._may_be_late and not self._rings:
            self._may_be_late = False
            signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN_SECONDS)
            return
        if frame is not None and frame.f_code.co_filename == __file__:
            signal.setitimer(signal.ITIMER_REAL, SOON_SECONDS if self._rings else AGAIN_SECONDS, AGAIN_SECONDS)
            return
        self._rings += 1
        if self._rings > SWALLOWED_MAX:
            # It waits in a loop that swallows everything. What strikes right after that has just happened, strikes
            # outside; which moment that is, nobody knows.
            signal.setitimer(signal.ITIMER_REAL, (self._rings % _MOMENTS + 1) / 1_000_000, SOON_SECONDS)
        raise Interrupted


def in_thread(function: Callable[[], T], seconds: float, what: str, abandon: Callable[[], None]) -> T:
    """What the function returns or raises in a thread of its own. Raises PluginTooSlow when its time is over.

    Then the thread is interrupted, as soon as it runs Python code again, and ``abandon`` is called.
    """
    answer: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
    lock, is_over = threading.Lock(), False

    def run() -> None:
        nonlocal is_over
        with suppress(Interrupted):
            try:
                ended: tuple[T | None, BaseException | None] = (function(), None)
            except BaseException as error:  # noqa: BLE001 — raised again in the thread that waits
                ended = (None, error)
            with lock:
                is_over = True
            answer.put(ended)

    # A daemon: an end of the process does not wait for code that hangs.
    thread = threading.Thread(target=run, name=f"plugin: {what}", daemon=True)
    thread.start()
    ended = _waited(answer, seconds)
    if ended is None:
        with lock:
            if not is_over and thread.ident is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Interrupted))
        abandon()
        raise PluginTooSlow(f"{what} took longer than {seconds:g} s")
    result, error = ended
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def within(seconds: float, what: str, function: Callable[[], T]) -> T:
    """What the function returns or raises, in this thread where it can be interrupted, else in one of its own."""
    if in_main_thread():
        with alarm(seconds, what):
            return function()
    return in_thread(function, seconds, what, abandon=lambda: None)


def _waited(answer: "queue.SimpleQueue[T]", seconds: float) -> T | None:
    for _ in range(2):
        asked = time.monotonic()
        with suppress(queue.Empty):
            return answer.get(timeout=seconds)
        if time.monotonic() - asked < seconds + LATE_SECONDS:
            break
    return None


class Bulkhead:
    """Threads for the calls of one plugin: as many as are lost to it, and no more, when it hangs."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self._free = threading.Semaphore(threads)

    def enter(self) -> None:
        """Take a thread; whoever took one gives it back by ``leave``. Raises PluginBusy."""
        if not self._free.acquire(timeout=SLOT_SECONDS):
            raise PluginBusy(f"every thread of {self.name} is in use")

    def leave(self) -> None:
        """Give a thread back."""
        self._free.release()
