"""The command line: one small file for each command."""

import logging
import sys

import typer

from slackdesk.cli.problems import problems_are_told

app = typer.Typer(
    name="slackdesk",
    help="An internal helpdesk that lives inside Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the console script."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    _register()
    with problems_are_told():
        app()


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
