"""The fields of what Slack delivers, each of the type that Slack documents; anything else makes it Malformed.

What is read here can be stored by every database: no NUL, no half of a surrogate pair, no number beyond 64 bits.
Complaints name types and keys, never contents: they end in the operator's log.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

ID_CHARACTERS = 255
"""No id of Slack is longer, and no id of ours that Slack gives back."""

SECONDS_MAX = 253_402_214_400
"""The last day of the year 9999: Python has no dates after it, and a time zone may add a day."""

ROW_ID_MAX = 2**31 - 1
"""What an INTEGER column of PostgreSQL holds."""

T = TypeVar("T")

_IDENTIFIER = re.compile(rf"[A-Za-z0-9_.-]{{1,{ID_CHARACTERS}}}")
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_ADDRESS = re.compile(r"https?://[!-~]{1,2000}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Malformed(ValueError):
    """A payload that is not what Slack documents. Acknowledged and logged, since sending it again changes nothing."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Whatever goes wrong while a payload is read makes it Malformed."""
    try:
        yield
    except Malformed:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        missing = f" {error}" if isinstance(error, KeyError) else ""
        raise Malformed(f"malformed {what}: {type(error).__name__}{missing}") from error


def identifier(value: object) -> str:
    """An id of Slack's: of a person, a channel, a view, a trigger. Raises Malformed."""
    return _matching(_IDENTIFIER, value, "an id")


def ts(value: object) -> str:
    """What identifies a message in its channel, such as ``1764000000.000100``. Raises Malformed."""
    return _matching(_TS, value, "a ts")


def address(value: object) -> str:
    """An http address, such as a response URL. Raises Malformed."""
    return _matching(_ADDRESS, value, "an address")


def words(value: object) -> str:
    """What a person wrote, empty for None; what cannot be stored becomes U+FFFD. Raises Malformed."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{type(value).__name__} in the place of text")
    return _UNSTORABLE.sub("\ufffd", value)


def seconds(value: object) -> int:
    """Seconds since 1970. Raises Malformed."""
    return whole(value, SECONDS_MAX)


def row_id(value: object) -> int:
    """The id of a row of ours. Raises Malformed."""
    return whole(value, ROW_ID_MAX)


def whole(value: object, most: int = 2**63 - 1) -> int:
    """A whole number from 0 to ``most``. Raises Malformed."""
    if type(value) is not int or not 0 <= value <= most:
        raise Malformed(f"{type(value).__name__} in the place of a whole number up to {most}")
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """An object. Raises Malformed."""
    if not isinstance(value, dict):
        raise Malformed(f"{type(value).__name__} in the place of an object")
    return value


def optional(read: Callable[[object], T], value: object) -> T | None:
    """What ``read`` makes of the value, None for None. Raises Malformed."""
    return None if value is None else read(value)


def _matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise Malformed(f"{type(value).__name__} in the place of {what}")
    return value
