"""Finding what a person points at by its visible words, and what the element then adds to the action."""

from __future__ import annotations

from collections.abc import Iterable

from slackdesk.sandbox.forms import keeps_a_value, offered, option_named
from slackdesk.sandbox.reading import Control
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.seen import clickable


def find_clickable(controls: Iterable[Control], label: str, sends: tuple[str, str] | None = None) -> Control | None:
    """The button, or the overflow menu with an item, of this name: of several the first, or the one that sends this."""
    found = [control for control in controls if label in clickable([control])]
    if sends is not None and len(found) > 1:
        found = [control for control in found if control.sends == sends]
    return next(iter(found), None)


def find_by_label(controls: Iterable[Control], label: str) -> Control | None:
    """The field of this label, of this text beside it, or of this placeholder."""
    return next((control for control in controls if keeps_a_value(control) and label in control.labels), None)


def action_value(control: Control, label: str) -> Json:
    """What a click on `label` adds to the action: the button's value, or the item chosen from the menu."""
    if control.kind == "overflow":
        return {"selected_option": option_named(control, offered(control), label)}
    if control.kind == "feedback_buttons":
        buttons = (control.element[key] for key in ("positive_button", "negative_button"))
        return {"value": next(button["value"] for button in buttons if button["text"]["text"] == label)}
    return {"value": control.element["value"]} if "value" in control.element else {}
