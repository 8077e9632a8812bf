"""reactions.add, remove, get."""

import re

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Json

EMOJI_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def _emoji(call: Call) -> str:
    """Raises `invalid_name` for what cannot be an emoji; colons around it are tolerated."""
    name = call.required("name").strip(":")
    if not EMOJI_NAME.fullmatch(name):
        raise ApiError("invalid_name")
    return name


@method("reactions.add", scopes=("reactions:write",))
def add(call: Call) -> Json:
    name = _emoji(call)
    call.workspace.react(call.channel().id, call.required("timestamp"), call.user, name)
    return {}


@method("reactions.remove", scopes=("reactions:write",))
def remove(call: Call) -> Json:
    name = _emoji(call)
    call.workspace.unreact(call.channel().id, call.required("timestamp"), call.user, name)
    return {}


@method("reactions.get", scopes=("reactions:read",))
def get(call: Call) -> Json:
    channel = call.channel()
    message = call.workspace.message(channel, call.required("timestamp"))
    return {"type": "message", "channel": channel.id, "message": call.workspace.message_payload(message)}
