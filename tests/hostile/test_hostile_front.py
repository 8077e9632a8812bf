"""The door itself: other addresses, other methods, bodies without end."""

import io
import json

import pytest

from slackdesk.slack.http import BODY_BYTES

from .conftest import Door
from .shapes import JSON

pytestmark = pytest.mark.xdist_group("hostile")


class Bottomless(io.RawIOBase):
    """A body of which no byte must be read."""

    def read(self, size: int = -1) -> bytes:
        """Nothing may call this."""
        raise AssertionError(f"{size} bytes were read")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/slack/events"),
        ("PUT", "/slack/events"),
        ("DELETE", "/slack/events"),
        ("HEAD", "/slack/events"),
        ("OPTIONS", "/slack/events"),
        ("POST", "/"),
        ("POST", "/slack/events/"),
        ("POST", "/slack/events/../events"),
        ("POST", "//slack/events"),
        ("POST", "/slack/install"),
        ("GET", "/slack/oauth_redirect"),
        ("GET", "/etc/passwd"),
        ("POST", "/\x00"),
    ],
)
def test_everything_else_is_not_found(door: Door, method: str, path: str) -> None:
    """There is one address, and Slack posts to it."""
    arrived = door.arrivals.count
    answer = door.request(door.environ(b"{}", JSON) | {"REQUEST_METHOD": method, "PATH_INFO": path})
    assert (answer.status, door.arrivals.count) == (404, arrived)


@pytest.mark.parametrize("length", [str(BODY_BYTES + 1), "9" * 5000])
def test_bodies_that_slack_never_sends_are_refused_unread(door: Door, length: str) -> None:
    """413, before any byte of it is in memory."""
    environ = door.environ(b"", JSON) | {"CONTENT_LENGTH": length, "wsgi.input": Bottomless()}
    assert door.request(environ).status == 413


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "٣", " ", "+5"])
def test_lengths_that_are_none_are_refused_unread(door: Door, length: str) -> None:
    """A negative one would mean: everything there is."""
    environ = door.environ(b"", JSON) | {"CONTENT_LENGTH": length, "wsgi.input": Bottomless()}
    assert door.request(environ).status == 400


def test_the_largest_body_of_slack_is_taken(door: Door) -> None:
    """An edited message of 40,000 emoji, before and after, in text and in blocks."""
    text = "\U0001f525" * 40_000
    message = {"user": "U0ANI", "ts": "1.1", "text": text, "blocks": [{"type": "rich_text", "text": text}]}
    event = {"type": "message", "subtype": "message_changed", "channel": "C1", "message": message}
    body = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": event | {"previous_message": message}})
    assert BODY_BYTES / 4 < len(body) < BODY_BYTES
    assert door.post(body.encode(), JSON).status == 200
