"""Blocks: what each may hold, and the surfaces that each may stand on."""

from typing import Any

from slackdesk.sandbox.blockkit import limits
from slackdesk.sandbox.blockkit.data import CHARTS, DATA_TABLE_FIELDS, TABLE_FIELDS, same_length_rows
from slackdesk.sandbox.blockkit.elements import (
    ACCESSORIES,
    ALT_TEXT,
    ELEMENTS,
    IMAGE_FIELDS,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    in_input,
)
from slackdesk.sandbox.blockkit.objects import any_text, plain_text
from slackdesk.sandbox.blockkit.rich_text import RICH_TEXT, RICH_TEXT_OBJECT
from slackdesk.sandbox.blockkit.rules import (
    Check,
    Report,
    Rule,
    array,
    at_least_one,
    boolean,
    by_type,
    exactly_one,
    kind,
    mapping,
    one_of,
    record,
    string,
    url,
)

_HTTPS = "https"
_MESSAGES_ONLY = frozenset(
    {
        "call",
        "card",
        "carousel",
        "context_actions",
        "data_table",
        "data_visualization",
        "file",
        "markdown",
        "plan",
        "table",
        "task_card",
    }
)
_MODALS_ONLY = frozenset({"alert"})


def on_surface(report: Report) -> set[str]:
    """The types of the blocks that the surface of this report takes."""
    not_here = _MESSAGES_ONLY if report.surface != "message" else _MODALS_ONLY
    return set(BLOCKS) - not_here - (_MODALS_ONLY if report.surface == "home" else frozenset())


def unique_action_ids(block: dict[str, Any], pointer: str, report: Report) -> None:
    """An action_id occurs once in its block."""
    elements = block.get("elements")
    seen: set[str] = set()
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str):
            if action_id in seen:
                report.add(f'`action_id` "{action_id}" already exists in this block', f"{pointer}/elements/{index}")
            seen.add(action_id)


def _block(required: dict[str, Rule], optional: dict[str, Rule] | None = None, *checks: Check) -> Rule:
    return record(
        {"type": string(), **required}, {"block_id": string(1, limits.ID_CHARACTERS), **(optional or {})}, checks
    )


def _element(names: set[str]) -> Rule:
    return by_type({name: ELEMENTS[name] for name in names})


def _no_header_divider_when_collapsible(block: dict[str, Any], pointer: str, report: Report) -> None:
    if block.get("is_collapsible") is True and block.get("has_header_divider") is True:
        report.add("has_header_divider cannot be set when is_collapsible is true", pointer)
    if block.get("default_collapsed") is True and block.get("is_collapsible") is not True:
        report.add("default_collapsed requires is_collapsible", pointer)


_IMAGE = kind("image", ELEMENTS)
_CONTEXT_ELEMENTS: dict[str, Rule] = {"image": _IMAGE} | dict.fromkeys(
    ("plain_text", "mrkdwn"), any_text(limits.CONTEXT_TEXT_CHARACTERS)
)
_HTTPS_URL = url(limits.URL_CHARACTERS, _HTTPS)
_NAME = plain_text(limits.AUTH_PROVIDER_NAME_CHARACTERS)

