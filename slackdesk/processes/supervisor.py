"""Starts the processes of a desk, restarts those that end, and ends all of them in order.

The children are forks of one process that has everything imported: they start in milliseconds and share its memory.
"""

import gc
import json
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from slackdesk.errors import SlackdeskError
from slackdesk.parentage import die_with_parent
from slackdesk.stopping import Stop

log = logging.getLogger(__name__)

RESTART_PAUSE_SECONDS = 1.0
"""Pause before a child that lived for less than ``QUICK_END_SECONDS`` is started again."""
QUICK_END_SECONDS = 10.0
LOOK_SECONDS = 0.1
"""How often the supervisor looks at its children."""


@dataclass
class Child:
    """One process: a name for the log, and what it runs until SIGTERM."""

    name: str
    target: Callable[[], None]
    process: BaseProcess | None = None
    started_at: float = 0.0
    restart_at: float = field(default=0.0)


class Supervisor:
    """Keeps children running until SIGTERM or SIGINT.

    ``stop_seconds`` is how long a child may take to finish what it is doing after SIGTERM before it is killed.
    ``watch`` is called at every look, for whatever else has to be kept alive (the embedded Redis server).
    ``register`` is a file that names each child's process id, as JSON, while it runs.
    """

    def __init__(
        self, children: list[Child], *, stop_seconds: float, register: Path, watch: Callable[[], None] | None = None
    ) -> None:
        self.children = children
        self.stop_seconds = stop_seconds
        self.register = register
        self.watch = watch
        self._stopping = Stop()
        self._context = multiprocessing.get_context("fork")

    def run(self, on_started: Callable[[], None] | None = None) -> None:
        """Start all children; return after a SIGTERM or SIGINT, when all of them have ended."""
        self._stopping.on_signals()
        gc.freeze()  # what is imported by now is shared with the children and need not be copied by a collection
        try:
            for child in self.children:
                self._start(child)
            if on_started is not None:
                on_started()
            while not self._stopping.wait(LOOK_SECONDS):
                self._restart_ended()
                if self.watch is not None:
                    self.watch()
        finally:
            self._end_all()

    def _start(self, child: Child) -> None:
        child.process = self._context.Process(target=_run_child, args=(child.target,), name=child.name)
        child.process.start()
        child.started_at = time.monotonic()
        log.info("%s runs as process %s", child.name, child.process.pid)
        self._write_register()

    def _restart_ended(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and not child.process.is_alive():
                log.warning("%s ended with exit code %s; it is started again", child.name, child.process.exitcode)
                child.process.close()
                child.process = None
                quick = now - child.started_at < QUICK_END_SECONDS
                child.restart_at = now + (RESTART_PAUSE_SECONDS if quick else 0.0)
            if child.process is None and now >= child.restart_at:
                self._start(child)

    def _write_register(self) -> None:
        processes = {child.name: child.process.pid for child in self.children if child.process is not None}
        draft = self.register.with_suffix(".new")
        draft.write_text(json.dumps(processes))
        draft.replace(self.register)

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self.stop_seconds
        for process in running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                log.warning("%s did not end within %s s and is killed", process.name, self.stop_seconds)
                process.kill()
                process.join()
            process.close()
        self.register.unlink(missing_ok=True)


def _run_child(target: Callable[[], None]) -> None:
    os.setsid()  # Ctrl-C in the terminal is for the supervisor, which then ends the children in order
    die_with_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        target()
    except SlackdeskError as error:  # a sentence for the operator, who needs no stack trace
        log.error("%s", error)
        sys.exit(1)
