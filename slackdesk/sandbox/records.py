"""What a workspace is made of: plain records, each able to show itself as the Web API does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]


@dataclass(eq=False)
class User:
    id: str
    name: str
    """The handle, without @."""
    real_name: str
    team_id: str
    email: str = ""
    display_name: str = ""
    title: str = ""
    tz: str = "Etc/UTC"
    locale: str = "en-US"
    is_bot: bool = False
    bot_id: str = ""
    app_id: str = ""
    is_admin: bool = False
    is_guest: bool = False
    """A multi-channel guest (`is_restricted`): sees only the channels he or she is in, no global shortcuts."""
    deleted: bool = False
    status_text: str = ""
    status_emoji: str = ""
    updated: int = 0

    def profile(self, *, with_email: bool) -> Json:
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "first_name": self.real_name.split(" ")[0],
            "last_name": " ".join(self.real_name.split(" ")[1:]),
            "title": self.title,
            "status_text": self.status_text,
            "status_emoji": self.status_emoji,
            "team": self.team_id,
        }
        if self.is_bot:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id}
        elif with_email:
            profile["email"] = self.email
        return profile

    def payload(self, *, with_email: bool = True, with_locale: bool = False) -> Json:
        """`users.info`'s `user`; the address only with `users:read.email`, the locale only when asked for."""
        shown: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
            "profile": self.profile(with_email=with_email),
        }
        if not self.deleted:
            offset = datetime.now(ZoneInfo(self.tz)).utcoffset()
            shown |= {
                "real_name": self.real_name,
                "tz": self.tz,
                "tz_label": self.tz,
                "tz_offset": int(offset.total_seconds()) if offset else 0,
                "is_admin": self.is_admin,
                "is_owner": False,
                "is_primary_owner": False,
                "is_restricted": self.is_guest,
                "is_ultra_restricted": False,
            }
        if with_locale:
            shown["locale"] = self.locale
        return shown


@dataclass(eq=False)
class File:
    id: str
    name: str
    title: str
    mimetype: str
    filetype: str
    content: bytes
    user_id: str
    created: int
    alt_text: str = ""
    complete: bool = True
    """False between `files.getUploadURLExternal` and `files.completeUploadExternal`."""
    declared_length: int = 0
    shared_in: dict[str, list[str]] = field(default_factory=dict)
    """Channel id to the ts of the messages that carry it."""
    deleted: bool = False

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(eq=False)
class Message:
    channel_id: str
    ts: str
    user_id: str
    text: str
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    thread_ts: str | None = None
    """The root's ts; on a root it appears in payloads only, once there are replies."""
    subtype: str | None = None
    metadata: Json | None = None
    files: list[File] = field(default_factory=list)
    bot_id: str = ""
    app_id: str = ""
    client_msg_id: str = ""
    username: str = ""
    """Set by `chat:write.customize`: such a message cannot be deleted by the app."""
    edited_ts: str | None = None
    edited_by: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    reply_broadcast: bool = False
    ephemeral_to: str | None = None
    is_tombstone: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(eq=False)
class Channel:
    """Any conversation: public or private channel, direct message (`is_im`), group direct message (`is_mpim`)."""

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_general: bool = False
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    """By ts, in order of time; tombstones included."""
    threads: dict[str, list[Message]] = field(default_factory=dict)
    """Root ts to its replies, in order of time."""
    ephemerals: list[Message] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)

    @property
    def type(self) -> str:
        """As events name it: channel, group, im or mpim."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "group" if self.is_private else "channel"

    @property
    def is_private_to_members(self) -> bool:
        return self.is_private or self.is_im or self.is_mpim

    def payload(self, viewer_id: str) -> Json:
        if self.is_im:
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_archived": self.is_archived,
                "user": next((member for member in self.members if member != viewer_id), viewer_id),
                "is_org_shared": False,
                "is_open": True,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private_to_members,
            "is_group": self.is_private and not self.is_mpim,
            "is_im": False,
            "is_mpim": self.is_mpim,
            "is_private": self.is_private_to_members,
            "is_archived": self.is_archived,
            "is_general": self.is_general,
            "is_member": viewer_id in self.members,
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "created": self.created,
            "creator": self.creator,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
        }

    def roots(self) -> Iterator[Message]:
        """What the channel itself shows, newest first: no replies unless also sent to the channel."""
        for message in reversed(self.messages.values()):
            if not message.is_reply or message.reply_broadcast:
                yield message


@dataclass(eq=False)
class UserGroup:
    id: str
    handle: str
    name: str
    team_id: str
    users: list[str] = field(default_factory=list)
    description: str = ""
    date_update: int = 0
    is_disabled: bool = False

    def payload(self, *, with_users: bool = True) -> Json:
        shown: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "description": self.description,
            "is_external": False,
            "date_update": self.date_update,
            "date_delete": self.date_update if self.is_disabled else 0,
            "user_count": len(self.users),
            "prefs": {"channels": [], "groups": []},
        }
        if with_users:
            shown["users"] = list(self.users)
        return shown


@dataclass(eq=False)
class App:
    id: str
    name: str
    bot_user_id: str
    bot_id: str


@dataclass(eq=False)
class Install:
    """The app in this workspace: its secrets and what it was granted."""

    bot_token: str
    app_token: str
    signing_secret: str
    scopes: frozenset[str]
    app_scopes: frozenset[str] = frozenset({"connections:write"})
