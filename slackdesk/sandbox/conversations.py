"""Conversations: which there are, who may know of them, who belongs to them."""

import re
import time
from collections.abc import Iterable, Sequence
from typing import Literal

from slackdesk.sandbox.directory import Directory
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.records import Channel, Json, Message, User

CHANNEL_NAME = re.compile(r"[^\sA-Z.,!?@#$%^&*()+=\[\]{}|\\;:'\"<>/`~]{1,80}")


class Conversations(Directory):
    """The part of a workspace that opens, changes and closes conversations."""

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
            self._check_name(name)
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

    def channel_id(self, name: str) -> str:
        """The id of a channel that is named by it or by its name, with or without #; anything else as it is."""
        if name in self.channels:
            return name
        return next((c.id for c in self.channels.values() if c.name and c.name == name.removeprefix("#")), name)

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

    def set_line(self, channel_id: str, actor: User, line: Literal["topic", "purpose"], text: str) -> None:
        """Set the channel's topic or purpose, with Slack's line in the channel."""
        with self.lock:
            channel = self.channel(channel_id)
            setattr(channel, line, text)
            self._note(channel, actor, line, f"<@{actor.id}> set the channel {line}: {text}")

    def rename(self, channel_id: str, actor: User, name: str) -> None:
        """Raises what `add_channel` raises about a name. Emits `channel_rename` or `group_rename`; the id stays."""
        with self.lock:
            channel = self.channel(channel_id)
            self._check_name(name)
            channel.name = name
            shown = {"id": channel.id, "name": name, "created": channel.created}
            self.emit({"type": f"{channel.type}_rename", "channel": shown}, channel)
            self._note(channel, actor, "name", f"<@{actor.id}> has renamed the channel to {name}")

    def _check_name(self, name: str) -> None:
        if len(name) > 80:
            raise ApiError("invalid_name_maxlength")
        if not CHANNEL_NAME.fullmatch(name):
            raise ApiError("invalid_name_specials" if name else "invalid_name_required")
        if any(channel.name == name and not channel.is_im for channel in self.channels.values()):
            raise ApiError("name_taken")
