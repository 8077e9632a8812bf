"""Looking at several things at once, for no longer than somebody waits."""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from queue import Empty, SimpleQueue
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


def look_together(
    looks: Mapping[Key, Callable[[], Answer]], *, within_seconds: float, at_once: int = 8
) -> dict[Key, Answer | Exception]:
    """What each look found, or the exception that it raised; a look that is late is not among them.

    Late ones are left behind on daemon threads: a name server that does not answer heeds no time-out.
    """
    waiting: SimpleQueue[tuple[Key, Callable[[], Answer]]] = SimpleQueue()
    found: SimpleQueue[tuple[Key, Answer | Exception]] = SimpleQueue()
    deadline = time.monotonic() + within_seconds
    for look in looks.items():
        waiting.put(look)

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                key, look = waiting.get_nowait()
            except Empty:
                return
            try:
                found.put((key, look()))
            except Exception as error:  # noqa: BLE001 — handed to the caller
                found.put((key, error))

    for _ in range(min(at_once, len(looks))):
        threading.Thread(target=work, daemon=True).start()
    answers: dict[Key, Answer | Exception] = {}
    while len(answers) < len(looks):
        try:
            key, answer = found.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        answers[key] = answer
    return answers
