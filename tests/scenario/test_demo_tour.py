"""The demo's day: complete, it reaches every milestone; where a cause is taken away, its milestones are missed."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.demo.milestones import MILESTONES
from slackdesk.demo.play import fresh_folder, play_tour
from slackdesk.demo.script import Act
from slackdesk.demo.stage import Stage
from slackdesk.errors import ConfigurationError
from slackdesk.sandbox import faults

REQUESTS = 13
"""One of each story."""

MISSED_WITHOUT: dict[str, frozenset[str]] = {
    "requests": frozenset(
        {
            "everybody who asked read a number",
            "each ticket has one card in each of its tiers",
            "private requests stayed private",
            "who asked at night read when the desk answers",
            "a summary with its chart counts what was seen",
            "the weekly summary came, with its chart",
        }
    ),
    "direct messages and legal payloads": frozenset(
        {
            "everybody who asked read a promise",
            "who had not answered was reminded, once",
            "a broken promise was told to the lead, once",
            "nothing broke Slack's rules",
        }
    ),
    "a bot in the first tier's channel": frozenset(
        {"each ticket has one card in each of its tiers", "requesters read who works on it"}
    ),
    "people who claim, ask and note": frozenset(
        {
            "requesters read who works on it",
            "replies reached the requesters",
            "answers reached the agents",
            "notes stayed inside",
            "who had not answered was reminded, once",
            "/ticket sla explained the clock, and adds up",  # asked at once, it is not overdue
        }
    ),
    "people who accept, send back, say whether it is solved, and ask for explanations and numbers": frozenset(
        {
            "hand-offs arrived in the next tier",
            "senders read that a hand-off was accepted",
            "senders read that a hand-off came back",
            "what was confirmed is closed",
            "what was not solved was reopened, then closed",
            "what nobody answered was closed with a reason",
            "requesters were asked how it was, and cards show it",
            "cancelled, not a request, duplicate: each ended as such",
            "/ticket sla explained the clock, and adds up",
            "a summary with its chart counts what was seen",
            "the weekly summary came, with its chart",
        }
    ),
}
"""What is taken away → what is missed then, at least."""


HASTE = {"patience_seconds": 5, "settle_seconds": 1}
"""Where more may be missed than what is asked for."""
TOLD = (
    r"@head-of-it reads:.+The help desk is closed now; next answer by \w{3} 12:00\.",
    r"@dewi reads:.+Due soon.+\[On it\] \[Snooze 30 min\]",
    r"@helpdesk-lead reads:.+Missed their time.+Caused by",
    r"= \d+ min of 15 min\. 🔴 Overdue",
    r"\[1 · very bad\] \[2 · bad\] \[3 · so-so\]",
    r"@helpdesk-lead reads:.+Opened: \d+.+with a chart.+Chart of",
    r"@ratna reads:.+Opened: \d+.+with a chart.+Chart of",
)
"""Steps that whoever watches reads."""


def missed(
    folder: Path,
    *leave_out: Act,
    count: int = REQUESTS,
    spoil: Callable[[Stage], object] = lambda _: None,
    expected: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Names of the milestones that a day without these acts, spoilt like this, does not reach; it ends with 1."""
    out = io.StringIO()
    with Stage(folder, environment={"SLACKDESK_UNDO_SECONDS": "1"}) as stage:
        spoil(stage)
        console = Console(file=out, width=200)
        patience = {"patience_seconds": 60, "settle_seconds": 60} if expected else HASTE
        code = play_tour(stage, console, count=count, leave_out=leave_out, expected=expected, **patience)
    found = frozenset(re.findall(r"^  ✗ (.+)$", out.getvalue(), re.MULTILINE))
    assert code == 1
    assert found <= {milestone.name for milestone in MILESTONES}
    assert len(re.findall(r"^  ✓ ", out.getvalue(), re.MULTILINE)) == len(MILESTONES) - len(found)
    return found


def test_no_milestone_is_reached_whatever_happens() -> None:
    assert frozenset.union(*MISSED_WITHOUT.values()) == {milestone.name for milestone in MILESTONES}


def test_a_day_without_requests(tmp_path: Path) -> None:
    assert missed(tmp_path, Act.FILE) >= MISSED_WITHOUT["requests"]


