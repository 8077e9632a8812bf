"""Every command that README.md and docs/ show is played by a test, as it stands there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

import slackdesk.cli
from slackdesk.cli.command_lines import commands_of_plugins
from slackdesk.plugin.reserved import GROUPS, RESERVED_COMMANDS

REPOSITORY = Path(__file__).parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
TEXT = {page: page.read_text("utf-8") for page in PAGES}

NOT_PLAYED = {
    "maya types    /ticket Calendar invitations from Jakarta arrive one hour late": "played by test_docs_transcript",
    "[Service]": "a unit file for systemd, which test machines do not run",
    "from slack_bolt import App": "run by test_example_of_the_sandbox_page_runs",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest": "run by .ci/run, as it stands",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[demo]' && .venv/bin/slackdesk demo": (
        "installs what .ci/run installs; the demo itself is played by the tests of the tour"
    ),
}
"""First line of a block → why no test plays it here."""


class Block(NamedTuple):
    page: Path
    lines: tuple[str, ...]


def _blocks() -> Iterator[Block]:
    """Fenced and indented blocks without drawings, which are known by their arrows."""
    for page, text in TEXT.items():
        found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        # Python on the page of plugins is compared with the code by test_docs_plugins.
        fenced = [block for language, block in found if (page.name, language) != ("plugins.md", "python")]
        rest = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        indented = re.findall(r"(?:(?<=\n\n)|\A)((?:    .*\n)+)", rest)
        for block in fenced + indented:
            if "──▶" not in block:
                yield Block(page, tuple(line.strip() for line in block.splitlines() if line.strip()))


def _played() -> set[str]:
    """The lines in the marks ``documented`` of all tests."""
    lines: set[str] = set()
    for path in (REPOSITORY / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.documented":
                lines |= {str(ast.literal_eval(argument)) for argument in node.args}
    return lines


BLOCKS = list(_blocks())


def test_docs_every_line_of_a_block_is_played_or_says_why_not() -> None:
    shown = {line for block in BLOCKS if block.lines[0] not in NOT_PLAYED for line in block.lines}
    assert len(shown) >= 15
    assert shown - _played() == set(), "shown, but played by no test"
    assert _played() - shown == set(), "played, but shown nowhere"


def test_docs_reasons_belong_to_blocks() -> None:
    assert set(NOT_PLAYED) <= {block.lines[0] for block in BLOCKS}


def test_docs_test_command_is_the_one_that_ci_runs() -> None:
    ci = (REPOSITORY / ".ci" / "run").read_text("utf-8")
    assert r"sed -n 's/^\(python3 -m venv .venv && .*pytest\)$/\1/p' README.md" in ci
    found = re.findall(r"^python3 -m venv .venv && .*pytest$", TEXT[REPOSITORY / "README.md"], re.MULTILINE)
    assert len(found) == 1
    assert found[0] in NOT_PLAYED


def _commands(group: Any, path: str = "slackdesk") -> Iterator[tuple[str, set[str]]]:
    """``slackdesk policy check`` and so on, with the options that each takes."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", {option for parameter in command.params for option in parameter.opts}


@pytest.fixture(scope="module")
def commands() -> dict[str, set[str]]:
    slackdesk.cli.register_commands()
    core = dict(_commands(typer.main.get_command(slackdesk.cli.app)))
    of_plugins = {
        f"slackdesk {name}": {option for parameter in command.params for option in parameter.opts}
        for name, command in commands_of_plugins().items()
    }
    assert of_plugins.keys().isdisjoint(core)
    return core | of_plugins


def test_docs_no_plugin_can_take_the_name_of_a_command(commands: dict[str, set[str]]) -> None:
    core = {command.split()[1] for command in commands} - {path for path in commands_of_plugins() if " " not in path}
    assert core == RESERVED_COMMANDS
    below = {command.split()[1]: set[str]() for command in commands if len(command.split()) == 3}
    for _, group, name in (command.split() for command in commands if len(command.split()) == 3):
        below[group] |= {name} - {path.split()[-1] for path in commands_of_plugins() if path.startswith(f"{group} ")}
    assert below == GROUPS


def test_docs_name_every_command(commands: dict[str, set[str]]) -> None:
    assert len(commands) > 10
    everything = "\n".join(TEXT.values())
    assert [command for command in commands if not re.search(rf"\b{command}\b", everything)] == []


def test_docs_commands_in_sentences_exist(commands: dict[str, set[str]]) -> None:
    spans = {span for text in TEXT.values() for span in re.findall(r"`(slackdesk [^`]+)`", text)}
    assert len(spans) > 5
    for span in spans:
        command = max((command for command in commands if f"{span} ".startswith(f"{command} ")), key=len, default=None)
        assert command is not None, span
        assert set(re.findall(r"--[a-z-]+", span)) <= commands[command], span


def test_docs_links_lead_somewhere() -> None:
    broken = []
    for page, text in TEXT.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            path, _, anchor = target.partition("#")
            file = page.parent / path if path else page
            if target.startswith(("http://", "https://")):
                continue
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE) if file.is_file() else []
            anchors = [re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings]
            if not file.exists() or (anchor and anchor not in anchors):
                broken.append(f"{page.name}: {target}")
    assert broken == []
