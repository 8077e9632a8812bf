"""Whole messages and whole views: their own fields, and what holds across all their blocks."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

from slackdesk.sandbox.blockkit import limits
from slackdesk.sandbox.blockkit.blocks import BLOCK
from slackdesk.sandbox.blockkit.data import cell_characters, json_bytes
from slackdesk.sandbox.blockkit.objects import plain_text
from slackdesk.sandbox.blockkit.rules import (
    Report,
    Rule,
    array,
    boolean,
    mapping,
    one_of,
    record,
    string,
)

_Placed = tuple[dict[str, Any], str]
"""A block and its JSON pointer."""

_MESSAGE_BLOCKS = array(BLOCK, 0, limits.MESSAGE_BLOCKS_ITEMS)


def _timestamp(value: object, pointer: str, report: Report) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        report.add("must provide a number", pointer)


_ATTACHMENT = record(
    {},
    {
        **dict.fromkeys(
            (
                "fallback",
                "color",
                "pretext",
                "author_name",
                "author_link",
                "author_icon",
                "title",
                "title_link",
                "text",
                "image_url",
                "thumb_url",
                "footer",
                "footer_icon",
                "callback_id",
            ),
            string(),
        ),
        "ts": _timestamp,
        "fields": array(record({}, {"title": string(), "value": string(), "short": boolean}, closed=False)),
        "mrkdwn_in": array(string()),
        "actions": array(mapping),
        "blocks": _MESSAGE_BLOCKS,
    },
    closed=False,
)


def _metadata(value: object, pointer: str, report: Report) -> None:
    # a message that carries Work Objects only may leave the event out
    with_entities = isinstance(value, dict) and "entities" in value
    event: dict[str, Rule] = {"event_type": string(1, limits.ID_CHARACTERS), "event_payload": mapping}
    entities: dict[str, Rule] = {"entities": array(mapping)}
    rule = record({}, event | entities) if with_entities else record(event)
    rule(value, pointer, report)


_MESSAGE = record(
    {},
    {
        "text": string(),
        "markdown_text": string(1, limits.MESSAGE_MARKDOWN_CHARACTERS),
        "blocks": _MESSAGE_BLOCKS,
        "attachments": array(_ATTACHMENT, 0, limits.MESSAGE_ATTACHMENTS_ITEMS),
        "metadata": _metadata,
    },
    closed=False,
)


def message_problems(args: dict[str, Any]) -> list[str]:
    """What is illegal in the text, blocks, attachments and metadata of a post, an update or a response_url payload.

    `args` is any JSON object; None counts as absent, other arguments are left alone. Whether there is any content at
    all, and the length of the top-level text (cut off in a post, refused in an update), are the method's matter.
    Each problem reads like one of Slack's `response_metadata.messages`:
    "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]".
    """
    given = {name: value for name, value in args.items() if value is not None}
    report = Report("message")
    _MESSAGE(given, "", report)
    if "markdown_text" in given and ("text" in given or "blocks" in given):
        report.add("markdown_text cannot be used with text or blocks", "/markdown_text")
    blocks = list(_blocks(given, ""))
    for attachment, pointer in _objects(given.get("attachments"), "/attachments"):
        blocks += _blocks(attachment, pointer)
    _check_across(blocks, report)
    return report.problems


_TITLE = plain_text(limits.VIEW_TITLE_CHARACTERS)
_VIEW_FIELDS: dict[str, Rule] = {
    "private_metadata": string(0, limits.VIEW_PRIVATE_METADATA_CHARACTERS),
    "callback_id": string(0, limits.ID_CHARACTERS),
    "external_id": string(0, limits.ID_CHARACTERS),
}
_VIEW_BLOCKS = array(BLOCK, 1, limits.VIEW_BLOCKS_ITEMS)
_VIEWS = {
    "modal": record(
        {"type": one_of("modal"), "title": _TITLE, "blocks": _VIEW_BLOCKS},
        {
            "submit": plain_text(limits.VIEW_BUTTON_CHARACTERS),
            "close": plain_text(limits.VIEW_BUTTON_CHARACTERS),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
            **_VIEW_FIELDS,
        },
    ),
    "home": record({"type": one_of("home"), "blocks": _VIEW_BLOCKS}, _VIEW_FIELDS),
}


def view_problems(view: dict[str, Any], kind: Literal["modal", "home"]) -> list[str]:
    """What is illegal in a view that is to be a modal or a Home tab; see `message_problems` for the texts.

    `view` is any JSON object. A view over 250 KB is one problem among the others; its text begins with Slack's code
    for it, `view_too_large`.
    """
    report = Report(kind)
    _VIEWS[kind](view, "/view", report)
    if json_bytes(view) > limits.VIEW_BYTES:
        report.add(f"view_too_large: must be less than {limits.VIEW_BYTES + 1} bytes", "/view")
    blocks = list(_blocks(view, "/view"))
    _check_across(blocks, report)
    if kind == "modal" and "submit" not in view and any(block.get("type") == "input" for block, _ in blocks):
        report.add("missing required field: submit", "/view")
    if sum(_takes_focus(block) for block, _ in blocks) > 1:
        report.add("focus_on_load can be true for one element only", "/view/blocks")
    return report.problems


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _blocks(holder: dict[str, Any], pointer: str) -> Iterator[_Placed]:
    """Every block of a message, an attachment or a view with its pointer, those inside containers included."""
    for block, place in _objects(holder.get("blocks"), f"{pointer}/blocks"):
        yield block, place
        if block.get("type") == "container":
            yield from _objects(block.get("child_blocks"), f"{place}/child_blocks")


def _objects(value: object, pointer: str) -> Iterator[_Placed]:
    for index, item in enumerate(_list(value)):
        if isinstance(item, dict):
            yield item, f"{pointer}/{index}"


def _check_across(blocks: list[_Placed], report: Report) -> None:
    """What holds for all blocks of one message or view together."""
    seen: set[str] = set()
    for block, pointer in blocks:
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in seen:
                report.add(f'`block_id` "{block_id}" already exists', f"{pointer}/block_id")
            seen.add(block_id)
    for kind, most, unit, size in _TOTALS:
        of_kind = [(block, pointer) for block, pointer in blocks if block.get("type") == kind]
        if sum(size(block) for block, _ in of_kind) > most:
            report.add(f"no more than {most} {unit} of {kind} allowed in one message", of_kind[-1][1])


def _markdown_characters(block: dict[str, Any]) -> int:
    text = block.get("text")
    return len(text) if isinstance(text, str) else 0


_TOTALS: tuple[tuple[str, int, str, Callable[[dict[str, Any]], int]], ...] = (
    ("markdown", limits.MESSAGE_MARKDOWN_CHARACTERS, "characters", _markdown_characters),
    ("table", limits.MESSAGE_TABLE_CHARACTERS, "characters", cell_characters),
    ("data_table", limits.MESSAGE_DATA_TABLE_CHARACTERS, "characters", cell_characters),
    ("data_visualization", limits.MESSAGE_DATA_VISUALIZATIONS_ITEMS, "blocks", lambda block: 1),
)


def _takes_focus(block: dict[str, Any]) -> int:
    elements = [block.get("element"), block.get("accessory"), *_list(block.get("elements"))]
    return sum(isinstance(element, dict) and element.get("focus_on_load") is True for element in elements)
