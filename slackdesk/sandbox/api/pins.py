"""pins.add, remove, list."""

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Channel, Json, Message


def _message(call: Call) -> tuple[Channel, Message]:
    channel = call.workspace.writable_channel(call.required("channel"), call.user)
    return channel, call.workspace.message(channel, call.required("timestamp"))


@method("pins.add", scopes=("pins:write",))
def add(call: Call) -> Json:
    channel, message = _message(call)
    if message.ts in channel.pinned:
        raise ApiError("already_pinned")
    channel.pinned.append(message.ts)
    call.workspace.emit(_event(call, "pin_added", channel, message), channel)
    return {}


@method("pins.remove", scopes=("pins:write",))
def remove(call: Call) -> Json:
    channel, message = _message(call)
    if message.ts not in channel.pinned:
        raise ApiError("no_pin")
    channel.pinned.remove(message.ts)
    call.workspace.emit(_event(call, "pin_removed", channel, message), channel)
    return {}


@method("pins.list", scopes=("pins:read",))
def list_pins(call: Call) -> Json:
    channel = call.channel()
    present = [channel.messages[ts] for ts in channel.pinned if ts in channel.messages]
    return {"items": [_item(call, channel, message) for message in present]}


def _item(call: Call, channel: Channel, message: Message) -> Json:
    return {"type": "message", "channel": channel.id, "message": call.workspace.message_payload(message)}


def _event(call: Call, kind: str, channel: Channel, message: Message) -> Json:
    item = _item(call, channel, message)
    return {
        "type": kind,
        "user": call.user.id,
        "channel_id": channel.id,
        "item": item,
        "has_pins": bool(channel.pinned),
    }
