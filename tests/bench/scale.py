"""What a desk of years costs beside an empty one: what people do, a beat with nothing to do, reports.

Both desks are on the same database server (or are two SQLite files in one folder), and take turns. Each has the same
few tickets of today, so that both draw lists of the same length; the past is what differs.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import reports
from beside import postgresql, redis, sqlite
from big_desk import fill, new_desk
from outcome import Bench, Figure, Target
from people_at_work import Act, AtWork
from plans import plan_of, statements_of
from sqlalchemy import create_engine, make_url, text

from slackdesk.dispatch.beat import Beat
from slackdesk.settings import Settings

DATABASES = {"SQLite": sqlite, "PostgreSQL": postgresql}
TICKETS = 1_000_000
TIMERS_PER_TICKET = 3
ROUNDS = 50
WARM_ROUNDS = 5
SWEEPS = 200
RATIO_WANTED = 1.3
SWEEP_WANTED_MILLISECONDS = 5.0
STATEMENTS_SHOWN = 4
SWEEP_CAUSE = "an empty desk takes as long: a few statements and one call to Redis, each of which waits for a processor"

OPERATIONS: dict[str, Callable[[AtWork], Act]] = {
    "file": AtWork.file,
    "claim": AtWork.claim,
    "resolve": AtWork.resolve,
    "an agent's Home": AtWork.agents_home,
    "an employee's Home": AtWork.employees_home,
    "queue list": AtWork.queue,
}
"""What people do; each is measured on both desks."""


@dataclass(frozen=True)
class Report:
    """Something that reads much at once, measured on the full desk alone."""

    what: str
    wanted_seconds: float | None
    """None: it may take as long as it takes."""
    prepare: Callable[[AtWork], Act]
    cause: str = "not looked into"

    @property
    def wanted(self) -> str:
        """In words."""
        return "a figure" if self.wanted_seconds is None else f"below {self.wanted_seconds:g} s"


SUMMARY_CAUSE = (
    "a dozen lists of 75,000 events each, of these days and of those before, are read by their indexes; of half of "
    "them the rows of the history are read, too, for what stands in their JSON"
)
REPORTS = (
    Report("Summary of 90 days", 5.0, reports.summary, SUMMARY_CAUSE),
    Report("Replay of 90 days", None, reports.replay),
)


@dataclass(frozen=True)
class Pair:
    """An empty and a full desk on the same database."""

    database: str
    empty: AtWork
    full: AtWork


@contextmanager
def pairs(tickets: int) -> Iterator[list[Pair]]:
    """A pair on each database. The full ones are filled with the same rows."""
    with ExitStack() as stack:
        found = []
        for name, server in DATABASES.items():
            url = stack.enter_context(server())
            empty, full = (AtWork(*new_desk(_another(url, which))) for which in ("empty", "full"))
            for one in (empty, full):
                stack.callback(one.desk.database.close)
            found.append(Pair(name, empty, full))
        fill([one.full.desk for one in found], found[0].full.registry, tickets, tickets * TIMERS_PER_TICKET)
        yield found


def _another(url: str, name: str) -> str:
    """The URL of another, empty database beside that one."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return f"{url.removesuffix('.sqlite3')}-{name}.sqlite3"
    engine = create_engine(parsed, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "bench_{name}"'))
    engine.dispose()
    return parsed.set(database=f"bench_{name}").render_as_string(hide_password=False)


def _milliseconds(act: Act) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def sweep_milliseconds(one: AtWork, redis_url: str) -> float:
    """Median of sweeps of a beat that finds nothing due."""
    beat = Beat(database=one.desk.database, clock=one.desk.clock, redis_url=redis_url, settings=Settings())
    beat.sweep()  # the first one tidies up
    return statistics.median(_milliseconds(beat.sweep) for _ in range(SWEEPS))


def operation_milliseconds(pair: Pair) -> dict[str, tuple[float, float]]:
    """Operation → medians on the empty and on the full desk, which take turns."""
    sides = (pair.empty, pair.full)
    for side in sides:
        side.begin_the_day()
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in OPERATIONS}
    for number in range(WARM_ROUNDS + ROUNDS):
        for name, operation in OPERATIONS.items():
            for which in (0, 1) if number % 2 else (1, 0):
                act = operation(sides[which])
                milliseconds = _milliseconds(act)
                sides[which].nothing_waits()
                if number >= WARM_ROUNDS:
                    taken[name][which].append(milliseconds)
    return {name: (statistics.median(empty), statistics.median(full)) for name, (empty, full) in taken.items()}


def _operations_figure(pair: Pair) -> Figure:
    taken = operation_milliseconds(pair)
    ratios = {name: full / empty for name, (empty, full) in taken.items()}
    text = "; ".join(f"{name} {ratios[name]:.2f} × ({taken[name][1]:.1f} ms)" for name in taken)
    for name in taken:
        if ratios[name] > RATIO_WANTED:
            _explain(pair, name, OPERATIONS[name](pair.full))
    return Figure(text, max(ratios.values()) <= RATIO_WANTED)


def _sweep_figure(pair: Pair, redis_url: str) -> Figure:
    empty, full = (sweep_milliseconds(one, redis_url) for one in (pair.empty, pair.full))
    return Figure(f"median {full:.1f} ms, {empty:.1f} ms on an empty desk", full < SWEEP_WANTED_MILLISECONDS)


def _report_figure(pair: Pair, report: Report) -> Figure:
    act = report.prepare(pair.full)
    processor_began = time.process_time()
    seconds = _milliseconds(act) / 1000
    text = f"{seconds:.1f} s, {time.process_time() - processor_began:.1f} s of processor time in this process"
    is_met = None if report.wanted_seconds is None else seconds < report.wanted_seconds
    if is_met is False:
        _explain(pair, report.what, act)
    return Figure(text, is_met)


def _explain(pair: Pair, what: str, act: Act) -> None:
    """Print the slowest statements of what falls short, with their plans."""
    database = pair.full.desk.database
    print(f"\n{what} on {pair.database}:")
    for statement in statements_of(database, act)[:STATEMENTS_SHOWN]:
        print(f"  {statement.milliseconds:.1f} ms: {' '.join(statement.sql.split())}")
        print(plan_of(database, statement))


def bench(tickets: int = TICKETS) -> Bench:
    """The bench with so many tickets, and three times as many timers."""
    world = f"{tickets:,} tickets and {tickets * TIMERS_PER_TICKET:,} timers"

    def measure() -> Sequence[Figure]:
        with redis() as redis_url, pairs(tickets) as found:
            figures = []
            for pair in found:
                figures += [_sweep_figure(pair, redis_url), _operations_figure(pair)]
                figures += [_report_figure(pair, report) for report in REPORTS]
        return figures

    return Bench(
        tuple(
            target
            for name in DATABASES
            for target in (
                Target(f"Sweep of the beat with nothing due among {world}, {name}", "below 5 ms", SWEEP_CAUSE),
                Target(f"File, claim, resolve, App Home, queue list with {world}, {name}", "≤ 1.3 × of an empty desk"),
                *(Target(f"{one.what} of {tickets:,} tickets, {name}", one.wanted, one.cause) for one in REPORTS),
            )
        ),
        measure,
    )
