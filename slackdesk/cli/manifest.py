"""``slackdesk manifest``: the manifest from which the Slack app is made."""

from typing import Annotated

import typer
import yaml

from slackdesk.cli.found_plugins import find_plugins
from slackdesk.slack.manifest import build_manifest, scopes_page


def manifest(
    http: Annotated[
        str | None,
        typer.Option(help="Public address for HTTP mode, such as https://desk.example.com; Socket Mode without it."),
    ] = None,
    scopes: Annotated[bool, typer.Option("--scopes", help="Print why each scope is asked for instead.")] = False,
) -> None:
    """Print the manifest of the Slack app as YAML, with what the plugins need that run here."""
    plugins = find_plugins().registry.active.values()
    plugin_scopes = {scope: reason for plugin in plugins for scope, reason in plugin.scopes.items()}
    if scopes:
        typer.echo(scopes_page(plugin_scopes), nl=False)
    else:
        typer.echo(yaml.safe_dump(build_manifest(http, plugin_scopes), sort_keys=False, width=1000), nl=False)
