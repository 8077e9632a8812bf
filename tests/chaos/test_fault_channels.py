"""A tier's channel is archived, or the app removed from it: operators are told, all waits, and leaves once mended."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from slackdesk.demo.actors import NUMBER, Actor

from ..servers import postgresql_programs
from .short_day import at_rest, dead_work, file, held_work, until
from .world import World


@pytest.fixture(params=["sqlite"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "postgresql" and postgresql_programs() is None:
        pytest.skip("there is no PostgreSQL server on this machine")
    with World(tmp_path / "world", database=request.param, beside=()) as world:
        yield world
        assert dead_work(world) == []
        assert world.journal.illegal() == []


def archive(world: World, name: str, *, archived: bool = True) -> None:
    workspace = world.sandbox.workspace
    change = workspace.archive if archived else workspace.unarchive
    change(workspace.channel_by_name(name).id, workspace.user_by_handle("helpdesk-lead"))


def told(world: World, text: str) -> list[str]:
    """What the operator reads about it in the direct message."""
    return [seen.text for seen in world.stage.person("helpdesk-lead").messages("dm") if text in seen.text]


def cards(world: World, *texts: str, channel: str = "#it-l1") -> list[str]:
    """Which of the texts stand on cards there, in the order of the cards."""
    seen = [message.text for message in world.stage.person("helpdesk-lead").messages(channel)]
    found = [next((text for text in texts if text in message), "") for message in seen]
    return [text for text in found if text]


@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
def test_fault_archived_channel_holds_all_until_it_is_unarchived(world: World) -> None:
    maya = world.stage.person("maya")
    assert file(world, "maya", "Before it was archived")
    root = maya.sees("Before it was archived", in_="dm")
    card = world.stage.person("rina").sees("Before it was archived", in_="#it-l1")
    at_rest(world)

    archive(world, "#it-l1")
    texts = [f"While it was archived, {number}" for number in range(4)]
    for text in texts:
        assert file(world, "maya", text), "it is accepted as ever"
        maya.sees(text, in_="dm")
    maya.says("One word more", in_=root)
    until(world, lambda: len(held_work(world)) >= 5, "all wait")
    until(world, lambda: told(world, "was archived"), "the operator is told")
    assert cards(world, *texts) == []

    archive(world, "#it-l1", archived=False)
    until(world, lambda: len(cards(world, *texts)) == 4, "the cards come")
    at_rest(world)
    assert cards(world, *texts) == texts, "each once, in the order in which they were filed"
    assert [seen.text for seen in world.stage.person("rina").messages(card)[1:]] == ["@maya wrote:\nOne word more"]
    (word,) = told(world, "#it-l1")
    assert "Unarchive it, or name another channel in the policy" in word
    assert re.search(r"ERROR .* <#C\w+> was archived", world.stage.log.read_text())


def test_fault_archived_channel_does_not_stop_a_ticket_that_goes_up(world: World) -> None:
    rina, dewi, maya = (Actor(world.stage, handle) for handle in ("rina", "dewi", "maya"))
    number = maya.asks("The core switch reboots every hour")
    rina.presses("Claim", number, "#it-l1")
    rina.card(number, "#it-l1", "Assignee\n@rina")
    at_rest(world)
    rina.presses("Escalate", number, "#it-l1")
    archive(world, "#it-l1")  # while the form is on the screen
    maya.writes(number, "Now it reboots every minute")
    until(world, lambda: held_work(world), "the word waits for the channel of the first tier")
    hand_off = {"Why does it go up?": "It is in the core", "What was tried so far?": "Two resets",
                "What is the next tier asked to do?": "Look at its log"}  # fmt: skip
    rina.fills(hand_off)
    dewi.presses("Accept", number, "#it-l2")
    card = dewi.card(number, "#it-l2", "Assignee\n@dewi")
    until(
        world, lambda: [s for s in dewi.person.messages(card) if "every minute" in s.text], "the word has gone up, too"
    )
    archive(world, "#it-l1", archived=False)
    at_rest(world)
    lead = world.stage.person("helpdesk-lead")
    assert len([seen for seen in lead.messages() if "Now it reboots every minute" in seen.text]) == 1
    assert "Escalated to L2" in rina.card(number, "#it-l1", "Escalated").text


def test_fault_app_removed_from_a_channel_is_told_and_mended_by_an_invitation(world: World) -> None:
    workspace = world.sandbox.workspace
    channel = workspace.channel_by_name("#it-l1").id
    workspace.kick(channel, workspace.bot)
    texts = [f"While the app was outside, {number}" for number in range(3)]
    for text in texts:
        assert file(world, "maya", text)
    until(world, lambda: told(world, "The app is not in"), "the operator is told")
    until(world, lambda: len(held_work(world)) == 3, "all wait")
    assert "Invite the app there" in told(world, "The app is not in")[0]
    workspace.join(channel, workspace.bot, inviter=workspace.user_by_handle("helpdesk-lead"))
    until(world, lambda: len(cards(world, *texts)) == 3, "the cards come")
    at_rest(world)
    assert cards(world, *texts) == texts
    assert len(told(world, "The app is not in")) == 1


def test_fault_archived_channel_is_mended_by_another_one_in_the_policy(world: World) -> None:
    archive(world, "#it-l1")
    texts = [f"For the new channel, {number}" for number in range(3)]
    for text in texts:
        assert file(world, "maya", text)
    until(world, lambda: len(held_work(world)) == 3, "all wait")
    policy = world.stage.policy_file
    shutil.copy(policy, policy.with_suffix(".old"))
    policy.write_text(policy.read_text().replace('channel = "#it-l1"', 'channel = "#leadership"'))
    applied = world.stage.command("policy", "apply", str(policy))
    assert applied.returncode == 0, applied.stderr
    until(world, lambda: len(cards(world, *texts, channel="#leadership")) == 3, "the cards come there")
    at_rest(world)
    assert cards(world, *texts, channel="#leadership") == texts


def test_fault_archived_request_channel_moves_the_conversation_to_a_direct_message(world: World) -> None:
    rina, maya = Actor(world.stage, "rina"), world.stage.person("maya")
    request = maya.says("The badge printer prints blank badges", in_="#help-it")
    answer = until(world, lambda: maya.messages(request)[1:], "the request is answered in its thread")[0]
    number = NUMBER.search(answer.text)
    assert number is not None
    rina.presses("Claim", number.group(), "#it-l1")
    rina.card(number.group(), "#it-l1", "Assignee\n@rina")
    at_rest(world)
    archive(world, "#help-it")
    rina.replies(number.group(), "#it-l1", "There is a new ribbon in it now")
    until(world, lambda: [s for s in maya.messages("dm") if "a new ribbon" in s.text], "the reply comes by DM")
    at_rest(world)
    assert len([seen for seen in maya.messages() if "a new ribbon" in seen.text]) == 1
    assert len(told(world, "in which requests for IT help were made, was archived")) == 1
