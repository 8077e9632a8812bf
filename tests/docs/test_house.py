"""The house stays in order: small files, small functions, and nothing of the machine that it was built on."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40

LONG_FILES = {
    "slackdesk/migrations/versions/0001_core_tables.py": "written by Alembic, one call for each table",
    "tests/sandbox/test_sandbox_blockkit_limits.py": "tables of limits, one line for each",
    "tests/sandbox/test_sandbox_blockkit_rules.py": "tables of refused blocks, one for each rule",
    "tests/sandbox/test_sandbox_people_delivery.py": "one app with all its listeners, and how it is delivered to",
    "tests/sandbox/test_sandbox_people_messages.py": "one app with all its listeners, and the messages to it",
    "tests/sandbox/test_sandbox_people_modals.py": "one app with all its listeners, and the forms that it opens",
    "tests/sandbox/test_sandbox_webapi_messages.py": "one test for each thing that can be done with a message",
    "tests/usecase/dispatch/test_dispatch_work.py": "one test for each way in which rows meet",
    "tests/usecase/drawings/test_drawings_life.py": "one ticket's life, drawing by drawing",
    "tests/usecase/drawings/test_drawings_limits.py": "one table of longest texts, and every drawing of them",
}
LONG_FUNCTIONS = {
    "slackdesk/migrations/versions/0001_core_tables.py: upgrade": "written by Alembic, one call for each table",
    "slackdesk/migrations/versions/0001_core_tables.py: downgrade": "written by Alembic, one call for each table",
    "tests/sandbox/test_sandbox_people_commands.py: listeners": "the listeners of one app",
    "tests/sandbox/test_sandbox_people_modals.py: listeners": "the listeners of one app",
    "tests/usecase/dispatch/test_dispatch_work.py: "
    "test_dispatch_coalescing_under_concurrency_never_loses_the_last_change": "one story of two threads",
    "tests/usecase/test_policy_store.py: _policy": "one literal: a whole policy",
}
"""What may be longer → why it is not split."""

FOREIGN = {
    "a path of one machine": r"/(?:work|root|home/\w+|Users/\w+)/(?!\.\.)\w",
    "a package registry": r"(?:pypi|pythonhosted|npmjs|artifactory|nexus)\.(?:org|com|io)|--(?:extra-)?index-url",
}
"""What stands in no file that is handed on → how it is recognized."""


def _files() -> list[Path]:
    """Every file that is kept, and every one that would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [REPOSITORY / name for name in listed if (REPOSITORY / name).is_file()]


def _sources() -> Iterator[tuple[str, str]]:
    for path in _files():
        name = path.relative_to(REPOSITORY).as_posix()
        if path.suffix == ".py" and name.startswith(("slackdesk/", "plugins/", "tests/")):
            yield name, path.read_text("utf-8")


SOURCES = dict(_sources())


def _long_functions() -> Iterator[str]:
    """``file: function`` of those with too many lines from the first statement, behind the docstring, to the last."""
    for name, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                statements = node.body[1:] if ast.get_docstring(node) else node.body
                if statements and (node.end_lineno or 0) - statements[0].lineno >= FUNCTION_LINES_MAX:
                    yield f"{name}: {node.name}"


def test_house_files_are_short() -> None:
    assert len(SOURCES) > 100
    long = {name for name, source in SOURCES.items() if len(source.splitlines()) > FILE_LINES_MAX}
    assert long - set(LONG_FILES) == set()
    assert set(LONG_FILES) - set(SOURCES) == set(), "listed, but there is no such file"


def test_house_functions_are_short() -> None:
    assert set(_long_functions()) - set(LONG_FUNCTIONS) == set()


def test_house_names_nothing_of_where_it_was_built() -> None:
    found = []
    for path in _files():
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            found += [
                f"{path.relative_to(REPOSITORY)}:{number}: {what}"
                for what, pattern in FOREIGN.items()
                if re.search(pattern, line)
            ]
    assert found == []
