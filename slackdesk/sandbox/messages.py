"""What is said in conversations: messages, threads, reactions."""

from collections.abc import Sequence
from typing import Any

from slackdesk.sandbox.conversations import Conversations
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.payloads import message_payload
from slackdesk.sandbox.records import Channel, File, Json, Message, User
from slackdesk.sandbox.richtext import rich_text

MAX_TEXT_LENGTH = 40_000
"""Characters; Slack cuts a longer text off and says so in a warning."""
MAX_REACTIONS_PER_MESSAGE = 50
THREADABLE_SUBTYPES = (None, "file_share", "tombstone")


class Messages(Conversations):
    """The part of a workspace in which people and the app talk. Authors are `User`s."""

    def post(
        self,
        channel_id: str,
        author: User,
        *,
        text: str,
        blocks: list[Json] | None = None,
        attachments: list[Json] | None = None,
        thread_ts: str | None = None,
        metadata: Json | None = None,
        files: Sequence[File] = (),
        subtype: str | None = None,
        reply_broadcast: bool = False,
        ephemeral_to: User | None = None,
        username: str = "",
        in_answer_to: User | None = None,
    ) -> Message:
        """Say something. An ephemeral message is kept beside the channel's own and emits nothing.

        A reply to a message that is gone goes to the channel instead, without an error and without a `thread_ts`
        in the answer: so Slack, as users of its Go client found.
        `in_answer_to` is the person whose act the app answers by a response URL: what that person may reach counts.

        Raises `channel_not_found`, `not_in_channel`, `user_not_in_channel`, `is_archived`, `invalid_thread_ts`,
        `cannot_reply_to_message` (a reply, or one of Slack's own lines).
        """
        with self.lock:
            channel = self.writable_channel(channel_id, in_answer_to or author)
            root = self._thread_root(channel, thread_ts) if thread_ts is not None else None
            message = Message(channel_id, self.new_ts(), author.id, text[:MAX_TEXT_LENGTH], blocks, attachments)
            message.thread_ts = root.ts if root is not None else None
            message.metadata, message.files = metadata, list(files)
            message.subtype = subtype or ("file_share" if files else None)
            message.username, message.reply_broadcast = username, reply_broadcast and root is not None
            if author.is_bot:
                message.bot_id, message.app_id = author.bot_id, author.app_id
            else:
                message.client_msg_id = f"{len(channel.messages):08x}-{self._last_ts_microseconds:x}"
                if text and blocks is None:
                    message.blocks = [rich_text(text, self.new_id("b"))]
            if ephemeral_to is not None:
                return self._keep_ephemeral(channel, message, ephemeral_to)
            self._keep(channel, message)
            self._announce(channel, message, root)
            return message

    def writable_channel(self, channel_id: str, author: User) -> Channel:
        channel = self.visible_channel(channel_id, author)
        if channel.is_archived:
            raise ApiError("is_archived")
        if author.id not in channel.members and not self._may_post_outside(author):
            raise ApiError("not_in_channel")
        return channel

    def _may_post_outside(self, author: User) -> bool:
        return author is self.bot and "chat:write.public" in self.granted_scopes()

    def granted_scopes(self) -> frozenset[str]:
        return self.install.scopes if self.install is not None else frozenset()

    @staticmethod
    def _thread_root(channel: Channel, thread_ts: str) -> Message | None:
        seconds, _, fraction = thread_ts.partition(".")
        if not (seconds.isdigit() and fraction.isdigit() and len(fraction) == 6):
            raise ApiError("invalid_thread_ts")
        root = channel.messages.get(thread_ts)
        if root is not None and (root.is_reply or root.subtype not in THREADABLE_SUBTYPES):
            raise ApiError("cannot_reply_to_message")
        return root

    def _keep_ephemeral(self, channel: Channel, message: Message, person: User) -> Message:
        if person.id not in channel.members:
            raise ApiError("user_not_in_channel")
        message.ephemeral_to = person.id
        channel.ephemerals.append(message)
        self.changed.notify_all()
        return message

    def _keep(self, channel: Channel, message: Message) -> None:
        channel.messages[message.ts] = message
        if message.thread_ts is not None:
            channel.threads.setdefault(message.thread_ts, []).append(message)
        for file in message.files:
            file.shared_in.setdefault(channel.id, []).append(message.ts)

    def _announce(self, channel: Channel, message: Message, root: Message | None) -> None:
        where = {"channel": channel.id, "channel_type": channel.type, "event_ts": message.ts}
        event = message_payload(self, message) | where
        if root is not None:
            event["parent_user_id"] = root.user_id
            if message.reply_broadcast:
                event |= {"subtype": "thread_broadcast", "root": message_payload(self, root)}
        self.emit(event, channel)
        for file in message.files:
            shared = {"type": "file_shared", "file_id": file.id, "user_id": message.user_id, "file": {"id": file.id}}
            self.emit(shared | {"channel_id": channel.id}, channel)
        if f"<@{self.bot.id}>" in message.text and message.user_id != self.bot.id and not channel.is_im:
            kept = ("user", "text", "ts", "thread_ts", "blocks", "files", "team", "client_msg_id")
            mention = {key: event[key] for key in kept if key in event}
            self.emit(mention | {"type": "app_mention", "channel": channel.id}, channel)

    def edit(
        self, channel_id: str, ts: str, editor: User, *, text: str | None = None, files: Sequence[File] | None = None,
        in_answer_to: User | None = None, **content: Any,
    ) -> Message:  # fmt: skip
        """Replace what is given: `text`, `files`, and `blocks`, `attachments`, `metadata` where named (None removes).

        Raises `message_not_found`, `cant_update_message` (somebody else's). Emits `message_changed`.
        """
        with self.lock:
            channel = self.writable_channel(channel_id, in_answer_to or editor)
            message = self.message(channel, ts)
            if message.user_id != editor.id or message.is_tombstone or message.ephemeral_to:
                raise ApiError("cant_update_message")
            previous = message_payload(self, message)
            if text is not None:
                message.text = text
                if not editor.is_bot and "blocks" not in content:
                    content["blocks"] = [rich_text(text, self.new_id("b"))] if text else None
            for key in ("blocks", "attachments", "metadata"):
                if key in content:
                    setattr(message, key, content.pop(key))
            if content:
                raise TypeError(f"a message has no {', '.join(content)} to edit")
            if files is not None:
                message.files = list(files)
            message.edited_ts, message.edited_by = self.new_ts(), editor.id
            self._emit_changed(channel, message, previous)
            return message

    def unfurl(self, channel_id: str, ts: str, preview: Json) -> None:
        """Slack adds the preview (an attachment) of a link. Emits a `message_changed` that is no edit of anybody's."""
        with self.lock:
            channel = self.channel(channel_id)
            message = self.message(channel, ts)
            previous = message_payload(self, message)
            message.attachments = [*(message.attachments or ()), preview]
            self._emit_changed(channel, message, previous)

    def delete(self, channel_id: str, ts: str, actor: User, *, in_answer_to: User | None = None) -> None:
        """A root with replies stays as a tombstone, its replies with it.

        Raises `message_not_found`, `cant_delete_message`. Emits `message_deleted`, or `message_changed` to a tombstone,
        which is deleted with its last reply.
        """
        with self.lock:
            channel = self.visible_channel(channel_id, in_answer_to or actor)
            message = self.message(channel, ts)
            own = message.user_id == actor.id or (actor.is_admin and not channel.is_im)
            if not own or message.is_tombstone or (message.username and actor.is_bot):
                raise ApiError("cant_delete_message")
            previous = message_payload(self, message)
            for file in message.files:
                file.shared_in[channel.id].remove(ts)
            if channel.threads.get(ts):
                message.is_tombstone, message.text, message.subtype = True, "This message was deleted.", "tombstone"
                message.blocks = message.attachments = message.metadata = None
                message.files, message.reactions = [], {}
                self._emit_changed(channel, message, previous)
                return
            self._remove(channel, message, previous)

    def _remove(self, channel: Channel, message: Message, previous: Json) -> None:
        del channel.messages[message.ts]
        event = {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": message.ts}
        where = {"channel": channel.id, "channel_type": channel.type, "ts": self.new_ts()}
        self.emit(event | where | {"previous_message": previous, "event_ts": where["ts"]}, channel)
        if message.thread_ts is None:
            return
        replies, root = channel.threads[message.thread_ts], channel.messages.get(message.thread_ts)
        replies.remove(message)
        if root is not None and root.is_tombstone and not replies:
            self._remove(channel, root, message_payload(self, root))

    def dismiss_ephemeral(self, message: Message) -> None:
        """Take an ephemeral message away from its person (response_url `delete_original`, "Dismiss")."""
        with self.lock:
            self.channel(message.channel_id).ephemerals.remove(message)
            self.changed.notify_all()

    def _emit_changed(self, channel: Channel, message: Message, previous: Json) -> None:
        event = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": channel.id}
        shown = {"message": message_payload(self, message), "previous_message": previous}
        ts = self.new_ts()
        self.emit(event | shown | {"channel_type": channel.type, "ts": ts, "event_ts": ts}, channel)

    def message(self, channel: Channel, ts: str) -> Message:
        """Raises `message_not_found`."""
        message = channel.messages.get(ts)
        if message is None:
            raise ApiError("message_not_found")
        return message

    def permalink(self, message: Message) -> str:
        link = f"https://{self.domain}.slack.com/archives/{message.channel_id}/p{message.ts.replace('.', '')}"
        return f"{link}?thread_ts={message.thread_ts}&cid={message.channel_id}" if message.is_reply else link

    # Reactions

    def react(self, channel_id: str, ts: str, user: User, name: str) -> None:
        """Raises `message_not_found`, `already_reacted`, `too_many_emoji`. Emits `reaction_added`."""
        with self.lock:
            channel = self.writable_channel(channel_id, user)
            message = self.message(channel, ts)
            if message.is_tombstone:
                raise ApiError("message_not_found")
            users = message.reactions.get(name, [])
            if user.id in users:
                raise ApiError("already_reacted")
            if not users and len(message.reactions) >= MAX_REACTIONS_PER_MESSAGE:
                raise ApiError("too_many_emoji")
            message.reactions[name] = [*users, user.id]
            self._emit_reaction("reaction_added", channel, message, user, name)

    def unreact(self, channel_id: str, ts: str, user: User, name: str) -> None:
        """Raises `message_not_found`, `no_reaction`. Emits `reaction_removed`."""
        with self.lock:
            channel = self.visible_channel(channel_id, user)
            message = self.message(channel, ts)
            if user.id not in message.reactions.get(name, []):
                raise ApiError("no_reaction")
            message.reactions[name].remove(user.id)
            if not message.reactions[name]:
                del message.reactions[name]
            self._emit_reaction("reaction_removed", channel, message, user, name)

    def _emit_reaction(self, kind: str, channel: Channel, message: Message, user: User, name: str) -> None:
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        self.emit(
            {"type": kind, "user": user.id, "reaction": name, "item": item, "item_user": message.user_id}, channel
        )
