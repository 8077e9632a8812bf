"""Modals and Home tabs: triggers, each person's stack of views, hashes, and the state that Slack keeps for them."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from slackdesk.sandbox.blockids import with_ids
from slackdesk.sandbox.blockkit import view_problems
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.forms import keeps_a_value, untouched
from slackdesk.sandbox.reading import Control, find_controls
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.state import Workspace

TRIGGER_LIFETIME_SECONDS = 3.0
MAX_STACK = 3
MAX_VIEW_BYTES = 250_000


@dataclass(eq=False)
class View:
    """A view as the app sent it (with the ids that Slack adds), and what its person has done to it so far."""

    id: str
    user_id: str
    kind: Literal["modal", "home"]
    content: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    conversation_id: str | None = None
    """Where the person was when it opened, for `default_to_current_conversation`."""
    typed: dict[tuple[str, str], Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """Block id to the text shown under that input."""

    @property
    def controls(self) -> list[Control]:
        return find_controls(self.content["blocks"])

    def value(self, control: Control) -> Json:
        return self.typed.get(control.key) or untouched(control, self.conversation_id)

    def state(self) -> Json:
        """`state` as Slack sends it: block id, action id, value; also of elements that nobody has touched."""
        values: dict[str, Json] = {}
        for control in self.controls:
            if keeps_a_value(control):
                values.setdefault(control.block_id, {})[control.action_id] = self.value(control)
        return {"values": values}


@dataclass(eq=False)
class _Trigger:
    user_id: str
    expires_at: float
    conversation_id: str | None
    view: View | None
    is_used: bool = False


class Views:
    """All triggers and views of a workspace. Times are real seconds; refusals are `ApiError`s with Slack's codes."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._triggers: dict[str, _Trigger] = {}
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    # Triggers

    def issue_trigger(self, user_id: str, *, conversation_id: str | None = None, view: View | None = None) -> str:
        """A `trigger_id` for one act of a person: good for one use within three seconds."""
        with self.workspace.lock:
            trigger_id = f"{self.workspace.new_ts()}.{self.workspace.new_id('t').lower()}"
            expires_at = time.monotonic() + TRIGGER_LIFETIME_SECONDS
            self._forget_old_triggers()
            self._triggers[trigger_id] = _Trigger(user_id, expires_at, conversation_id, view)
            return trigger_id

    def _forget_old_triggers(self) -> None:
        long_ago = time.monotonic() - 100 * TRIGGER_LIFETIME_SECONDS
        while self._triggers and (oldest := next(iter(self._triggers.items())))[1].expires_at < long_ago:
            del self._triggers[oldest[0]]

    def _exchange(self, trigger_id: str) -> _Trigger:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger")
        if trigger.is_used:
            raise ApiError("exchanged_trigger_id")
        if time.monotonic() > trigger.expires_at:
            raise ApiError("expired_trigger_id")
        trigger.is_used = True
        return trigger

    # What the app does

    def open(self, trigger_id: str, content: Any) -> View:
        """The first view of a new stack."""
        with self.workspace.lock:
            checked = self._checked(content, "modal")
            self._refuse_taken_external_id(checked, None)
            trigger = self._exchange(trigger_id)
            self._stacks[trigger.user_id] = []
            return self._put(trigger.user_id, checked, trigger.conversation_id)

    def push(self, trigger_id: str, content: Any) -> View:
        """A view on top of the modal in which the trigger arose. Raises `push_limit_reached` at the fourth."""
        with self.workspace.lock:
            checked = self._checked(content, "modal")
            self._refuse_taken_external_id(checked, None)
            trigger = self._triggers.get(trigger_id)
            if trigger is not None and trigger.view not in self._stacks.get(trigger.user_id, []):
                raise ApiError("not_found")
            if trigger is not None:
                self._refuse_fourth(trigger.user_id)
            trigger = self._exchange(trigger_id)
            return self._put(trigger.user_id, checked, trigger.conversation_id)

    def update(self, view: View, content: Any, expected_hash: str | None = None) -> View:
        """Replace the content; what was typed stays where block id, action id and type of the element stay.

        Raises `hash_conflict` if the view has changed since `expected_hash`.
        """
        with self.workspace.lock:
            checked = self._checked(content, view.kind)
            if expected_hash and expected_hash != view.hash:
                raise ApiError("hash_conflict")
            self._refuse_taken_external_id(checked, view)
            view.content, view.hash = checked, self._new_hash()
            kinds = {control.key: control.kind for control in view.controls}
            view.typed = {key: value for key, value in view.typed.items() if kinds.get(key) == value["type"]}
            view.errors = {}
            self.workspace.changed.notify_all()
            return view

    def publish(self, user_id: str, content: Any, expected_hash: str | None = None) -> View:
        """A person's Home tab. Raises `hash_conflict`."""
        with self.workspace.lock:
            self.workspace.user(user_id)
            home = self._homes.get(user_id)
            if home is not None:
                return self.update(home, content, expected_hash)
            checked = self._checked(content, "home")
            self._refuse_taken_external_id(checked, None)
            view_id = self.workspace.new_id("V")
            home = View(view_id, user_id, "home", checked, self._new_hash(), view_id)
            self._homes[user_id] = home
            self.workspace.changed.notify_all()
            return home

    def answer(self, view: View, body: Mapping[str, Any], *, submitted_hash: str) -> None:
        """Do what the acknowledgement of a `view_submission` asks for; an empty one closes the view.

        Errors about a view that has changed since (it was submitted twice at once) have nowhere to stand.
        Raises `ApiError` for an answer that Slack would not take; the person then keeps the view as it is.
        """
        with self.workspace.lock:
            match body.get("response_action"):
                case None if not body:
                    self.close(view)
                case "clear":
                    self.clear(view.user_id)
                case "errors" if view.hash != submitted_hash:
                    pass
                case "errors":
                    view.errors = self._checked_errors(view, body.get("errors"))
                case "update":
                    self.update(view, body.get("view"))
                case "push":
                    checked = self._checked(body.get("view"), "modal")
                    self._refuse_taken_external_id(checked, None)
                    self._refuse_fourth(view.user_id)
                    self._put(view.user_id, checked, view.conversation_id)
                case unknown:
                    raise ApiError(
                        "invalid_arguments",
                        response_metadata={"messages": [f"[ERROR] {unknown!r} is no response_action"]},
                    )
            self.workspace.changed.notify_all()

    # What there is

    def stack(self, user_id: str) -> list[View]:
        """The person's open modal from the root to the view on top; empty if there is none."""
        return list(self._stacks.get(user_id, ()))

    def home(self, user_id: str) -> View | None:
        return self._homes.get(user_id)

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> View:
        """Raises `not_found`, also for a view that is closed."""
        for view in self._all():
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                return view
        raise ApiError("not_found")

    def payload(self, view: View, *, with_values: bool = True) -> Json:
        """The view object of API answers and interaction payloads."""
        workspace, content = self.workspace, view.content
        return {
            "id": view.id,
            "team_id": workspace.team_id,
            "type": view.kind,
            "blocks": copy.deepcopy(content["blocks"]),
            "private_metadata": content.get("private_metadata") or "",
            "callback_id": content.get("callback_id") or "",
            "state": view.state() if with_values else {"values": {}},
            "hash": view.hash,
            "title": content.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": bool(content.get("notify_on_close")),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": view.previous_view_id,
            "root_view_id": view.root_view_id,
            "app_id": workspace.app.id,
            "external_id": content.get("external_id") or "",
            "app_installed_team_id": workspace.team_id,
            "bot_id": workspace.app.bot_id,
        }

    # What the person does

    def close(self, view: View) -> None:
        """Take this view off the stack, with whatever lies on it."""
        with self.workspace.lock:
            stack = self._stacks.get(view.user_id, [])
            if view in stack:
                del stack[stack.index(view) :]
            self.workspace.changed.notify_all()

    def clear(self, user_id: str) -> None:
        """Close the whole modal."""
        with self.workspace.lock:
            self._stacks[user_id] = []
            self.workspace.changed.notify_all()

    # Inside

    def _all(self) -> list[View]:
        return [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]

    def _put(self, user_id: str, content: Json, conversation_id: str | None) -> View:
        stack = self._stacks.setdefault(user_id, [])
        view_id = self.workspace.new_id("V")
        root_view_id, previous = (stack[0].id, stack[-1].id) if stack else (view_id, None)
        view = View(view_id, user_id, "modal", content, self._new_hash(), root_view_id, previous, conversation_id)
        stack.append(view)
        self.workspace.changed.notify_all()
        return view

    def _new_hash(self) -> str:
        return f"{self.workspace.new_ts()}.{self.workspace.new_id('h')[-8:]}"

    def _checked(self, content: Any, kind: Literal["modal", "home"]) -> Json:
        if not isinstance(content, dict):
            raise ApiError(
                "invalid_arguments", response_metadata={"messages": ["[ERROR] must be an object [json-pointer:/view]"]}
            )
        problems = view_problems(content, kind)
        if any("view_too_large" in problem for problem in problems):
            raise ApiError("view_too_large", response_metadata={"messages": problems})
        if problems:
            raise ApiError("invalid_arguments", response_metadata={"messages": problems})
        return {**content, "blocks": with_ids(content["blocks"], self.workspace.new_id)}

    def _refuse_taken_external_id(self, content: Json, own: View | None) -> None:
        external_id = content.get("external_id")
        if external_id and any(v is not own and v.content.get("external_id") == external_id for v in self._all()):
            raise ApiError("duplicate_external_id")

    def _refuse_fourth(self, user_id: str) -> None:
        if len(self._stacks.get(user_id, ())) >= MAX_STACK:
            raise ApiError("push_limit_reached")

    @staticmethod
    def _checked_errors(view: View, errors: Any) -> dict[str, str]:
        inputs = {control.block_id for control in view.controls if control.surroundings is not None}
        if not isinstance(errors, dict) or not errors:
            problems = ["[ERROR] errors must be an object of block ids and texts [json-pointer:/errors]"]
        else:
            problems = [
                f"[ERROR] not the block_id of an input block of this view: {block_id!r} [json-pointer:/errors]"
                for block_id, text in errors.items()
                if block_id not in inputs or not isinstance(text, str)
            ]
        if problems:
            raise ApiError("invalid_arguments", response_metadata={"messages": problems})
        return dict(errors)
