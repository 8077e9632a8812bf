"""Reading conversations: list, info, history, replies, members, and users.conversations."""

from collections.abc import Iterable

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, method
from slackdesk.sandbox.records import Channel, Json, Message

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
SCOPE_PREFIXES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
ANY_READ_SCOPE = ("channels:read", "groups:read", "im:read", "mpim:read")
ANY_HISTORY_SCOPE = ("channels:history", "groups:history", "im:history", "mpim:history")


def scoped_channel(call: Call, kind: str, *more_kinds: str) -> Channel:
    """The call's channel; the scope that is needed depends on its type. Raises `channel_not_found`, `missing_scope`."""
    channel = call.channel()
    prefix = SCOPE_PREFIXES[channel.type]
    call.need_scope(*(f"{prefix}:{each}" for each in (kind, *more_kinds)))
    return channel


@method("conversations.list", scopes=ANY_READ_SCOPE)
def list_conversations(call: Call) -> Json:
    visible = (c for c in call.workspace.channels.values() if not c.is_private_to_members or call.user.id in c.members)
    return _listed(call, visible)


@method("users.conversations", scopes=ANY_READ_SCOPE)
def users_conversations(call: Call) -> Json:
    """The conversations of a person, as far as the app may see them."""
    person = call.workspace.user(call.text("user") or call.user.id)
    shared = (
        c
        for c in call.workspace.channels.values()
        if person.id in c.members and (not c.is_private_to_members or call.user.id in c.members)
    )
    return _listed(call, shared)


def _listed(call: Call, channels: Iterable[Channel]) -> Json:
    asked = call.ids("types") or ["public_channel"]
    if unknown := [name for name in asked if name not in TYPES]:
        raise ApiError("invalid_types", response_metadata={"messages": [f"[ERROR] unknown type: {unknown[0]}"]})
    types = {TYPES[name] for name in asked}
    for kind in sorted(types):
        call.need_scope(f"{SCOPE_PREFIXES[kind]}:read")
    without_archived = call.flag("exclude_archived")
    matching = [c for c in channels if c.type in types and not (without_archived and c.is_archived)]
    page, metadata = call.page(matching)
    return {"channels": [_with_member_count(call, channel) for channel in page]} | metadata


def _with_member_count(call: Call, channel: Channel) -> Json:
    shown = channel.payload(call.user.id)
    return shown if channel.is_im else shown | {"num_members": len(channel.members)}


@method("conversations.info", scopes=ANY_READ_SCOPE)
def info(call: Call) -> Json:
    channel = scoped_channel(call, "read")
    shown = channel.payload(call.user.id)
    if call.flag("include_locale"):
        shown["locale"] = "en-US"
    if call.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


@method("conversations.members", scopes=ANY_READ_SCOPE)
def members(call: Call) -> Json:
    page, metadata = call.page(scoped_channel(call, "read").members)
    return {"members": page} | metadata


@method("conversations.history", scopes=ANY_HISTORY_SCOPE)
def history(call: Call) -> Json:
    """Newest first; replies are not among them unless they were also sent to the channel."""
    channel = scoped_channel(call, "history")
    _require_membership(call, channel)
    page, metadata = call.page(_in_time(call, channel.roots()), max_limit=999)
    return _shown(call, page, metadata) | {"pin_count": len(channel.pinned)}


@method("conversations.replies", scopes=ANY_HISTORY_SCOPE)
def replies(call: Call) -> Json:
    """The root, on every page's head as Slack does it, then the replies, oldest first. Raises `thread_not_found`."""
    channel = scoped_channel(call, "history")
    _require_membership(call, channel)
    message = channel.messages.get(call.required("ts"))
    if message is None:
        raise ApiError("thread_not_found")
    root_ts = message.thread_ts or message.ts
    thread = _in_time(call, channel.threads.get(root_ts, []))
    page, metadata = call.page(thread, default_limit=1000)
    root = channel.messages.get(root_ts)
    return _shown(call, [*([root] if root else []), *page], metadata)


def _require_membership(call: Call, channel: Channel) -> None:
    if call.user.id not in channel.members:
        raise ApiError("not_in_channel")


def _in_time(call: Call, messages: Iterable[Message]) -> list[Message]:
    """`oldest` and `latest` are exclusive unless `inclusive`; ts strings of one length compare as they are."""
    oldest, latest = _timestamp(call, "oldest"), _timestamp(call, "latest")
    if call.flag("inclusive"):
        return [m for m in messages if (not oldest or m.ts >= oldest) and (not latest or m.ts <= latest)]
    return [m for m in messages if (not oldest or m.ts > oldest) and (not latest or m.ts < latest)]


def _timestamp(call: Call, name: str) -> str:
    value = call.text(name)
    if not value or value in ("0", "now"):
        return ""
    seconds, _, fraction = value.partition(".")
    if not seconds.isdigit() or (fraction and not fraction.isdigit()):
        raise ApiError(f"invalid_ts_{name}")
    return f"{int(seconds):010d}.{fraction:0<6.6}"


def _shown(call: Call, page: list[Message], metadata: Json) -> Json:
    with_metadata = call.flag("include_all_metadata")
    shown = [call.workspace.message_payload(m, with_metadata=with_metadata) for m in page]
    return {"messages": shown, "has_more": bool(metadata["response_metadata"]["next_cursor"])} | metadata
