"""A request that is written twice as a message: one ticket, and a word about it."""

import pytest

from slackdesk.demo.actors import Actor
from slackdesk.demo.requests import Door, Request, Story
from slackdesk.demo.stage import Stage
from slackdesk.sandbox.seen import SeenMessage

L1 = "#it-l1"


@pytest.mark.parametrize(("door", "place"), [(Door.MESSAGE, "dm"), (Door.CHANNEL, "#help-it")])
def test_a_request_written_again_is_answered_with_its_number(stage: Stage, door: Door, place: str) -> None:
    prakash, text = Actor(stage, "prakash"), f"The window of the {door.value} room does not close"
    number = prakash.file(Request(0, "prakash", "prakash", door, Story.SOLVED, text, None, None, None))
    prakash.person.says(text, in_=place)
    prakash.person.sees(f"You asked for this a moment ago: it is {number}", in_=place, within_seconds=30)
    assert len(cards(stage, text)) == 1


def cards(stage: Stage, text: str) -> list[SeenMessage]:
    return [seen for seen in stage.person("rina").messages(L1) if text in seen.text and seen.thread_ts is None]
