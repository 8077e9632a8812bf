"""What a fault is to those who mix faults: it strikes a running world, may last, and tells how often it fired."""

from collections.abc import Callable
from random import Random
from typing import Protocol

from ..world import World

End = Callable[[], None]
"""Ends a fault that lasts, and waits until what was broken works again; does nothing for others, or a second time."""


class FaultKind(Protocol):
    """One way in which something breaks. Kinds hold nothing of a world: what they note is in ``World``."""

    @property
    def name(self) -> str:
        """Unique, as in a table of faults: "worker killed", "429 with Retry-After"."""
        ...

    @property
    def needs(self) -> frozenset[str]:
        """What a world has to provide (``World.provides``): "sqlite", "postgresql", "own_postgresql", "own_redis",
        "socket", "http".
        """
        ...

    def strike(self, world: World, random: Random) -> End:
        """Inject the fault; returns at once, with what ends it. All chance comes from ``random``."""
        ...

    def fired(self, world: World) -> int:
        """How often it is known to have happened in that world: from what was observed, not from calls of ``strike``.

        ``World.fired(name)`` counts what went through ``World.inject`` and ``World.observed``.
        """
        ...
