"""Being told to stop, by a signal or by another thread."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType


class Stop:
    """A request to stop, for which loops wait.

    ``threading.Event`` must not be set by a signal handler: a signal that finds the main thread inside ``wait``, with
    the lock that ``set`` wants, leaves the process standing still for ever (measured: one signal in eighty, where the
    loop does nothing but wait). The ``put`` of a SimpleQueue may interrupt its ``get``
    (https://docs.python.org/3/library/queue.html#simplequeue-objects).
    """

    def __init__(self) -> None:
        self._is_set = False
        self._wake: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Ask to stop. For any thread, and for signal handlers."""
        self._is_set = True
        self._wake.put(None)

    def is_set(self) -> bool:
        """Whether it was asked for."""
        return self._is_set

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until it is asked for, at most that long; whether it is."""
        if not self._is_set:
            with suppress(Empty):
                self._wake.get(timeout=timeout_seconds)
        if self._is_set:
            self._wake.put(None)  # whoever else waits is woken, too
        return self._is_set

    def on_signals(self) -> None:
        """From now on SIGTERM and SIGINT ask for it. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        self.set()


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """A request to stop that SIGTERM and SIGINT make within the block; afterwards they do what they did before."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    stop.on_signals()
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
