"""bookmarks.add, edit, remove, list."""

import time

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, invalid_argument, method
from slackdesk.sandbox.records import Channel, Json

MAX_BOOKMARKS_PER_CHANNEL = 100


def _channel(call: Call) -> Channel:
    return call.workspace.writable_channel(call.required("channel_id"), call.user)


def _bookmark(call: Call, channel: Channel) -> Json:
    bookmark_id = call.required("bookmark_id")
    for bookmark in channel.bookmarks:
        if bookmark["id"] == bookmark_id:
            return bookmark
    raise ApiError("not_found")


def _link(call: Call) -> str:
    link = call.text("link")
    if link and not link.startswith(("https://", "http://")):
        raise ApiError("invalid_link")
    return link


@method("bookmarks.add", scopes=("bookmarks:write",))
def add(call: Call) -> Json:
    channel = _channel(call)
    title, kind, link = call.required("title"), call.required("type"), _link(call)
    if kind != "link":
        raise ApiError("invalid_bookmark_type")
    if not link:
        invalid_argument("missing required field: link")
    if len(channel.bookmarks) >= MAX_BOOKMARKS_PER_CHANNEL:
        raise ApiError("too_many_bookmarks")
    bookmark: Json = {
        "id": call.workspace.new_id("Bk"),
        "channel_id": channel.id,
        "title": title,
        "link": link,
        "emoji": call.text("emoji"),
        "type": kind,
        "app_id": call.workspace.app.id,
        "date_created": int(time.time()),
        "date_updated": 0,
        "last_updated_by_user_id": call.user.id,
    }
    channel.bookmarks.append(bookmark)
    return {"bookmark": bookmark}


@method("bookmarks.edit", scopes=("bookmarks:write",))
def edit(call: Call) -> Json:
    bookmark = _bookmark(call, _channel(call))
    changes = {"title": call.text("title"), "link": _link(call), "emoji": call.text("emoji")}
    bookmark.update({name: value for name, value in changes.items() if value}, date_updated=int(time.time()))
    return {"bookmark": bookmark}


@method("bookmarks.remove", scopes=("bookmarks:write",))
def remove(call: Call) -> Json:
    channel = _channel(call)
    channel.bookmarks.remove(_bookmark(call, channel))
    return {}


@method("bookmarks.list", scopes=("bookmarks:read",))
def list_bookmarks(call: Call) -> Json:
    channel = call.workspace.visible_channel(call.required("channel_id"), call.user)
    return {"bookmarks": list(channel.bookmarks)}
