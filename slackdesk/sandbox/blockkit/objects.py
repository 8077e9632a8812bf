"""Composition objects: texts, options, confirmation dialogs and the small objects inside elements."""

from typing import Any

from slackdesk.sandbox.blockkit import limits
from slackdesk.sandbox.blockkit.rules import (
    Check,
    Report,
    Rule,
    array,
    at_least_one,
    boolean,
    by_type,
    exactly_one,
    one_of,
    record,
    string,
    url,
)

LINK_SCHEMES = r"[a-z][a-z0-9+.\-]*"
"""A button or an option may also open `mailto:`, `tel:` or an app of its own; pictures may not."""


def plain_text(most: int) -> Rule:
    """A plain_text object of 1 to `most` characters."""
    return by_type({"plain_text": _plain_text(most)})


def any_text(most: int) -> Rule:
    """A plain_text or mrkdwn object of 1 to `most` characters."""
    return by_type({"plain_text": _plain_text(most), "mrkdwn": _mrkdwn(most)})


def _plain_text(most: int) -> Rule:
    return record({"type": string(), "text": string(1, most)}, {"emoji": boolean})


def _mrkdwn(most: int) -> Rule:
    return record({"type": string(), "text": string(1, most)}, {"verbatim": boolean})


def option(*, rich: bool = False, link: bool = False) -> Rule:
    """An option: `rich` where its text may be mrkdwn (checkboxes, radio buttons), `link` in overflow menus."""
    text = any_text if rich else plain_text
    optional = {"description": text(limits.OPTION_DESCRIPTION_CHARACTERS)}
    if link:
        optional["url"] = url(limits.URL_CHARACTERS, LINK_SCHEMES)
    return record(
        {"text": text(limits.OPTION_TEXT_CHARACTERS), "value": string(1, limits.OPTION_VALUE_CHARACTERS)}, optional
    )


OPTIONS = array(option(), 1, limits.SELECT_OPTIONS_ITEMS)
OPTION_GROUPS = array(
    record({"label": plain_text(limits.OPTION_GROUP_LABEL_CHARACTERS), "options": OPTIONS}),
    1,
    limits.OPTION_GROUPS_ITEMS,
)

CONFIRM = record(
    {
        "title": plain_text(limits.CONFIRM_TITLE_CHARACTERS),
        "text": any_text(limits.CONFIRM_TEXT_CHARACTERS),
        "confirm": plain_text(limits.CONFIRM_BUTTON_CHARACTERS),
        "deny": plain_text(limits.CONFIRM_BUTTON_CHARACTERS),
    },
    {"style": one_of("primary", "danger")},
)

DISPATCH_ACTION_CONFIG = record(
    {}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}
)

CONVERSATION_FILTER = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    [at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users")],
)

SLACK_FILE = record({}, {"id": string(1), "url": url(limits.URL_CHARACTERS)}, [exactly_one("id", "url")])

WORKFLOW = record(
    {
        "trigger": record(
            {"url": url(limits.URL_CHARACTERS)},
            {"customizable_input_parameters": array(record({"name": string(1), "value": string()}))},
        )
    }
)

FEEDBACK_BUTTON = record(
    {"text": plain_text(limits.BUTTON_TEXT_CHARACTERS), "value": string(0, limits.BUTTON_VALUE_CHARACTERS)},
    {"accessibility_label": string(0, limits.ACCESSIBILITY_LABEL_CHARACTERS)},
)


def initial_among_options(field: str) -> Check:
    """What is selected at first has to equal one of the options, all its fields included.

    Source: Slack's reference of select menus, checkboxes and radio buttons ("exactly match one of the options").
    """

    def check(value: dict[str, Any], pointer: str, report: Report) -> None:
        if field not in value:
            return
        offered = _offered(value)
        chosen = value[field] if isinstance(value[field], list) else [value[field]]
        if any(item not in offered for item in chosen):
            report.add(f"{field} must match one of the options", f"{pointer}/{field}")

    return check


def _offered(element: dict[str, Any]) -> list[object]:
    offered = _items(element.get("options"))
    for group in _items(element.get("option_groups")):
        offered += _items(group.get("options")) if isinstance(group, dict) else []
    return offered


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
