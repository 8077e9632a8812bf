"""Whether what people wrote does anything where it is shown: judged by Slack's documented rules alone.

https://docs.slack.dev/messaging/formatting-message-text and
https://docs.slack.dev/reference/block-kit/composition-objects/text-object
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slackdesk.sandbox.journal import CallEntry, DeliveryEntry, Entry

TOKEN = re.compile(r"<([^<>]*)>")
OURS = re.compile(r"@[UW][A-Z0-9]+|#C[A-Z0-9]+(\|[^<>|]*)?")
"""Tokens of our own sentences: a mention of whoever it is about, or of a channel."""
BETWEEN_MARKS = re.compile(r"(?<![\w\u2060])([*_~`])(?=[^\s\u2060])([^\n]*?)(?<=[^\s\u2060])\1(?!\w)")


@dataclass(frozen=True)
class Shown:
    """A text that the app put somewhere. ``kind`` is ``plain_text`` or ``mrkdwn``."""

    where: str
    kind: str
    text: str
    has_emoji: bool = False
    is_verbatim: bool = True


def shown_by(entry: Entry) -> Iterator[Shown]:
    """All texts in a call, or in an acknowledgement."""
    if isinstance(entry, CallEntry):
        content = {key: _parsed(value) for key, value in entry.args.items()}
        where = entry.method
    elif isinstance(entry, DeliveryEntry):
        content, where = entry.ack_payload, f"answer to {entry.kind}"
    else:
        return
    if isinstance(content, dict):
        if isinstance(content.get("text"), str):
            yield Shown(f"{where} text", "mrkdwn", content["text"])
        yield from (Shown(f"{where} errors", "plain_text", text) for text in content.get("errors", {}).values())
    yield from _objects(content, where)


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


def _objects(content: Any, where: str) -> Iterator[Shown]:
    if isinstance(content, dict):
        if content.get("type") in ("plain_text", "mrkdwn") and isinstance(content.get("text"), str):
            has_emoji, is_verbatim = content.get("emoji", True), content.get("verbatim", False)
            yield Shown(where, content["type"], content["text"], has_emoji, is_verbatim)
        elif isinstance(content.get("initial_value"), str):
            yield Shown(f"{where} input", "plain_text", content["initial_value"])
        for key, value in content.items():
            yield from _objects(value, f"{where} {key}")
    elif isinstance(content, list):
        for value in content:
            yield from _objects(value, where)


def effects(shown: Shown) -> list[str]:
    """What the text does beside being read; nothing, if it is inert."""
    found = [f"{unicodedata.name(one, hex(ord(one)))} in it" for one in shown.text if _acts(one)]
    if shown.text.count("\u2066") + shown.text.count("\u2067") + shown.text.count("\u2068") != shown.text.count(
        "\u2069"
    ):
        found.append("turns the direction of what follows it")
    if shown.kind == "plain_text":
        return found + ["draws emoji"] * (shown.has_emoji and bool(re.search(r":[a-z0-9_+-]+:", shown.text)))
    if not shown.is_verbatim:
        found.append("lets Slack look for names and links")
    found += [f"obeys <{token}>" for token in TOKEN.findall(shown.text) if not OURS.fullmatch(token)]
    found += ["a stray < or >"] * bool(re.search(r"(?m)(?<!^)[<>]", TOKEN.sub("", shown.text)))
    found += ["an unescaped &"] * bool(re.search(r"&(?!(amp|lt|gt);)", shown.text))
    found += ["quotes a line"] * bool(re.search(r"(?m)^&gt;", shown.text))
    return found + ["draws emoji"] * bool(re.search(r":[a-z0-9_+-]+:", shown.text))


def formatted(shown: Shown, written: str) -> list[str]:
    """Pieces of what was written that stand between two formatting marks at edges of words: bold, struck, code…"""
    if shown.kind == "plain_text":
        return []
    return [match[2] for match in BETWEEN_MARKS.finditer(shown.text) if match[2] in written]


def _acts(character: str) -> bool:
    is_control = unicodedata.category(character) in ("Cc", "Cs") and character != "\n"
    return is_control or character in "\u202a\u202b\u202c\u202d\u202e"
