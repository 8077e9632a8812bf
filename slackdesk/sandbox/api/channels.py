"""Changing conversations: open, create, join, leave, invite, kick, archive, setTopic, setPurpose."""

from typing import Literal

from slackdesk.sandbox.api.conversations import scoped_channel
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Channel, Json

MANAGE = ("manage", "write")
ANY_MANAGE_SCOPE = ("channels:manage", "groups:write", "im:write", "mpim:write")
MAX_TOPIC_LENGTH = 250
MAX_INVITED_AT_ONCE = 1000


@method("conversations.open", scopes=("im:write", "mpim:write", "channels:manage", "groups:write"))
def open_conversation(call: Call) -> Json:
    """The direct message with `users` (the app is always part of it), or the one whose id is `channel`."""
    workspace = call.workspace
    if channel_id := call.text("channel"):
        channel = workspace.visible_channel(channel_id, call.user)
        already_open = True
    else:
        user_ids = [user_id for user_id in call.ids("users") if user_id != call.user.id]
        if not user_ids:
            raise ApiError("users_list_not_supplied")
        call.need_scope("im:write" if len(user_ids) == 1 else "mpim:write")
        if any(workspace.user(user_id).deleted for user_id in user_ids):
            raise ApiError("user_disabled")
        before = len(workspace.channels)
        channel = workspace.open_dm([call.user.id, *user_ids])
        already_open = len(workspace.channels) == before
    shown = channel.payload(call.user.id) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if already_open else {})


@method("conversations.create", scopes=("channels:manage", "groups:write"))
def create(call: Call) -> Json:
    is_private = call.flag("is_private")
    call.need_scope("groups:write" if is_private else "channels:manage")
    name = call.text("name").removeprefix("#")
    channel = call.workspace.add_channel(name, creator=call.user, is_private=is_private, members=[call.user])
    return {"channel": channel.payload(call.user.id)}


@method("conversations.join", scopes=("channels:join",))
def join(call: Call) -> Json:
    channel = call.channel()
    if channel.is_private_to_members:
        raise ApiError("method_not_supported_for_channel_type")
    joined = call.workspace.join(channel.id, call.user)
    return {"channel": channel.payload(call.user.id)} | ({} if joined else {"warning": "already_in_channel"})


@method("conversations.leave", scopes=ANY_MANAGE_SCOPE)
def leave(call: Call) -> Json:
    channel = scoped_channel(call, *MANAGE)
    return {} if call.workspace.leave(channel.id, call.user) else {"not_in_channel": True}


@method("conversations.invite", scopes=(*ANY_MANAGE_SCOPE, "channels:write.invites", "groups:write.invites"))
def invite(call: Call) -> Json:
    channel = _managed(call, "write.invites")
    user_ids = call.ids("users")
    if not user_ids:
        raise ApiError("no_user")
    if len(user_ids) > MAX_INVITED_AT_ONCE:
        raise ApiError("too_many_users")
    users = [call.workspace.user(user_id) for user_id in user_ids]
    errors = [_invitation_error(call, channel, user_id) for user_id in user_ids]
    refused = [{"ok": False, "user": u, "error": e} for u, e in zip(user_ids, errors, strict=True) if e]
    if refused and not (call.flag("force") and len(refused) < len(users)):
        raise ApiError(str(refused[0]["error"]), errors=refused)
    for user, error in zip(users, errors, strict=True):
        if not error:
            call.workspace.join(channel.id, user, inviter=call.user)
    return {"channel": channel.payload(call.user.id)}


def _invitation_error(call: Call, channel: Channel, user_id: str) -> str:
    if user_id == call.user.id:
        return "cant_invite_self"
    if call.workspace.user(user_id).deleted:
        return "user_not_found"
    return "already_in_channel" if user_id in channel.members else ""


@method("conversations.kick", scopes=ANY_MANAGE_SCOPE)
def kick(call: Call) -> Json:
    channel = _managed(call)
    user = call.workspace.user(call.required("user"))
    if user is call.user:
        raise ApiError("cant_kick_self")
    call.workspace.kick(channel.id, user)
    return {}


@method("conversations.archive", scopes=ANY_MANAGE_SCOPE)
def archive(call: Call) -> Json:
    call.workspace.archive(_managed(call).id, call.user)
    return {}


@method("conversations.unarchive", scopes=ANY_MANAGE_SCOPE)
def unarchive(call: Call) -> Json:
    call.workspace.unarchive(_managed(call).id, call.user)
    return {}


@method("conversations.setTopic", scopes=(*ANY_MANAGE_SCOPE, "channels:write.topic", "groups:write.topic"))
def set_topic(call: Call) -> Json:
    return _set_line(call, "topic")


@method("conversations.setPurpose", scopes=(*ANY_MANAGE_SCOPE, "channels:write.topic", "groups:write.topic"))
def set_purpose(call: Call) -> Json:
    return _set_line(call, "purpose")


def _set_line(call: Call, name: Literal["topic", "purpose"]) -> Json:
    channel = _managed(call, "write.topic")
    text = call.text(name)
    if len(text) > MAX_TOPIC_LENGTH:
        raise ApiError("too_long")
    if channel.is_archived:
        raise ApiError("is_archived")
    call.workspace.set_line(channel.id, call.user, name, text)
    return {"channel": channel.payload(call.user.id), name: text}


def _managed(call: Call, *more_scopes: str) -> Channel:
    """The call's channel, which the app must be a member of. Raises `not_in_channel`."""
    channel = scoped_channel(call, *MANAGE, *more_scopes)
    if channel.is_im:
        raise ApiError("method_not_supported_for_channel_type")
    if call.user.id not in channel.members:
        raise ApiError("not_in_channel")
    return channel
