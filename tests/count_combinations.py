"""Print how many tests ran on each combination of transport, database and server; fail where one ran nothing.

Reads what ``tests/conftest.py`` wrote into the folder given as the only argument. Not a test itself.
"""

import json
import sys
from collections import Counter
from itertools import product
from pathlib import Path

TRANSPORTS, DATABASES, SERVERS = ("socket", "http"), ("sqlite", "postgresql"), ("embedded", "debian")


def main(folder: Path) -> int:
    """Exit code 0 when every combination executed tests and nothing was skipped or failed."""
    outcomes: Counter[str] = Counter()
    combinations: Counter[tuple[str, str, str]] = Counter()
    for file in folder.glob("*.jsonl"):
        for line in file.read_text().splitlines():
            report = json.loads(line)
            outcomes[report["outcome"]] += 1
            combinations[report["transport"], report["database"], report["server"]] += 1
    print(f"{'transport':<12}{'database':<12}{'server':<12}tests")
    empty = [row for row in product(TRANSPORTS, DATABASES, SERVERS) if not combinations[row]]
    for transport, database, server in [*sorted(combinations), *empty]:
        print(f"{transport:<12}{database:<12}{server:<12}{combinations[transport, database, server]}")
    for row in empty:
        print(f"no test ran on {' + '.join(row)}")
    print(f"{outcomes['passed']} passed, {outcomes['failed']} failed, {outcomes['skipped']} skipped")
    return 1 if empty or outcomes["failed"] or outcomes["skipped"] or not outcomes["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
