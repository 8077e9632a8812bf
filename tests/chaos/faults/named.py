"""A kind of fault as a name and one function."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from ..world import World
from .kinds import End


@dataclass(frozen=True)
class Named:
    """Implements ``FaultKind``; what ``act`` injects and observes is noted in the world under the name."""

    name: str
    act: Callable[[World, Random, str], End]
    needs: frozenset[str] = frozenset()

    def strike(self, world: World, random: Random) -> End:
        """See ``FaultKind``."""
        return self.act(world, random, self.name)

    def fired(self, world: World) -> int:
        """See ``FaultKind``."""
        return world.fired(self.name)


def once(end: End) -> End:
    """The same, which does nothing a second time."""
    is_over = False

    def end_once() -> None:
        nonlocal is_over
        if not is_over:
            is_over = True
            end()

    return end_once


def nothing_to_end() -> None:
    """Of a fault that does not last."""
