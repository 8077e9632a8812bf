"""docs/plugins.md says everything that a plugin can use, as it is; and all of that is tested and used."""

import ast
import dataclasses
import enum
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import Column, Enum, Table

from slackdesk import api
from slackdesk.plugin import answering, checks, reporting, running, showing, unit_of_work
from slackdesk.plugin.context import EFFECTS_MAX, Context
from slackdesk.plugin.declaration import API_VERSION, Plugin
from slackdesk.plugin.desk_buttons import OFFERED
from slackdesk.plugin.limits import Limits
from slackdesk.plugin.read_context import ReadContext
from slackdesk.testing import writing
from slackdesk.tickets.events import EVENTS, Event
from slackdesk.tickets.rights import Action

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "plugins.md").read_text("utf-8")
BUNDLED = [path.read_text("utf-8") for path in sorted((REPOSITORY / "plugins").rglob("*.py"))]
TRIED = [path.read_text("utf-8") for path in sorted((REPOSITORY / "tests" / "plugins").rglob("*.py"))]

NOT_A_POINT = {"action_id", "owns"}
POINTS = [
    name for name, it in vars(Plugin).items() if inspect.isfunction(it) and name[0] != "_" and name not in NOT_A_POINT
]

SECONDS = {
    **dict.fromkeys(("on", "timer", "every"), running.WORKER_SECONDS),
    **dict.fromkeys(("action", "modal", "ticket_button", "command", "ticket_verb"), answering.EDGE_SECONDS),
    **dict.fromkeys(("ticket_card", "home_section", "badge", "promise"), showing.SECTION_SECONDS),
    "report_section": reporting.REPORT_SECONDS,
}
"""Extension point → how long its functions may take. What runs at a console is given an hour."""


def _signature(name: str) -> str:
    """As it is written: ``@plugin.timer(name)``; without parentheses for what decorates by itself."""
    parameters = list(inspect.signature(getattr(Plugin, name)).parameters.values())[1:]
    if [one.name for one in parameters] == ["function"]:
        return f"@plugin.{name}"
    bare = [one.replace(annotation=inspect.Parameter.empty, default=_Written(one.default)) for one in parameters]
    return f"@plugin.{name}{inspect.Signature(bare)}"


class _Written:
    """A default as it is written in code."""

    def __new__(cls, default: object) -> object:
        return super().__new__(cls) if isinstance(default, enum.Enum) else default

    def __init__(self, default: enum.Enum) -> None:
        self.default = default

    def __repr__(self) -> str:
        return f"{type(self.default).__name__}.{self.default.name}"


