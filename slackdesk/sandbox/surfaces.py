"""A modal or a Home tab in the hands of a person: read it, fill it in, use its buttons, submit or close it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from slackdesk.sandbox import forms
from slackdesk.sandbox.forms import insist, keeps_a_value, option_named, value_field
from slackdesk.sandbox.reading import Control
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.seen import clickable
from slackdesk.sandbox.uses import action_value, find_by_label, find_clickable
from slackdesk.sandbox.views import View
from slackdesk.sandbox.watching import PATIENCE_SECONDS

if TYPE_CHECKING:
    from slackdesk.sandbox.people import Person

TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack shows on a modal whose app did not answer in time, or answered with something that it does not take."""
DEFAULT_MIN_QUERY_LENGTH = 3


class Surface:
    """A view as its person has it before the eyes; everything is read anew at each access."""

    def __init__(self, person: Person, view: View) -> None:
        self._person = person
        self._view = view

    @property
    def text(self) -> str:
        """All blocks as plain text."""
        return self._person.eyes.read_blocks(self._view.content["blocks"])

    @property
    def blocks(self) -> list[Json]:
        """As the app sent them, with the ids that Slack adds."""
        blocks: list[Json] = self._view.content["blocks"]
        return blocks

    @property
    def buttons(self) -> tuple[str, ...]:
        return clickable(self._view.controls)

    @property
    def controls(self) -> list[Control]:
        """What can be used, in the order of the screen."""
        return self._view.controls

    @property
    def fields(self) -> list[Control]:
        """Those of the controls that keep a value."""
        return [control for control in self._view.controls if keeps_a_value(control)]

    @property
    def labels(self) -> tuple[str, ...]:
        """By what the fields can be found: label, or the text beside them, or the placeholder."""
        return tuple(control.labels[0] for control in self.fields if control.labels)

    @property
    def values(self) -> dict[str, Any]:
        """Label to what the field holds now: texts, dates, ids, the visible text of chosen options."""
        labelled = (control for control in self.fields if control.labels)
        return {control.labels[0]: _shown(control, self._view.value(control)) for control in labelled}

    def options(self, label: str) -> tuple[str, ...]:
        """The visible texts that a static field offers."""
        return tuple(forms.offered(self._field(label)))

    def sees(self, text: str, within_seconds: float = PATIENCE_SECONDS) -> Self:
        """Waits until the text is there. Raises AssertionError that says what is there instead."""
        complaint = f"{self._person.handle} does not see {text!r} in the {self._view.kind}, but:"
        self._person.wait_for(lambda: text in self.text or None, within_seconds, lambda: f"{complaint}\n{self.text}")
        return self

    def fill(self, values: Mapping[str, Any]) -> Self:
        """Put in values by label: texts, options by visible text, people by handle, channels as "#name", lists of them.

        Dates are "YYYY-MM-DD", times "HH:MM", files `(name, bytes)`; None empties a field. A field that acts at once
        (`dispatch_action`, or outside of an input block) tells the app. Waits for a field that is not there yet.
        """
        for label, value in values.items():
            control = self._field(label)
            self._keep(control, forms.typed(control, value, self._person.lookup(self._view)), f"fill {label!r}")
        return self

    def suggestions(self, label: str, typed: str) -> tuple[str, ...]:
        """What an external select offers while this is typed; nothing below its `min_query_length`."""
        return tuple(option["text"]["text"] for option in self._suggested(self._field(label), typed))

    def choose(self, label: str, typed: str, option: str | None = None) -> Self:
        """Type into an external select and take the option with this visible text, or the first one."""
        control = self._field(label)
        suggested = self._suggested(control, typed)
        insist(suggested, f"{label!r} offers nothing for {typed!r}")
        taken = option_named(control, forms.by_text(suggested), option or suggested[0]["text"]["text"])
        field = value_field(control)
        chosen = [*self._view.value(control)[field], taken] if field == "selected_options" else taken
        self._keep(control, {"type": control.kind, field: chosen}, f"choose {label!r}")
        return self

    def click(
        self,
        label: str,
        *,
        sends: tuple[str, str] | None = None,
        confirm: bool = True,
        within_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Use a button or an item of an overflow menu; see `Person.click`."""
        complaint = f"{self._person.handle} has no button {label!r} in the {self._view.kind}, only: "
        control = self._person.wait_for(
            lambda: find_clickable(self._view.controls, label, sends),
            within_seconds,
            lambda: complaint + ", ".join(self.buttons),
        )
        self._person.use(f"click {label!r}", self._view, control, action_value(control, label), confirm=confirm)

    def _field(self, label: str) -> Control:
        complaint = f"{self._person.handle} has no field {label!r} in the {self._view.kind}, only: "
        return self._person.wait_for(
            lambda: find_by_label(self._view.controls, label),
            PATIENCE_SECONDS,
            lambda: complaint + ", ".join(self.labels),
        )

    def _suggested(self, control: Control, typed: str) -> list[Json]:
        if len(typed) < control.element.get("min_query_length", DEFAULT_MIN_QUERY_LENGTH):
            return []
        return self._person.interactions.suggest(self._person.user, self._view, control, typed)

    def _keep(self, control: Control, state: Json, act: str) -> None:
        with self._person.workspace.lock:
            self._view.typed[control.key] = state
            self._view.errors.pop(control.block_id, None)
        if control.acts_at_once:
            value = {key: kept for key, kept in state.items() if key != "type"}
            self._person.use(act, self._view, control, value)


class Home(Surface):
    """The app's Home tab of one person."""


class Modal(Surface):
    """One view of the person's modal."""

    def __init__(self, person: Person, view: View) -> None:
        super().__init__(person, view)
        self.trouble = ""
        """What Slack says about the last attempt to submit, where the app did not answer as it should."""

    @property
    def title(self) -> str:
        return str(self._view.content["title"]["text"])

    @property
    def submit_label(self) -> str:
        """The text of the submit button; "" without one."""
        return str((self._view.content.get("submit") or {}).get("text", ""))

    @property
    def is_open(self) -> bool:
        return self._view in self._person.sandbox.views.stack(self._person.user.id)

    @property
    def errors(self) -> dict[str, str]:
        """Label to the text under that input: what Slack's client asks for, or what the app answered."""
        labels = {control.block_id: control.labels[0] for control in self._view.controls if control.labels}
        return {labels[block_id]: text for block_id, text in self._view.errors.items()}

    def submit(self) -> None:
        """Press the submit button. What Slack's client itself minds is in `errors` and never reaches the app.

        After a failure everything that was typed is still there.
        """
        self._insist_on_top()
        insist(self._view.content.get("submit"), f"the modal {self.title!r} has no submit button")
        checked = ((control.block_id, forms.complaint(control, self._view.value(control))) for control in self.fields)
        self._view.errors = {block_id: text for block_id, text in checked if text is not None}
        if self._view.errors:
            return
        act = self._person.note("submit", title=self.title, values=self.values)
        outcome = self._person.interactions.submit(self._person.user, self._view)
        self.trouble = TROUBLE if outcome.error else ""
        self._person.remember(act, outcome)

    def close(self, *, all_views: bool = False) -> None:
        """Press the close button; `all_views` is the cross, which closes the whole stack, as `clear_on_close` does."""
        self._insist_on_top()
        views, person = self._person.sandbox.views, self._person
        act = person.note("close", title=self.title)
        is_cleared = all_views or bool(self._view.content.get("clear_on_close"))
        gone = reversed(views.stack(person.user.id)) if is_cleared else [self._view]
        if is_cleared:
            views.clear(person.user.id)
        else:
            views.close(self._view)
        for view in gone:
            if view.content.get("notify_on_close"):
                person.remember(act, person.interactions.closed(person.user, view, is_cleared=is_cleared))

    def _insist_on_top(self) -> None:
        stack = self._person.sandbox.views.stack(self._person.user.id)
        insist(self._view in stack, f"the modal {self.title!r} is closed")
        insist(
            stack[-1] is self._view, f"the modal {self.title!r} is covered by {stack[-1].content['title']['text']!r}"
        )


def _shown(control: Control, state: Json) -> Any:
    value = state[value_field(control)]
    if isinstance(value, list):
        return [_option_name(control, each) for each in value]
    return _option_name(control, value)


def _option_name(control: Control, value: Any) -> Any:
    if isinstance(value, dict) and "text" in value and "value" in value:
        same = (value["text"]["text"], value["value"])
        offered = forms.offered(control).items()
        return next((name for name, each in offered if (each["text"]["text"], each.get("value")) == same), same[0])
    return value
