"""Blocks as HTML: what is bold is bold, fields stand side by side; everything else as it reads in plain text."""

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from slackdesk.sandbox.reading import Control, Names, find_controls, read_blocks, read_mrkdwn
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.seen import SeenMessage

_BOLD = re.compile(r"(?<![\w*])(\*[^\s*](?:[^*\n]*[^\s*])?\*)(?![\w*]|[^<>\n]*>)")
"""Not within a link or a mention."""
_TAGS = {"header": "h2", "context": "small"}


Draw = Callable[[list[Control]], str]
"""The HTML of the controls of one block."""


def message_html(seen: SeenMessage, draw: Draw) -> str:
    """The text of a message with its controls, without its files. Everything that was written is escaped."""
    message, names = seen.message, seen.eyes.names
    blocks = [*(message.blocks or ()), *(message.attachments or ())]
    if message.blocks:
        return blocks_html(blocks, names, draw)
    text = _mrkdwn(message.text, names) or ("" if blocks else escape(seen.text))
    return f'<div class="text">{text}</div>{blocks_html(blocks, names, draw)}'


def blocks_html(blocks: list[Json], names: Names, draw: Draw) -> str:
    """The same of the blocks of a message or a view, and of attachments: each with its controls below it."""
    return "".join(_block(block, names) + draw(find_controls([block])) for block in blocks)


def _block(block: Mapping[str, Any], names: Names) -> str:
    kind = str(block.get("type"))
    if kind == "section":
        return "".join(_section(block, names))
    inside = escape(read_blocks([dict(block)], names))
    if not inside:
        return "<hr>" if kind == "divider" else ""
    tag = _TAGS.get(kind, "div")
    return f'<{tag} class="text">{inside}</{tag}>'


def _section(block: Mapping[str, Any], names: Names) -> Iterator[str]:
    if "text" in block:
        yield f'<div class="text">{_text(block["text"], names)}</div>'
    if fields := block.get("fields"):
        yield f'<div class="fields">{"".join(f"<div>{_text(field, names)}</div>" for field in fields)}</div>'
    accessory = block.get("accessory")
    if accessory is not None and accessory.get("type") == "image":
        yield f"<div>{escape(str(accessory.get('alt_text', '')))}</div>"


def _text(text: Mapping[str, Any], names: Names) -> str:
    if text.get("type") == "mrkdwn":
        return _mrkdwn(str(text["text"]), names)
    return escape(str(text["text"]))


def _mrkdwn(text: str, names: Names) -> str:
    """Only bold is kept; mentions and links are read as on the screen."""
    pieces = []
    for n, piece in enumerate(_BOLD.split(text)):
        read = escape(read_mrkdwn(piece, names))
        pieces.append(f"<b>{read}</b>" if n % 2 else read)
    return "".join(pieces)