def _section(point: str) -> str:
    found = re.search(rf"^### `@plugin\.{point}\b.*?(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/plugins.md has no section for {point}"
    return found.group()


def _part(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def _first_cells(heading: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", _part(heading), re.MULTILINE)


def test_docs_plugins_there_are_extension_points() -> None:
    assert len(POINTS) >= 12
    assert set(SECONDS) == set(POINTS) - {"cli", "erasure", "replay"}


@pytest.mark.parametrize("point", POINTS)
def test_docs_plugins_point_is_documented_with_its_signature(point: str) -> None:
    section = _section(point)
    assert section.splitlines()[0] == f"### `{_signature(point)}`"
    function = re.search(r"``(function\([^)]*\))``", getattr(Plugin, point).__doc__ or "")
    assert function is not None, f"the docstring of {point} does not say what the function takes"
    assert f"`{function.group(1)}`" in section
    for label in ("Runs", "Limit", "Fails"):
        assert re.search(rf"^- {label}: \w", section, re.MULTILINE), label
    assert f"@plugin.{point}" in "".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL))


@pytest.mark.parametrize("point", SECONDS)
def test_docs_plugins_limits_are_those_of_the_code(point: str) -> None:
    assert f"- Limit: {SECONDS[point]:g} s" in _section(point)


def test_docs_plugins_other_limits_are_those_of_the_code() -> None:
    assert unit_of_work.CONSOLE_SECONDS == 3600
    assert "- Limit: one hour." in _section("cli")
    assert f"all plugins together {showing.DRAWING_SECONDS:g} s" in _section("ticket_card")
    hurried = f"{reporting.HURRIED_SECONDS:g} s and {reporting.HURRIED_TOGETHER_SECONDS:g} s"
    together = f"all plugins together {reporting.REPORTS_SECONDS:g} s. While a person waits, {hurried}."
    assert together in _section("report_section")
    assert reporting.FIGURES_MAX == 20
    assert "at most\ntwenty figures" in _section("report_section")
    assert showing.BUTTONS_MAX == 5
    assert "Five buttons of all plugins are shown" in _section("ticket_button")
    assert showing.SECTION_BLOCKS_MAX == 10
    assert all("at most ten" in _section(point) for point in ("ticket_card", "home_section"))
    assert f"One call may ask for {EFFECTS_MAX} things" in PAGE
    assert (checks.FILES_MAX, checks.FILE_BYTES_MAX) == (5, 1_000_000)
    assert "At most five files of 1,000,000 bytes each" in PAGE
    limits = Limits()
    assert f"{limits.messages_per_hour:,} messages" in PAGE
    assert f"{limits.timers_per_hour:,} timers" in PAGE


@pytest.mark.parametrize("point", POINTS)
def test_docs_plugins_point_has_a_test(point: str) -> None:
    names = {node.name for source in TRIED for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    assert f"test_point_{point}" in names


@pytest.mark.parametrize("point", POINTS)
def test_docs_plugins_point_is_used_by_a_bundled_plugin(point: str) -> None:
    used = {
        ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
        for source in BUNDLED
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    }
    assert f"plugin.{point}" in used


def test_docs_plugins_every_example_is_real() -> None:
    examples = re.findall(r"```python\n(.*?)\n```", PAGE, re.DOTALL)
    assert len(examples) > len(POINTS)
    assert [example for example in examples if not any(example in source for source in [*BUNDLED, *TRIED])] == []


def test_docs_plugins_every_name_of_the_api_has_a_line() -> None:
    names = _first_cells("Events") + _first_cells("Every other name of `slackdesk.api`")
    assert sorted(names) == sorted(api.__all__)
    assert f"`API_VERSION` is {API_VERSION}." in PAGE
    assert f"api={API_VERSION}" in writing.PLUGIN.replace("API", str(API_VERSION))


def test_docs_plugins_the_door_can_be_imported_before_everything_else() -> None:
    subprocess.run([sys.executable, "-c", "import slackdesk.api"], check=True)


def test_docs_plugins_every_event_has_its_fields() -> None:
    common = {field.name for field in dataclasses.fields(Event)}
    assert common == {"ticket_id", "at", "actor"}
    for kind, event in EVENTS.items():
        fields = [f"`{field.name}`" for field in dataclasses.fields(event) if field.name not in common]
        assert f"| `{event.__name__}` | `{kind}` | {', '.join(fields) or 'none'} |" in PAGE
    assert len(_first_cells("Events")) == len(EVENTS)


TABLES = ("ticket_table", "history_table", "tier_stay_table", "ticket_message_table")
NOT_PROMISED = {
    "ticket_table": {"history_count", "history_head"},
    "history_table": {"salt", "digest", "hash"},
}
"""Columns of the chain of history, which is the audit's own business."""


@pytest.mark.parametrize("name", TABLES)
def test_docs_plugins_columns_of_the_desk_are_as_promised(name: str) -> None:
    table: Table = getattr(api, name)
    described = re.search(rf"^\| `{name}` \| \w.*? \| \|\n(.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    assert described is not None
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ", described.group(1), re.MULTILINE)
    assert dict(rows) == {
        column.name: _kind(column) for column in table.columns if column.name not in NOT_PROMISED.get(name, ())
    }


def _kind(column: Column[object]) -> str:
    kinds = {"UtcDateTime": "instant", "Integer": "int", "String": "text", "Boolean": "bool", "JSON": "JSON"}
    words = [f"`{word}`" for word in column.type.enums] if isinstance(column.type, Enum) else []
    return (", ".join(words) or kinds[type(column.type).__name__]) + " or NULL" * bool(column.nullable)


@pytest.mark.parametrize("kind", [ReadContext, Context])
def test_docs_plugins_everything_that_ctx_offers_is_named(kind: type) -> None:
    part = _part("What `ctx` offers")
    for name, member in vars(kind).items():
        if name.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property)):
            continue
        if isinstance(member, property):
            assert f"`ctx.{name}`" in part
        else:
            bare = [
                one.replace(annotation=inspect.Parameter.empty)
                for one in list(inspect.signature(member).parameters.values())[1:]
            ]
            assert f"`ctx.{name}{inspect.Signature(bare)}`" in part


def test_docs_plugins_every_action_is_offered_as_a_button_or_not() -> None:
    part = PAGE.split("\n### Buttons of the desk\n")[1].split("\n## ")[0]
    offered, others = part.split("Others raise PluginError")
    assert set(re.findall(r"`([A-Z_]+)`", offered)) == {action.name for action in OFFERED}
    assert set(re.findall(r"`([A-Z_]+)`", others)) == {action.name for action in Action if action not in OFFERED}


def test_packages_that_are_built_are_those_on_disk() -> None:
    """``packages`` of pyproject.toml lists them by hand: what it lacks is missing from the wheel."""
    tool = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    on_disk = set()
    for package, folder in tool["package-dir"].items():
        root = REPOSITORY / folder
        for path in root.rglob("*.py"):
            inside = path.parent.relative_to(root).parts
            on_disk.add(".".join((package, *inside)))
    assert set(tool["packages"]) == on_disk
