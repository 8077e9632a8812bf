"""What is measured, what is wanted, what came out; as a table for the terminal and as docs/bench.md."""

import os
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.table import Table

PAGE = Path(__file__).parents[2] / "docs" / "bench.md"
HEAD = "| what | wanted | measured | verdict | date, load before |\n|---|---|---|---|---|\n"
LIBRARIES = ("slack_bolt", "slack_sdk", "SQLAlchemy", "psycopg", "rq", "redis", "granian")


@dataclass(frozen=True)
class Target:
    """One row: what is wanted; ``cause`` says, from profiles, why it would fall short."""

    what: str
    wanted: str
    cause: str = "not looked into"


@dataclass(frozen=True)
class Figure:
    """What came out for one target."""

    text: str
    is_met: bool | None
    """None: nothing was wanted of it."""

    def verdict(self, short: str) -> str:
        """In words; ``short`` stands where it is not met."""
        return "measured" if self.is_met is None else "met" if self.is_met else short


@dataclass(frozen=True)
class Bench:
    """Measures its targets in one go; the figures come in the order of the targets."""

    targets: tuple[Target, ...]
    measure: Callable[[], Sequence[Figure]]


@dataclass(frozen=True)
class Row:
    """One row of the table and of the page."""

    what: str
    wanted: str
    measured: str
    verdict: str
    when: str

    def line(self) -> str:
        """As Markdown."""
        return f"| {self.what} | {self.wanted} | {self.measured} | {self.verdict} | {self.when} |\n"


def rows_of(bench: Bench) -> list[Row]:
    """Measure, with the load of the machine before it."""
    load = os.getloadavg()[0]
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M}, {load:.1f}"
    short = "short on a busy machine" if load > (os.cpu_count() or 1) else "short"
    figures = bench.measure()
    return [
        Row(target.what, target.wanted, figure.text, figure.verdict(f"{short}: {target.cause}"), when)
        for target, figure in zip(bench.targets, figures, strict=True)
    ]


def table_of(rows: Sequence[Row]) -> Table:
    """For the terminal."""
    table = Table("what", "wanted", "measured", "verdict", title=machine())
    for row in rows:
        table.add_row(row.what, row.wanted, row.measured, row.verdict)
    return table


def machine() -> str:
    """Cores, processor, kernel, Python and the libraries that count."""
    model = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), Linux {platform.release()}"
    return f"{system}, Python {platform.python_version()}, {libraries}"


def write_page(rows: Sequence[Row], order: Sequence[str]) -> None:
    """Put the rows into the page, in that order; rows that were not measured now stay if the machine is the same."""
    old = PAGE.read_text("utf-8") if PAGE.exists() else ""
    before, _, after = old.partition(HEAD)
    kept = re.findall(r"^\| (.+?) \| (.*?) \| (.*) \| (.*) \| (.*) \|$", after, re.MULTILINE)
    found = {row[0]: Row(*row) for row in kept if machine() in before} | {row.what: row for row in rows}
    text = re.sub(r"(?<=^Machine: ).*$", lambda _: f"{machine()}.", before, flags=re.MULTILINE)
    PAGE.write_text(text + HEAD + "".join(found[what].line() for what in order if what in found), "utf-8")
