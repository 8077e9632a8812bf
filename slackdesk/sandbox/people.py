"""The people of the workspace: each acts and sees as a member does, through what the app has put on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from slackdesk.sandbox.conversing import Conversing, as_typed
from slackdesk.sandbox.forms import Lookup, insist, typed
from slackdesk.sandbox.interactions import Outcome
from slackdesk.sandbox.manifest import Shortcut
from slackdesk.sandbox.reading import Control, all_blocks, find_controls
from slackdesk.sandbox.records import Json, Message
from slackdesk.sandbox.seen import Place, SeenMessage, is_conversation
from slackdesk.sandbox.surfaces import Home, Modal
from slackdesk.sandbox.uses import action_value, find_by_label, find_clickable
from slackdesk.sandbox.views import View
from slackdesk.sandbox.watching import PATIENCE_SECONDS


@dataclass(frozen=True)
class Answer:
    """What a slash command was acknowledged with. What comes by the response URL is seen like any other message."""

    error: str = ""
    """What Slack shows instead: `operation_timeout`, `dispatch_failed`, `invalid_command`; "" if all went well."""
    body: Json | None = None
    message: SeenMessage | None = None

    @property
    def text(self) -> str:
        return self.message.text if self.message is not None else ""

    @property
    def fallback(self) -> str:
        return self.message.fallback if self.message is not None else ""

    @property
    def blocks(self) -> list[Json]:
        return (self.message.message.blocks or []) if self.message is not None else []

    @property
    def buttons(self) -> tuple[str, ...]:
        return self.message.buttons if self.message is not None else ()


Where = Place | Answer
"""As `Place`; for what is used rather than looked at also "home", and the answer of a slash command."""


class Person(Conversing):
    """Everything goes by what is visible: labels, texts, handles, names of channels.

    What a person could not do raises AssertionError. Where the app does not answer as it should, Slack shows an error:
    it is in `errors`, and in the journal.
    """

    # Commands and shortcuts

    def slash(self, text: str, in_: str | SeenMessage = "dm") -> Answer:
        """Send a slash command from a conversation, such as `/ticket my VPN is down` in "#general".

        Raises AssertionError in a thread: Slack takes no commands there.
        """
        insist(isinstance(in_, str), "slash commands cannot be used inside a thread")
        with self.workspace.lock:
            channel = self.eyes.conversation(str(in_))
            insist(self.user.id in channel.members, f"{self.handle} is not in {in_}, so there is nowhere to type")
        act = self.note("slash", text=text, in_=in_)
        name, _, rest = text.partition(" ")
        insist(name.startswith("/"), f"a slash command begins with a slash, not as {text!r} does")
        if self._is_unknown_command(name):
            self.remember(act, Outcome(error="invalid_command"))
            return Answer("invalid_command")
        outcome = self.interactions.command(self.user, channel, name, self._command_text(name, rest.strip()))
        self.remember(act, outcome)
        with self.workspace.lock:
            message = None if outcome.message is None else self.eyes.seen(outcome.message)
        return Answer(outcome.error, outcome.body or None, message)

    def shortcut(self, name: str) -> None:
        """Use a global shortcut, from the menu beside the composer. Guests have none."""
        insist(not self.user.is_guest, f"{self.handle} is a guest: global shortcuts are hidden")
        shortcut = self._shortcut(name, "global")
        self.remember(self.note("shortcut", name=name), self.interactions.shortcut(self.user, shortcut))

    def message_shortcut(self, name: str, message: SeenMessage) -> None:
        """Use a shortcut from the menu of a message, also of one in a conversation without the app."""
        insist(not message.ephemeral, "an ephemeral message has no shortcuts")
        shortcut = self._shortcut(name, "message")
        act = self.note("message_shortcut", name=name, ts=message.ts)
        self.remember(act, self.interactions.message_shortcut(self.user, shortcut, message.message))

    def _is_unknown_command(self, name: str) -> bool:
        manifest = self.sandbox.manifest
        return manifest is not None and manifest.command(name) is None

    def _command_text(self, name: str, text: str) -> str:
        declared = self.sandbox.manifest.command(name) if self.sandbox.manifest is not None else None
        if declared is None or not declared.should_escape:
            return text
        with self.workspace.lock:
            return as_typed(self.workspace, text, with_names=True)

    def _shortcut(self, name: str, kind: Literal["global", "message"]) -> Shortcut:
        manifest = self.sandbox.manifest
        if manifest is None:
            return Shortcut(name, kind, callback_id=name, description=name)
        found = manifest.shortcut(name, kind)
        if found is None:
            there = ", ".join(repr(shortcut.name) for shortcut in manifest.shortcuts if shortcut.type == kind)
            raise AssertionError(f"there is no {kind} shortcut {name!r}, only: {there}")
        return found

    # Modal and Home

    @property
    def modal(self) -> Modal:
        """The view on top; waits for one to be there. Raises AssertionError that says what Slack showed instead."""
        stack = self.wait_for(
            lambda: self.sandbox.views.stack(self.user.id) or None,
            PATIENCE_SECONDS,
            lambda: f"no modal opened for {self.handle}; errors shown: {self.errors or 'none'}",
        )
        return Modal(self, stack[-1])

    @property
    def has_modal(self) -> bool:
        """Whether a modal is open now."""
        return bool(self.sandbox.views.stack(self.user.id))

    def opens_home(self, tab: Literal["home", "messages"] = "home") -> None:
        """Open the app. What it publishes then is in `home`."""
        self.note("opens_home", tab=tab)
        manifest = self.sandbox.manifest
        insist(tab == "messages" or manifest is None or manifest.home_tab, "the app's manifest has no Home tab")
        with self.workspace.lock:
            channel = self.eyes.conversation("dm")
            event: Json = {"type": "app_home_opened", "user": self.user.id, "channel": channel.id, "tab": tab}
            home = self.sandbox.views.home(self.user.id)
            if home is not None and tab == "home":
                event["view"] = self.sandbox.views.payload(home)
            self.workspace.emit(event, channel)

    @property
    def home(self) -> Home:
        """What the app has published for this person; waits for the first time."""
        view = self.wait_for(
            lambda: self.sandbox.views.home(self.user.id),
            PATIENCE_SECONDS,
            lambda: f"the app has published no Home for {self.handle}",
        )
        return Home(self, view)

    # Buttons and menus of messages

    def click(
        self,
        label: str,
        in_: Where = None,
        *,
        sends: tuple[str, str] | None = None,
        confirm: bool = True,
        within_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Use a button or an item of an overflow menu on the newest message that has one; waits for it to be there.

        `in_` narrows down where: a message, an answer, a conversation, a text that the message contains, or "home".
        `sends`, an action id and a value, says which one of several with that label; else it is the first.
        `confirm` is the answer to the confirmation dialog, where the button has one.
        """
        if in_ == "home":
            return self.home.click(label, sends=sends, confirm=confirm, within_seconds=within_seconds)
        message, control = self._control(label, in_, partial(find_clickable, sends=sends), within_seconds)
        return self.use(f"click {label!r}", message, control, action_value(control, label), confirm=confirm)

    def select(self, label: str, choice: Any, in_: Where = None) -> None:
        """Choose in a menu or picker on a message, found by its placeholder or the text beside it; see `Modal.fill`."""
        if in_ == "home":
            self.home.fill({label: choice})
            return
        message, control = self._control(label, in_, find_by_label, PATIENCE_SECONDS)
        state = typed(control, choice, self.lookup(message))
        value = {key: kept for key, kept in state.items() if key != "type"}
        self.use(f"select {label!r}", message, control, value)

    def use(
        self, act: str, source: View | Message, control: Control, value: Json, *, confirm: bool | None = None
    ) -> None:
        """Let an element act: its confirmation dialog first, then the app is told."""
        has_dialog = "confirm" in control.element
        insist(has_dialog or confirm is not False, f"{act}: there is no confirmation dialog to decline")
        entry = self.note(act, confirmed=confirm is not False)
        if has_dialog and confirm is False:
            return
        if isinstance(source, View):
            outcome = self.interactions.use_in_view(self.user, source, control, value)
        else:
            outcome = self.interactions.use_in_message(self.user, source, control, value)
        self.remember(entry, outcome)

    def lookup(self, source: View | Message) -> Lookup:
        """How this person's words become ids."""
        return Lookup(
            user=self._user_id,
            channel=self._conversation_id,
            conversation=self._offered_conversation_id,
            upload=self._upload,
            suggestions=lambda control, text: self.interactions.suggest(self.user, source, control, text),
        )

    def _user_id(self, handle: str) -> str:
        with self.workspace.lock:
            try:
                return self.workspace.user_by_handle(handle).id
            except LookupError as error:
                raise AssertionError(str(error)) from error

    def _conversation_id(self, name: str) -> str:
        with self.workspace.lock:
            return self.eyes.conversation(name).id

    def _offered_conversation_id(self, name: str, control: Control) -> str:
        """By the name of a channel or the handle of a person, of those that the element's filter lets through."""
        with self.workspace.lock:
            channel = self.eyes.conversation(name if is_conversation(name) else f"dm:{name}")
        kind = {"channel": "public", "group": "private"}.get(channel.type, channel.type)
        offered = (control.element.get("filter") or {}).get("include") or [kind]
        insist(kind in offered, f"{name} is not offered, it is {kind}; offered are: {', '.join(offered)}")
        return channel.id

    def _upload(self, name: str, content: bytes) -> Json:
        with self.workspace.lock:
            file = self.workspace.new_file(self.user, name, length=len(content))
            file.content, file.complete = content, True
            return self.workspace.file_payload(file)

    def _control(
        self, label: str, where: Where, find: Callable[[list[Control], str], Control | None], within_seconds: float
    ) -> tuple[Message, Control]:
        def look() -> Message | None:
            for message in self._candidates(where):
                if find(find_controls(all_blocks(message)), label) is not None:
                    return message
            return None

        def complaint() -> str:
            there = [f"- {self.eyes.read(m)[:80]!r}: {self.eyes.seen(m).buttons}" for m in self._candidates(where)]
            return f"{self.handle} finds no {label!r} to use, only:\n" + ("\n".join(there[:20]) or "no message at all")

        message = self.wait_for(look, within_seconds, complaint)
        control = find(self.interactions.message_controls(message), label)
        if control is None:
            raise AssertionError(f"{label!r} went away under the hand of {self.handle}")
        return message, control

    def _candidates(self, where: Where) -> Iterator[Message]:
        """Newest first."""
        if isinstance(where, Answer):
            where = where.message
            insist(where, "the command was answered with nothing that could be used")
        if isinstance(where, SeenMessage):
            yield from (message for message in self.eyes.messages(where) if message is where.message)
        elif where is None or is_conversation(where):
            yield from reversed(self.eyes.messages(where))
        else:
            yield from (message for message in reversed(self.eyes.messages()) if where in self.eyes.read(message))
