"""Slack asks to wait for long, answers late or not at all: everything is seen once, in order, and not too early."""

from collections.abc import Iterator

import pytest

from slackdesk.sandbox import faults
from slackdesk.sandbox.seen import SeenMessage

from .short_day import at_rest, dead_work, file, until
from .world import World

RETRY_AFTER_SECONDS = 30


pytestmark = pytest.mark.xdist_group("fault-calls")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), beside=(("worker",),)) as world:
        yield world
        assert dead_work(world) == []


def test_fault_retry_after_of_thirty_seconds_is_kept_by_all_workers(world: World) -> None:
    """Neither the workspace nor the desk shortens a Retry-After: this test takes as long as it says."""
    injected = world.inject("429", "chat.postMessage", faults.rate_limited(RETRY_AFTER_SECONDS))
    texts = [f"Ticket {number} of a busy minute" for number in range(6)]
    for text in texts:
        assert file(world, "maya", text), "people are answered as ever"
    until(world, lambda: len(cards(world, "of a busy minute")) == len(texts), "the cards come")
    at_rest(world)
    assert injected.fired == 1
    posts = world.journal.calls("chat.postMessage")
    refused = next(call for call in posts if call.outcome == "ratelimited")
    after = [call.monotonic - refused.monotonic for call in posts if call.monotonic > refused.monotonic]
    assert min(after) >= RETRY_AFTER_SECONDS
    assert world.journal.inside_retry_after() == []
    assert sorted(next(text for text in texts if text in card.text) for card in cards(world, "busy minute")) == texts


@pytest.mark.parametrize(
    ("what", "fault", "posts"),
    [
        ("no answer, not applied", faults.no_answer(applied=False), 2),
        ("applied after the desk gave up waiting", faults.slow(2.4), 1),
        ("slow", faults.slow(1.5), 1),
        ("fatal_error", faults.slack_error("fatal_error"), 2),
    ],
)
def test_fault_late_answers_are_looked_up(world: World, what: str, fault: faults.Fault, posts: int) -> None:
    channel = world.sandbox.workspace.channel_by_name("#it-l1").id
    text = f"The fan is loud: {what}"
    injected = world.inject("late", "chat.postMessage", fault, matching=lambda args: args.get("channel") == channel)
    assert file(world, "maya", text)
    card = until(world, lambda: cards(world, text), "the card comes")[0]
    world.stage.person("rina").click("Claim", in_=card)
    until(world, lambda: "Assignee\n@rina" in cards(world, text)[0].text, "the card that is seen is redrawn")
    at_rest(world)
    assert injected.fired == 1
    assert len(cards(world, text)) == 1
    calls = [call for call in world.journal.calls("chat.postMessage") if call.args.get("channel") == channel]
    assert len([call for call in calls if text in str(call.args)]) == posts


def cards(world: World, text: str) -> list[SeenMessage]:
    """The cards with this text, as an agent sees them."""
    return [seen for seen in world.stage.person("rina").messages("#it-l1") if text in seen.text and not seen.ephemeral]
