"""docs/sandbox.md says what the simulated workspace does, and names the test that shows each item."""

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.methods import METHODS
from slackdesk.slack.manifest import BOT_EVENTS

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "sandbox.md").read_text(encoding="utf-8")
TEST_NAME = re.compile(r"`(test_\w+)`")
HEADINGS = (
    "Transport",
    "Web API methods",
    "Errors",
    "Limits of messages and views",
    "Rates and faults",
    "Delivery",
    "Events",
    "Interactivity",
    "People",
)


class Row(NamedTuple):
    heading: str
    items: tuple[str, ...]
    """What stands between backticks in the first cell."""
    tests: tuple[str, ...]
    line: str


def _rows() -> Iterator[Row]:
    heading = ""
    for line in PAGE.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("| ") and not line.startswith(("| Item", "| Method", "| Event", "| Error")):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            yield Row(heading, tuple(re.findall(r"`([^`]+)`", cells[0])), tuple(TEST_NAME.findall(cells[-1])), line)


def _tests() -> dict[str, str]:
    """Every test function of the simulated workspace, with the source of its file."""
    found: dict[str, str] = {}
    for path in [*(REPOSITORY / "tests/sandbox").glob("test_*.py"), *(REPOSITORY / "tests/browser").glob("test_*.py")]:
        source = path.read_text(encoding="utf-8")
        nodes = ast.walk(ast.parse(source))
        names = [node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        found |= dict.fromkeys(names, source)
    return found


ROWS = [row for row in _rows() if row.heading in HEADINGS]
TESTS = _tests()
METHOD_ROWS = {item: row for row in ROWS if row.heading == "Web API methods" for item in row.items}
UNSUPPORTED = re.findall(r"`(\w+(?:\.\w+)+)`", PAGE.split("## What is not there")[1].split("\n## ")[0])


def test_conformance_page_has_every_table() -> None:
    assert {row.heading for row in ROWS} == set(HEADINGS)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.heading}: {row.line[:50]}" for row in ROWS])
def test_conformance_row_names_tests_that_exist(row: Row) -> None:
    assert row.tests, f"no test shows: {row.line}"
    assert [name for name in row.tests if name not in TESTS] == []


def test_conformance_page_lists_exactly_the_methods_there_are() -> None:
    assert set(METHOD_ROWS) == set(METHODS)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_conformance_method_is_called_by_the_tests_named_for_it(name: str) -> None:
    spellings = (f'"{name}"', f".{name.replace('.', '_')}(")
    sources = [TESTS.get(test, "") for test in METHOD_ROWS[name].tests]
    assert all(any(spelling in source for spelling in spellings) for source in sources)


def _refusals(path: Path) -> Iterator[str]:
    """The codes of every `ApiError` that a file of the simulated workspace raises."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ApiError" and node.args:
            constants = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
            yield from (code for code in constants if isinstance(code, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", code))


def test_conformance_page_has_every_refusal() -> None:
    listed = {item for row in ROWS if row.heading == "Errors" for item in row.items}
    raised = {code for path in (REPOSITORY / "slackdesk" / "sandbox").rglob("*.py") for code in _refusals(path)}
    assert len(raised) > 50
    assert raised - listed == set()


@pytest.mark.parametrize("row", [row for row in ROWS if row.heading == "Errors"], ids=lambda row: row.items[0])
def test_conformance_refusal_is_asserted_by_the_tests_named_for_it(row: Row) -> None:
    source = "".join(TESTS[test] for test in row.tests)
    assert [code for code in row.items if not re.search(rf"\b{code}\b", source) and "." not in code] == []


def test_conformance_page_has_every_event_that_the_desk_asks_for() -> None:
    listed = {item for row in ROWS if row.heading == "Events" for item in row.items}
    assert set(BOT_EVENTS) - listed == set()


def test_methods_that_are_not_there_are_unknown() -> None:
    assert len(UNSUPPORTED) > 10
    assert set(UNSUPPORTED) & set(METHODS) == set()
    with Sandbox(rate_scale=1000) as sandbox:
        client = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        for name in UNSUPPORTED:
            with pytest.raises(SlackApiError) as refusal:
                client.api_call(name)
            assert refusal.value.response["error"] == "unknown_method"


def test_example_of_the_sandbox_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 1
    script = tmp_path / "try_an_app.py"
    script.write_text(examples[0], encoding="utf-8")
    sandbox = runpy.run_path(str(script))["sandbox"]
    assert [call.method for call in sandbox.journal.calls("chat.postMessage", outcome="ok")] == ["chat.postMessage"]