def test_a_day_without_direct_messages_and_with_illegal_payloads(tmp_path: Path) -> None:
    def spoil(stage: Stage) -> None:
        spared = stage.person("hendra").user.id  # whose agent is busy, and is not reminded
        stage.sandbox.faults.inject(
            "chat.postMessage",
            faults.slack_error("restricted_action"),
            times=10_000,
            matching=lambda args: str(args.get("channel")).startswith("U") and args["channel"] != spared,
        )
        client = WebClient(stage.sandbox.bot_token, stage.sandbox.api_url, retry_handlers=[])
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel="#it-l1", text="x", blocks=[{"type": "actions", "elements": []}])

    played = (Act.FILE, Act.CLAIM, Act.REMIND)
    found = missed(tmp_path, *(act for act in Act if act not in played), spoil=spoil)
    assert found >= MISSED_WITHOUT["direct messages and legal payloads"]
    assert "everybody who asked read a number" not in found


def test_a_day_without_the_app_in_a_channel(tmp_path: Path) -> None:
    def spoil(stage: Stage) -> None:
        stage.sandbox.workspace.leave(stage.sandbox.workspace.channel_id("it-l1"), stage.sandbox.workspace.bot)

    found = missed(tmp_path, *(act for act in Act if act not in (Act.FILE, Act.CLAIM)), count=4, spoil=spoil)
    assert found >= MISSED_WITHOUT["a bot in the first tier's channel"]
    assert "everybody who asked read a promise" not in found


def test_a_day_without_claims_replies_and_notes(tmp_path: Path) -> None:
    expected = MISSED_WITHOUT["people who claim, ask and note"]
    assert missed(tmp_path, Act.CLAIM, Act.REPLY, Act.NOTE, expected=expected) == expected


def test_a_day_without_answers_to_hand_offs_and_questions(tmp_path: Path) -> None:
    asking = (Act.EXPLAIN, Act.REPORT, Act.SUBSCRIBE)
    acts = (Act.ACCEPT, Act.SEND_BACK, Act.CONFIRM, Act.REOPEN, Act.NEXT_DAYS, Act.CANCEL, *asking)
    who = "people who accept, send back, say whether it is solved, and ask for explanations and numbers"
    expected = MISSED_WITHOUT[who] | {"each ticket has one card in each of its tiers"}  # there is none in L3
    assert missed(tmp_path, *acts, expected=expected) == expected


def test_a_small_tour_by_the_command_line(tmp_path: Path) -> None:
    words = ("demo", "--tour", "--requests", str(REQUESTS), "--folder", str(tmp_path / "demo"))
    done = subprocess.run(
        [sys.executable, "-m", "slackdesk", *words],
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert f"{len(MILESTONES)} of {len(MILESTONES)} milestones reached" in done.stdout
    assert "20 × Slack's pace" in done.stdout
    told = " ".join(done.stdout.replace("│", " ").split())  # wherever lines were broken
    for step in TOLD:
        assert re.search(step, told), f"{step!r} is not told in\n{done.stdout}"
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_each_demo_has_a_folder_of_its_own(tmp_path: Path) -> None:
    folders = [fresh_folder(tmp_path / "demo") for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(folder.is_dir() for folder in folders)
    taken = tmp_path / "file"
    taken.touch()
    with pytest.raises(ConfigurationError, match=r"--folder = .*file.*: Not a directory; write another one"):
        fresh_folder(taken)


def test_a_tour_is_broken_off_at_once(tmp_path: Path) -> None:
    words = ("demo", "--requests", "4", "--folder", str(tmp_path))
    with subprocess.Popen([sys.executable, "-m", "slackdesk", *words], stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert "The desk runs" in demo.stdout.readline()
        [folder] = tmp_path.iterdir()
        processes = json.loads((folder / "data" / "processes.json").read_text())
        demo.send_signal(signal.SIGINT)
        said, _ = demo.communicate(timeout=60)
    assert "The tour was broken off.\nThe desk has ended.\n" in said
    assert demo.returncode == 130
    assert [name for name, process_id in processes.items() if Path(f"/proc/{process_id}").exists()] == []
