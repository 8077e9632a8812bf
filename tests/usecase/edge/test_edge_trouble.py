"""What the edge does when a delivery is forged, malformed or unknown, and when the database does not answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from slackdesk.slack import ids

from .conftest import Door, Json, new_ts, unique

FORM = "application/x-www-form-urlencoded"


@contextmanager
def busy(door: Door) -> Iterator[None]:
    """Somebody else holds the database."""
    with door.desk.database.begin() as session:
        if door.desk.database.is_postgresql:
            session.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        yield


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "٣", "12.5", "-1", "1", "9" * 30])
def test_strange_timestamps_are_unauthorized(door: Door, timestamp: str) -> None:
    door.post("command=/ticket", FORM, timestamp=timestamp)
    assert door.last_status == 401


@pytest.mark.parametrize("signature", ["", "v0=", "v0=00", "nonsense"])
def test_forged_requests_are_unauthorized(door: Door, signature: str) -> None:
    door.post("command=/ticket&text=x&user_id=U0ANI", FORM, signature=signature)
    assert door.last_status == 401
    assert door.tickets() == []


def test_url_is_verified(door: Door) -> None:
    body = door.post(json.dumps({"type": "url_verification", "challenge": "c-1"}), "application/json")
    assert (door.last_status, json.loads(body)["challenge"]) == (200, "c-1")


@pytest.mark.parametrize("body", ["{", '{"type": ', "payload=%7B"])
def test_unreadable_bodies_are_refused(door: Door, body: str) -> None:
    door.post(body, "application/json" if body.startswith("{") else FORM)
    assert door.last_status == 400


MALFORMED: list[Json] = [
    {},
    {"type": "block_actions"},
    {"type": "block_actions", "actions": []},
    {"type": "block_actions", "actions": [{}], "user": {"id": "U0ANI"}},
    {"type": "block_actions", "actions": [{"action_id": "???", "action_ts": "1"}], "user": {"id": "U0ANI"}},
    {"type": "view_submission"},
    {"type": "view_submission", "view": {"callback_id": "file", "id": "V1", "state": {}}, "user": {"id": "U0ANI"}},
    {"type": "view_submission", "view": {"callback_id": "dance", "state": {"values": {}}}, "user": {"id": "U0ANI"}},
    {"type": "view_closed", "view": {}, "user": {}},
    {"type": "shortcut", "callback_id": "dance", "trigger_id": "T", "user": {"id": "U0ANI"}},
    {"type": "message_action", "callback_id": "make_ticket", "trigger_id": "T", "user": {"id": "U0ANI"}},
    {"type": "event_callback"},
    {"type": "event_callback", "event": {}},
    {"type": "event_callback", "event": "text", "event_id": "Ev"},
    {"type": "event_callback", "event": {"type": "message"}, "event_id": "EvA"},
    {"type": "event_callback", "event": {"type": "reaction_added", "user": "U"}, "event_id": "EvB"},
    {"type": "event_callback", "event": {"type": "app_home_opened", "tab": "home"}, "event_id": "EvC"},
    {"type": "event_callback", "event": {"type": "star_added"}, "event_id": "EvD"},
    {"type": "app_rate_limited", "minute_rate_limited": 1},
    {"type": "interactive_message", "actions": [], "callback_id": "x"},
    {"type": "something_new"},
]


@pytest.mark.parametrize("payload", MALFORMED, ids=lambda payload: json.dumps(payload)[:60])
def test_malformed_payloads_are_acknowledged(door: Door, payload: Json) -> None:
    is_event = str(payload.get("type", "")).startswith(("event", "app_"))
    if is_event:
        door.post(json.dumps(payload), "application/json")
    else:
        door.form(payload=json.dumps(payload))
    assert door.last_status == 200
    assert door.tickets() == []


@pytest.mark.parametrize("metadata", ["{", '{"of a newer version": 1}', '{"ticket_id": "1"}'])
def test_form_that_cannot_be_read_stays_open_with_its_words(door: Door, metadata: str) -> None:
    """It was opened before the desk was upgraded: closing it would lose what was typed."""
    door.slash("U0ANI", "/ticket")
    view = door.api.views()[-1] | {"private_metadata": metadata}
    ack = door.submit("U0ANI", view, topic="it:Laptop", text="Screen flickers")
    assert ack["response_action"] == "errors"
    assert "Copy what you wrote" in ack["errors"]["topic"]
    assert door.tickets() == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KINDS = st.sampled_from(["block_actions", "view_submission", "shortcut", "message_action", "event_callback"])
_KEYS = st.sampled_from(
    ["actions", "view", "user", "event", "event_id", "container", "trigger_id", "message", "channel"]
)


@given(_KINDS, st.dictionaries(_KEYS, _JSON, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_payload_breaks_the_edge(door: Door, kind: str, payload: Json) -> None:
    body = json.dumps({**payload, "type": kind})
    if kind == "event_callback":
        door.post(body, "application/json")
    else:
        door.form(payload=body)
    assert door.last_status in (200, 400), "400: not even Bolt could read it"


def test_busy_database_gives_a_command_its_words_back(door: Door) -> None:
    with busy(door):
        answer = door.slash("U0ANI", "/ticket my VPN &lt;is&gt; down")
    assert answer.startswith("The helpdesk cannot save anything just now.")
    assert "> /ticket my VPN &lt;is&gt; down" in answer
    assert door.tickets() == []
    assert "Filed as" in door.slash("U0ANI", "/ticket my VPN is down")


def test_busy_database_leaves_the_form_open(door: Door) -> None:
    door.slash("U0ANI", "/ticket")
    view = door.api.views()[-1] | {"id": unique("V")}
    with busy(door):
        ack = door.submit("U0ANI", view, topic="it:Laptop", text="Screen flickers")
    assert ack["response_action"] == "errors"
    assert "cannot save anything just now" in ack["errors"]["topic"]
    assert door.submit("U0ANI", view, topic="it:Laptop", text="Screen flickers")["response_action"] == "update"
    assert len(door.tickets()) == 1


def test_busy_database_is_told_beside_a_button(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    with busy(door):
        door.press("U0LENA", ids.action("claim", 1))
    method, body = door.api.calls[-1]
    assert method == "respond"
    assert "cannot save anything just now" in body["text"]
    assert (body["response_type"], body["replace_original"]) == ("ephemeral", False)


def test_event_is_not_acknowledged_while_the_database_is_busy(door: Door) -> None:
    event = {"type": "message", "user": "U0ANI", "text": "VPN down", "ts": new_ts(), "channel": "D0ANI"}
    with busy(door):
        assert door.event(event) == 503
    door.again()
    assert door.last_status == 200
    door.again()
    assert len(door.tickets()) == 1
