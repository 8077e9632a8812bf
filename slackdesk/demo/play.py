"""``slackdesk demo``: a company, a simulated workspace, a real desk in it, and a day of requests."""

import json
import time
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path

from rich.console import Console

from slackdesk.demo.milestones import settle
from slackdesk.demo.narrator import Narrator
from slackdesk.demo.requests import load_requests
from slackdesk.demo.script import Act
from slackdesk.demo.show import show_outcome, show_transcript
from slackdesk.demo.stage import Stage
from slackdesk.demo.tour import Tour
from slackdesk.errors import ConfigurationError
from slackdesk.stopping import Stop

PATIENCE_SECONDS = 120.0
"""How long somebody waits for what should appear: on a busy machine everything still comes, only later."""
SETTLE_SECONDS = 120.0
"""How long what was set in motion may take until everybody has read it."""


CONTROLS = {"Let 10 minutes pass": "10m", "Let an hour pass": "1h", "Let a day pass": "1d"}
"""Buttons of the page: desk time moves forward."""


def play_tour(
    stage: Stage,
    console: Console,
    *,
    count: int | None = None,
    leave_out: Iterable[Act] = (),
    transcript: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
    settle_seconds: float = SETTLE_SECONDS,
    expected: Collection[str] = (),
) -> int:
    """Play the day on a running stage and tell it; 0 when every milestone was reached, else 1.

    ``transcript`` also prints what each person saw. ``expected`` names milestones that nobody need wait for.
    """
    started = time.monotonic()
    with Narrator(console) as narrator:
        tour = Tour(stage, load_requests(count), narrator, leave_out=leave_out, patience_seconds=patience_seconds)
        tour.play()
        narrator.waits("waiting until everybody has read it")
        missing = settle(tour, settle_seconds, expected=expected)
    seconds = time.monotonic() - started
    if transcript:
        show_transcript(console, stage.sandbox)
    show_outcome(console, tour, missing)
    reached = sum(1 for wrong in missing.values() if not wrong)
    console.print(
        f"{len(tour.tickets)} requests in {seconds:.0f} s at {stage.rate_scale:g} × Slack's pace; "
        f"{reached} of {len(missing)} milestones reached."
    )
    return 0 if reached == len(missing) else 1


def stay_up(stage: Stage, console: Console, stop: Stop) -> None:
    """Say how to go on with the running desk, and keep it until ``stop`` is set."""
    for label, duration in CONTROLS.items():
        stage.sandbox.controls[label] = partial(stage.advance, duration)
    page = f"{stage.sandbox.base_url}/sandbox"
    deed = json.dumps({"person": "ayu", "slash": "/ticket my mouse is dead"})
    console.print(
        f"\nThe desk stays up. Open {page} in a browser: be somebody of the company, read and click,\n"
        "let time pass. For example:\n"
        "  ayu            asks: write /ticket my mouse is dead\n"
        "  rina           is an agent: #it-l1 has the cards\n"
        "  dewi           was reminded in her direct messages\n"
        "  helpdesk-lead  was alerted there, and has the summary with its chart\n"
        "  ratna          has the weekly summary in #leadership\n"
        f"The same from a shell: curl -s {page}/act -d '{deed}'\n"
        f"Policy: {stage.policy_file}. Data: {stage.folder / 'data'}. Log: {stage.log}.\n"
        "Ctrl-C ends it.",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
    stop.wait()


def fresh_folder(parent: Path) -> Path:
    """A new folder for this demo alone; earlier ones are kept beside it. Raises ConfigurationError."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder, n = parent / stamp, 1
    while True:
        try:
            folder.mkdir(parents=True)
            return folder
        except OSError as error:
            if not folder.exists():
                raise ConfigurationError("--folder", str(parent), f"{error.strerror}; write another one") from error
            folder, n = parent / f"{stamp}-{n}", n + 1
