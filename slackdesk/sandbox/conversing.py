"""What people do in conversations without using anything of the app: write, edit, delete, react, drop files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.forms import insist
from slackdesk.sandbox.records import Channel
from slackdesk.sandbox.richtext import escape
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.sandbox.state import Workspace
from slackdesk.sandbox.watching import Watching

_MENTION = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)")
_URL = re.compile(r"https?://[^\s<>|]+")
_BROADCASTS = ("here", "channel", "everyone")


def as_typed(workspace: Workspace, text: str, *, with_names: bool = False) -> str:
    """The mrkdwn that Slack makes of what a person types: @handle, #channel and addresses become `<…>`.

    `with_names` gives `<@U1|ayu>`, as in the text of slash commands.
    """

    def mention(match: re.Match[str]) -> str:
        sigil, name = match.groups()
        if sigil == "#":
            found = next((c for c in workspace.channels.values() if c.name == name), None)
            return f"<#{found.id}|{found.name}>" if found else match.group()
        if name in _BROADCASTS:
            return f"<!{name}>"
        if group := next((g for g in workspace.usergroups.values() if g.handle == name), None):
            return f"<!subteam^{group.id}|@{name}>" if with_names else f"<!subteam^{group.id}>"
        if user := next((u for u in workspace.users.values() if u.name == name), None):
            return f"<@{user.id}|{name}>" if with_names else f"<@{user.id}>"
        return match.group()

    pieces = re.split(f"({_URL.pattern})", text)
    return "".join(
        f"<{escape(piece)}>" if _URL.fullmatch(piece) else _MENTION.sub(mention, escape(piece)) for piece in pieces
    )


class Conversing(Watching):
    """Acts that Slack refuses raise AssertionError with Slack's code: in life, the person could not have done them."""

    def says(self, text: str, in_: str | SeenMessage, *, also_to_channel: bool = False) -> SeenMessage:
        """Write into "#channel", "dm" (to the app), "dm:budi", or the thread of a message.

        `also_to_channel` sends a reply to the channel, too.
        """
        with self._doing("says", text=text, in_=_named(in_)):
            channel, thread_ts = self._composer(in_)
            message = self.workspace.post(
                channel.id,
                self.user,
                text=as_typed(self.workspace, text),
                thread_ts=thread_ts,
                reply_broadcast=also_to_channel,
            )
            return self.eyes.seen(message)

    def uploads(self, name: str, content: bytes, in_: str | SeenMessage, text: str = "") -> SeenMessage:
        """Drop a file into a conversation or a thread."""
        with self._doing("uploads", name=name, in_=_named(in_)):
            channel, thread_ts = self._composer(in_)
            written = as_typed(self.workspace, text)
            message = self.workspace.upload(channel.id, self.user, name, content, text=written, thread_ts=thread_ts)
            return self.eyes.seen(message)

    def edits(self, message: SeenMessage, text: str) -> SeenMessage:
        """Replace the text of an own message."""
        with self._doing("edits", ts=message.ts, text=text):
            written = as_typed(self.workspace, text)
            edited = self.workspace.edit(message.message.channel_id, message.ts, self.user, text=written)
            return self.eyes.seen(edited)

    def deletes(self, message: SeenMessage) -> None:
        """An own message; an ephemeral one is dismissed, which the app does not learn."""
        with self._doing("deletes", ts=message.ts):
            if message.ephemeral:
                self.workspace.dismiss_ephemeral(message.message)
            else:
                self.workspace.delete(message.message.channel_id, message.ts, self.user)

    def reacts(self, message: SeenMessage, emoji: str) -> None:
        with self._doing("reacts", ts=message.ts, emoji=emoji):
            insist(not message.ephemeral, "nobody can react to an ephemeral message")
            self.workspace.react(message.message.channel_id, message.ts, self.user, emoji.strip(":"))

    def unreacts(self, message: SeenMessage, emoji: str) -> None:
        with self._doing("unreacts", ts=message.ts, emoji=emoji):
            self.workspace.unreact(message.message.channel_id, message.ts, self.user, emoji.strip(":"))

    def joins(self, channel: str) -> None:
        with self._doing("joins", channel=channel):
            self.workspace.join(self.eyes.conversation(channel).id, self.user)

    def leaves(self, channel: str) -> None:
        with self._doing("leaves", channel=channel):
            self.workspace.leave(self.eyes.conversation(channel).id, self.user)

    def invites(self, handle: str, channel: str) -> None:
        """Bring somebody into a channel; the app by its own handle."""
        with self._doing("invites", handle=handle, channel=channel):
            invited = self.workspace.user_by_handle(handle)
            self.workspace.join(self.eyes.conversation(channel).id, invited, inviter=self.user)

    def _composer(self, place: str | SeenMessage) -> tuple[Channel, str | None]:
        """The conversation, and the root's ts where it is a thread."""
        if isinstance(place, SeenMessage):
            insist(not place.ephemeral, "an ephemeral message has no thread")
            channel = self.workspace.channels[place.message.channel_id]
            thread_ts = place.thread_ts or place.ts
        else:
            channel, thread_ts = self.eyes.conversation(place), None
        manifest = self.sandbox.manifest
        if manifest is not None and channel.is_im and self.workspace.bot.id in channel.members:
            is_open = manifest.messages_tab and not manifest.messages_tab_read_only
            insist(is_open, "the app takes no direct messages: its manifest has the messages tab off or read-only")
        return channel, thread_ts

    @contextmanager
    def _doing(self, act: str, **details: str) -> Iterator[None]:
        entry = self.note(act, **details)
        with self.workspace.lock:
            try:
                yield
            except ApiError as error:
                entry.error = error.code
                raise AssertionError(f"{self.handle} cannot do this ({act} {details}): {error.code}") from error
            except LookupError as error:
                raise AssertionError(str(error)) from error


def _named(place: str | SeenMessage) -> str:
    return place if isinstance(place, str) else f"thread {place.thread_ts or place.ts} in {place.channel}"
