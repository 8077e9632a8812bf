"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from typing import Any

from slackdesk.sandbox.api.content import Content, read_content, require_something_to_say
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.messages import MAX_TEXT_LENGTH
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Channel, Json

MAX_UPDATE_TEXT_LENGTH = 4_000
MAX_EPHEMERAL_TEXT_BYTES = 4_000


def destination(call: Call) -> Channel:
    """The conversation to post to: an id, a user's id (the direct message is opened), or a channel's name.

    Raises `channel_not_found`, `user_disabled`, `cannot_dm_bot`, `messages_tab_disabled`, `not_in_channel`,
    `is_archived`.
    """
    name = call.required("channel")
    workspace = call.workspace
    person = workspace.users.get(name)
    if person is not None:
        if person.is_bot:
            raise ApiError("cannot_dm_bot")
        if person.deleted:
            raise ApiError("user_disabled")
        _require_messages_tab(call)
        return workspace.open_dm([call.user.id, name])
    channel = workspace.writable_channel(workspace.channel_id(name), call.user)
    if channel.is_im:
        _require_messages_tab(call)
    return channel


def _require_messages_tab(call: Call) -> None:
    """Raises `messages_tab_disabled` where the manifest gives people no place to read the app's direct messages."""
    manifest = call.sandbox.manifest
    if manifest is not None and not manifest.messages_tab:
        raise ApiError("messages_tab_disabled")


def thread_arguments(call: Call) -> dict[str, Any]:
    thread_ts = call.text("thread_ts") or None
    return {"thread_ts": thread_ts, "reply_broadcast": call.flag("reply_broadcast")}


def customized_name(call: Call) -> str:
    name = call.text("username")
    if name or call.text("icon_emoji") or call.text("icon_url"):
        call.need_scope("chat:write.customize")
    return name


def read_text(call: Call, content: Content) -> str:
    """The text; one that is too long is cut off, with the warning that Slack gives."""
    text = content.text or ""
    if len(text) > MAX_TEXT_LENGTH:
        call.warnings.append("message_truncated")
    return text[:MAX_TEXT_LENGTH]


@method("chat.postMessage", scopes=("chat:write",))
def post_message(call: Call) -> Json:
    channel = destination(call)
    content = read_content(call)
    require_something_to_say(content)
    message = call.workspace.post(
        channel.id,
        call.user,
        text=read_text(call, content),
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=content.metadata,
        username=customized_name(call),
        **thread_arguments(call),
    )
    shown = call.workspace.message_payload(message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


@method("chat.update", scopes=("chat:write",))
def update(call: Call) -> Json:
    """`text` without `blocks` removes the blocks; what is not named at all is retained, metadata too."""
    channel, ts = call.channel(), call.required("ts")
    content = read_content(call)
    if content.text is not None and len(content.text) > MAX_UPDATE_TEXT_LENGTH:
        raise ApiError("msg_too_long")
    if content.text is None and content.blocks is None and content.attachments is None and content.metadata is None:
        raise ApiError("no_text")
    _require_same_kind(channel, ts, content)
    replaced: dict[str, Any] = {}
    if content.text is not None or content.blocks is not None:
        replaced["blocks"] = content.blocks
    if content.attachments is not None:
        replaced["attachments"] = content.attachments
    if content.metadata is not None:
        replaced["metadata"] = content.metadata
    message = call.workspace.edit(channel.id, ts, call.user, text=content.text, **replaced)
    shown = call.workspace.message_payload(message, with_metadata=True)
    return {"channel": channel.id, "ts": ts, "text": message.text, "message": shown}


def _require_same_kind(channel: Channel, ts: str, content: Content) -> None:
    """Raises `block_mismatch`: rich text can be replaced by rich text only."""
    message = channel.messages.get(ts)
    has_rich_text = message is not None and _has_rich_text(message.blocks)
    if has_rich_text and content.blocks and not _has_rich_text(content.blocks):
        raise ApiError("block_mismatch")


def _has_rich_text(blocks: list[Json] | None) -> bool:
    return any(block.get("type") == "rich_text" for block in blocks or ())


@method("chat.delete", scopes=("chat:write",))
def delete(call: Call) -> Json:
    channel, ts = call.channel(), call.required("ts")
    call.workspace.delete(channel.id, ts, call.user)
    return {"channel": channel.id, "ts": ts}


@method("chat.postEphemeral", scopes=("chat:write",))
def post_ephemeral(call: Call) -> Json:
    """Seen by one member of the conversation; kept nowhere, cannot be updated by chat.update."""
    person_id = call.required("user")
    channel = call.workspace.writable_channel(call.required("channel"), call.user)
    content = read_content(call)
    require_something_to_say(content)
    if len((content.text or "").encode()) > MAX_EPHEMERAL_TEXT_BYTES:
        raise ApiError("msg_too_long")
    person = call.workspace.users.get(person_id)
    if person is None or person.deleted:
        raise ApiError("user_not_in_channel")
    message = call.workspace.post(
        channel.id,
        call.user,
        text=content.text or "",
        blocks=content.blocks,
        attachments=content.attachments,
        thread_ts=call.text("thread_ts") or None,
        ephemeral_to=person,
    )
    return {"message_ts": message.ts}


@method("chat.getPermalink")
def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.workspace.message(channel, call.required("message_ts"))
    return {"channel": channel.id, "permalink": call.workspace.permalink(message)}
