"""Time limits for code that is not ours.

In a process's main thread (workers run jobs there) an alarm interrupts the code where it is. In other threads (the
edge) nothing can: the code runs in a thread of its own, which is left behind when its time is over.
"""

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from slackdesk.plugin.errors import PluginTooSlow

T = TypeVar("T")


def in_main_thread() -> bool:
    """Whether an alarm can be set here."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def alarm(seconds: float, what: str) -> Iterator[None]:
    """Raises PluginTooSlow inside the block once ``seconds`` are over. Main thread only; an outer alarm is kept."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise PluginTooSlow(f"{what} took longer than {seconds:g} s")

    started = time.monotonic()
    before = signal.signal(signal.SIGALRM, ring)
    outer_seconds, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer_seconds:
            left_seconds = outer_seconds - (time.monotonic() - started)
            signal.setitimer(signal.ITIMER_REAL, max(left_seconds, 0.001))


class Bulkhead:
    """Threads for the calls of one plugin: as many as are lost to it, and no more, when it hangs."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self._free = threading.Semaphore(threads)

    def call(self, function: Callable[[], T], seconds: float, what: str) -> T:
        """What the function returns or raises. Raises PluginTooSlow when it has not returned in time."""
        deadline = time.monotonic() + seconds
        if not self._free.acquire(timeout=seconds):
            raise PluginTooSlow(f"{what} found every thread of {self.name} in use")
        answer: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                answer.put((function(), None))
            except BaseException as error:  # noqa: BLE001 — raised again in the thread that waits
                answer.put((None, error))
            finally:
                self._free.release()

        # Daemons: an end of the process does not wait for code that hangs.
        threading.Thread(target=run, name=f"plugin-{self.name}", daemon=True).start()
        try:
            result, error = answer.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise PluginTooSlow(f"{what} took longer than {seconds:g} s") from None
        if error is not None:
            raise error
        return result  # type: ignore[return-value]
