"""Measures slackdesk against its targets: ``python tests/bench/run.py``, or with the names of some benches.

Prints a table and brings docs/bench.md up to date; ``--list`` names benches and targets, ``--no-page`` only prints.
"""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # the servers and processes that the tests of faults use, too

import acceptance
import bench_businesstime
import bench_write_lock
import clicks
import rest
import scale
import sending
import surge
from outcome import rows_of, table_of, write_page
from rich.console import Console

BENCHES = {
    "acceptance": acceptance.BENCH,
    "clicks": clicks.BENCH,
    "sending": sending.BENCH,
    "surge": surge.BENCH,
    "rest": rest.BENCH,
    "businesstime": bench_businesstime.BENCH,
    "write-lock": bench_write_lock.BENCH,
    "scale": scale.bench(),
}


def main() -> None:
    """Measure what was asked for, all of it by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="bench", help=f"any of: {', '.join(BENCHES)}; all by default")
    parser.add_argument("--list", action="store_true", help="name the benches and their targets, measure nothing")
    parser.add_argument("--no-page", action="store_true", help="leave docs/bench.md as it is")
    parser.add_argument("--tickets", type=int, default=scale.TICKETS, help="size of the desk of scale; only prints")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    if given.list:
        for name, bench in BENCHES.items():
            for target in bench.targets:
                print(f"{name}: {target.what}: {target.wanted}")
        return
    benches = BENCHES | {"scale": scale.bench(given.tickets)}
    is_kept = not given.no_page and given.tickets == scale.TICKETS
    order = [target.what for bench in BENCHES.values() for target in bench.targets]
    rows = []
    for name in given.names or BENCHES:
        print(f"measuring {name} …", file=sys.stderr)
        rows += rows_of(benches[name])
        if is_kept:
            write_page(rows, order)
    Console().print(table_of(rows))


if __name__ == "__main__":
    main()
