"""``slackdesk policy``: the reviewed file that says what the desk does, and what of it is in force."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from slack_sdk import WebClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.errors import ConfigurationError, SlackdeskError
from slackdesk.migrations import require_current_schema
from slackdesk.policy.difference import Difference, differences
from slackdesk.policy.directory import Directory, read_directory
from slackdesk.policy.file import PolicyFile
from slackdesk.policy.model import PolicyVersion, ResolvedPolicy
from slackdesk.policy.reading import PolicyError, read_policy
from slackdesk.policy.resolution import Resolution, people_references, resolve
from slackdesk.policy.store import apply_policy, latest_version, read_resolved, with_past_holidays
from slackdesk.settings import Settings, read_settings
from slackdesk.tickets.lifecycle import ENDED
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.people import remember_person

policy_app = typer.Typer(help="The policy file: example, check, diff, apply.", no_args_is_help=True)

PEOPLE_AT_ONCE = 200
"""How many people are written in one transaction."""

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
    with _problems_are_told():
        settings = read_settings()
        _, file = _read_file(path or settings.policy)
        if settings.slack_bot_token is None:
            _output.print("The file is well formed. Names were not looked up in Slack: set SLACK_BOT_TOKEN for that.")
            return
        _tell_warnings(resolve(file, _directory(settings, file), datetime.now(UTC).date()))
        _output.print("The file is well formed, and every name in it is known to Slack.")


@policy_app.command()
def diff(path: PolicyPath = None) -> None:
    """Show, key by key, what `apply` would change; without SLACK_BOT_TOKEN the files are compared, not the names."""
    with _problems_are_told():
        settings = read_settings()
        _, file = _read_file(path or settings.policy)
        directory = _directory(settings, file) if settings.slack_bot_token else None
        with _database(settings) as database, database.read() as session:
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
    with _problems_are_told():
        settings = read_settings()
        source, file = _read_file(path or settings.policy)
        directory = _directory(settings, file)
        with _database(settings) as database, database.begin() as session:
            now = _desk_time(settings, session)
            resolution = resolve(file, directory, now.date())
            _refuse_stranded_tickets(session, resolution.policy)
            present = latest_version(session)
            version = apply_policy(session, resolution.policy, source, by or _login_name(), now)
            changes = _changes(present, read_resolved(version.resolved), directory)
        _remember_people(settings, list(directory.users.values()), now)
        _tell_warnings(resolution)
        if present is not None:
            _tell_changes(present, changes)
        if present is None or version.id != present.id:
            _output.print(f"Version {version.id} is in force.")


@contextmanager
def _problems_are_told() -> Iterator[None]:
    try:
        yield
    except SlackdeskError as error:
        problems = error.problems if isinstance(error, PolicyError) else [error]
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for problem in problems:
            console.print(Text.assemble(("Error: ", "red"), str(problem)))
        if isinstance(error, PolicyError):
            console.print(f"Problems: {len(problems)}. Nothing was changed.")
        raise typer.Exit(1) from None


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return "operator"


def _read_file(path: Path) -> tuple[str, PolicyFile]:
    try:
        source = path.read_text("utf-8")
    except OSError as error:
        remedy = f"{error.strerror}; name the file, or write one: slackdesk policy example > slackdesk.toml"
        raise ConfigurationError("policy file", str(path), remedy) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError("policy file", str(path), f"not UTF-8 ({error.reason}); save it as UTF-8") from None
    return source, read_policy(source)


def _directory(settings: Settings, file: PolicyFile) -> Directory:
    if settings.slack_bot_token is None:
        raise ConfigurationError(
            "SLACK_BOT_TOKEN", None, "needed to look names up in Slack; set it to the xoxb-… token"
        )
    client = WebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=int(settings.slack_timeout_seconds) or 1,
        retry_handlers=[],
    )
    with Console(stderr=True).status("Reading channels, people and user groups from Slack"):
        return read_directory(client, people_references(file))


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.effective_database_url)
    try:
        require_current_schema(database)
        yield database
    finally:
        database.close()


def _desk_time(settings: Settings, session: Session) -> datetime:
    return Clock(shiftable=settings.clock == "shiftable").now(session).desk


def _refuse_stranded_tickets(session: Session, policy: ResolvedPolicy) -> None:
    """An open ticket whose tier is gone could be neither claimed nor closed."""
    tiers = {(key, tier.name) for key, queue in policy.queues.items() for tier in queue.tiers}
    open_tickets = select(Ticket.queue, Ticket.tier, func.count()).where(Ticket.status.not_in(ENDED))
    stranded = [
        ConfigurationError(
            f"queues.{queue}.tiers",
            tier,
            f"not in the file, but it has open tickets ({count}); close or move them first",
        )
        for queue, tier, count in session.execute(open_tickets.group_by(Ticket.queue, Ticket.tier))
        if (queue, tier) not in tiers
    ]
    if stranded:
        raise PolicyError(stranded)


def _remember_people(settings: Settings, users: list[dict[str, Any]], now: datetime) -> None:
    """In small transactions of their own, so that a large workspace does not hold up a desk that is running."""
    with _database(settings) as database:
        for first in range(0, len(users), PEOPLE_AT_ONCE):
            with database.begin() as session:
                for user in users[first : first + PEOPLE_AT_ONCE]:
                    remember_person(session, user, now)


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
