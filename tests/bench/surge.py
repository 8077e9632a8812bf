"""The morning after an outage: two thousand requests in a minute, while agents go on working."""

import shutil
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from beside import company, wait_until
from clicks import press
from outcome import Bench, Figure, Target
from rest import nothing_left_to_send
from sqlalchemy import create_engine, update

from slackdesk.demo.stage import Stage
from slackdesk.dispatch.model import UNTRIED, Work, WorkKind, states_sql
from slackdesk.dispatch.pacing import CHANNEL_INTERVAL_SECONDS
from slackdesk.sandbox import Workspace
from slackdesk.sandbox.journal import ACK_SECONDS, CallEntry, Journal
from slackdesk.sandbox.rates import RateLimits

REQUESTS = 2_000
SECONDS = 60.0
PEOPLE = 400
AT_ONCE = 64
WATCHED_SECONDS = 240.0
"""From the first request on, cards and clicks are looked at for so long, at Slack's own pace."""
HURRIED_SCALE = 20.0
"""What is left then goes out at that multiple of it, so that everything can be counted within minutes."""
CLICK_PAUSE_SECONDS = 3.0
CARD_SECONDS = 20.0
"""Cards come three times as fast as they are claimed: one that is not there by then never comes."""
PACE_SHARE_WANTED = 0.95
CLICK_WANTED_SECONDS = 1.0
PATIENCE_SECONDS = 900.0
REFUSED = "cannot save anything just now"
BUSY = "not profiled; the people, the workspace and the desk share the machine"


def _file_all(stage: Stage) -> list[str]:
    """Everybody files when his or her time has come; the texts, each of them once."""
    texts = [f"Nothing works since the outage, request {n:04}" for n in range(REQUESTS)]
    began = time.monotonic()

    def file(number: int) -> None:
        time.sleep(max(0.0, began + number * SECONDS / REQUESTS - time.monotonic()))
        in_ = "#general" if number % 2 else "dm"
        stage.person(f"employee-{number % PEOPLE}").slash(f"/ticket {texts[number]}", in_=in_)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(file, range(REQUESTS)))
    return texts


def _click_now_and_then(stage: Stage, stop: threading.Event) -> tuple[list[tuple[float, float, float]], int]:
    """What each click took, and how many cards were not there to be clicked."""
    found, number = [], 0
    while not stop.wait(CLICK_PAUSE_SECONDS):
        card = f"request {number:04}"
        number += 1
        try:
            seen = stage.person("rina").sees(card, in_="#it-l1", within_seconds=CARD_SECONDS)
        except AssertionError:  # who asked for it was told to try again, or it is late: told in the figure
            continue
        found.append(press(stage, "rina", seen, PATIENCE_SECONDS))
    return found, number - len(found)


def _shown(applied: Sequence[object]) -> Counter[str]:
    """Request → how many cards it has, among the calls that were applied."""
    return Counter(text for call in applied for text in (_request_in(str(call)),) if text)


def _request_in(arguments: str) -> str | None:
    start = arguments.find("Nothing works since the outage, request ")
    return None if start < 0 else arguments[start : start + len("Nothing works since the outage, request 0000")]


def _crowd() -> Workspace:
    workspace = company()
    general = next(channel for channel in workspace.channels.values() if channel.name == "general")
    with workspace.lock:
        for number in range(PEOPLE):
            general.members.append(workspace.user_by_handle(f"employee-{number}").id)
    return workspace


def _hurry(stage: Stage) -> None:
    """Let what is left go out faster than Slack would take it."""
    stage.stop_desk()
    shutil.rmtree(stage.folder / "data" / "redis")
    engine = create_engine(f"sqlite:///{stage.folder / 'data' / 'slackdesk.sqlite3'}")
    with engine.begin() as connection:
        waiting = update(Work).where(states_sql(UNTRIED), Work.kind == WorkKind.SEND)
        connection.execute(waiting.values(not_before=datetime.now(UTC), slot_reserved=False))
    engine.dispose()
    stage.rate_scale, stage.sandbox.rates = HURRIED_SCALE, RateLimits(HURRIED_SCALE)
    stage.start_desk()


