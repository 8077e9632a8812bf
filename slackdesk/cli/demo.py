"""``slackdesk demo``: try the whole desk without a Slack account."""

import logging
import signal
from pathlib import Path

import typer
from rich.console import Console

from slackdesk.demo.play import fresh_folder, play_tour, stay_up
from slackdesk.demo.script import Act
from slackdesk.demo.stage import Stage, StageError
from slackdesk.stopping import Stop

DEMO_RATE_SCALE = 20.0
"""Twenty times Slack's pace: a day in a minute. No limit is switched off."""
BROKEN_OFF = 130
"""The exit code of a tour that Ctrl-C ended: 128 and the number of the signal, as shells have it."""


def demo(
    tour: bool = typer.Option(False, "--tour", help="End after the tour"),
    requests: int = typer.Option(60, min=1, max=60, help="How many requests are filed"),
    leave_out: list[Act] = typer.Option([], help="Leave an act out, to see which milestones are then missed"),
    transcript: bool = typer.Option(False, "--transcript", help="Also print what each person saw"),
    http: bool = typer.Option(False, "--http", help="Deliver over signed HTTP instead of Socket Mode"),
    folder: Path = typer.Option(Path("slackdesk-data/demo"), help="Where demos keep their data"),
) -> None:
    """Play a day of a company's help desk in a simulated workspace, then stay up."""
    logging.getLogger().setLevel(logging.WARNING)
    console = Console()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # the tour is broken off, wherever it is
    stage = Stage(fresh_folder(folder.absolute()), transport="http" if http else "socket", rate_scale=DEMO_RATE_SCALE)
    try:
        with stage:
            console.print(
                f"The desk runs in a simulated workspace at {DEMO_RATE_SCALE:g} × Slack's pace.\n"
                "Times are the desk's own, in Jakarta: its clock is moved forward between the steps."
            )
            code = play_tour(stage, console, count=requests, leave_out=leave_out, transcript=transcript)
            if not tour:
                stop = Stop()
                stop.on_signals()
                stay_up(stage, console, stop)
    except KeyboardInterrupt:
        console.print("The tour was broken off.")
        code = BROKEN_OFF
    except StageError as error:
        console.print(f"[red]Error:[/red] {error}", soft_wrap=True)
        code = 1
    console.print("The desk has ended.")
    raise typer.Exit(code)
