"""``slackdesk plugins check`` and ``slackdesk plugins new``: for whoever writes one. Needs the extra ``demo``."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from slackdesk.cli.found_plugins import plugins_keep_quiet, read_policy_file
from slackdesk.errors import SlackdeskError
from slackdesk.plugin.loading import Candidate, candidates, in_path
from slackdesk.policy.file import PolicyFile
from slackdesk.settings import read_settings
from slackdesk.testing.checking import check_candidate
from slackdesk.testing.writing import write_plugin

_output = Console(highlight=False, soft_wrap=True, markup=False)


def check(
    plugin: Annotated[
        str | None, typer.Argument(help="Name of a plugin, or its folder or file; all that are found without it.")
    ] = None,
) -> None:
    """Say everything that is wrong with plugins, after a dry run of each in a simulated workspace.

    Settings are those of the policy file, where there is one. Exit code 1 when something is found.
    """
    settings = read_settings()
    file = read_policy_file(settings) if settings.policy.exists() else None
    there = list(_candidates(settings.policy.parent, file))
    chosen = there if plugin is None else [_named(plugin, there)]
    sections: Mapping[str, Mapping[str, Any]] = file.plugins if file else {}
    findings = 0
    for candidate in chosen:
        with Console(stderr=True).status(f"Trying {candidate.name}"), plugins_keep_quiet():
            found = check_candidate(candidate, sections.get(candidate.name, {}))
        findings += len(found)
        for finding in found:
            _output.print(f"{candidate.name}: {finding}")
        if not found:
            _output.print(f"{candidate.name}: nothing is wrong.")
    _output.print(f"Plugins: {len(chosen)}, findings: {findings or 'none'}.")
    raise typer.Exit(1 if findings else 0)


def new(
    name: Annotated[str, typer.Argument(help="Small letters, digits and _, beginning with a letter.")],
    folder: Annotated[Path, typer.Option("--in", help="Folder in which the plugin's folder is made.")] = Path(
        "plugins"
    ),
) -> None:
    """Write a small plugin to start from, with a README and tests, and say what to do next."""
    place = write_plugin(name, folder)
    _output.print(
        f"Written: {place}/__init__.py, README.md and test_{name}.py. Next:\n"
        f"1. See that nothing is wrong with it: slackdesk plugins check {place}\n"
        f"2. Run its tests: pytest {place}\n"
        f'3. Let a desk run it: plugin_dirs = ["{folder}"] under [desk] of the policy file, beside which {folder} is'
    )


def _candidates(place: Path, file: PolicyFile | None) -> Iterator[Candidate]:
    return candidates([place / folder for folder in file.desk.plugin_dirs] if file else ())


def _named(given: str, there: list[Candidate]) -> Candidate:
    for candidate in there:
        if candidate.name == given:
            return candidate
    path = Path(given)
    if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.is_file()):
        return in_path(path.resolve())
    names = ", ".join(candidate.name for candidate in there)
    raise SlackdeskError(
        f"{given} is neither a plugin ({names}) nor a folder with __init__.py nor a file with one in it"
    )
