"""How long one process waits for SQLite's write lock while eight threads of another one commit all the time."""

import multiprocessing
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from outcome import Bench, Figure, Target

from slackdesk.clock import DeskClock
from slackdesk.database import Base, Database
from slackdesk.errors import DatabaseBusy

SECONDS = 5.0
THREADS = 8
WORK_SECONDS = 0.003
"""What a transaction does between taking the lock and committing."""


def _write_until(database: Database, end: float) -> int:
    count = 0
    while time.monotonic() < end:
        with database.begin() as session:
            session.get_one(DeskClock, 1).offset_seconds += 1
            time.sleep(WORK_SECONDS)
        count += 1
    return count


def _wait_now_and_then(url: str, stop: Event, results: Any) -> None:
    database, waited_seconds, given_up = Database(url), [], 0
    while not stop.is_set():
        started = time.monotonic()
        try:
            with database.begin() as session:
                session.get(DeskClock, 1)
        except DatabaseBusy:
            given_up += 1
        waited_seconds.append(time.monotonic() - started)
        time.sleep(0.01)
    results.put((waited_seconds, given_up))


def measure() -> Sequence[Figure]:
    """How often and how long the other process waited."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        database = Database(url)
        Base.metadata.create_all(database.engine)
        with database.begin() as session:
            session.add(DeskClock(id=1, offset_seconds=0.0))
        database.close()
        results, stop = multiprocessing.Queue(), multiprocessing.Event()  # type: ignore[var-annotated]
        other = multiprocessing.Process(target=_wait_now_and_then, args=(url, stop, results))
        other.start()
        end, counts = time.monotonic() + SECONDS, []
        threads = [threading.Thread(target=lambda: counts.append(_write_until(database, end))) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stop.set()
        waited_seconds, given_up = results.get()
        other.join()
        database.close()
    median, longest = statistics.median(waited_seconds) * 1000, max(waited_seconds) * 1000
    text = (
        f"median {median:.0f} ms, longest {longest:.0f} ms, {given_up} of {len(waited_seconds)} given up; the "
        f"{THREADS} threads committed {sum(counts) / SECONDS:.0f} times a second"
    )
    return [Figure(text, given_up == 0)]


BENCH = Bench(
    (
        Target(
            "Waiting for SQLite's write lock while another process commits all the time", "none gives up after 1.5 s"
        ),
    ),
    measure,
)
