"""``slackdesk plugins``: which there are and how they are, what is wrong with one, a new one, and an end of a pause."""

import json
from datetime import timedelta
from typing import Annotated, Any

import typer
from pydantic import SecretBytes, SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slackdesk import bootstrap
from slackdesk.cli.commands import Commands
from slackdesk.cli.found_plugins import FoundPlugins, find_plugins
from slackdesk.errors import SlackdeskError
from slackdesk.plugin import states
from slackdesk.plugin.registry import Found, Status, read_config
from slackdesk.policy.durations import format_duration
from slackdesk.policy.reading import REDACTED
from slackdesk.settings import read_settings

plugins_app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Plugins: which run and why others do not; check, write, resume."
)

_output = Console(highlight=False, soft_wrap=True, markup=False)

PAUSED = "paused"

_STYLES = {Status.ACTIVE.value: "green", PAUSED: "yellow", Status.QUARANTINED.value: "bold red"}


@plugins_app.command("list")
def list_plugins(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON, for machines.")] = False,
) -> None:
    """Every plugin that can be found: version, where it is, its state with the reason, and its settings."""
    found = find_plugins()
    rows = [_row(found, one) for one in found.registry.found]
    if as_json:
        typer.echo(json.dumps({"plugins": rows, "remarks": found.remarks}, ensure_ascii=False, indent=2))
        return
    for remark in found.remarks:
        _output.print(remark)
    Console(highlight=False).print(_table(rows))


@plugins_app.command()
def resume(
    name: Annotated[str | None, typer.Argument(help="Plugin; all that are paused without it.")] = None,
) -> None:
    """End the pause of a plugin that failed or was too slow: it runs again, its waiting work at once."""
    settings = read_settings()
    with bootstrap.current_database(settings) as database, database.begin() as session:
        now = bootstrap.open_clock(settings).now(session)
        paused = states.paused(session)
        if name is not None and name not in paused:
            there = ", ".join(sorted(paused)) or "none"
            raise SlackdeskError(f"{name} is not paused. Paused: {there}. See: slackdesk plugins list")
        resumed = states.resume(session, name, now=now.desk, real_now=now.real)
    _output.print(f"Running again: {', '.join(resumed)}." if resumed else "No plugin is paused.")


def _row(found: FoundPlugins, one: Found) -> dict[str, Any]:
    state, reason = one.status.value, one.reason
    if one.status is Status.ACTIVE and one.name in found.paused:
        state, reason = PAUSED, found.paused[one.name]
    return {
        "name": one.name,
        "version": one.plugin.version if one.plugin else None,
        "api": one.plugin.api if one.plugin else None,
        "origin": one.origin.value,
        "place": one.place,
        "state": state,
        "reason": reason,
        "config": _config(found, one),
    }


def _config(found: FoundPlugins, one: Found) -> dict[str, Any]:
    """What it runs with, defaults included; nothing for one that does not run."""
    if one.status is not Status.ACTIVE or one.plugin is None:
        return {}
    config = read_config(one.plugin, found.sections.get(one.name, {}))
    return {key: _shown(getattr(config, key)) for key in type(config).model_fields}


def _shown(value: Any) -> Any:
    """As the policy file would have it; secrets are not shown."""
    if isinstance(value, SecretStr | SecretBytes):
        return REDACTED
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, dict):
        return {str(key): _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Plugin", "Version", "API", "From", "State", "Settings"):
        table.add_column(title, overflow="fold")
    for row in rows:
        settings = "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in row["config"].items())
        state = Text(row["state"], _STYLES.get(row["state"], "")).append(
            f": {row['reason']}" if row["reason"] else "", ""
        )
        cells = (row["name"], row["version"] or "", str(row["api"] or ""), f"{row['origin']}: {row['place']}")
        table.add_row(*map(Text, cells), state, Text(settings))
    return table
