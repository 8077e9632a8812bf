"""A machine whose clock is 150 s ahead runs a worker and a beat: nothing is sent early, taken away or sent twice.

On PostgreSQL the database's clock counts. On SQLite all processes are on one machine and share its clock.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slackdesk.demo.actors import Actor
from slackdesk.sandbox import faults

from ..servers import postgresql_programs
from .short_day import at_rest, dead_work, until
from .world import World

AHEAD_SECONDS = 150
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
"""As Debian's package installs it. Its command `faketime` leaves what it has started running when it is ended."""
UNDO_SECONDS = 4.0

pytestmark = [
    pytest.mark.skipif(postgresql_programs() is None, reason="there is no PostgreSQL server on this machine"),
    pytest.mark.skipif(FAKETIME is None, reason="there is no libfaketime on this machine"),
]


@contextmanager
def ahead(world: World, *words: str) -> Iterator[Path]:
    """A `slackdesk` command on a machine whose clock is ahead; its log."""
    log = world.folder / f"ahead-{words[0]}.log"
    clock = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"+{AHEAD_SECONDS}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    command, environment = [sys.executable, "-m", "slackdesk", *words], world.stage.environment | clock
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=world.folder, stdout=output, stderr=output)
    try:
        yield log
    finally:
        process.terminate()
        process.wait(30)


def is_ahead(log: Path) -> bool:
    """Whether the process writes times into its log that are yet to come."""
    found = re.findall(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", log.read_text(), re.MULTILINE)
    ahead_by = datetime.fromisoformat(found[-1]).astimezone() - datetime.now(UTC) if found else timedelta()
    return ahead_by > timedelta(seconds=AHEAD_SECONDS - 30)


def test_fault_clock_that_is_ahead_does_no_harm(tmp_path: Path) -> None:
    times = {"SLACKDESK_UNDO_SECONDS": str(UNDO_SECONDS)}
    with (
        World(tmp_path / "world", database="postgresql", beside=(), environment=times) as world,
        ahead(world, "worker") as worker_log,
        ahead(world, "beat") as beat_log,
    ):
        rina, maya = Actor(world.stage, "rina"), Actor(world.stage, "maya")
        number = maya.asks("The window does not close")
        rina.presses("Claim", number, "#it-l1")
        rina.card(number, "#it-l1", "Assignee\n@rina")
        at_rest(world)
        own = [world.stage.processes()["beat"], world.stage.processes()["worker-now-1"]]
        for process_id in own:
            world.signal(process_id, signal.SIGSTOP)  # from now on those that are ahead do everything
        slow = world.inject("slow", "chat.postMessage", faults.slow(1.8), matching=lambda args: "handle" in str(args))
        try:
            rina.replies(number, "#it-l1", "Somebody brings a new handle")
            replied = time.monotonic()
            until(world, lambda: [s for s in maya.thread(number) if "new handle" in s.text], "the reply leaves")
        finally:
            for process_id in own:
                world.signal(process_id, signal.SIGCONT)
        at_rest(world)
        posts = [call for call in world.journal.calls("chat.postMessage") if "new handle" in str(call.args)]
        to_maya = [call for call in posts if str(call.args["channel"]).startswith("D")]
        assert slow.fired >= 1
        assert len(to_maya) == 1
        assert to_maya[0].monotonic - replied > UNDO_SECONDS - 1, "it left while it could be taken back"
        assert len([seen for seen in maya.thread(number) if "new handle" in seen.text]) == 1
        assert dead_work(world) == []
    assert is_ahead(worker_log) or is_ahead(beat_log), "the clock was not ahead"
