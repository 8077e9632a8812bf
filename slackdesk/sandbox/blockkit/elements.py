"""Block elements: what each may hold, and the blocks that each may stand in."""

from typing import Any

from slackdesk.sandbox.blockkit import limits
from slackdesk.sandbox.blockkit.objects import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_ACTION_CONFIG,
    FEEDBACK_BUTTON,
    LINK_SCHEMES,
    OPTION_GROUPS,
    OPTIONS,
    SLACK_FILE,
    WORKFLOW,
    initial_among_options,
    option,
    plain_text,
)
from slackdesk.sandbox.blockkit.rich_text import RICH_TEXT_OBJECT
from slackdesk.sandbox.blockkit.rules import (
    Check,
    Report,
    Rule,
    array,
    boolean,
    exactly_one,
    in_order,
    integer,
    one_of,
    pattern,
    record,
    string,
    url,
)

_ACTION_ID = string(1, limits.ID_CHARACTERS)
_PLACEHOLDER = plain_text(limits.PLACEHOLDER_CHARACTERS)
_STYLE = one_of("primary", "danger")
_LABEL = string(0, limits.ACCESSIBILITY_LABEL_CHARACTERS)
_ID_LIST = array(string(1))
_DATE = pattern(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a date such as 2026-12-24")
_TIME = pattern(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 08:30")
_NUMBER_STRING = pattern(r"-?\d+(\.\d+)?", "a number in a string, such as 2.5")

IMAGE_FIELDS: dict[str, Rule] = {"image_url": url(limits.URL_CHARACTERS), "slack_file": SLACK_FILE}
ALT_TEXT = string(1, limits.IMAGE_ALT_TEXT_CHARACTERS)


def _element(required: dict[str, Rule], optional: dict[str, Rule], *checks: Check) -> Rule:
    return record({"type": string(), **required}, {"action_id": _ACTION_ID, **optional}, checks)


def _choice(optional: dict[str, Rule], *checks: Check, required: dict[str, Rule] | None = None) -> Rule:
    shared = {"confirm": CONFIRM, "focus_on_load": boolean}
    return _element(required or {}, shared | optional, *checks)


def _select(optional: dict[str, Rule], *checks: Check) -> Rule:
    return _choice({"placeholder": _PLACEHOLDER} | optional, *checks)


def _multi_select(optional: dict[str, Rule], *checks: Check) -> Rule:
    return _select({"max_selected_items": integer(1)} | optional, *checks)


def _typed(optional: dict[str, Rule], *checks: Check, required: dict[str, Rule] | None = None) -> Rule:
    shared = {
        "placeholder": _PLACEHOLDER,
        "focus_on_load": boolean,
        "dispatch_action_config": DISPATCH_ACTION_CONFIG,
    }
    return _element(required or {}, shared | optional, *checks)


def _numbers_in_order(value: dict[str, Any], pointer: str, report: Report) -> None:
    try:
        low, high = float(value["min_value"]), float(value["max_value"])
    except (KeyError, TypeError, ValueError):
        return
    if low > high:
        report.add("min_value must not be greater than max_value", pointer)


_STATIC = {"options": OPTIONS, "option_groups": OPTION_GROUPS}
_ONE_LIST = exactly_one("options", "option_groups")
_CHOICES = array(option(rich=True), 1, limits.CHOICES_ITEMS)
_CONVERSATIONS = {"default_to_current_conversation": boolean, "filter": CONVERSATION_FILTER}
_TYPED_VALUE = string(0, limits.PLAIN_TEXT_INPUT_CHARACTERS)

ELEMENTS: dict[str, Rule] = {
    "button": _element(
        {"text": plain_text(limits.BUTTON_TEXT_CHARACTERS)},
        {
            "url": url(limits.URL_CHARACTERS, LINK_SCHEMES),
            "value": string(0, limits.BUTTON_VALUE_CHARACTERS),
            "style": _STYLE,
            "confirm": CONFIRM,
            "accessibility_label": _LABEL,
            "agent_prompt": string(1, limits.BUTTON_AGENT_PROMPT_CHARACTERS),
            "agent_prompt_display": string(1),
            "visible_to_user_ids": _ID_LIST,
        },
    ),
    "workflow_button": _element(
        {"text": plain_text(limits.BUTTON_TEXT_CHARACTERS), "workflow": WORKFLOW},
        {"style": _STYLE, "accessibility_label": _LABEL},
    ),
    "overflow": _element({"options": array(option(link=True), 1, limits.OVERFLOW_OPTIONS_ITEMS)}, {"confirm": CONFIRM}),
    "checkboxes": _choice(
        {"initial_options": array(option(rich=True), 1)},
        initial_among_options("initial_options"),
        required={"options": _CHOICES},
    ),
    "radio_buttons": _choice(
        {"initial_option": option(rich=True)},
        initial_among_options("initial_option"),
        required={"options": _CHOICES},
    ),
    "datepicker": _select({"initial_date": _DATE}),
    "timepicker": _select({"initial_time": _TIME, "timezone": string(1)}),
    "datetimepicker": _choice(
        {"initial_date_time": integer(limits.DATE_TIME_LEAST_SECONDS, limits.DATE_TIME_MOST_SECONDS)}
    ),
    "static_select": _select(
        _STATIC | {"initial_option": option()}, _ONE_LIST, initial_among_options("initial_option")
    ),
    "external_select": _select({"initial_option": option(), "min_query_length": integer(0)}),
    "users_select": _select({"initial_user": string(1)}),
    "conversations_select": _select(
        _CONVERSATIONS | {"initial_conversation": string(1), "response_url_enabled": boolean}
    ),
    "channels_select": _select({"initial_channel": string(1), "response_url_enabled": boolean}),
    "multi_static_select": _multi_select(
        _STATIC | {"initial_options": array(option(), 1)}, _ONE_LIST, initial_among_options("initial_options")
    ),
    "multi_external_select": _multi_select({"initial_options": array(option(), 1), "min_query_length": integer(0)}),
    "multi_users_select": _multi_select({"initial_users": _ID_LIST}),
    "multi_conversations_select": _multi_select(_CONVERSATIONS | {"initial_conversations": _ID_LIST}),
    "multi_channels_select": _multi_select({"initial_channels": _ID_LIST}),
    "plain_text_input": _typed(
        {
            "initial_value": _TYPED_VALUE,
            "multiline": boolean,
            "min_length": integer(0, limits.PLAIN_TEXT_INPUT_CHARACTERS),
            "max_length": integer(1, limits.PLAIN_TEXT_INPUT_CHARACTERS),
        },
        in_order("min_length", "max_length"),
    ),
    "email_text_input": _typed({"initial_value": _TYPED_VALUE}),
    "url_text_input": _typed({"initial_value": _TYPED_VALUE}),
    "number_input": _typed(
        {"initial_value": _NUMBER_STRING, "min_value": _NUMBER_STRING, "max_value": _NUMBER_STRING},
        _numbers_in_order,
        required={"is_decimal_allowed": boolean},
    ),
    "rich_text_input": _typed(
        {
            "initial_value": RICH_TEXT_OBJECT,
            "min_lines": integer(1, limits.RICH_TEXT_INPUT_LINES),
            "max_lines": integer(1, limits.RICH_TEXT_INPUT_LINES),
        },
        in_order("min_lines", "max_lines"),
    ),
    "file_input": _element({}, {"filetypes": array(string(1)), "max_files": integer(1, limits.FILE_INPUT_FILES_ITEMS)}),
    "image": record({"type": string(), "alt_text": ALT_TEXT}, IMAGE_FIELDS, [exactly_one(*IMAGE_FIELDS)]),
    "feedback_buttons": _element({"positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON}, {}),
    "icon_button": _element(
        {"icon": string(1), "text": plain_text(limits.BUTTON_TEXT_CHARACTERS)},
        {
            "accessibility_label": _LABEL,
            "value": string(0, limits.BUTTON_VALUE_CHARACTERS),
            "visible_to_user_ids": array(string(1), 0, limits.ICON_BUTTON_VISIBLE_USERS_ITEMS),
            "confirm": CONFIRM,
        },
    ),
}

_SELECTS = {name for name in ELEMENTS if name.endswith("_select")}
_PICKERS = {"checkboxes", "radio_buttons", "datepicker", "timepicker"} | _SELECTS
ACCESSORIES = _PICKERS | {"button", "workflow_button", "overflow", "image"}
IN_ACTIONS = _PICKERS | {"button", "workflow_button", "overflow", "datetimepicker", "rich_text_input"}
IN_CONTEXT_ACTIONS = {"feedback_buttons", "icon_button"}
_IN_INPUT = _PICKERS | {"datetimepicker"} | {name for name in ELEMENTS if name.endswith("_input")}


def in_input(report: Report) -> set[str]:
    """The elements of an input block; a file can be given in a modal only."""
    return _IN_INPUT if report.surface == "modal" else _IN_INPUT - {"file_input"}
