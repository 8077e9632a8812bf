"""What a sighted person reads of Block Kit, and the controls that he or she can use there. Pure functions over JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slackdesk.sandbox.records import Json, Message
from slackdesk.sandbox.richtext import unescape

Names = Callable[[str, str], str]
"""What stands on the screen for the id of a person, a channel or a group; the second argument where it is unknown."""

BUTTONS = frozenset({"button", "overflow", "feedback_buttons", "icon_button", "workflow_button"})
"""Elements that only fire; the others keep a value."""
_VALUE_KEEPERS = ("select", "picker", "checkboxes", "radio_buttons", "input")

_SPECIAL = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MARKERS = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_CHILD_KEYS = ("child_blocks", "elements", "blocks")


@dataclass(frozen=True)
class Control:
    """One interactive element, with the words by which a person finds it on the screen.

    `labels` are the label of an input, the text of a button, the text beside an accessory and the placeholder.
    `surroundings` is the `input` block around the element, or None outside of one.
    """

    block_id: str
    element: Mapping[str, Any]
    labels: tuple[str, ...]
    surroundings: Mapping[str, Any] | None = None

    @property
    def action_id(self) -> str:
        return str(self.element.get("action_id", ""))

    @property
    def key(self) -> tuple[str, str]:
        """Where Slack keeps the value: (block id, action id)."""
        return self.block_id, self.action_id

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def sends(self) -> tuple[str, str]:
        """What a click tells the app, action id and value: by it, buttons of the same label are told apart."""
        return self.action_id, str(self.element.get("value", ""))

    @property
    def is_required(self) -> bool:
        return self.surroundings is not None and not self.surroundings.get("optional", False)

    @property
    def acts_at_once(self) -> bool:
        """True when using the element sends a `block_actions` payload."""
        return self.surroundings is None or bool(self.surroundings.get("dispatch_action"))


def is_interactive(element: Mapping[str, Any]) -> bool:
    kind = str(element.get("type", ""))
    return kind in BUTTONS or (kind != "input" and any(name in kind for name in _VALUE_KEEPERS))


def read_mrkdwn(text: str, names: Names) -> str:
    """The words on the screen: mentions by name, links by label, dates by their fallback, no formatting marks."""

    def special(match: re.Match[str]) -> str:
        target, label = match.group(1), match.group(2)
        if target[0] in "@#":
            return names(target[1:], target[0] + (label or target[1:]))
        if target.startswith("!subteam^"):
            return names(target.removeprefix("!subteam^"), label or target)
        if target.startswith("!date^"):
            return label or target
        if target[0] == "!":
            return label or "@" + target[1:]
        return label or target

    unmarked = text
    for _ in range(3):  # marks nest: *_bold and italic_*
        unmarked = _MARKERS.sub(r"\2", unmarked)
    return unescape(_SPECIAL.sub(special, unmarked))


def read_blocks(blocks: list[dict[str, Any]], names: Names) -> str:
    """All text of the blocks from top to bottom, a line for each piece; labels of buttons and options are left out."""
    return "\n".join(line for block in blocks for line in _lines(block, names) if line)


def all_blocks(message: Message) -> list[Json]:
    """The blocks of a message with those of its attachments."""
    attached = (block for attachment in message.attachments or () for block in attachment.get("blocks", ()))
    return [*(message.blocks or ()), *attached]


def read_message(message: Message, names: Names) -> str:
    """The whole message: blocks in place of the text where there are any, attachments, titles and names of files."""
    parts = [read_blocks(message.blocks, names) if message.blocks else read_mrkdwn(message.text, names)]
    parts += [read_blocks([attachment], names) for attachment in message.attachments or ()]
    parts += [file.name if file.title == file.name else f"{file.title} ({file.name})" for file in message.files]
    return "\n".join(part for part in parts if part)


def find_controls(blocks: list[dict[str, Any]]) -> list[Control]:
    """Every interactive element in the order of the screen."""
    return [control for block in blocks for control in _controls(block)]


def _lines(block: Mapping[str, Any], names: Names) -> Iterator[str]:
    kind = block.get("type")
    if kind == "rich_text":
        for element in block.get("elements", ()):
            yield from _rich_lines(element, names)
        return
    for key in ("title", "subtitle", "text", "label", "hint", "body", "subtext", "caption", "description"):
        yield _text_of(block.get(key), names)
    if kind in ("image", "video"):
        yield str(block.get("alt_text", ""))
    for field in block.get("fields", ()):
        yield _text_of(field, names)
    for row in block.get("rows", ()):
        yield " | ".join(_cell(cell, names) for cell in row)
    accessory = block.get("accessory")
    if accessory is not None and accessory.get("type") == "image":
        yield str(accessory.get("alt_text", ""))
    for child in _children(block):
        if child.get("type") in ("mrkdwn", "plain_text"):
            yield _text_of(child, names)
        elif not is_interactive(child):
            yield from _lines(child, names)


def _text_of(value: Any, names: Names) -> str:
    if isinstance(value, str):
        return read_mrkdwn(value, names)
    if isinstance(value, Mapping) and isinstance(value.get("text"), str):
        return read_mrkdwn(value["text"], names) if value.get("type") == "mrkdwn" else str(value["text"])
    return ""


def _cell(cell: Mapping[str, Any], names: Names) -> str:
    if cell.get("type") == "rich_text":
        return " ".join(_lines(cell, names))
    return str(cell.get("text", cell.get("value", "")))


def _rich_lines(element: Mapping[str, Any], names: Names) -> Iterator[str]:
    if element.get("type") == "rich_text_list":
        for item in element.get("elements", ()):
            yield from (f"• {line}" for line in _rich_lines(item, names))
        return
    yield "".join(_rich_word(piece, names) for piece in element.get("elements", ()))


def _rich_word(piece: Mapping[str, Any], names: Names) -> str:
    match piece.get("type"):
        case "user":
            return names(piece["user_id"], f"@{piece['user_id']}")
        case "channel":
            return names(piece["channel_id"], f"#{piece['channel_id']}")
        case "usergroup":
            return names(piece["usergroup_id"], f"@{piece['usergroup_id']}")
        case "broadcast":
            return f"@{piece['range']}"
        case "emoji":
            return f":{piece['name']}:"
        case "link":
            return str(piece.get("text") or piece["url"])
        case "date":
            return str(piece.get("fallback") or piece.get("format", ""))
        case _:
            return str(piece.get("text", ""))


def _children(block: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in _CHILD_KEYS:
        for child in block.get(key, ()):
            if isinstance(child, Mapping):
                yield child


def _controls(block: Mapping[str, Any], around: str = "") -> Iterator[Control]:
    block_id = str(block.get("block_id") or around)
    if block.get("type") == "input":
        yield Control(block_id, block["element"], (_plain(block.get("label")),), block)
        return
    accessory = block.get("accessory")
    if accessory is not None and is_interactive(accessory):
        yield Control(block_id, accessory, _labels(accessory, _plain(block.get("text"))))
    for child in (*_children(block), *block.get("actions", ())):
        if is_interactive(child):
            yield Control(block_id, child, _labels(child))
        elif child.get("type") != "rich_text":
            yield from _controls(child, block_id)


def _labels(element: Mapping[str, Any], beside: str = "") -> tuple[str, ...]:
    if element["type"] in ("button", "workflow_button", "icon_button"):
        return (_plain(element.get("text")),)
    found = (beside, _plain(element.get("placeholder")), str(element.get("accessibility_label", "")))
    return tuple(label for label in found if label)


def _plain(text: Any) -> str:
    return read_mrkdwn(str(text.get("text", "")), _unnamed) if isinstance(text, Mapping) else ""


def _unnamed(identifier: str, otherwise: str) -> str:
    return otherwise
