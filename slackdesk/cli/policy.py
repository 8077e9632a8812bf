"""``slackdesk policy``: the reviewed file that says what the desk does, and what of it is in force."""

import getpass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy.orm import Session

from slackdesk import bootstrap
from slackdesk.cli.commands import Commands
from slackdesk.cli.problems import problems_are_told
from slackdesk.policy.difference import Difference, differences
from slackdesk.policy.directory import Directory
from slackdesk.policy.file import PolicyFile
from slackdesk.policy.model import PolicyVersion, ResolvedPolicy
from slackdesk.policy.reading import read_policy
from slackdesk.policy.resolution import Resolution, resolve
from slackdesk.policy.store import latest_version, read_resolved, with_past_holidays
from slackdesk.settings import Settings, read_settings
from slackdesk.tickets.people import remember_everybody
from slackdesk.tickets.policy_change import put_in_force

policy_app = typer.Typer(cls=Commands, help="The policy file: example, check, diff, apply.", no_args_is_help=True)

_output = Console(highlight=False, soft_wrap=True)

_STYLES = {"+": "green", "-": "red", "~": "yellow"}

PolicyPath = Annotated[
    Path | None,
    typer.Argument(help="The policy file; default SLACKDESK_POLICY, else slackdesk.toml", show_default=False),
]


@policy_app.command()
def example() -> None:
    """Print an example to start from: slackdesk policy example > slackdesk.toml."""
    typer.echo(files("slackdesk.policy").joinpath("example.toml").read_text("utf-8"), nl=False)


@policy_app.command()
def check(path: PolicyPath = None) -> None:
    """Say everything that is wrong with the file; with SLACK_BOT_TOKEN also which names Slack does not know."""
    with problems_are_told():
        settings = read_settings()
        _, file = bootstrap.read_policy_file(path or settings.policy)
        bootstrap.check_plugin_settings(settings, file)
        if settings.slack_bot_token is None:
            _output.print("The file is well formed. Names were not looked up in Slack: set SLACK_BOT_TOKEN for that.")
            return
        _tell_warnings(resolve(file, _directory(settings, file), datetime.now(UTC).date()))
        _output.print("The file is well formed, and every name in it is known to Slack.")


@policy_app.command()
def diff(path: PolicyPath = None) -> None:
    """Show, key by key, what `apply` would change; without SLACK_BOT_TOKEN the files are compared, not the names."""
    with problems_are_told():
        settings = read_settings()
        _, file = bootstrap.read_policy_file(path or settings.policy)
        directory = _directory(settings, file) if settings.slack_bot_token else None
        with bootstrap.current_database(settings) as database, database.read() as session:
            present = latest_version(session)
            if directory is not None:
                now = _desk_time(settings, session)
                resolution = resolve(file, directory, now.date())
                _tell_warnings(resolution)
                changes = _changes(present, with_past_holidays(resolution.policy, present, now), directory)
            else:
                _output.print("Names are compared as they are written: set SLACK_BOT_TOKEN to look them up in Slack.")
                changes = differences(read_policy(present.source) if present else None, file, {})
        _tell_changes(present, changes)


@policy_app.command()
def apply(
    path: PolicyPath = None,
    by: Annotated[
        str | None, typer.Option(help="Who applies it, for the record; default your login name.", show_default=False)
    ] = None,
) -> None:
    """Put the file in force, all of it or nothing."""
    with problems_are_told():
        settings = read_settings()
        source, file = bootstrap.read_policy_file(path or settings.policy)
        bootstrap.check_plugin_settings(settings, file)
        directory = _directory(settings, file)
        with bootstrap.current_database(settings) as database, database.begin() as session:
            now = _desk_time(settings, session)
            resolution = resolve(file, directory, now.date())
            present = latest_version(session)
            version = put_in_force(session, resolution.policy, source=source, applied_by=by or _login_name(), now=now)
            changes = _changes(present, read_resolved(version.resolved), directory)
        with bootstrap.current_database(settings) as database:
            remember_everybody(database, directory.users.values(), now)
        _tell_warnings(resolution)
        if present is not None:
            _tell_changes(present, changes)
        if present is None or version.id != present.id:
            _output.print(f"Version {version.id} is in force.")


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return "operator"


def _directory(settings: Settings, file: PolicyFile) -> Directory:
    with Console(stderr=True).status("Reading channels, people and user groups from Slack"):
        return bootstrap.slack_directory(settings, file)


def _desk_time(settings: Settings, session: Session) -> datetime:
    return bootstrap.open_clock(settings).now(session).desk


def _changes(present: PolicyVersion | None, policy: ResolvedPolicy, directory: Directory) -> list[Difference]:
    return differences(read_resolved(present.resolved) if present else None, policy, directory.names())


def _tell_warnings(resolution: Resolution) -> None:
    for warning in resolution.warnings:
        _output.print(Text.assemble(("Warning: ", "yellow"), str(warning)))


def _tell_changes(present: PolicyVersion | None, changes: list[Difference]) -> None:
    in_force = f"version {present.id}, applied {present.applied_at:%Y-%m-%d %H:%M} UTC" if present else "no policy yet"
    _output.print(f"In force: {in_force}. {'Keys that differ:' if changes else 'Nothing differs.'}")
    for change in changes:
        _output.print(Text(str(change), _STYLES[str(change)[0]]))
