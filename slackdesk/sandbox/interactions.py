"""What Slack sends when a person uses something of the app, and what it does with the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slackdesk.sandbox.blockids import with_ids
from slackdesk.sandbox.blockkit import message_problems, view_problems
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.forms import keeps_a_value, untouched, value_field
from slackdesk.sandbox.journal import DeliveryEntry
from slackdesk.sandbox.manifest import Shortcut
from slackdesk.sandbox.reading import Control, all_blocks, find_controls
from slackdesk.sandbox.records import Channel, Json, Message, User
from slackdesk.sandbox.transport import Kind
from slackdesk.sandbox.views import View

if TYPE_CHECKING:
    from slackdesk.sandbox import Sandbox

VERIFICATION_TOKEN = "unused"  # noqa: S105  Slack's old way to authenticate; apps check the signature instead

NOT_INTERACTIVE = "interactivity_not_enabled"
"""The manifest leaves `settings.interactivity` off: Slack says so to the person, and nothing reaches the app."""


@dataclass(frozen=True)
class Outcome:
    """What came back: `error` is "", `operation_timeout`, `dispatch_failed` or `NOT_INTERACTIVE`."""

    body: Json = field(default_factory=dict)
    error: str = ""
    message: Message | None = None
    """What a slash command answered with at once."""


class Interactions:
    """One method for each thing that a person can use. None is retried, just as Slack retries none."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._workspace = sandbox.workspace
        self._message_values: dict[tuple[str, str, str], dict[tuple[str, str], Json]] = {}

    def command(self, person: User, channel: Channel, command: str, text: str) -> Outcome:
        """A slash command; an answer in the acknowledgement is posted."""
        names = {"im": "directmessage", "group": "privategroup", "mpim": "mpdm"}
        payload = {
            "token": VERIFICATION_TOKEN,
            "team_id": self._workspace.team_id,
            "team_domain": self._workspace.domain,
            "channel_id": channel.id,
            "channel_name": names.get(channel.type, channel.name),
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": self._workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": self._sandbox.responses.issue(person, channel.id),
            "trigger_id": self._sandbox.views.issue_trigger(person.id, conversation_id=channel.id),
        }
        outcome, entry = self._ask("slash_commands", payload)
        if outcome.error or not outcome.body:
            return outcome
        entry.illegal = message_problems(outcome.body)
        if entry.illegal:
            return Outcome(outcome.body, "dispatch_failed")
        answer = self._sandbox.responses.answer
        return self._obeyed(outcome, entry, lambda: answer(person, channel.id, outcome.body))

    def shortcut(self, person: User, shortcut: Shortcut) -> Outcome:
        """A global shortcut."""
        return self._ask("interactive", self._act(person, "shortcut") | {"callback_id": shortcut.callback_id})[0]

    def message_shortcut(self, person: User, shortcut: Shortcut, message: Message) -> Outcome:
        channel = self._workspace.channels[message.channel_id]
        payload = self._act(person, "message_action", conversation_id=channel.id) | {
            "callback_id": shortcut.callback_id,
            "message_ts": message.ts,
            "channel": _short(channel),
            "message": self._message_payload(message),
            "response_url": self._sandbox.responses.issue(person, channel.id, message),
        }
        return self._ask("interactive", payload)[0]

    def message_controls(self, message: Message) -> list[Control]:
        """The controls of a message, all with ids; the ids that Slack has to invent stay the same from then on."""
        with self._workspace.lock:
            if message.blocks:
                message.blocks = with_ids(message.blocks, self._workspace.new_id)
            for attachment in message.attachments or ():
                attachment["blocks"] = with_ids(attachment.get("blocks", []), self._workspace.new_id)
            return find_controls(all_blocks(message))

    def use_in_message(self, person: User, message: Message, control: Control, value: Json) -> Outcome:
        """A click or a choice on a message; `value` is what the element adds to the action, such as `value`."""
        act = self._act(person, "block_actions", conversation_id=message.channel_id)
        used = {
            "state": {"values": self._state_of_message(person, message, control, value)},
            "response_url": self._sandbox.responses.issue(person, message.channel_id, message),
            "actions": [_action(control, value)],
        }
        return self._ask("interactive", act | self._in_message(message) | used)[0]

    def use_in_view(self, person: User, view: View, control: Control, value: Json) -> Outcome:
        """A click or a choice in a modal or the Home tab."""
        payload = self._act(person, "block_actions", view=view) | self._in_view(view)
        shown = self._sandbox.views.payload(view)
        return self._ask("interactive", payload | {"state": shown["state"], "actions": [_action(control, value)]})[0]

    def suggest(self, person: User, source: View | Message, control: Control, typed: str) -> list[Json]:
        """The options (groups flattened) that the app offers for what is typed into an external select."""
        payload = self._act(person, "block_suggestion") | {
            "action_id": control.action_id,
            "block_id": control.block_id,
            "value": typed,
        }
        if isinstance(source, View):
            payload |= self._in_view(source)
        else:
            payload |= self._in_message(source)
        outcome, entry = self._ask("interactive", payload)
        options, entry.illegal = offered_in(outcome.body)
        return options

    def submit(self, person: User, view: View) -> Outcome:
        """Send the form; its view is then closed, replaced, covered or marked with errors as the app answers."""
        payload = self._act(person, "view_submission", view=view) | self._in_view(view)
        outcome, entry = self._ask("interactive", payload | {"response_urls": self._response_urls(person, view)})
        if outcome.error:
            return outcome
        submitted_hash = payload["view"]["hash"]
        return self._obeyed(
            outcome, entry, lambda: self._sandbox.views.answer(view, outcome.body, submitted_hash=submitted_hash)
        )

    def closed(self, person: User, view: View, *, is_cleared: bool) -> Outcome:
        """The person has closed a view that asked for `notify_on_close`; what was typed is not told."""
        payload = self._act(person, "view_closed")
        del payload["trigger_id"]
        shown = self._sandbox.views.payload(view, with_values=False)
        return self._ask("interactive", payload | {"view": shown, "is_cleared": is_cleared})[0]

    # Inside

    def _act(self, person: User, kind: str, *, conversation_id: str | None = None, view: View | None = None) -> Json:
        workspace = self._workspace
        user = {"id": person.id, "username": person.name, "name": person.name, "team_id": workspace.team_id}
        conversation_id = view.conversation_id if view is not None else conversation_id
        trigger_id = self._sandbox.views.issue_trigger(person.id, conversation_id=conversation_id, view=view)
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "action_ts": _now(),
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "user": user,
            "api_app_id": workspace.app.id,
            "is_enterprise_install": False,
            "enterprise": None,
            "trigger_id": trigger_id,
        }

    def _in_view(self, view: View) -> Json:
        return {
            "container": {"type": "view", "view_id": view.id},
            "view": self._sandbox.views.payload(view),
        }

    def _in_message(self, message: Message) -> Json:
        """Ephemeral messages are not shown to the app again."""
        is_ephemeral = message.ephemeral_to is not None
        place = {"message_ts": message.ts, "channel_id": message.channel_id, "is_ephemeral": is_ephemeral}
        if message.thread_ts is not None:
            place["thread_ts"] = message.thread_ts
        container = {"type": "message"} | place
        shown = {"container": container, "channel": _short(self._workspace.channels[message.channel_id])}
        return shown if is_ephemeral else shown | {"message": self._message_payload(message)}

    def _message_payload(self, message: Message) -> Json:
        with self._workspace.lock:
            return self._workspace.message_payload(message)

    def _response_urls(self, person: User, view: View) -> list[Json]:
        """One for each conversation that was chosen in a field with `response_url_enabled`."""
        urls: list[Json] = []
        for control in view.controls:
            if control.element.get("response_url_enabled"):
                channel_id = view.value(control)[value_field(control)]
                if channel_id:
                    place = {"block_id": control.block_id, "action_id": control.action_id, "channel_id": channel_id}
                    urls.append(place | {"response_url": self._sandbox.responses.issue(person, channel_id)})
        return urls

    def _ask(self, kind: Kind, payload: Json) -> tuple[Outcome, DeliveryEntry]:
        manifest = self._sandbox.manifest
        if kind == "interactive" and manifest is not None and not manifest.interactivity:
            refused = DeliveryEntry(kind=kind, delivery_id="", transport="", payload=payload, error=NOT_INTERACTIVE)
            self._sandbox.journal.record(refused)
            return Outcome(error=NOT_INTERACTIVE), refused
        reply, entry = self._sandbox.delivery.ask(kind, payload)
        if reply.failure:
            return Outcome(error="operation_timeout" if reply.timed_out else "dispatch_failed"), entry
        return Outcome(reply.body), entry

    @staticmethod
    def _obeyed(outcome: Outcome, entry: DeliveryEntry, obey: Callable[[], Message | None]) -> Outcome:
        try:
            return Outcome(outcome.body, message=obey())
        except ApiError as error:
            entry.illegal = list(error.extra.get("response_metadata", {}).get("messages", [f"[ERROR] {error.code}"]))
            return Outcome(outcome.body, "dispatch_failed")

    def _state_of_message(self, person: User, message: Message, used: Control, value: Json) -> Json:
        kept = self._message_values.setdefault((person.id, message.channel_id, message.ts), {})
        if keeps_a_value(used):
            kept[used.key] = {"type": used.kind} | value
        values: Json = {}
        for control in find_controls(all_blocks(message)):
            if keeps_a_value(control):
                state = kept.get(control.key) or untouched(control, message.channel_id)
                values.setdefault(control.block_id, {})[control.action_id] = state
        return values


def _action(control: Control, value: Json) -> Json:
    element = {key: control.element[key] for key in ("text", "placeholder", "style") if key in control.element}
    place = {"type": control.kind, "block_id": control.block_id, "action_id": control.action_id}
    return place | element | value | {"action_ts": _now()}


def _now() -> str:
    return f"{time.time():.6f}"


def _short(channel: Channel) -> Json:
    return {"id": channel.id, "name": "directmessage" if channel.is_im else channel.name}


def offered_in(body: Json) -> tuple[list[Json], list[str]]:
    """The options (groups flattened) of an answer to `block_suggestion`, and what is malformed; never both.

    They obey the rules of a select's own options, but there may be none at all.
    """
    offered: dict[str, Any] = {key: body[key] for key in ("options", "option_groups") if body.get(key)}
    if not offered:
        return [], []
    plain = {"type": "plain_text", "text": "Options"}
    element = {"type": "static_select", "action_id": "offered"} | offered
    block = {"type": "input", "label": plain, "element": element}
    problems = view_problems({"type": "modal", "title": plain, "submit": plain, "blocks": [block]}, "modal")
    if problems:
        return [], problems
    groups = offered.get("option_groups", ())
    return [*offered.get("options", ()), *(option for group in groups for option in group["options"])], []
