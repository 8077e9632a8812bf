"""The contract check: everything that can be wrong with a plugin and that can be found before it runs.

``slackdesk plugins check`` prints it; tests of a plugin take it from ``slackdesk.testing.contract``.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.loading import Candidate, in_path
from slackdesk.plugin.registry import Found
from slackdesk.sandbox.scopes import EVERY_SCOPE
from slackdesk.testing.findings import Finding, finding_of
from slackdesk.testing.imports import check_imports
from slackdesk.testing.loading import imported, loaded
from slackdesk.testing.rehearsal import rehearse
from slackdesk.testing.sentences import check_catalogues
from slackdesk.testing.tables import check_migrations


def check_plugin(path: Path, config: Mapping[str, Any] | None = None) -> list[Finding]:
    """What is wrong with the plugin in this folder or file, run with ``config``; nothing when all is well."""
    return check_candidate(in_path(path.resolve()), config or {})


def check_candidate(candidate: Candidate, section: Mapping[str, Any]) -> list[Finding]:
    """The same for a plugin that was found in any way. One that does not load is checked no further."""
    try:
        plugin = imported(candidate)
        found = loaded(candidate, section)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 — whatever it raises is the finding
        return [finding_of(error, _main_file(candidate).parent, "loading it")]
    main = _main_file(candidate)
    return [*_check_still(found, plugin, main), *rehearse(found, section, main.parent)]


def _main_file(candidate: Candidate) -> Path:
    """Where the plugin is declared: ``__init__.py`` of a folder, else a file of its own."""
    place = Path(candidate.place)
    if place.exists():
        return place / "__init__.py" if place.is_dir() else place
    module = sys.modules.get(candidate.place.partition(":")[0])
    return Path(getattr(module, "__file__", None) or place)


def _check_still(found: Found, plugin: Plugin, main: Path) -> Iterator[Finding]:
    """What is seen without running it."""
    is_folder = main.name == "__init__.py"
    sources = [path for path in sorted(main.parent.rglob("*.py")) if not path.name.startswith(("test_", "conftest"))]
    if is_folder and not (main.parent / "README.md").is_file():
        yield Finding("there is no README.md that says what it does and how it is set", main.parent)
    sources = sources if is_folder else [main]
    yield from check_imports(plugin.name, sources)
    yield from _check_declared(plugin, main)
    yield from check_migrations(found, plugin, main)
    yield from check_catalogues(plugin, main, sources)


def _check_declared(plugin: Plugin, main: Path) -> Iterator[Finding]:
    if plugin.config.model_config.get("extra") != "forbid":
        yield Finding('config: a misspelt key would go unnoticed; write ConfigDict(extra="forbid", frozen=True)', main)
    for scope, reason in plugin.scopes.items():
        if scope not in EVERY_SCOPE:
            yield Finding(f"scopes: Slack has no scope {scope!r} for a bot", main)
        if not reason.strip():
            yield Finding(f"scopes: {scope!r} needs a reason, for whoever approves the app", main)
