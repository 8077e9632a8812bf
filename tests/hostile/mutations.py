"""What goes wrong with deliveries: in their values, and in the bytes and headers that carry them."""

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from slackdesk.slack import ids

from .shapes import FORM, JSON, Delivery

DEEP = 400
"""Levels of nesting: what Python still reads as JSON."""


def nested(levels: int) -> Any:
    """Lists in lists."""
    found: Any = []
    for _ in range(levels):
        found = [found]
    return found


NUMBERS: list[Any] = [0, -1, 1.5, 2**31, 2**63, -(2**63) - 1, 10**30, 1e308, float("nan"), float("inf")]
TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "a\udfffb",
    "\u202egpj.exe",
    "\u200b",
    "<!channel>",
    "<@U0NOBODY>",
    "-1",
    "٤٢",
    "1e9",
    "1790000000.000001",
    "99999999999999999999",
    "nan",
    "it:Other",
    "it:Nothing",
    "urgent",
    "http://[::1",
    "file:///etc/passwd",
    "../../etc/passwd",
    "'; DROP TABLE ticket; --",
    "{}",
    "{'a': 1}",
    "%s%s%n",
    "{number}",
    "{0.__class__}",
    "\r\n\r\n",
    "ß" * 200,
    "😀" * 4000,
    "x" * 100_000,
    "a " * 20_000,
]
JUNK: list[Any] = [None, True, False, [], {}, [None], {"id": None}, {"id": {}}, [[]], nested(DEEP), *NUMBERS, *TEXTS]


@dataclass(frozen=True)
class Change:
    """One change of a value; ``where`` counts through the places of the payload, again and again."""

    what: str
    where: int
    value: Any = None


def pool_of(deliveries: Iterable[Delivery], ticket_ids: Iterable[int]) -> list[Any]:
    """Values that mean something to the desk, in the wrong place: people, channels, tickets, actions, metadata."""
    found = {text for each in deliveries for text in _texts(each.payload) if 0 < len(text) < 300}
    tickets = [*ticket_ids, 0, -1, 10**17, 10**18, 10**30]
    clicks = [*ids.Click, "dance", "csat.score", "", ":", "a" * 260]
    actions = [f"{click}{rest}" for click in clicks for rest in ("", ":", ":x", ":1:2:3", "::5", ":1:٣")]
    actions += [f"{click}:{ticket}" for click in clicks for ticket in tickets]
    metadata = [json.dumps({"ticket_id": ticket}) for ticket in [*tickets, "1", 1.0, True, [1], None]]
    metadata += [json.dumps({key: value}) for key in ("channel", "ts", "author", "source") for value in JUNK[:12]]
    metadata += ["{", "[]", "null", "1", '{"ticket_id": 1, "ticket_id": 2}', '{"unknown": 1}', "\ud800"]
    return [*sorted(found), *actions, *metadata, *ids.Modal, *ids.Shortcut]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def changes(pool: list[Any]) -> st.SearchStrategy[Change]:
    """One change: another value, a value from elsewhere, something missing, something more."""
    where = st.integers(0, 10_000)
    anything = st.sampled_from(JUNK) | st.text(max_size=20) | st.integers()
    return st.one_of(
        st.builds(Change, st.just("put"), where, st.sampled_from(pool)),
        st.builds(Change, st.just("put"), where, st.sampled_from(JUNK)),
        st.builds(Change, st.just("put leaf"), where, st.sampled_from(pool)),
        st.builds(Change, st.just("put leaf"), where, anything),
        st.builds(Change, st.just("drop"), where),
        st.builds(Change, st.just("add"), where, anything),
    )


def changed(delivery: Delivery, made: Iterable[Change]) -> Delivery:
    """The delivery with these changes."""
    payload = copy.deepcopy(delivery.payload)
    for change in made:
        places = list(_places(payload, leaves_only=change.what == "put leaf"))
        if not places:
            break
        container, key = places[change.where % len(places)]
        value = copy.deepcopy(change.value)
        if change.what == "drop":
            del container[key]
        elif change.what == "add" and isinstance(container, dict):
            container[f"unknown_{key}"] = value
        elif change.what == "add":
            container.insert(0, value)
        else:
            container[key] = value
    return Delivery(delivery.kind, payload)


def _places(value: Any, *, leaves_only: bool) -> Iterable[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in list(items):
        is_leaf = not isinstance(one, dict | list)
        if is_leaf or not leaves_only:
            yield value, key
        if not is_leaf:
            yield from _places(one, leaves_only=leaves_only)


Bytes = tuple[bytes, str]
"""Body and content type."""


def _twice(body: bytes) -> bytes:
    return b'{"type":"event_callback","event":{},' + body[1:] if body.startswith(b"{") else body + b"&" + body


MANGLED: dict[str, Callable[[bytes, str], Bytes]] = {
    "truncated": lambda body, kind: (body[: len(body) // 2], kind),
    "empty": lambda body, kind: (b"", kind),
    "not JSON": lambda body, kind: (b"<xml/>", kind),
    "only a bracket": lambda body, kind: (b"{", JSON),
    "a list": lambda body, kind: (b"[1, 2]", JSON),
    "a number": lambda body, kind: (b"1", JSON),
    "a string": lambda body, kind: (b'"text"', JSON),
    "null": lambda body, kind: (b"null", JSON),
    "a payload that is null": lambda body, kind: (b"payload=null", FORM),
    "a payload that is a list": lambda body, kind: (b"payload=%5B%5D", FORM),
    "a payload that is a number": lambda body, kind: (b"payload=7", FORM),
    "an empty payload": lambda body, kind: (b"payload=", FORM),
    "not UTF-8": lambda body, kind: (body[:40] + b"\xff\xfe\x80" + body[40:], kind),
    "with a byte order mark": lambda body, kind: (b"\xef\xbb\xbf" + body, kind),
    "NUL bytes": lambda body, kind: (body[:40] + b"\x00" + body[40:], kind),
    "keys twice": lambda body, kind: (_twice(body), kind),
    "nested too deeply": lambda body, kind: (b"[" * 100_000, JSON),
    "nested objects": lambda body, kind: (b'{"event":' * 50_000, JSON),
    "a number too long": lambda body, kind: (b'{"type":' + b"9" * 10_000 + b"}", JSON),
    "other content type": lambda body, kind: (body, JSON if kind == FORM else FORM),
    "with a charset": lambda body, kind: (body, f"{kind}; charset=utf-16"),
    "plain text": lambda body, kind: (body, "text/plain"),
    "several parts": lambda body, kind: (body, "multipart/form-data; boundary=x"),
    "no content type": lambda body, kind: (body, ""),
    "ssl_check": lambda body, kind: (b"token=unused&ssl_check=1", FORM),
    "percent signs": lambda body, kind: (body.replace(b"%", b"%%"), kind),
    "a hundred thousand fields": lambda body, kind: (b"a=1&" * 100_000, FORM),
}
"""Name → what becomes of body and content type."""
