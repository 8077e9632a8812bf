"""Messages and files as the Web API and the events show them."""

from urllib.parse import quote

from slackdesk.sandbox.conversations import Conversations
from slackdesk.sandbox.records import File, Json, Message


def message_payload(workspace: Conversations, message: Message, *, with_metadata: bool = False) -> Json:
    """A message as in `conversations.history`; metadata only where the call asked for it."""
    shown: Json = {"type": "message", "user": message.user_id, "text": message.text, "ts": message.ts}
    shown["team"] = workspace.team_id
    if message.subtype:
        shown["subtype"] = message.subtype
    if message.is_tombstone:
        shown |= {"user": "USLACKBOT", "hidden": True}
    if message.bot_id:
        shown |= _bot_fields(workspace, message)
    if message.client_msg_id:
        shown["client_msg_id"] = message.client_msg_id
    for key in ("blocks", "attachments", "username"):
        if value := getattr(message, key):
            shown[key] = value
    if message.files:
        shown["files"] = [file_payload(workspace, file) for file in message.files]
    # An app's own edits carry no mark that a person could see, but Slack keeps the field all the same.
    if message.edited_ts:
        shown["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    if with_metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    return shown | _thread_fields(workspace, message)


def _bot_fields(workspace: Conversations, message: Message) -> Json:
    app = workspace.app
    profile = {
        "id": message.bot_id,
        "app_id": message.app_id,
        "name": app.name,
        "deleted": False,
        "team_id": workspace.team_id,
    }
    return {"bot_id": message.bot_id, "app_id": message.app_id, "bot_profile": profile}


def _thread_fields(workspace: Conversations, message: Message) -> Json:
    channel = workspace.channels[message.channel_id]
    if message.thread_ts is not None:
        root = channel.messages.get(message.thread_ts)
        shown: Json = {"thread_ts": message.thread_ts}
        if root is not None:
            shown["parent_user_id"] = root.user_id
        return shown
    replies = channel.threads.get(message.ts)
    if not replies:
        return {}
    authors = list(dict.fromkeys(reply.user_id for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": authors[:5],
        "reply_users_count": len(authors),
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def _share(workspace: Conversations, channel_id: str, ts: str) -> Json:
    """Where a file is shared; in a thread, with the root's ts."""
    message = workspace.channels[channel_id].messages.get(ts)
    return {"ts": ts} | ({"thread_ts": message.thread_ts} if message is not None and message.is_reply else {})


def file_payload(workspace: Conversations, file: File) -> Json:
    path, name = f"{workspace.team_id}-{file.id}", quote(file.name)
    private = [c for c in file.shared_in if workspace.channels[c].type == "group"]
    direct = [c for c in file.shared_in if workspace.channels[c].type in ("im", "mpim")]
    public = [c for c in file.shared_in if workspace.channels[c].type == "channel"]
    shares = {
        kind: {c: [_share(workspace, c, ts) for ts in file.shared_in[c]] for c in channels}
        for kind, channels in (("public", public), ("private", private + direct))
        if channels
    }
    shown: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.filetype.upper(),
        "user": file.user_id,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "is_public": bool(public),
        "url_private": f"{workspace.base_url}/files-pri/{path}/{name}",
        "url_private_download": f"{workspace.base_url}/files-pri/{path}/download/{name}",
        "permalink": f"https://{workspace.domain}.slack.com/files/{file.user_id}/{file.id}/{name}",
        "channels": public,
        "groups": private,
        "ims": direct,
        "shares": shares,
    }
    return shown | {"alt_txt": file.alt_text} if file.alt_text else shown
