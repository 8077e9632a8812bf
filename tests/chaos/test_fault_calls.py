"""Slack asks to wait for long, answers late or not at all: everything is seen once, in order, and not too early."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from slackdesk.sandbox import faults

from .short_day import at_rest, dead_work, file, until
from .world import World

RETRY_AFTER_SECONDS = 30


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", beside=(("worker",),)) as world:
        yield world
        assert dead_work(world) == []


def test_fault_retry_after_of_thirty_seconds_is_kept_by_all_workers(world: World) -> None:
    """Neither the workspace nor the desk shortens a Retry-After: this test takes as long as it says."""
    injected = world.inject("429", "chat.postMessage", faults.rate_limited(RETRY_AFTER_SECONDS))
    texts = [f"Ticket {number} of a busy minute" for number in range(6)]
    for text in texts:
        assert file(world, "maya", text), "people are answered as ever"
    rina = world.stage.person("rina")
    until(world, lambda: len(rina.messages("#it-l1")) >= len(texts), "the cards come")
    at_rest(world)
    assert injected.fired == 1
    posts = world.journal.calls("chat.postMessage")
    refused = next(call for call in posts if call.outcome == "ratelimited")
    after = [call.monotonic - refused.monotonic for call in posts if call.monotonic > refused.monotonic]
    assert min(after) >= RETRY_AFTER_SECONDS
    assert world.journal.inside_retry_after() == []
    assert sorted(next(text for text in texts if text in seen.text) for seen in rina.messages("#it-l1")) == texts


@pytest.mark.parametrize(
    ("fault", "posts"),
    [
        pytest.param(faults.no_answer(applied=False), 2, id="no answer, not applied"),
        pytest.param(faults.slow(2.4), 1, id="applied after the desk gave up waiting"),
        pytest.param(faults.slow(1.5), 1, id="slow"),
        pytest.param(faults.slack_error("fatal_error"), 2, id="fatal_error"),
    ],
)
def test_fault_late_answers_are_looked_up(world: World, fault: faults.Fault, posts: int) -> None:
    channel = world.sandbox.workspace.channel_by_name("#it-l1").id
    injected = world.inject("late", "chat.postMessage", fault, matching=lambda args: args.get("channel") == channel)
    assert file(world, "maya", "The fan is loud")
    rina = world.stage.person("rina")
    card = until(world, lambda: rina.messages("#it-l1"), "the card comes")[0]
    rina.click("Claim", in_=card)
    until(world, lambda: "Assignee\n@rina" in rina.messages("#it-l1")[0].text, "the card that is seen is redrawn")
    at_rest(world)
    assert injected.fired == 1
    assert len(rina.messages("#it-l1")) == 1
    calls = [call for call in world.journal.calls("chat.postMessage") if call.args.get("channel") == channel]
    assert len([call for call in calls if "The fan is loud" in str(call.args)]) == posts
