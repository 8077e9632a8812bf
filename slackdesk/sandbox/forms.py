"""Filling in Block Kit elements as Slack's client lets a person do it: by visible words, within the element's rules.

A value is kept in the shape that Slack sends in `view.state.values[block_id][action_id]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slackdesk.sandbox.reading import Control
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.richtext import escape, rich_text

# element type -> (field of the state, field of the element that holds the initial value)
_FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
_LISTS = frozenset(field for field, _ in _FIELDS.values() if field.endswith("s"))
_TEXTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")

_PATTERNS = {
    "datepicker": (re.compile(r"\d{4}-\d{2}-\d{2}"), "YYYY-MM-DD"),
    "timepicker": (re.compile(r"\d{2}:\d{2}"), "HH:MM"),
}


@dataclass(frozen=True)
class Lookup:
    """How the words of a person become ids: handles, channel names, uploads; and what an external select offers."""

    user: Callable[[str], str]
    channel: Callable[[str], str]
    conversation: Callable[[str, Control], str]
    upload: Callable[[str, bytes], Json]
    suggestions: Callable[[Control, str], list[Json]]


def insist(is_possible: object, why_not: str) -> None:
    """Raises AssertionError: a person cannot do what a test asks for, so the test is wrong or the app is."""
    if not is_possible:
        raise AssertionError(why_not)


def keeps_a_value(control: Control) -> bool:
    """Buttons and overflow menus only fire; everything else shows up in `state.values`."""
    return control.kind in _FIELDS


def value_field(control: Control) -> str:
    """The key in the state that holds what was chosen, such as `selected_option`."""
    return _FIELDS[control.kind][0]


def untouched(control: Control, current_conversation: str | None) -> Json:
    """The state of an element that nobody has used: its `initial_*` value, or none."""
    field, initial_field = _FIELDS[control.kind]
    initial = control.element.get(initial_field)
    if initial is None and control.element.get("default_to_current_conversation"):
        initial = [current_conversation] if field in _LISTS and current_conversation else current_conversation
    return _state(control, [] if initial is None and field in _LISTS else initial)


def typed(control: Control, value: Any, lookup: Lookup) -> Json:
    """The state after a person has put in `value`; None or "" empties the element.

    Raises AssertionError for what the client offers no way to do, such as an option that is not there.
    """
    field = value_field(control)
    if value is None or value == "":
        return _state(control, [] if field in _LISTS else None)
    if field in _LISTS:
        several = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
        limit = control.element.get("max_selected_items") or control.element.get("max_files")
        insist(limit is None or len(several) <= limit, f"{_name(control)} takes at most {limit}, not {len(several)}")
        return _state(control, [_one(control, each, lookup) for each in several])
    return _state(control, _one(control, value, lookup))


def complaint(control: Control, state: Mapping[str, Any]) -> str | None:
    """What Slack's client says under an input instead of sending the form; None when it is content."""
    value = state.get(value_field(control))
    if value in (None, "", []):
        return "Please complete this required field." if control.is_required else None
    if control.kind in _TEXTS:
        return _text_complaint(control, str(value))
    return None


def offered(control: Control) -> dict[str, Json]:
    """The options of a static element by what a person calls them, those in groups included.

    That is the visible text; where an option before has the same text, "group: text".
    """
    named = by_text(control.element.get("options", ()))
    for group in control.element.get("option_groups") or ():
        for text, option in by_text(group["options"]).items():
            named[f"{group['label']['text']}: {text}" if text in named else text] = option
    return named


def by_text(options: Iterable[Json]) -> dict[str, Json]:
    """Options by their visible text; of two with the same, the first."""
    named: dict[str, Json] = {}
    for option in options:
        named.setdefault(option["text"]["text"], option)
    return named


def option_named(control: Control, options: Mapping[str, Json], name: str) -> Json:
    """The option that a person calls so. Raises AssertionError that lists what there is."""
    if name in options:
        return {key: value for key, value in options[name].items() if key in ("text", "value", "description")}
    there = ", ".join(map(repr, options)) or "nothing"
    raise AssertionError(f"{_name(control)} offers no {name!r}, only {there}")


def _state(control: Control, value: Any) -> Json:
    state: Json = {"type": control.kind, value_field(control): value}
    if control.kind == "timepicker" and control.element.get("timezone"):
        state["timezone"] = control.element["timezone"]
    return state


def _one(control: Control, value: Any, lookup: Lookup) -> Any:
    match control.kind:
        case "static_select" | "multi_static_select" | "radio_buttons" | "checkboxes":
            return option_named(control, offered(control), value)
        case "external_select" | "multi_external_select":
            return option_named(control, by_text(lookup.suggestions(control, value)), value)
        case "users_select" | "multi_users_select":
            return lookup.user(value)
        case "channels_select" | "multi_channels_select":
            return lookup.channel(value)
        case "conversations_select" | "multi_conversations_select":
            return lookup.conversation(value, control)
        case "file_input":
            return _upload(control, value, lookup)
        case "rich_text_input":
            block = value if isinstance(value, dict) else rich_text(escape(value), "")
            return {key: kept for key, kept in block.items() if key != "block_id"}
        case "datetimepicker":
            return int(value.timestamp()) if hasattr(value, "timestamp") else int(value)
        case _:
            return _written(control, str(value))


def _written(control: Control, text: str) -> str:
    if control.kind in _PATTERNS:
        pattern, example = _PATTERNS[control.kind]
        insist(pattern.fullmatch(text), f"{_name(control)} takes {example}, not {text!r}")
    insist("\n" not in text or control.element.get("multiline"), f"{_name(control)} has one line only")
    return text


def _upload(control: Control, value: tuple[str, bytes], lookup: Lookup) -> Json:
    name, content = value
    extensions = control.element.get("filetypes")
    extension = name.rsplit(".", 1)[-1].lower()
    insist(not extensions or extension in extensions, f"{_name(control)} takes {', '.join(extensions or ())} only")
    return lookup.upload(name, content)


def _text_complaint(control: Control, text: str) -> str | None:
    least, most = control.element.get("min_length", 0), control.element.get("max_length", 3000)
    if control.kind == "plain_text_input" and not least <= len(text) <= most:
        if len(text) < least:
            return f"Please enter at least {least} characters."
        return f"Please enter no more than {most} characters."
    if control.kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return "Please enter a valid email address."
    if control.kind == "url_text_input" and not re.fullmatch(r"https?://\S+", text):
        return "Please enter a valid URL."
    return _number_complaint(control, text) if control.kind == "number_input" else None


def _number_complaint(control: Control, text: str) -> str | None:
    decimal = control.element.get("is_decimal_allowed", False)
    if not re.fullmatch(r"-?\d+(\.\d+)?" if decimal else r"-?\d+", text):
        return "Please enter a number." if decimal else "Please enter a whole number."
    least, most = control.element.get("min_value"), control.element.get("max_value")
    if least is not None and float(text) < float(least):
        return f"Please enter a number of at least {least}."
    if most is not None and float(text) > float(most):
        return f"Please enter a number of at most {most}."
    return None


def _name(control: Control) -> str:
    return repr(control.labels[0]) if control.labels else control.kind
