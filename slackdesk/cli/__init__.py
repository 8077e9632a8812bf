"""The command line: one small file for each command."""

import logging
import sys

import typer
from rich.console import Console

from slackdesk.errors import SlackdeskError

app = typer.Typer(
    name="slackdesk",
    help="An internal helpdesk that lives inside Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the console script: errors made for people are printed as sentences, with exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    _register()
    try:
        app()
    except SlackdeskError as error:
        Console(stderr=True).print(f"[red]Error:[/red] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)


def _register() -> None:
    from slackdesk.cli import audit, clock, demo, manifest, migrate, policy, processes, sandbox  # noqa: PLC0415

    app.command()(processes.run)
    app.command()(processes.app)
    app.command()(processes.worker)
    app.command()(processes.beat)
    app.command()(migrate.migrate)
    app.command()(manifest.manifest)
    app.command()(demo.demo)
    app.command()(sandbox.sandbox)
    app.add_typer(policy.policy_app, name="policy")
    app.add_typer(audit.audit_app, name="audit")
    app.add_typer(clock.clock_app, name="clock")
