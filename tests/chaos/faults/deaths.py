"""Processes are killed, or asked to end, at any moment; what watches over them starts them again."""

import signal
import threading
from random import Random

from slackdesk.sandbox import faults

from ..world import ProcessKind, World
from .kinds import End
from .named import Named, nothing_to_end, once

SLOW_SECONDS = 1.0
LOOK_SECONDS = 0.01


def _death(name: str, kind: ProcessKind, signal_number: signal.Signals = signal.SIGKILL) -> Named:
    def act(world: World, random: Random, name: str) -> End:
        number = len(world.processes(kind))
        if world.kill(kind, random, signal_number) is None:
            return nothing_to_end  # it has just ended by itself, or by another fault
        world.observed(name)
        return once(lambda: world.eventually(lambda: len(world.processes(kind)) >= number, f"another {kind} runs"))

    return Named(name, act)


def _kill_job(world: World, random: Random, name: str) -> End:
    """While it waits for Slack's answer to a post, which is applied after its death."""
    slow, stop = world.sandbox.faults.inject("chat.postMessage", faults.slow(SLOW_SECONDS)), threading.Event()

    def kill() -> None:
        while not slow.fired and not stop.wait(LOOK_SECONDS):
            pass
        if slow.fired and world.kill("job", random) is not None:
            world.observed(name)

    thread = threading.Thread(target=kill, name=name)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()
        slow.remove()

    return once(end)


def _restart_desk(world: World, random: Random, name: str) -> End:
    """`slackdesk run` is asked to end and started again, as at a new version."""
    if world.stage.stop_desk() == 0:
        world.observed(name)
    return once(world.stage.start_desk)


KINDS = (
    _death("app killed", "app"),
    _death("beat killed", "beat"),
    _death("worker killed", "worker"),
    Named("job killed", _kill_job),
    _death("worker asked to end", "worker", signal.SIGTERM),
    Named("desk restarted", _restart_desk),
)
