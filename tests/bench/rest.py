"""What a desk costs while nothing happens: memory of all its processes, and how long it takes to start."""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from beside import wait_until
from outcome import Bench, Figure, Target
from process_tree import descendants, parent_of
from sqlalchemy import create_engine, func, select

from slackdesk.demo.stage import Stage
from slackdesk.dispatch.model import LIVE, Work, WorkKind, states_sql

TICKETS = 500
PEOPLE = ("maya", "prakash", "dewi", "bayu", "wei-ling", "ratna", "ayu", "budi", "citra", "dimas")
STARTS = 5
MEMORY_WANTED_MB = 300.0
START_WANTED_SECONDS = 5.0


def memory_mb(stage: Stage) -> float:
    """Proportional share of all processes of the desk, the embedded Redis server among them (proc(5), ``Pss``)."""
    kilobytes = 0
    for process_id in descendants(parent_of(stage.processes()["app"])):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the process of a job, which has ended
            rollup = Path(f"/proc/{process_id}/smaps_rollup").read_text()
            kilobytes += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024


def nothing_left_to_send(stage: Stage) -> bool:
    """Whether every send has left."""
    engine = create_engine(f"sqlite:///{stage.folder / 'data' / 'slackdesk.sqlite3'}")
    with engine.connect() as connection:
        waiting = select(func.count()).select_from(Work).where(states_sql(LIVE), Work.kind == WorkKind.SEND)
        count: int = connection.execute(waiting).scalar_one()
    engine.dispose()
    return count == 0


def measure() -> Sequence[Figure]:
    """Starts first; then idle, then after some hundred tickets."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        starts = []
        for _ in range(STARTS):
            stage.stop_desk()
            began = time.monotonic()
            stage.start_desk()
            starts.append(time.monotonic() - began)
        time.sleep(5.0)
        idle = memory_mb(stage)
        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            list(pool.map(lambda n: stage.person(PEOPLE[n % len(PEOPLE)]).slash(f"/ticket No. {n}"), range(TICKETS)))
        wait_until(lambda: nothing_left_to_send(stage), "everything is sent", 300)
        used = memory_mb(stage)
    start = statistics.median(starts)
    return [
        Figure(f"{idle:.0f} MB idle, {used:.0f} MB after {TICKETS} tickets", max(idle, used) < MEMORY_WANTED_MB),
        Figure(f"{start:.1f} s (median of {STARTS}, slowest {max(starts):.1f} s)", start < START_WANTED_SECONDS),
    ]


BENCH = Bench(
    (
        Target("Memory of `slackdesk run` with the embedded Redis server, all processes (PSS)", "below 300 MB"),
        Target(
            "From `slackdesk run` to the first delivery that it takes",
            "below 5 s",
            "imports alone take three seconds of processor time there",
        ),
    ),
    measure,
)
