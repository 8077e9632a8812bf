"""Time limits for code that is not ours.

In a process's main thread (workers run jobs there) an alarm interrupts the code where it is. In other threads (the
edge) the code runs in a thread of its own, which is asked to end, and left behind if it does not, when its time is
over. What it waits for a processor is not its own time; when the whole process was stopped, its time begins once more.
"""

import ctypes
import gc
import queue
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
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

STARVED_MAX = 1.0
"""On a machine that has too much to do, code may take so many times its limit longer."""

OUTER_SHARE_MAX = 0.9
"""Even then, as much of an outer alarm's time as a limit may take."""

OUTER_SHARE = 2 / 3
"""As much of an outer alarm's time as a limit may take: what follows needs some of it, too."""

UNCOLLECTED_SECONDS_MAX = 10.0
"""Code that may take longer may also make more garbage than can lie there."""

SLOT_SECONDS = 0.5
"""How long a call waits for one of its plugin's threads."""


class Interrupted(BaseException):
    """Strikes inside code whose time is over. No Exception, so that ``except Exception`` does not hold it."""


def in_main_thread() -> bool:
    """Whether an alarm can be set here."""
    return threading.current_thread() is threading.main_thread()


class Allowance:
    """The time of a thread's code, and how much of it is left."""

    def __init__(self, seconds: float, thread_id: int | None, longer_seconds: float) -> None:
        self.seconds, self._thread_id, self._longer_seconds = seconds, thread_id, longer_seconds
        self._has_been_stopped = False
        self._begin()

    def _begin(self) -> None:
        self._started, self._starved = time.monotonic(), _waited_for_processor_seconds(self._thread_id)
        self._due = self._started + self.seconds

    def left_seconds(self) -> float:
        """Asked when the time should be over. What is left, 0 for nothing."""
        now = time.monotonic()
        if now > self._due + LATE_SECONDS and not self._has_been_stopped:
            self._has_been_stopped = True
            self._begin()
            return self.seconds
        starved = _waited_for_processor_seconds(self._thread_id) - self._starved
        self._due = self._started + self.seconds + min(starved, self._longer_seconds)
        return max(0.0, self._due - now)


def _waited_for_processor_seconds(thread_id: int | None) -> float:
    """How long a thread could have run and did not get a processor; 0 where the system does not tell."""
    try:
        # https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
        return int(Path(f"/proc/self/task/{thread_id}/schedstat").read_text("ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def alarm(seconds: float, what: str) -> "AbstractContextManager[None]":
    """Raises PluginTooSlow once ``seconds`` are over, also for code that swallows it. Main thread only.

    Shorter inside an alarm that would ring before long; that one is set again afterwards.
    """
    return _Alarm(seconds, what)


class _Alarm(AbstractContextManager[None]):
    """No generator: an alarm must not ring between the end of the block and its own last lines.

    Where the time is short, garbage is collected before or after it: a collection goes through all that the process has
    in memory, which is not the code's own time, and an alarm that rings inside it is lost.
    """

    def __init__(self, seconds: float, what: str) -> None:
        self._seconds, self._what = seconds, what
        self._rings = 0

    def __enter__(self) -> None:
        self._outer_seconds, _ = signal.getitimer(signal.ITIMER_REAL)
        longer_seconds = self._seconds * STARVED_MAX
        if self._outer_seconds:
            self._seconds = min(self._seconds, self._outer_seconds * OUTER_SHARE)
            longer_seconds = min(longer_seconds, self._outer_seconds * OUTER_SHARE_MAX - self._seconds)
        self._collects_after = gc.isenabled() and self._seconds <= UNCOLLECTED_SECONDS_MAX
        if self._collects_after:
            gc.disable()
        self._started = time.monotonic()
        self._allowance = Allowance(self._seconds, threading.get_native_id(), longer_seconds)
        self._before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN_SECONDS)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if self._collects_after:
            gc.enable()
        signal.signal(signal.SIGALRM, self._before or signal.SIG_DFL)
        if self._outer_seconds:
            left_seconds = self._outer_seconds - (time.monotonic() - self._started)
            signal.setitimer(signal.ITIMER_REAL, max(left_seconds, 0.001))
        if self._rings:
            raise PluginTooSlow(f"{self._what} took longer than {self._seconds:.3g} s") from error

    def _ring(self, _number: int, frame: FrameType | None) -> None:
        if not self._rings and (left_seconds := self._allowance.left_seconds()):
            signal.setitimer(signal.ITIMER_REAL, left_seconds, AGAIN_SECONDS)
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
    ended = _waited(answer, Allowance(seconds, thread.native_id, seconds * STARVED_MAX))
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


def _waited(answer: "queue.SimpleQueue[T]", allowance: Allowance) -> T | None:
    left_seconds = allowance.seconds
    while left_seconds:
        with suppress(queue.Empty):
            return answer.get(timeout=left_seconds)
        left_seconds = allowance.left_seconds()
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
