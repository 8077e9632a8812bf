"""chat.scheduleMessage, deleteScheduledMessage, scheduledMessages.list."""

import time

from slackdesk.sandbox.api.chat import destination, read_text, thread_arguments
from slackdesk.sandbox.api.content import read_content, require_something_to_say
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, invalid_argument, method
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.schedule import ScheduledMessage

MAX_AHEAD_SECONDS = 120 * 24 * 3600
WINDOW_SECONDS = 300
MAX_PER_WINDOW = 30
"""Per channel, in any five minutes."""


@method("chat.scheduleMessage", scopes=("chat:write",))
def schedule_message(call: Call) -> Json:
    """Accepted with `metadata`, too, although Slack then never posts it."""
    channel = destination(call)
    post_at = call.integer("post_at", 0)
    if not post_at:
        invalid_argument("missing required field: post_at")
    if post_at <= time.time():
        raise ApiError("time_in_past")
    if post_at > time.time() + MAX_AHEAD_SECONDS:
        raise ApiError("time_too_far")
    schedule = call.sandbox.schedule
    near = [m for m in schedule.pending if m.channel_id == channel.id and abs(m.post_at - post_at) < WINDOW_SECONDS]
    if len(near) >= MAX_PER_WINDOW:
        raise ApiError("restricted_too_many")
    content = read_content(call)
    require_something_to_say(content)
    message = ScheduledMessage(
        call.workspace.new_id("Q"),
        channel.id,
        post_at,
        int(time.time()),
        text=read_text(call, content),
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=content.metadata,
        **thread_arguments(call),
    )
    schedule.add(message)
    shown = {"text": message.text, "type": "delayed_message", "user": call.user.id, "bot_id": call.user.bot_id}
    return {
        "channel": channel.id,
        "scheduled_message_id": message.id,
        "post_at": post_at,
        "message": shown | ({"blocks": message.blocks} if message.blocks else {}),
    }


@method("chat.deleteScheduledMessage", scopes=("chat:write",))
def delete_scheduled_message(call: Call) -> Json:
    channel = call.channel()
    if not call.sandbox.schedule.remove(channel.id, call.required("scheduled_message_id")):
        raise ApiError("invalid_scheduled_message_id")
    return {}


@method("chat.scheduledMessages.list")
def list_scheduled_messages(call: Call) -> Json:
    channel_id = call.text("channel")
    oldest, latest = call.integer("oldest", 0), call.integer("latest", 2**63)
    found = [
        {"id": m.id, "channel_id": m.channel_id, "post_at": m.post_at, "date_created": m.created, "text": m.text}
        for m in call.sandbox.schedule.pending
        if channel_id in ("", m.channel_id) and oldest <= m.post_at <= latest
    ]
    page, metadata = call.page(found)
    return {"scheduled_messages": page} | metadata
