"""Processes are killed, or asked to end, at any moment; what watches over them starts them again."""

import signal
from random import Random

from ..world import ProcessKind, World
from .kinds import End
from .named import Named, nothing_to_end, once


def _death(name: str, kind: ProcessKind, signal_number: signal.Signals = signal.SIGKILL) -> Named:
    def act(world: World, random: Random, name: str) -> End:
        number = len(world.processes(kind))
        if world.kill(kind, random, signal_number) is None:
            return nothing_to_end  # no job is under way just now
        world.observed(name)
        if kind == "job":
            return nothing_to_end
        return once(lambda: world.eventually(lambda: len(world.processes(kind)) >= number, f"another {kind} runs"))

    return Named(name, act)


def _restart_desk(world: World, random: Random, name: str) -> End:
    """`slackdesk run` is asked to end and started again, as at a new version."""
    if world.stage.stop_desk() == 0:
        world.observed(name)
    return once(world.stage.start_desk)


KINDS = (
    _death("app killed", "app"),
    _death("beat killed", "beat"),
    _death("worker killed", "worker"),
    _death("job killed", "job"),
    _death("worker asked to end", "worker", signal.SIGTERM),
    Named("desk restarted", _restart_desk),
)