def _tier(workspace: Workspace) -> str:
    return next(channel.id for channel in workspace.channels.values() if channel.name == "it-l1")


def _cards(journal: Journal, tier: str) -> list[CallEntry]:
    posted = [call for call in journal.calls("chat.postMessage") if call.applied and call.args["channel"] == tier]
    return [call for call in posted if not call.args.get("thread_ts")]


def _acceptance(journal: Journal, tier: str, texts: Sequence[str]) -> Figure:
    """Nobody who was told a number may be without a card; who was refused, or told by Slack of no answer, may."""
    filed = journal.deliveries("slash_commands")
    acks = [one.acked_after_seconds for one in filed]
    taken = [seconds for seconds in acks if seconds is not None and seconds < ACK_SECONDS]
    refused = {_request_in(str(one.payload)) for one in filed if REFUSED in str(one.ack_payload)}
    late = {_request_in(str(one.payload)) for one in filed if (one.acked_after_seconds or ACK_SECONDS) >= ACK_SECONDS}
    shown = _shown([call.args for call in _cards(journal, tier)])
    lost = sum(shown[text] == 0 for text in texts if text not in refused | late)
    doubled = sum(shown[text] > 1 for text in texts)
    return Figure(
        f"{len(taken)} of {REQUESTS} acknowledged in time, the last after {max(taken):.2f} s (median "
        f"{statistics.median(taken) * 1000:.0f} ms), {len(refused)} of them with the word to try again; "
        f"{lost} of the others lost, {doubled} doubled",
        len(taken) == REQUESTS and lost == doubled == 0,
    )


def _pace(journal: Journal, tier: str, until: float) -> Figure:
    times = sorted(call.monotonic for call in _cards(journal, tier) if call.monotonic < until)
    share = (len(times) - 1) / (times[-1] - times[0]) * CHANNEL_INTERVAL_SECONDS
    posts = [call for call in journal.calls("chat.postMessage") if call.monotonic < until]
    refused = sum(call.http_status == 429 for call in posts)
    return Figure(
        f"{share:.0%} of a card a second: {len(times)} in {times[-1] - times[0]:.0f} s; "
        f"{refused} of {len(posts)} posts refused with 429",
        share >= PACE_SHARE_WANTED,
    )


def _clicks(found: Sequence[tuple[float, float, float]], missing: int) -> Figure:
    acked, changed, _ = zip(*found, strict=True)
    return Figure(
        f"{len(found)} clicks ({missing} cards were not there): "
        f"acknowledged after {statistics.median(acked):.2f} s (slowest {max(acked):.2f} s), "
        f"card changed after {statistics.median(changed):.2f} s (slowest {max(changed):.2f} s)",
        max(changed) < CLICK_WANTED_SECONDS,
    )


def measure() -> Sequence[Figure]:
    """The rush, and what it was like for those who filed, for the channel and for an agent."""
    workspace = _crowd()
    stop = threading.Event()
    with (
        tempfile.TemporaryDirectory() as folder,
        Stage(Path(folder), rate_scale=1.0, workspace=workspace) as stage,
        ThreadPoolExecutor(1) as agent,
    ):
        began = time.monotonic()
        clicks = agent.submit(_click_now_and_then, stage, stop)
        try:
            texts = _file_all(stage)
            time.sleep(began + WATCHED_SECONDS - time.monotonic())
        finally:
            stop.set()
        found, missing = clicks.result()
        watched_until = time.monotonic()
        _hurry(stage)
        wait_until(lambda: nothing_left_to_send(stage), "everything is sent", PATIENCE_SECONDS)
    journal, tier = stage.sandbox.journal, _tier(workspace)
    return [
        _acceptance(journal, tier, texts),
        _pace(journal, tier, watched_until),
        _clicks(found, missing),
    ]


BENCH = Bench(
    (
        Target("Outage surge, 2,000 requests in 60 s: acceptance", "no ack later than 3 s, none lost or doubled", BUSY),
        Target("Outage surge: cards in the tier's channel", "≥ 95 % of Slack's pace for a channel", BUSY),
        Target("Outage surge: an agent's clicks meanwhile", "the card has changed within 1 s", BUSY),
    ),
    measure,
)
