"""What Slack delivers, read once into values; whatever cannot be read is Malformed.

Shapes: https://docs.slack.dev/interactivity/handling-user-interaction, https://docs.slack.dev/apis/events-api.
Each value has the ``key`` under which its delivery enters the inbox.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from slackdesk.slack import fields, ids
from slackdesk.slack.fields import identifier, mapping, optional, reading, words


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
            trigger_id = identifier(body["trigger_id"])
            return cls(
                person=identifier(body["user_id"]),
                command=words(body["command"]),
                text=words(body.get("text")),
                channel=identifier(body["channel_id"]),
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
            pressed, container = body["actions"][0], body["container"]
            action_id = words(pressed["action_id"])
            action = ids.parse_action(action_id)
            optional(fields.row_id, action.ticket_id)
            if action.name == ids.Click.MORE:
                action = ids.ActionId(words(pressed["selected_option"]["value"]), action.ticket_id, action.extra)
            in_view = container["type"] == "view"
            where = identifier(container["view_id"]) if in_view else fields.ts(container["message_ts"])
            return cls(
                person=identifier(body["user"]["id"]),
                action=action,
                trigger_id=identifier(body["trigger_id"]),
                key=f"click:{where}:{action_id}:{fields.ts(pressed['action_ts'])}",
                place=None if in_view else _place(body, where),
                view_type=identifier(body["view"]["type"]) if in_view else None,
            )


def _place(body: Mapping[str, Any], ts: str) -> Place:
    message, container = body.get("message") or {}, body["container"]
    return Place(
        channel=identifier(body["channel"]["id"]),
        ts=ts,
        thread_ts=optional(fields.ts, message.get("thread_ts") or container.get("thread_ts")),
        response_url=optional(fields.address, body.get("response_url")),
    )


@dataclass(frozen=True)
class Values:
    """What was put into the inputs of a modal, by the names of their blocks. Anything empty is None.

    Reading an input that holds something else than Slack documents raises Malformed.
    """

    state: Mapping[str, Any]

    def text(self, name: str) -> str:
        """What was typed, without surrounding space; empty when nothing was."""
        return words(self._input(name).get("value")).strip()

    def choice(self, name: str) -> str | None:
        """Value of the option that was chosen."""
        option = self._input(name).get("selected_option")
        return None if option is None else words(mapping(option).get("value"))

    def person(self, name: str) -> str | None:
        """Slack user id that was chosen."""
        return optional(identifier, self._input(name).get("selected_user"))

    def instant(self, name: str) -> int | None:
        """Seconds since 1970 of the date and time that was chosen."""
        return optional(fields.seconds, self._input(name).get("selected_date_time"))

    def plain(self) -> dict[str, str | None]:
        """Every input by its name: what was typed or chosen, as text; of several options with a comma between them."""
        with reading("view_submission"):
            return {name: _value(self._input(name)) for name in map(ids.parse_block, self.state)}

    def _input(self, name: str) -> Mapping[str, Any]:
        for block_id, inputs in self.state.items():
            if ids.parse_block(block_id) == name:
                return mapping(next(iter(mapping(inputs).values()), {}))
        return {}


_PLAIN = (
    "value",
    "selected_user",
    "selected_channel",
    "selected_conversation",
    "selected_date",
    "selected_time",
    "selected_date_time",
)
"""Where the state of an input has what was typed or chosen, but for options."""


def _value(given: Mapping[str, Any]) -> str | None:
    if options := given.get("selected_options") or list(filter(None, [given.get("selected_option")])):
        return ids.SEPARATOR.join(words(option["value"]) for option in options)
    found = next((given[key] for key in _PLAIN if given.get(key) is not None), None)
    return None if found is None else words(str(found)).strip() or None


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
            view_id, modal = identifier(view["id"]), words(view["callback_id"])
            return cls(
                person=identifier(body["user"]["id"]),
                modal=modal,
                view_id=view_id,
                context=_context(words(view.get("private_metadata"))),
                values=Values(mapping(view["state"]["values"])),
                inputs=inputs_of(view),
                key=f"view:{view_id}:{modal}",
            )


def inputs_of(view: Mapping[str, Any]) -> dict[str, str]:
    """Name → block id of the input blocks of a view. Raises what reading anything raises."""
    blocks = [words(block["block_id"]) for block in view.get("blocks", ()) if block["type"] == "input"]
    return {ids.parse_block(block_id): block_id for block_id in blocks}


_IN_CONTEXT: Mapping[str, Callable[[object], Any]] = {
    "ticket_id": fields.row_id,
    "channel": identifier,
    "ts": fields.ts,
    "author": identifier,
    "response_url": fields.address,
}


def _context(metadata: str) -> ids.Context:
    context = asdict(ids.parse_metadata(metadata))
    return ids.Context(**{key: optional(_IN_CONTEXT.get(key, words), value) for key, value in context.items()})


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
            ts, thread_ts = fields.ts(message["ts"]), optional(fields.ts, message.get("thread_ts"))
            posted_by_app = "bot_id" in message or message.get("subtype") == "bot_message"
            return cls(
                channel=identifier(channel),
                ts=ts,
                thread_ts=thread_ts if thread_ts != ts else None,
                author=None if posted_by_app else optional(identifier, message.get("user")),
                text=words(message.get("text")),
                files=tuple(_file(one) for one in message.get("files") or ()),
                is_direct=message.get("channel_type") == "im" or channel.startswith("D"),
            )


def _file(file: Mapping[str, Any]) -> dict[str, Any]:
    file_id = identifier(file["id"])
    return {
        "id": file_id,
        "name": words(file.get("name")) or words(file.get("title")) or file_id,
        "mimetype": words(file.get("mimetype")),
        "size_bytes": fields.whole(file.get("size") or 0),
        "permalink": words(file.get("permalink")),
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
            trigger_id = identifier(body["trigger_id"])
            return cls(
                person=identifier(body["user"]["id"]),
                callback_id=words(body["callback_id"]),
                trigger_id=trigger_id,
                key=f"shortcut:{trigger_id}",
                message=message,
                response_url=optional(fields.address, body.get("response_url")),
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
                type=words(event["type"]),
                event=event,
                key=f"event:{identifier(body['event_id'])}",
                bot_user_id=optional(identifier, authorizations[0].get("user_id")),
            )