BLOCKS: dict[str, Rule] = {
    "section": _block(
        {},
        {
            "text": any_text(limits.SECTION_TEXT_CHARACTERS),
            "fields": array(any_text(limits.SECTION_FIELD_CHARACTERS), 1, limits.SECTION_FIELDS_ITEMS),
            "accessory": _element(ACCESSORIES),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "header": _block({"text": plain_text(limits.HEADER_TEXT_CHARACTERS)}),
    "divider": _block({}),
    "context": _block({"elements": array(by_type(_CONTEXT_ELEMENTS), 1, limits.CONTEXT_ELEMENTS_ITEMS)}),
    "actions": _block(
        {"elements": array(_element(IN_ACTIONS), 1, limits.ACTIONS_ELEMENTS_ITEMS)}, None, unique_action_ids
    ),
    "context_actions": _block(
        {"elements": array(_element(IN_CONTEXT_ACTIONS), 1, limits.CONTEXT_ACTIONS_ELEMENTS_ITEMS)},
        None,
        unique_action_ids,
    ),
    "input": _block(
        {"label": plain_text(limits.INPUT_LABEL_CHARACTERS), "element": by_type(ELEMENTS, in_input)},
        {"hint": plain_text(limits.INPUT_HINT_CHARACTERS), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": _block(
        {"alt_text": ALT_TEXT},
        IMAGE_FIELDS | {"title": plain_text(limits.IMAGE_TITLE_CHARACTERS)},
        exactly_one(*IMAGE_FIELDS),
    ),
    "rich_text": RICH_TEXT,
    "markdown": _block({"text": string(1)}),
    "file": _block({"external_id": string(1), "source": one_of("remote")}),
    "call": _block({"call_id": string(1)}, {"api_decoration_available": boolean, "call": mapping}),
    "video": _block(
        {
            "alt_text": ALT_TEXT,
            "video_url": _HTTPS_URL,
            "thumbnail_url": url(limits.URL_CHARACTERS),
            "title": plain_text(limits.VIDEO_TITLE_CHARACTERS),
        },
        {
            "title_url": url(limits.VIDEO_TITLE_URL_CHARACTERS, _HTTPS),
            "description": plain_text(limits.VIDEO_DESCRIPTION_CHARACTERS),
            "author_name": string(0, limits.VIDEO_AUTHOR_CHARACTERS),
            "provider_name": string(0, limits.VIDEO_PROVIDER_CHARACTERS),
            "provider_icon_url": url(limits.VIDEO_PROVIDER_ICON_URL_CHARACTERS),
        },
    ),
    "alert": _block(
        {"text": any_text(limits.ALERT_TEXT_CHARACTERS)},
        {"level": one_of("default", "info", "warning", "error", "success")},
    ),
    "card": _block(
        {},
        {
            "hero_image": _IMAGE,
            "icon": _IMAGE,
            "slack_icon": mapping,
            "title": any_text(limits.CARD_TITLE_CHARACTERS),
            "subtitle": any_text(limits.CARD_TITLE_CHARACTERS),
            "body": any_text(limits.CARD_BODY_CHARACTERS),
            "subtext": any_text(limits.CARD_BODY_CHARACTERS),
            "actions": array(kind("button", ELEMENTS), 1, limits.CARD_ACTIONS_ITEMS),
        },
        at_least_one("hero_image", "title", "actions", "body"),
    ),
    "table": _block(*TABLE_FIELDS),
    "data_table": _block(*DATA_TABLE_FIELDS, same_length_rows),
    "data_visualization": _block({"title": string(1, limits.CHART_TITLE_CHARACTERS), "chart": by_type(CHARTS)}),
    "task_card": _block(
        {
            "task_id": string(1),
            "title": string(1),
            "status": one_of("pending", "in_progress", "complete", "error"),
        },
        {
            "details": RICH_TEXT_OBJECT,
            "output": RICH_TEXT_OBJECT,
            "sources": array(
                by_type({"url": record({"type": string(), "url": url(limits.URL_CHARACTERS), "text": string(1)})})
            ),
        },
    ),
}
BLOCKS["carousel"] = _block({"elements": array(kind("card", BLOCKS), 1, limits.CAROUSEL_ELEMENTS_ITEMS)})
BLOCKS["plan"] = _block({"title": string(1)}, {"tasks": array(kind("task_card", BLOCKS), 0, limits.PLAN_TASKS_ITEMS)})

_IN_CONTAINER = {
    name: BLOCKS[name]
    for name in (
        "actions",
        "context",
        "divider",
        "file",
        "header",
        "image",
        "input",
        "rich_text",
        "section",
        "table",
        "video",
    )
}
BLOCKS["container"] = _block(
    {"child_blocks": array(by_type(_IN_CONTAINER, on_surface), 1, limits.CONTAINER_CHILD_BLOCKS_ITEMS)},
    {
        "title": plain_text(limits.CONTAINER_TITLE_CHARACTERS),
        "rich_text_title": RICH_TEXT_OBJECT,
        "subtitle": any_text(limits.CONTAINER_TITLE_CHARACTERS),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": _IMAGE,
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    at_least_one("title", "rich_text_title"),
    _no_header_divider_when_collapsible,
)
BLOCKS["auth_provider"] = _block(
    {"value": string(1, limits.AUTH_PROVIDER_VALUE_CHARACTERS), "name": _NAME, "is_connected": boolean},
    {
        "description": plain_text(limits.AUTH_PROVIDER_DESCRIPTION_CHARACTERS),
        "icon_url": _HTTPS_URL,
        "auth_url": _HTTPS_URL,
        "disconnect_url": _HTTPS_URL,
        "connected_identity": _NAME,
        "connected_context": _NAME,
        "accessory": kind("overflow", ELEMENTS),
        "fallback": array(by_type(_IN_CONTAINER, on_surface)),
    },
)

BLOCK = by_type(BLOCKS, on_surface)
"""Any block that stands on the surface of the report."""
