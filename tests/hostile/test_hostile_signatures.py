"""Only what Slack signed, within five minutes, gets in.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from .conftest import SECRET, Answer, Door
from .shapes import FORM

pytestmark = pytest.mark.xdist_group("hostile")

BODY = urlencode(
    {"command": "/ticket", "text": "", "user_id": "U0ANI", "channel_id": "C0GENERAL", "trigger_id": "1.signed"}
).encode()


def signature(body: bytes = BODY, timestamp: str = "", secret: str = SECRET, version: str = "v0") -> str:
    """What Slack would write, or somebody who imitates it."""
    signed = f"{version}:{timestamp or now()}:".encode() + body
    return f"{version}={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def now(seconds: int = 0) -> str:
    """The present as Slack writes it, so many seconds later."""
    return str(int(time.time()) + seconds)


def at(seconds: int) -> dict[str, str]:
    """Both headers, properly signed so many seconds from now."""
    timestamp = now(seconds)
    return stamped(timestamp, signature(timestamp=timestamp))


def stamped(timestamp: str, mark: str) -> dict[str, str]:
    """These two headers."""
    return {"HTTP_X_SLACK_REQUEST_TIMESTAMP": timestamp, "HTTP_X_SLACK_SIGNATURE": mark}


def eastern(digits: str) -> str:
    """The same number in Arabic digits."""
    return "".join(chr(0x660 + int(digit)) for digit in digits)


FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "six minutes old": lambda: at(-360),
    "301 seconds old": lambda: at(-301),
    "six minutes ahead": lambda: at(360),
    "from 1970": lambda: stamped("0", signature(timestamp="0")),
    "of no time": lambda: stamped("", signature(timestamp=" ")),
    "at no number": lambda: stamped("soon", signature(timestamp="soon")),
    "at a fraction": lambda: stamped(now() + ".5", signature(timestamp=now() + ".5")),
    "at a negative time": lambda: stamped("-" + now(), signature(timestamp="-" + now())),
    "at a number too large": lambda: stamped("9" * 400, signature(timestamp="9" * 400)),
    "with a space before the time": lambda: stamped(" " + now(), signature(timestamp=" " + now())),
    "in Arabic digits": lambda: stamped(eastern(now()), signature(timestamp=eastern(now()))),
    "at two times": lambda: stamped(f"{now()},{now()}", signature()),
    "without a signature": lambda: stamped(now(), ""),
    "with a signature of another body": lambda: stamped(now(), signature(BODY + b"x")),
    "with a signature of another second": lambda: stamped(now(), signature(timestamp=now(-1))),
    "with the secret of another app": lambda: stamped(now(), signature(secret="0" * 32)),
    "in another version": lambda: stamped(now(), signature(version="v1")),
    "without a version": lambda: stamped(now(), signature().removeprefix("v0=")),
    "in capital letters": lambda: stamped(now(), signature().upper()),
    "cut short": lambda: stamped(now(), signature()[:-1]),
    "with more behind it": lambda: stamped(now(), signature() + "0"),
    "with two signatures": lambda: stamped(now(), f"{signature()},{signature()}"),
    "with letters beyond ASCII": lambda: stamped(now(), "v0=" + "é" * 64),
    "with letters beyond Latin": lambda: stamped(now(), "v0=" + "\u0660" * 64),
    "with NUL": lambda: stamped(now(), signature() + "\x00"),
}


def deliver(door: Door, headers: dict[str, str], body: bytes = BODY) -> tuple[Answer, int]:
    """The answer, and how many listeners were reached."""
    door.complaints.errors.clear()
    arrived = door.arrivals.count
    answer = door.post(body, FORM, **headers)
    assert door.complaints.errors == []
    return answer, door.arrivals.count - arrived


@pytest.mark.parametrize("how", FORGED)
def test_what_slack_did_not_sign_is_refused(door: Door, how: str) -> None:
    """With 401, before anything of it is looked at."""
    answer, arrived = deliver(door, FORGED[how]())
    assert (answer.status, arrived) == (401, 0)
    assert BODY not in answer.body


def test_missing_headers_are_refused(door: Door) -> None:
    """One of them proves nothing."""
    for name in ("HTTP_X_SLACK_REQUEST_TIMESTAMP", "HTTP_X_SLACK_SIGNATURE"):
        environ = door.environ(BODY, FORM)
        del environ[name]
        assert door.request(environ).status == 401


@pytest.mark.parametrize("at_byte", range(0, len(BODY), 7))
def test_a_changed_byte_is_refused(door: Door, at_byte: int) -> None:
    """Wherever it is."""
    changed = bytearray(BODY)
    changed[at_byte] ^= 1
    answer, arrived = deliver(door, stamped(now(), signature()), bytes(changed))
    assert (answer.status, arrived) == (401, 0)


@pytest.mark.parametrize("seconds", [-290, -60, 0, 290])
def test_what_slack_signed_is_taken_within_five_minutes(door: Door, seconds: int) -> None:
    """Clocks of two machines differ, and networks are slow."""
    answer, arrived = deliver(door, at(seconds))
    assert (answer.status, arrived) == (200, 1)


def test_refused_bodies_are_not_written_into_the_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """With a wrong secret, every request of everybody would end there."""
    caplog.set_level("DEBUG")
    deliver(door, stamped(now(), signature(secret="0" * 32)))
    assert "401" in caplog.text
    assert "U0ANI" not in caplog.text
