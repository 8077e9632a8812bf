"""The command line: one small file for each command."""

from importlib.metadata import version

import typer

from slackdesk.cli.commands import ROOT, Commands
from slackdesk.cli.problems import problems_are_told
from slackdesk.errors import SlackdeskError
from slackdesk.logs import configure_logging

app = typer.Typer(
    name=ROOT,
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Entry point of the console script."""
    configure_logging("slackdesk")
    register_commands()
    with problems_are_told():
        app(prog_name="slackdesk")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"slackdesk {version('slackdesk')}")
        raise typer.Exit


@app.callback()
def _slackdesk(
    show_version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """An internal helpdesk that lives inside Slack."""


def register_commands() -> None:
    """Add all commands to ``app``; not on import, so that a process that is forked into workers loads what it needs."""
    from slackdesk.cli import (  # noqa: PLC0415
        audit,
        clock,
        doctor,
        manifest,
        migrate,
        plugins,
        policy,
        processes,
    )

    app.command()(processes.run)
    app.command()(processes.app)
    app.command()(processes.worker)
    app.command()(processes.beat)
    app.command()(migrate.migrate)
    app.command()(doctor.doctor)
    app.command()(manifest.manifest)
    app.add_typer(policy.policy_app, name="policy")
    app.add_typer(plugins.plugins_app, name="plugins")
    app.add_typer(audit.audit_app, name="audit")
    app.add_typer(clock.clock_app, name="clock")
    _register_simulated_workspace(plugins.plugins_app)


def _register_simulated_workspace(plugins_app: typer.Typer) -> None:
    """Add the commands that need the extra ``demo``; without it each says so, and all others work."""
    try:
        from slackdesk.cli import demo, plugins_check, sandbox  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("slackdesk"):
            raise
        missing = str(error.name).partition(".")[0]

        def needs_demo() -> None:
            raise SlackdeskError(f"{missing} is not installed: pip install 'slackdesk[demo]'")

        takes_anything = {"ignore_unknown_options": True, "allow_extra_args": True}
        for group, name in ((app, "demo"), (app, "sandbox"), (plugins_app, "check"), (plugins_app, "new")):
            group.command(name, help="Needs the extra demo.", context_settings=takes_anything)(needs_demo)
        return
    app.command()(demo.demo)
    app.command()(sandbox.sandbox)
    plugins_app.command()(plugins_check.check)
    plugins_app.command()(plugins_check.new)
