"""Shortcuts: the form, and what can be made of a message."""

from typing import Any

import pytest

from slackdesk.slack import ids
from slackdesk.tickets.model import Source

from .conftest import HELP, Door, Json, new_ts, unique


def written(author: str, text: str, **more: Any) -> Json:
    return {"type": "message", "user": author, "text": text, "ts": new_ts(), **more}


def test_file_a_request(door: Door) -> None:
    door.shortcut("U0ANI", "file_request")
    [view] = door.api.views()
    door.submit("U0ANI", view, topic="it:Laptop", text="Screen flickers")
    assert door.tickets()[0].source is Source.SHORTCUT


def test_make_a_ticket_of_a_message_in_a_request_channel(door: Door) -> None:
    message = written("U0BUDI", "printer &lt;jams&gt; on floor 3")
    door.shortcut("U0LENA", "make_ticket", message, channel=HELP)
    [view] = door.api.views()
    fields = {block["block_id"]: block.get("element", {}) for block in view["blocks"]}
    assert fields["text"]["initial_value"] == "printer <jams> on floor 3"
    assert fields["requester"]["initial_user"] == "U0BUDI"
    door.submit("U0LENA", view | {"id": unique("V")}, topic="it:Other")
    [ticket] = door.tickets()
    assert (ticket.requester, ticket.source_channel, ticket.source_ts) == ("U0BUDI", HELP, message["ts"])
    door.shortcut("U0LENA", "make_ticket", message, channel=HELP)
    assert "IT-1" in door.api.views()[-1]["title"]["text"], "the second time shows the ticket there is"


def test_elsewhere_the_thread_is_not_used(door: Door) -> None:
    door.shortcut("U0ANI", "make_ticket", written("U0ANI", "printer jams"))
    [view] = door.api.views()
    door.submit("U0ANI", view, topic="it:Other")
    assert door.tickets()[0].source_channel is None


def test_links_to_files_go_along(door: Door) -> None:
    file = {"id": "F1", "name": "jam.png", "size": 3, "permalink": "https://acme.slack.com/files/F1"}
    door.shortcut("U0ANI", "make_ticket", written("U0ANI", "see picture", files=[file]))
    [view] = door.api.views()
    text = next(block for block in view["blocks"] if block["block_id"] == "text")["element"]["initial_value"]
    assert text == "see picture\njam.png: https://acme.slack.com/files/F1"


@pytest.fixture
def card(door: Door) -> str:
    """IT-1 has a card in the channel of L1; returns its ts."""
    door.slash("U0ANI", "/ticket my VPN is down")
    door.slash("U0LENA", "/ticket claim 1")
    return door.posted(1, "card", "C0L1", "L1")


def test_actions_of_the_ticket_of_a_thread(door: Door, card: str) -> None:
    door.shortcut("U0LENA", "ticket_actions", written("U0LARS", "hm", thread_ts=card), channel="C0L1")
    assert door.api.views()[-1]["callback_id"] == ids.Modal.ACTIONS


def test_actions_where_there_is_no_ticket(door: Door) -> None:
    door.shortcut("U0LENA", "ticket_actions", written("U0LARS", "hm"))
    assert door.answers() == ["There is no ticket in this thread."]


def test_ones_own_message_is_sent_to_the_requester(door: Door, card: str) -> None:
    message = written("U0LENA", "please restart &amp; retry", thread_ts=card)
    door.shortcut("U0LENA", "send_to_requester", message, channel="C0L1")
    reply = door.messages(1)[-1]
    assert (reply.kind, reply.text, reply.author) == ("reply", "please restart & retry", "U0LENA")
    door.again()
    assert len(door.messages(1)) == 2, "request and one reply"


def test_somebody_elses_message_is_shown_first(door: Door, card: str) -> None:
    door.shortcut("U0LENA", "send_to_requester", written("U0LARS", "try again", thread_ts=card), channel="C0L1")
    view = door.api.views()[-1]
    assert view["callback_id"] == ids.Modal.REPLY
    assert view["blocks"][-1]["element"]["initial_value"] == "try again"
    assert len(door.messages(1)) == 1


def test_requester_sends_nothing_from_the_agents_thread(door: Door, card: str) -> None:
    door.shortcut("U0BUDI", "send_to_requester", written("U0BUDI", "hello", thread_ts=card), channel="C0L1")
    assert "Only members of L1" in door.answers()[-1]
