"""How long after a press the card has changed, in the simulated workspace."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from beside import wait_until
from outcome import Bench, Figure, Target

from slackdesk.demo.stage import Stage
from slackdesk.sandbox.journal import CallEntry
from slackdesk.sandbox.seen import SeenMessage

CLICKS = 60
PAUSE_SECONDS = 0.4
"""Between two clicks, so that none waits for another, nor for a slot."""
RATE_SCALE = 20.0
MEDIAN_WANTED_SECONDS = 0.3


def update_after(stage: Stage, card: SeenMessage, since: float) -> CallEntry | None:
    """The first redraw of the card that was asked for after that monotonic time."""
    updates = stage.sandbox.journal.calls("chat.update", outcome="ok")
    return next((call for call in updates if call.args.get("ts") == card.ts and call.monotonic > since), None)


def press(stage: Stage, handle: str, card: SeenMessage, within_seconds: float = 60.0) -> tuple[float, float, float]:
    """Press [Claim]; seconds until it was acknowledged, until the card had changed, and slackdesk's part of these.

    slackdesk's part begins when the click is handed to it, and ends when its call for the new card is there.
    """
    pressed = time.monotonic()
    stage.person(handle).click("Claim", in_=card)
    acknowledged = time.monotonic()
    wait_until(lambda: update_after(stage, card, pressed), "the card changes after the click", within_seconds)
    update = update_after(stage, card, pressed)
    handed = next(one for one in stage.sandbox.journal.deliveries("interactive") if one.monotonic > pressed)
    assert update is not None
    changed = update.monotonic + update.duration_seconds
    return acknowledged - pressed, changed - pressed, update.monotonic - handed.monotonic


def measure() -> Sequence[Figure]:
    """One card after the other is claimed on a desk that has nothing else to do."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder), rate_scale=RATE_SCALE) as stage:
        found = []
        for number in range(CLICKS):
            stage.person("maya").slash(f"/ticket Something is broken, no. {number:03}")
            card = stage.person("rina").sees(f"no. {number:03}", in_="#it-l1")
            time.sleep(PAUSE_SECONDS)
            found.append(press(stage, "rina", card))
            time.sleep(PAUSE_SECONDS)
    _, changed, own = zip(*found, strict=True)
    text = (
        f"median {statistics.median(changed) * 1000:.0f} ms, 95 % {statistics.quantiles(changed, n=20)[-1] * 1000:.0f} "
        f"ms; slackdesk's part {statistics.median(own) * 1000:.0f} ms; at {RATE_SCALE:.0f} × Slack's pace"
    )
    return [Figure(text, statistics.median(changed) < MEDIAN_WANTED_SECONDS)]


BENCH = Bench(
    (
        Target(
            "From a click to the changed card in the simulated workspace",
            "median below 300 ms",
            "two thirds of what a job of two sends costs is its process, which copies eight thousand pages of memory",
        ),
    ),
    measure,
)
