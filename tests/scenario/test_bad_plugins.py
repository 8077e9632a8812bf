"""One real desk with many bad plugins at once: it starts, says who is bad, and people go on working."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from slackdesk.dispatch.model import WorkState

BEGINNING = """
import os, sys, time
from slackdesk.api import *
plugin = Plugin(name={name!r}, version="1", api=1)
"""

PLUGINS = {
    "bad_import": "raise ValueError('no such thing')",
    "bad_exit": "sys.exit(3)",
    "bad_words": """
@plugin.command("compute", help="never ends")
def compute(words, ctx):
    while True: pass
""",
    "bad_card": """
@plugin.ticket_card()
def part(ticket, ctx):
    time.sleep(60)
""",
    "bad_worker": """
@plugin.on(TicketFiled)
def handle(event, ctx):
    if event.ticket_id == 1: os._exit(3)
""",
    "bad_flood": """
@plugin.on(TicketClaimed)
def handle(event, ctx):
    ctx.schedule("flood", {"n": 0}, due_at=ctx.now, key="0")

@plugin.timer("flood")
def flood(timer, ctx):
    n, channel = timer.payload["n"], ctx.policy.queue("it").tiers[0].channel
    for step in range(90):
        ctx.say(ChannelPost(channel), Message(f"Buy {n}-{step}"), key=f"{n}-{step}")
    ctx.schedule("flood", {"n": n + 1}, due_at=ctx.now, key=str(n + 1))
""",
    "good_card": """
@plugin.ticket_card()
def part(ticket, ctx):
    return [section("All is well")]
""",
}

NESTED = {
    "SLACKDESK_SLACK_TIMEOUT_SECONDS": "2",
    "SLACKDESK_JOB_TIMEOUT_SECONDS": "6",
    "SLACKDESK_LEASE_SECONDS": "7",
}


def policy(**keys: str) -> str:
    text = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")
    for key, value in keys.items():
        text = text.replace(f"{key} = {'[]' if key == 'plugin_dirs' else 'false'}", f"{key} = {value}")
    return f"{text}\n[plugins.bad_flood]\nmessages_per_hour = 300\n"


def write(folder: Path, name: str, source: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(BEGINNING.format(name=name) + source)


@pytest.mark.parametrize("transport", [pytest.param("http", marks=pytest.mark.xdist_group("http"))], indirect=True)
def test_a_desk_goes_on_with_many_bad_plugins(fresh_stage: Any, probe: Any, tmp_path: Path) -> None:
    for name, source in PLUGINS.items():
        write(tmp_path / "desk" / "bad", name, source)
    stage = fresh_stage(policy=policy(plugin_dirs='["bad"]'), **NESTED)
    lead, maya = stage.person("helpdesk-lead"), stage.person("maya")
    lead.sees("The plugin bad_exit does not run: SystemExit: 3", in_="dm")
    lead.sees("The plugin bad_import does not run: ValueError: no such thing", in_="dm")

    first = maya.slash("/ticket My VPN is down")
    assert "IT-1" in first.text
    card = lead.sees("IT-1", in_="#it-l1")
    assert "All is well" in card.text
    lead.sees("The plugin bad_card is paused: a section of bad_card took longer than 0.5 s", in_="dm")

    stuck = maya.slash("/desk compute")
    assert "bad_words did not answer in time" in stuck.text
    assert not stuck.error

    lead.click("Claim", in_=card)
    lead.sees("In progress", in_="#it-l1")
    lead.sees("Buy 0-0", in_="#it-l1")
    for number in range(2, 8):
        assert f"IT-{number}" in maya.slash(f"/ticket Request {number}").text
        seen = lead.sees(f"Request {number}", in_="#it-l1", within_seconds=10)
        lead.click("Claim", in_=seen)
    lead.sees("The plugin bad_flood is paused: it asked for more than 300 messages within an hour", in_="dm")

    probe.eventually(
        lambda: "bad_worker.handle: its worker ended in the middle of it, 3 times" in stage.log.read_text(),
        "what kills its worker is given up",
        within_seconds=60,
    )
    states = stage.command("plugins", "list", "--json").stdout
    for state in ("quarantined", "paused", "active"):
        assert state in states
    flood = len(probe.posts(stage, "Buy "))
    assert flood <= 300
    for number in range(1, 8):
        assert len(probe.visible(stage, f"IT-{number} ")) >= 1
    assert probe.due_work(stage, WorkState.RUNNING) == 0


@pytest.mark.parametrize("transport", [pytest.param("http", marks=pytest.mark.xdist_group("http"))], indirect=True)
def test_a_strict_desk_does_not_start_with_a_bad_plugin(fresh_stage: Any, tmp_path: Path) -> None:
    write(tmp_path / "desk" / "bad", "bad_exit", "sys.exit(0)")
    with pytest.raises(Exception, match="exit code 1") as refused:
        fresh_stage(policy=policy(plugin_dirs='["bad"]', strict_plugins="true"))
    assert "Error: the plugin bad_exit does not run: SystemExit: 0" in str(refused.value)
