"""Whatever Slack could deliver, and whatever somebody with Slack's signature could: answered, and nothing breaks."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient

from slackdesk.slack import ids
from slackdesk.slack.socket import SocketFront
from slackdesk.tickets.audit import verify

from .conftest import Door, share
from .mutations import MANGLED, Change, changed, changes, pool_of
from .shapes import Delivery

pytestmark = pytest.mark.xdist_group("hostile")

PROCESSOR_SECONDS = 1.0
"""Of a delivery; what it waits for is not counted."""

RETRIED = {"HTTP_X_SLACK_RETRY_NUM": "1", "HTTP_X_SLACK_RETRY_REASON": "http_timeout"}


@pytest.fixture(scope="session")
def pool(door: Door) -> list[Any]:
    """Values that mean something to the desk."""
    return pool_of(door.deliveries, door.ticket_ids)


@contextmanager
def harmless(door: Door) -> Iterator[None]:
    """A delivery in the block is taken without an error, and if it is malformed, it changes no ticket."""
    complaints, before = door.complaints, door.done()
    complaints.errors.clear()
    left_alone, started = complaints.left_alone, time.process_time()
    yield
    assert time.process_time() - started < PROCESSOR_SECONDS
    assert complaints.errors == []
    if complaints.left_alone > left_alone:
        assert door.done() == before
    door.sent += 1


@contextmanager
def just(door: Door, arriving: float) -> Iterator[None]:
    """What is delivered in the block leaves whole histories, in which everybody did what he or she may do.

    So much of it, 1.0 being all, has to get past the signature and to a listener.
    """
    sent, arrived = door.sent, door.arrivals.count
    yield
    sent, arrived = door.sent - sent, door.arrivals.count - arrived
    print(f"{sent} deliveries, {arrived} of them reached a listener")  # noqa: T201
    assert arrived >= arriving * sent
    door.look_again()
    assert door.complaints.errors == []
    with door.desk.database.read() as session:
        assert verify(session).findings == ()
    assert door.wrongs() == []


def test_the_day_had_everything_that_slack_delivers(door: Door) -> None:
    """Otherwise the examples would leave out what the day does not have."""
    payloads = [each.payload for each in door.deliveries]
    submitted = {each["view"]["callback_id"] for each in payloads if each.get("type") == "view_submission"}
    assert submitted == {str(modal) for modal in ids.Modal} - {"told"}
    used = {each["callback_id"] for each in payloads if each.get("type") in ("shortcut", "message_action")}
    assert used == set(map(str, ids.Shortcut))
    events = {(each["event"]["type"], each["event"].get("subtype")) for each in payloads if "event" in each}
    subtypes = ("message_changed", "message_deleted", "file_share", "thread_broadcast", "bot_message", None)
    assert events >= {("message", subtype) for subtype in subtypes}
    declared = set(door.stage.sandbox.manifest.bot_events) if door.stage.sandbox.manifest else set()
    assert {kind for kind, _ in events} >= {name.partition(".")[0] for name in declared}


def test_changed_values(door: Door, pool: list[Any]) -> None:
    """Other types, missing and further keys, ids of others, of nothing, and of what Slack would never say."""

    @given(st.sampled_from(door.deliveries), st.lists(changes(pool), min_size=1, max_size=4), st.booleans())
    @share(45)
    def deliver(delivery: Delivery, made: list[Change], is_retried: bool) -> None:
        body, content_type = changed(delivery.fresh(), made).body()
        with harmless(door):
            answer = door.post(body, content_type, **(RETRIED if is_retried else {}))
            assert answer.status == 200

    with just(door, arriving=0.6):
        deliver()


def test_what_others_try(door: Door) -> None:
    """Everything that was done on the day, by everybody else, to every other ticket: only what they may do happens."""
    people = sorted(user.id for user in door.stage.sandbox.workspace.users.values())

    @given(st.sampled_from(door.deliveries), st.sampled_from(people), st.none() | st.sampled_from(door.ticket_ids))
    @share(30)
    def deliver(delivery: Delivery, person: str, ticket_id: int | None) -> None:
        body, content_type = delivery.fresh().turned(person, ticket_id).body()
        with harmless(door):
            assert door.post(body, content_type).status == 200

    with just(door, arriving=0.9):
        deliver()


def test_mangled_bodies(door: Door) -> None:
    """No JSON, no text, nothing at all, things twice: a refusal at most, and never an error of ours."""

    @given(st.sampled_from(door.deliveries), st.sampled_from(sorted(MANGLED)))
    @share(10)
    def deliver(delivery: Delivery, how: str) -> None:
        body, content_type = MANGLED[how](*delivery.fresh().body())
        with harmless(door):
            before = door.done()
            answer = door.post(body, content_type)
            assert answer.status in (200, 400)
            assert answer.status == 200 or door.done() == before

    with just(door, arriving=0.0):
        deliver()


# Threads of the desk and of the workspace call ``random`` while values are drawn; the draws themselves do not.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies", "ignore:Generating overly large")
def test_changed_values_over_socket_mode(door: Door, pool: list[Any]) -> None:
    """The same on the other transport: an acknowledgement, so that Slack does not deliver it again."""
    sandbox = door.stage.sandbox
    client = WebClient(base_url=sandbox.api_url, retry_handlers=[])
    socket = SocketFront(door.app, sandbox.app_token, web_client=client)

    @given(st.sampled_from(door.deliveries), st.lists(changes(pool), max_size=4))
    @share(15)
    def deliver(delivery: Delivery, made: list[Change]) -> None:
        sent = changed(delivery.fresh(), made)
        with harmless(door):
            future = sandbox.delivery.sockets.send(sent.kind, json.dumps(sent.payload), secrets.token_hex(8), None)
            assert future.result().failure == ""

    socket.connect()  # type: ignore[no-untyped-call]
    try:
        with just(door, arriving=0.7):
            deliver()
    finally:
        socket.close()  # type: ignore[no-untyped-call]


def test_the_same_delivery_twice_is_done_once(door: Door) -> None:
    """Old requests that somebody recorded are signed and in time for five minutes: the inbox knows them."""
    for delivery in door.deliveries:
        body, content_type = delivery.fresh().body()
        with harmless(door):
            first = door.post(body, content_type)
        before = door.done()
        assert door.post(body, content_type) == first
        assert door.done() == before
