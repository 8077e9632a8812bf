"""``slackdesk clock``: desk time, which demo and tests may move forward."""

from contextlib import suppress
from datetime import datetime, timedelta

import typer
from rich.console import Console

from slackdesk import bootstrap
from slackdesk.cli.commands import Commands
from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.errors import ConfigurationError, DatabaseBusy
from slackdesk.policy.durations import parse_duration
from slackdesk.settings import read_settings

TRIES = 10
"""Each waits for the database as long as the desk does, 1.5 s."""

clock_app = typer.Typer(cls=Commands, help="Desk time, which demo and tests may move forward.", no_args_is_help=True)


@clock_app.command("show")
def show() -> None:
    """Print desk time and real time."""
    settings = read_settings()
    with bootstrap.current_database(settings) as database, database.read() as session:
        now = bootstrap.open_clock(settings).now(session)
    Console().print(f"Desk time {now.desk:%Y-%m-%d %H:%M:%S} UTC, real time {now.real:%Y-%m-%d %H:%M:%S} UTC")


@clock_app.command("advance")
def advance(by: str = typer.Argument(..., help="How far, such as 90m, 8h or 2d")) -> None:
    """Move desk time forward; needs SLACKDESK_CLOCK=shiftable."""
    try:
        duration = parse_duration(by)
    except ValueError as error:
        raise ConfigurationError("clock advance", by, str(error)) from None
    settings = read_settings()
    with bootstrap.current_database(settings) as database:
        now = _advanced(database, bootstrap.open_clock(settings), duration)
    Console().print(f"Desk time is now {now:%Y-%m-%d %H:%M:%S} UTC")


def _advanced(database: Database, clock: Clock, duration: timedelta) -> datetime:
    """Raises DatabaseBusy after several waits: whoever comes alone may lose against workers that write all the time."""
    for _ in range(TRIES - 1):
        with suppress(DatabaseBusy), database.begin() as session:
            return clock.advance(session, duration)
    with database.begin() as session:
        return clock.advance(session, duration)
