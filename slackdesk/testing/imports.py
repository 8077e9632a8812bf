"""What a plugin imports: nothing of slackdesk but its door."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from slackdesk.testing.findings import Finding

DOOR = "slackdesk.api"


def check_imports(name: str, sources: Sequence[Path]) -> Iterator[Finding]:
    """Every import of something else of slackdesk, or of another plugin, by reading the source."""
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for module in _imported(node):
                if module.partition(".")[0] == "slackdesk" and module != DOOR:
                    yield Finding(f"imports {module}; a plugin imports {DOOR} alone", path, node.lineno)
                if module.startswith("slackdesk_plugins.") and module.split(".")[1] != name:
                    yield Finding(f"imports {module}; plugins do not import each other", path, node.lineno)


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Full names of the modules; ``from slackdesk import api`` imports slackdesk.api."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.level or node.module is None:
        return []
    is_namespace = node.module in ("slackdesk", "slackdesk_plugins")
    return [f"{node.module}.{alias.name}" for alias in node.names] if is_namespace else [node.module]
