"""The fields of a modal as those of an HTML form, and back."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from slackdesk.sandbox.forms import offered
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.reading import Control
from slackdesk.sandbox.surfaces import Surface

INPUTS = {
    "plain_text_input": "text",
    "email_text_input": "email",
    "url_text_input": "url",
    "number_input": "text",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
    "external_select": "text",
}


def form_fields(person: Person, surface: Surface) -> Iterator[str]:
    """Each field with its label and its hint, in HTML. Nothing could be put into one without a label."""
    values = surface.values
    for label, control in _labelled(surface):
        field = _field(person, control, label, values[label])
        if field:
            hint = (control.surroundings or {}).get("hint")
            below = f"<small>{escape(hint['text'])}</small>" if hint else ""
            yield f"<label>{escape(label)}{field}{below}</label>"


def typed_in(person: Person, form: FormData) -> None:
    """Put into the open modal what the form holds. A field that has gone away meanwhile is left out."""
    modal, seen = person.modal, person.modal.values
    for label, control in _labelled(modal):
        name = _name(label)
        typed = [str(value).replace("\r\n", "\n") for value in form.getlist(name) if value != ""]
        # Of a list in which nothing is chosen, browsers send nothing.
        if label in seen and label in person.modal.labels and (name in form or _is_list(control)):
            said: Any = typed if _is_list(control) else (typed[0] if typed else None)
            if said != _said(person, control, seen[label]):
                person.modal.fill({label: _meant(person, control, said)})


def _labelled(surface: Surface) -> Iterator[tuple[str, Control]]:
    return ((control.labels[0], control) for control in surface.fields if control.labels)


def _name(label: str) -> str:
    """In the form. Of its line breaks, which the text beside a field may have, browsers make others."""
    return f"field:{' '.join(label.split())}"


def _is_list(control: Control) -> bool:
    return control.kind.startswith("multi_") or control.kind == "checkboxes"


def _field(person: Person, control: Control, label: str, value: Any) -> str:
    name, said = escape(_name(label)), _said(person, control, value)
    if control.kind in INPUTS:
        if control.element.get("multiline"):
            return f'<textarea name="{name}" rows="4">\n{escape(said or "")}</textarea>'
        return f'<input type="{INPUTS[control.kind]}" name="{name}" value="{escape(str(said or ""))}">'
    chosen = said if isinstance(said, list) else [said] if said else []
    choices = dict.fromkeys([*_choices(person, control), *chosen])
    if not choices:
        return ""
    options = "".join(
        f'<option value="{escape(choice)}"{" selected" if choice in chosen else ""}>{escape(choice)}</option>'
        for choice in choices
    )
    if _is_list(control):
        return f'<select name="{name}" multiple>{options}</select>'
    return f'<select name="{name}"><option value=""></option>{options}</select>'


def _choices(person: Person, control: Control) -> list[str]:
    """What a person would write for each option: visible texts, handles, "#channel"."""
    workspace = person.workspace
    if "users" in control.kind:
        return [user.name for user in workspace.users.values() if not user.is_bot]
    if "conversations" in control.kind or "channels" in control.kind:
        return places(person)[1:]
    return list(offered(control))


def _said(person: Person, control: Control, value: Any) -> Any:
    """A value as a person would write it: ids become handles and names of channels, instants are on the own clock."""
    if isinstance(value, list):
        return [_said(person, control, each) for each in value]
    if "users" in control.kind or "conversations" in control.kind or "channels" in control.kind:
        name: str = person.eyes.names(str(value), "")
        return name.removeprefix("@") or None
    if control.kind == "datetimepicker" and value is not None:
        return f"{datetime.fromtimestamp(value, ZoneInfo(person.user.tz)):%Y-%m-%dT%H:%M}"
    return value


def _meant(person: Person, control: Control, said: Any) -> Any:
    """What `Modal.fill` takes for it."""
    if control.kind != "datetimepicker" or said is None:
        return said
    try:
        return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(person.user.tz))
    except ValueError as error:
        raise AssertionError(f"{said!r} is no date and time") from error


def places(person: Person) -> list[str]:
    """Where the person is: the conversation with the app, and channels."""
    with person.workspace.lock:
        channels = [each for each in person.workspace.channels.values() if not each.is_im]
        return ["dm", *(f"#{each.name}" for each in channels if person.user.id in each.members)]
