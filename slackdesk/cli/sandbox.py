"""slackdesk sandbox: a simulated Slack workspace to try an app against."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from slackdesk.errors import SlackdeskError
from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.manifest import ManifestError
from slackdesk.stopping import stop_on_signals


def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 8765,
    rate_scale: Annotated[float, typer.Option(help="Rate limits as a multiple of Slack's pace.", min=0.001)] = 1.0,
    manifest: Annotated[
        Path | None, typer.Option(help="App manifest (YAML or JSON). Without it every scope and event is granted.")
    ] = None,
    http: Annotated[
        str | None, typer.Option(help="The app's request URL to deliver to; Socket Mode without it.", metavar="URL")
    ] = None,
) -> None:
    """Run a simulated Slack workspace with a company in it until Ctrl-C."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        workspace = Sandbox(manifest=manifest, port=port, rate_scale=rate_scale)
        workspace.start()
    except ManifestError as error:
        raise SlackdeskError(f"--manifest {manifest}: {error}") from error
    except OSError as error:
        what = f"--manifest {error.filename}" if error.filename else f"--port {port}"
        raise SlackdeskError(f"{what}: {error.strerror}") from error
    try:
        with stop_on_signals() as told:
            if http is not None:
                _deliver_over_http(workspace, http)
            _print_connection(console, workspace, http)
            _print_people(console, workspace)
            told.wait()
    finally:
        workspace.stop()


def _deliver_over_http(workspace: Sandbox, url: str) -> None:
    try:
        workspace.deliver_over_http(url)
    except ValueError as error:
        raise SlackdeskError(f"--http: {error}") from error


def _print_connection(console: Console, workspace: Sandbox, http: str | None) -> None:
    """As lines that a shell can take over with `export`, and what to do with them."""
    console.print(f"SLACK_API_URL={workspace.api_url}")
    console.print(f"SLACK_BOT_TOKEN={workspace.bot_token}")
    console.print(f"SLACK_APP_TOKEN={workspace.app_token}")
    console.print(f"SLACK_SIGNING_SECRET={workspace.signing_secret}")
    console.print()
    console.print('A Bolt app connects with App(client=WebClient(token, base_url="<SLACK_API_URL>")).')
    delivery = f"signed HTTP to {http}" if http else "Socket Mode, as soon as an app connects with the app token"
    console.print(f"Events, commands and clicks are delivered by {delivery}.")
    console.print("Act as somebody:")
    door = f"{workspace.base_url}/sandbox"
    console.print(f"""  curl -d '{{"person": "ayu", "slash": "/ticket my VPN is down"}}' {door}/act""", markup=False)
    console.print(f"  curl {door}/people/ayu/messages", markup=False)
    console.print(f"  curl {door}/journal", markup=False)
    console.print()


def _print_people(console: Console, workspace: Sandbox) -> None:
    table = Table(title=f"People of {workspace.workspace.name}", title_justify="left")
    for heading in ("handle", "name", "title", "time zone"):
        table.add_column(heading)
    for user in workspace.workspace.users.values():
        if not user.is_bot:
            table.add_row(user.name, user.real_name + (" (guest)" if user.is_guest else ""), user.title, user.tz)
    console.print(table)
