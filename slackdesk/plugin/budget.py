"""The time that all plugins together have in one go."""

import time


class Budget:
    """``seconds`` from now on, for several calls one after the other."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    @property
    def left_seconds(self) -> float:
        """What is left; nothing, or less, when it is over."""
        return self._until - time.monotonic()

    def forgive(self, seconds: float) -> None:
        """What one plugin took beyond its time is not the others' loss."""
        self._until += seconds
