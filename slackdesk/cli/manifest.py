"""``slackdesk manifest``: the manifest from which the Slack app is made."""

from typing import Annotated

import typer
import yaml

from slackdesk.slack.manifest import build_manifest, scopes_page


def manifest(
    http: Annotated[
        str | None,
        typer.Option(help="Public address for HTTP mode, such as https://desk.example.com; Socket Mode without it."),
    ] = None,
    scopes: Annotated[bool, typer.Option("--scopes", help="Print why each scope is asked for instead.")] = False,
) -> None:
    """Print the manifest of the Slack app as YAML."""
    if scopes:
        typer.echo(scopes_page(), nl=False)
    else:
        typer.echo(yaml.safe_dump(build_manifest(http), sort_keys=False, width=1000), nl=False)
