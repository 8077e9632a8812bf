"""What people wrote, made inert for Slack: shown whole, obeyed by nothing.

Plain text objects are shown as they are, so what people wrote is drawn in those. Where a sentence of ours (mrkdwn)
or a fallback text has to quote it, ``inline`` and ``mrkdwn`` escape the three control characters of Slack
(https://docs.slack.dev/messaging/formatting-message-text#escaping) and take the effect from the formatting marks.
"""

import re
import unicodedata
from collections.abc import Sequence

CUT = "…"
"""Ends what was cut."""

_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, the ones that turn the direction of the text around them, and what is no character at all."""

_NEWLINE = re.compile("\r\n?|[\u0085\u2028\u2029]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_OBEYED = re.compile(r"(?P<quote>^>)|[&<>*~`]|(?<![^\W_])_|_(?![^\W_])|:(?=[\w+'-]+:)", re.MULTILINE)
"""Single characters that mrkdwn obeys: quotes, entities, formatting marks at the edge of a word, names of emoji."""

_INERT = "\u2060"
"""WORD JOINER: invisible, and no edge of a word, so that a mark beside it formats nothing."""

_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
"""FIRST STRONG ISOLATE and its end: right-to-left words between them do not turn the sentence around them."""

_FROM_SLACK = re.compile(r"<([@#!])?([^<>|]*)(?:\|([^<>]*))?>")


def clean(text: str) -> str:
    """The same text with ``\\n`` as its only line break and ``\\ufffd`` in the place of each control character."""
    return _UNSAFE.sub("\ufffd", _NEWLINE.sub("\n", text)).replace("\t", "    ")


def line(text: str, limit: int) -> str:
    """``clean`` on one line, of at most ``limit`` characters; what was cut ends in ``…``. For plain text objects."""
    return _cut(" ".join(clean(text).split()), limit)


def block(text: str, limit: int) -> str:
    """``clean``, of at most ``limit`` characters; what was cut ends in ``…``. For plain text objects."""
    return _cut(clean(text).strip(), limit)


def mrkdwn(text: str, limit: int) -> str:
    """``clean`` for mrkdwn and fallback texts: at most ``limit`` characters as they are sent, entities included."""
    whole = clean(text).strip()[: limit + 1]  # no character gets shorter by being escaped
    shown = list(whole)
    for match in _OBEYED.finditer(whole):
        entity = _ENTITIES.get(match[0])
        shown[match.start()] = (_INERT if match["quote"] else "") + entity if entity else _INERT + match[0] + _INERT
    escaped = _cut(shown, limit - len(_ISOLATE + _END_ISOLATE))
    if any(unicodedata.bidirectional(one) in ("R", "AL") for one in escaped):
        return _ISOLATE + escaped + _END_ISOLATE
    return escaped


def inline(text: str, limit: int) -> str:
    """``mrkdwn`` on one line."""
    return mrkdwn(" ".join(clean(text).split()), limit)


def pieces(text: str, size: int) -> list[str]:
    """The text, cleaned, in pieces of at most ``size`` characters that joined give all of it; at least one piece.

    A piece ends at a line break, else at a space, where there is one in its last half.
    """
    rest, found = clean(text), []
    while len(rest) > size:
        half = size // 2
        end = (rest.rfind("\n", half, size) + 1) or (rest.rfind(" ", half, size) + 1) or size
        found.append(rest[:end])
        rest = rest[end:]
    return [*found, rest]


def from_slack(text: str) -> str:
    """The text of a message event as a person saw it: entities and ``<…>`` tokens undone, nothing left to obey."""

    def token(match: re.Match[str]) -> str:
        sign, target, label = match.groups()
        if sign is None:
            return target if not label or label == target else f"{label} ({target})"
        name = label or target.removeprefix("subteam^").partition("^")[0]
        return ("#" if sign == "#" else "@") + name.removeprefix("@").removeprefix("#")

    plain = _FROM_SLACK.sub(token, text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def to_slack(text: str) -> str:
    """The text as Slack writes it in a message: ``from_slack`` gives it back."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(parts: Sequence[str], limit: int) -> str:
    """The parts joined; when they are longer than ``limit`` characters, as many as fit with the mark of a cut."""
    if sum(map(len, parts)) <= limit:
        return "".join(parts)
    kept, room = [], limit - len(CUT)
    for part in parts:
        room -= len(part)
        if room < 0:
            break
        kept.append(part)
    return "".join(kept).rstrip() + CUT
