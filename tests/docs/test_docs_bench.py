"""docs/bench.md has a row for whatever the benches measure, is linked, and shows commands that work."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "bench.md"


def _play(line: str) -> str:
    program, *words = line.split()
    assert program == "python"
    done = subprocess.run(
        [sys.executable, *words], cwd=REPOSITORY, capture_output=True, text=True, check=True, env={"COLUMNS": "200"}
    )
    return done.stdout


@pytest.mark.documented("python tests/bench/run.py --list", "python tests/bench/run.py --no-page businesstime")
def test_docs_bench_has_a_row_for_each_target(documented_lines: tuple[str, ...]) -> None:
    before = PAGE.read_text("utf-8")
    wanted = [tuple(line.split(": ", 1)[1].rsplit(": ", 1)) for line in _play(documented_lines[0]).splitlines()]
    assert len(wanted) >= 10
    verdict = r"(met|measured|short.*?: .+?)"
    rows = re.findall(rf"^\| (.+?) \| (.+?) \| (.+?) \| {verdict} \| (\d{{4}}-.+?) \|$", before, re.MULTILINE)
    assert [row[:2] for row in rows] == wanted
    assert "Due dates in business time" in _play(documented_lines[1])
    assert PAGE.read_text("utf-8") == before


def test_docs_bench_is_linked_and_names_the_machine() -> None:
    assert "(bench.md)" in (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
    assert re.search(r"^Machine: \d+ cores .+Linux .+Python 3\.", PAGE.read_text("utf-8"), re.MULTILINE)
