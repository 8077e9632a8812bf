"""Who and what there is in a workspace: people, conversations, user groups, and who belongs where."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.records import App, Channel, Install, Json, Message, User, UserGroup

CHANNEL_NAME = re.compile(r"[^\sA-Z.,!?@#$%^&*()+=\[\]{}|\\;:'\"<>/`~]{1,80}")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

EventListener = Callable[[Json, Channel | None], None]


class Directory:
    """Holds the records. Every primitive takes `lock`, emits Slack's events and notifies `changed`.

    `on_event` listeners get `(event, conversation)`; the conversation is None for what concerns the whole workspace.
    They are called in order, under the lock, so they must only take note and return.
    """

    def __init__(self, name: str = "Acme", domain: str = "acme", app_name: str = "slackdesk") -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.on_event: list[EventListener] = []
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, UserGroup] = {}
        self.name = name
        self.domain = domain
        self._last_id = 0
        self._last_ts_microseconds = 0
        self.team_id = self.new_id("T")
        app_id, bot_id = self.new_id("A"), self.new_id("B")
        self.bot = self.add_user(app_name, app_name, is_bot=True, bot_id=bot_id, app_id=app_id)
        self.app = App(app_id, app_name, self.bot.id, bot_id)
        self.install: Install | None = None

    # Ids, time, events

    def new_id(self, prefix: str) -> str:
        """An id that looks like Slack's; the same sequence in every workspace built the same way."""
        with self.lock:
            self._last_id += 1
            scattered = self._last_id * 1_103_515_245_887 % 36**8
        digits = ""
        for _ in range(8):
            scattered, digit = divmod(scattered, 36)
            digits = _DIGITS[digit] + digits
        return f"{prefix}0{digits}"

    def new_ts(self) -> str:
        with self.lock:
            self._last_ts_microseconds = max(self._last_ts_microseconds + 1, time.time_ns() // 1000)
            seconds, microseconds = divmod(self._last_ts_microseconds, 1_000_000)
        return f"{seconds}.{microseconds:06d}"

    def emit(self, event: Json, audience: Channel | None) -> None:
        """Tell the listeners; `audience` is the conversation whose members may know of it, None the whole workspace."""
        event.setdefault("event_ts", self.new_ts())
        for listener in self.on_event:
            listener(event, audience)
        self.changed.notify_all()

    # People

    def add_user(self, handle: str, real_name: str, **details: object) -> User:
        """`details` are `User` fields. Emits `team_join`."""
        with self.lock:
            if any(user.name == handle for user in self.users.values()):
                raise ValueError(f"there already is a user with the handle {handle!r}")
            user = User(self.new_id("U"), handle, real_name, self.team_id, updated=int(time.time()))
            self._change(user, details)
            self.users[user.id] = user
            self.emit({"type": "team_join", "user": user.payload()}, None)
            return user

    def update_user(self, user_id: str, **details: object) -> User:
        """`details` are `User` fields, such as `deleted=True`. Emits `user_change`."""
        with self.lock:
            user = self.user(user_id)
            self._change(user, details)
            user.updated = int(time.time())
            self.emit({"type": "user_change", "user": user.payload(with_locale=True)}, None)
            return user

    @staticmethod
    def _change(user: User, details: dict[str, object]) -> None:
        for key, value in details.items():
            if not hasattr(user, key):
                raise TypeError(f"User has no field {key!r}")
            setattr(user, key, value)

    def user(self, user_id: str) -> User:
        """Raises `user_not_found`."""
        user = self.users.get(user_id)
        if user is None:
            raise ApiError("user_not_found")
        return user

    def user_by_handle(self, handle: str) -> User:
        """Raises LookupError that lists the handles there are."""
        for user in self.users.values():
            if user.name == handle.removeprefix("@"):
                return user
        handles = ", ".join(sorted(user.name for user in self.users.values()))
        raise LookupError(f"nobody here is called {handle!r}; there are {handles}")

    # Conversations

    def add_channel(
        self,
        name: str,
        *,
        creator: User | None = None,
        is_private: bool = False,
        is_general: bool = False,
        members: Iterable[User] = (),
        topic: str = "",
        purpose: str = "",
    ) -> Channel:
        """Raises `invalid_name_specials`, `invalid_name_maxlength`, `name_taken`. Emits `channel_created` if public."""
        with self.lock:
            if len(name) > 80:
                raise ApiError("invalid_name_maxlength")
            if not CHANNEL_NAME.fullmatch(name):
                raise ApiError("invalid_name_specials" if name else "invalid_name_required")
            if any(channel.name == name and not channel.is_im for channel in self.channels.values()):
                raise ApiError("name_taken")
            founder = creator or self.bot
            channel = Channel(self.new_id("C"), name, founder.id, int(time.time()), is_private, is_general=is_general)
            channel.members = list(dict.fromkeys(member.id for member in members))
            channel.topic, channel.purpose = topic, purpose
            self.channels[channel.id] = channel
            if not is_private:
                shown = {"id": channel.id, "name": name, "created": channel.created, "creator": founder.id}
                self.emit({"type": "channel_created", "channel": shown}, None)
            self.changed.notify_all()
            return channel

    def channel(self, channel_id: str) -> Channel:
        """Raises `channel_not_found`."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise ApiError("channel_not_found")
        return channel

    def channel_by_name(self, name: str) -> Channel:
        """Raises LookupError that lists the channels there are."""
        for channel in self.channels.values():
            if channel.name == name.removeprefix("#") and not channel.is_im:
                return channel
        names = ", ".join(sorted(f"#{channel.name}" for channel in self.channels.values() if channel.name))
        raise LookupError(f"there is no channel {name!r}; there are {names}")

    def visible_channel(self, channel_id: str, viewer: User) -> Channel:
        """A private conversation does not exist for whoever is outside (nor any channel for a guest outside it)."""
        channel = self.channel(channel_id)
        if viewer.id not in channel.members and (channel.is_private_to_members or viewer.is_guest):
            raise ApiError("channel_not_found")
        return channel

    def open_dm(self, user_ids: Sequence[str]) -> Channel:
        """The one conversation of exactly these people, made at need: a DM for two, a group DM for more.

        Raises `user_not_found`, `not_enough_users`, `too_many_users`.
        """
        with self.lock:
            members = list(dict.fromkeys(user_ids))
            users = [self.user(user_id) for user_id in members]
            if not 1 <= len(users) <= 9:
                raise ApiError("too_many_users" if users else "not_enough_users")
            for channel in self.channels.values():
                if (channel.is_im or channel.is_mpim) and set(channel.members) == set(members):
                    return channel
            is_mpim = len(members) > 2
            name = "mpdm-" + "--".join(user.name for user in users) + "-1" if is_mpim else ""
            channel = Channel(self.new_id("C" if is_mpim else "D"), name, members[0], int(time.time()))
            channel.is_mpim, channel.is_im, channel.members = is_mpim, not is_mpim, members
            self.channels[channel.id] = channel
            self.changed.notify_all()
            return channel

    def join(self, channel_id: str, user: User, inviter: User | None = None) -> bool:
        """False if already a member. Raises `is_archived`. Emits `member_joined_channel` and the system message."""
        with self.lock:
            channel = self.channel(channel_id)
            if channel.is_archived:
                raise ApiError("is_archived")
            if user.id in channel.members:
                return False
            channel.members.append(user.id)
            event = self._membership_event("member_joined_channel", channel, user)
            if inviter is not None:
                event["inviter"] = inviter.id
            self.emit(event, channel)
            self._note(channel, user, "join", f"<@{user.id}> has joined the channel")
            return True

    def leave(self, channel_id: str, user: User) -> bool:
        """False if not a member. Emits `member_left_channel` (to the one who left, too) and the system message."""
        with self.lock:
            channel = self.channel(channel_id)
            if channel.is_im or channel.is_mpim:
                raise ApiError("method_not_supported_for_channel_type")
            if channel.is_general:
                raise ApiError("cant_leave_general")
            if user.id not in channel.members:
                return False
            self._note(channel, user, "leave", f"<@{user.id}> has left the channel")
            self.emit(self._membership_event("member_left_channel", channel, user), channel)
            channel.members.remove(user.id)
            self.changed.notify_all()
            return True

    def kick(self, channel_id: str, user: User) -> None:
        """Raises `not_in_channel`, `cant_kick_from_general`."""
        with self.lock:
            if self.channel(channel_id).is_general:
                raise ApiError("cant_kick_from_general")
            if not self.leave(channel_id, user):
                raise ApiError("not_in_channel")

    def archive(self, channel_id: str, actor: User) -> None:
        """Raises `already_archived`, `cant_archive_general`. Emits `channel_archive` or `group_archive`."""
        self._set_archived(channel_id, actor, archived=True)

    def unarchive(self, channel_id: str, actor: User) -> None:
        """Raises `not_archived`. Emits `channel_unarchive` or `group_unarchive`."""
        self._set_archived(channel_id, actor, archived=False)

    def _set_archived(self, channel_id: str, actor: User, *, archived: bool) -> None:
        with self.lock:
            channel = self.channel(channel_id)
            if channel.is_im or channel.is_mpim:
                raise ApiError("method_not_supported_for_channel_type")
            if channel.is_general:
                raise ApiError("cant_archive_general")
            if channel.is_archived is archived:
                raise ApiError("already_archived" if archived else "not_archived")
            channel.is_archived = archived
            kind = f"{channel.type}_{'archive' if archived else 'unarchive'}"
            self.emit({"type": kind, "channel": channel.id, "user": actor.id}, channel)

    def _membership_event(self, kind: str, channel: Channel, user: User) -> Json:
        letter = "G" if channel.is_private else "C"
        return {
            "type": kind,
            "user": user.id,
            "channel": channel.id,
            "channel_type": letter,
            "team": self.team_id,
        }

    def _note(self, channel: Channel, user: User, what: str, text: str) -> Message:
        """Slack's own line in the channel, such as "… has joined the channel"."""
        subtype = f"{'group' if channel.is_private else 'channel'}_{what}"
        message = Message(channel.id, self.new_ts(), user.id, text, subtype=subtype)
        channel.messages[message.ts] = message
        event = {"type": "message", "subtype": subtype, "user": user.id, "text": text, "ts": message.ts}
        self.emit(event | {"channel": channel.id, "channel_type": channel.type, "event_ts": message.ts}, channel)
        return message

    # User groups

    def add_usergroup(self, handle: str, name: str, members: Iterable[User] = (), description: str = "") -> UserGroup:
        """Emits `subteam_created`."""
        with self.lock:
            group = UserGroup(self.new_id("S"), handle.removeprefix("@"), name, self.team_id, description=description)
            group.users = [member.id for member in members]
            group.date_update = int(time.time())
            self.usergroups[group.id] = group
            self.emit({"type": "subteam_created", "subteam": group.payload()}, None)
            return group

    def set_usergroup_members(self, usergroup_id: str, members: Iterable[User]) -> None:
        """Raises `no_such_subteam`. Emits `subteam_members_changed` and `subteam_updated`."""
        with self.lock:
            group = self.usergroups.get(usergroup_id)
            if group is None:
                raise ApiError("no_such_subteam")
            before, after = list(group.users), [member.id for member in members]
            previous_update, group.date_update, group.users = group.date_update, int(time.time()), after
            added, removed = [u for u in after if u not in before], [u for u in before if u not in after]
            event: Json = {
                "type": "subteam_members_changed",
                "subteam_id": group.id,
                "team_id": self.team_id,
                "date_previous_update": previous_update,
                "date_update": group.date_update,
                "added_users": added,
                "added_users_count": len(added),
                "removed_users": removed,
                "removed_users_count": len(removed),
            }
            self.emit(event, None)
            self.emit({"type": "subteam_updated", "subteam": group.payload()}, None)
