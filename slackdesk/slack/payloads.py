"""What Slack delivers, read once into values; whatever cannot be read is Malformed.

Shapes: https://docs.slack.dev/interactivity/handling-user-interaction, https://docs.slack.dev/apis/events-api.
Each value has the ``key`` under which its delivery enters the inbox.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from slackdesk.slack import ids


class Malformed(ValueError):
    """A payload that is not what Slack documents. Acknowledged and logged, since sending it again changes nothing."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Whatever goes wrong while a payload is read makes it Malformed."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Malformed(f"malformed {what}: {type(error).__name__} {error}") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no text")
    return value


@dataclass(frozen=True)
class Place:
    """Where an ephemeral answer goes: beside the message, or through ``response_url`` where the app is no member."""

    channel: str
    ts: str | None = None
    thread_ts: str | None = None
    response_url: str | None = None


@dataclass(frozen=True)
class Command:
    """A slash command."""

    person: str
    command: str
    text: str
    channel: str
    trigger_id: str
    key: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """From the form fields of a command. Raises Malformed."""
        with reading("command"):
            trigger_id = _text(body["trigger_id"])
            return cls(
                person=_text(body["user_id"]),
                command=_text(body["command"]),
                text=body.get("text") or "",
                channel=_text(body["channel_id"]),
                trigger_id=trigger_id,
                key=f"command:{trigger_id}",
            )


@dataclass(frozen=True)
class Press:
    """A button, or an entry of an overflow menu, in a message (``place``) or in a view (``view_type``)."""

    person: str
    action: ids.ActionId
    trigger_id: str
    key: str
    place: Place | None = None
    view_type: str | None = None
    """``modal`` or ``home``."""

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """From a ``block_actions`` payload. Raises Malformed."""
        with reading("block_actions"):
            pressed = body["actions"][0]
            action = ids.parse_action(_text(pressed["action_id"]))
            if action.name == ids.Click.MORE:
                action = ids.ActionId(_text(pressed["selected_option"]["value"]), action.ticket_id, action.extra)
            container = body["container"]
            where = _text(container.get("view_id") or container["message_ts"])
            return cls(
                person=_text(body["user"]["id"]),
                action=action,
                trigger_id=_text(body["trigger_id"]),
                key=f"click:{where}:{pressed['action_id']}:{_text(pressed['action_ts'])}",
                place=None if container["type"] == "view" else _place(body, _text(container["message_ts"])),
                view_type=_text(body["view"]["type"]) if container["type"] == "view" else None,
            )


def _place(body: Mapping[str, Any], ts: str) -> Place:
    message = body.get("message") or {}
    container = body.get("container") or {}
    return Place(
        channel=_text(body["channel"]["id"]),
        ts=ts,
        thread_ts=message.get("thread_ts") or container.get("thread_ts"),
        response_url=body.get("response_url"),
    )


@dataclass(frozen=True)
class Values:
    """What was put into the inputs of a modal, by the names of their blocks. Anything empty is None."""

    state: Mapping[str, Any]

    def text(self, name: str) -> str:
        """What was typed, without surrounding space; empty when nothing was."""
        return (self._input(name).get("value") or "").strip()

    def choice(self, name: str) -> str | None:
        """Value of the option that was chosen."""
        option = self._input(name).get("selected_option")
        return None if option is None else _text(option["value"])

    def person(self, name: str) -> str | None:
        """Slack user id that was chosen."""
        return self._input(name).get("selected_user")

    def instant(self, name: str) -> int | None:
        """Seconds since 1970 of the date and time that was chosen."""
        return self._input(name).get("selected_date_time")

    def _input(self, name: str) -> Mapping[str, Any]:
        for block_id, inputs in self.state.items():
            if ids.parse_block(block_id) == name:
                return next(iter(inputs.values()))
        return {}


@dataclass(frozen=True)
class Submission:
    """A modal that was submitted."""

    person: str
    modal: str
    view_id: str
    context: ids.Context
    values: Values
    inputs: Mapping[str, str]
    """Name → block id of the input blocks: only these can carry an error."""
    key: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """From a ``view_submission`` payload. Raises Malformed."""
        with reading("view_submission"):
            view = body["view"]
            view_id, modal = _text(view["id"]), _text(view["callback_id"])
            blocks = [_text(block["block_id"]) for block in view.get("blocks", ()) if block["type"] == "input"]
            return cls(
                person=_text(body["user"]["id"]),
                modal=modal,
                view_id=view_id,
                context=ids.parse_metadata(view.get("private_metadata") or ""),
                values=Values(dict(view["state"]["values"])),
                inputs={ids.parse_block(block_id): block_id for block_id in blocks},
                key=f"view:{view_id}:{modal}",
            )


@dataclass(frozen=True)
class Message:
    """A message that a person wrote. ``thread_ts`` is set for a reply only; ``text`` is in Slack's own notation."""

    channel: str
    ts: str
    thread_ts: str | None
    author: str | None
    """None for what an app posted."""
    text: str
    files: tuple[dict[str, Any], ...] = ()
    is_direct: bool = False

    @classmethod
    def read(cls, message: Mapping[str, Any], channel: str) -> Self:
        """From a message event, a message shortcut's message, or an entry of a conversation's history."""
        with reading("message"):
            ts, thread_ts = _text(message["ts"]), message.get("thread_ts")
            posted_by_app = "bot_id" in message or message.get("subtype") == "bot_message"
            return cls(
                channel=_text(channel),
                ts=ts,
                thread_ts=thread_ts if thread_ts != ts else None,
                author=None if posted_by_app else message.get("user"),
                text=message.get("text") or "",
                files=tuple(_file(one) for one in message.get("files") or ()),
                is_direct=message.get("channel_type") == "im" or channel.startswith("D"),
            )


def _file(file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _text(file["id"]),
        "name": file.get("name") or file.get("title") or file["id"],
        "mimetype": file.get("mimetype") or "",
        "size_bytes": int(file.get("size") or 0),
        "permalink": file.get("permalink") or "",
    }


@dataclass(frozen=True)
class ShortcutUse:
    """A shortcut: global, or on a message."""

    person: str
    callback_id: str
    trigger_id: str
    key: str
    message: Message | None = None
    response_url: str | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """From a ``shortcut`` or ``message_action`` payload. Raises Malformed."""
        with reading("shortcut"):
            message = None
            if body["type"] == "message_action":
                message = Message.read({"ts": body.get("message_ts"), **body["message"]}, body["channel"]["id"])
            trigger_id = _text(body["trigger_id"])
            return cls(
                person=_text(body["user"]["id"]),
                callback_id=_text(body["callback_id"]),
                trigger_id=trigger_id,
                key=f"shortcut:{trigger_id}",
                message=message,
                response_url=body.get("response_url"),
            )

    @property
    def place(self) -> Place | None:
        """Where to answer; None for a global shortcut, which has no conversation."""
        if self.message is None:
            return None
        return Place(self.message.channel, self.message.ts, self.message.thread_ts, self.response_url)


@dataclass(frozen=True)
class Delivery:
    """An event of the Events API."""

    type: str
    event: Mapping[str, Any] = field(repr=False)
    key: str
    bot_user_id: str | None
    """The app itself, by whose authorization the event came."""

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """From an ``event_callback`` payload. Raises Malformed."""
        with reading("event"):
            event = dict(body["event"])
            authorizations = body.get("authorizations") or [{}]
            return cls(
                type=_text(event["type"]),
                event=event,
                key=f"event:{_text(body['event_id'])}",
                bot_user_id=authorizations[0].get("user_id"),
            )
