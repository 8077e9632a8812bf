"""Command lines of plugins: ``@plugin.cli("csat")`` is ``slackdesk csat``, ``under="policy"`` one below that command.

A plugin that is broken takes nothing but its own command lines away.
"""

import logging
import uuid
from collections.abc import Callable
from functools import cache, partial

import typer
from typer.core import TyperCommand

from slackdesk import bootstrap
from slackdesk.cli.found_plugins import FoundPlugins, find_plugins
from slackdesk.errors import SlackdeskError
from slackdesk.plugin.command_line import as_command
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError, said_where
from slackdesk.plugin.registry import Status
from slackdesk.plugin.unit_of_work import run_and_write
from slackdesk.settings import read_settings

log = logging.getLogger(__name__)


@cache
def commands_of_plugins() -> dict[str, TyperCommand]:
    """What is typed behind ``slackdesk`` → command, of every plugin that runs; of two that share it, the first's."""
    found: dict[str, TyperCommand] = {}
    for name, plugin in sorted(_found().registry.active.items()):
        for word, function in plugin.command_lines.items():
            try:
                found.setdefault(word, as_command(word.split()[-1], function, partial(_run, plugin, word)))
            except Exception as error:  # noqa: BLE001 — whatever typer finds in code that is not ours
                log.warning("slackdesk %s of the plugin %s cannot be offered: %s", word, name, error)
    return found


def warn_of_missing_commands() -> None:
    """Say which plugins do not run, and why: a command that is not known may be one of theirs."""
    for one in _found().registry.found:
        if one.status is Status.QUARANTINED:
            missing = f"Warning: the plugin {one.name} does not run, its commands are missing: {one.reason}"
            typer.echo(missing, err=True)


@cache
def _found() -> FoundPlugins:
    return find_plugins()


def _run(plugin: Plugin, name: str, function: Callable[..., None]) -> None:
    registry = _found().registry
    desk = bootstrap.open_desk(read_settings(), registry)
    try:
        run_and_write(desk, registry, plugin, function, inbox_key=f"command:{uuid.uuid4()}")
    except (SlackdeskError, typer.BadParameter, typer.Exit, typer.Abort):
        raise
    except Exception as error:
        raise PluginError(f"slackdesk {name} of the plugin {plugin.name} failed: {said_where(error)}") from error
    finally:
        desk.database.close()
