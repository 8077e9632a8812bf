"""Whatever Slack could deliver, and whatever somebody with Slack's signature could: answered, and nothing breaks."""

import time
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from slackdesk.slack import ids

from .conftest import Door, share
from .mutations import Change, changed, changes, pool_of
from .shapes import Delivery

pytestmark = pytest.mark.xdist_group("hostile")

PROCESSOR_SECONDS = 1.0
"""Of a delivery; what it waits for is not counted."""

READABLE, UNREADABLE = (200,), (200, 400)


@pytest.fixture(scope="session")
def pool(door: Door) -> list[Any]:
    """Values that mean something to the desk."""
    return pool_of(door.deliveries, door.ticket_ids)


def send(door: Door, body: bytes, content_type: str, statuses: tuple[int, ...] = READABLE, **headers: str) -> None:
    """Deliver it: answered at once, without an error, and if it is malformed, without changing a ticket."""
    complaints, before = door.complaints, door.done()
    complaints.errors.clear()
    left_alone, started = complaints.left_alone, time.process_time()
    answer = door.post(body, content_type, **headers)
    assert answer.status in statuses
    assert time.process_time() - started < PROCESSOR_SECONDS
    assert complaints.errors == []
    if complaints.left_alone > left_alone or answer.status == 400:
        assert door.done() == before
        event("left alone")
    door.sent["deliveries"] += 1


def test_the_day_had_everything_that_slack_delivers(door: Door) -> None:
    """Otherwise the examples would leave out what the day does not have."""
    payloads = [each.payload for each in door.deliveries]
    submitted = {each["view"]["callback_id"] for each in payloads if each.get("type") == "view_submission"}
    assert submitted == {str(modal) for modal in ids.Modal} - {"told"}
    used = {each["callback_id"] for each in payloads if each.get("type") in ("shortcut", "message_action")}
    assert used == set(map(str, ids.Shortcut))


def test_changed_values(door: Door, pool: list[Any]) -> None:
    """Other types, missing and further keys, ids of others, of nothing, and of what Slack would never say."""

    @given(st.sampled_from(door.deliveries), st.lists(changes(pool), max_size=4))
    @share(70)
    def deliver(delivery: Delivery, made: list[Change]) -> None:
        body, content_type = changed(delivery.fresh(), made).body()
        send(door, body, content_type)

    deliver()
