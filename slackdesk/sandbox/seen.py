"""What one person sees: messages of the conversations that he or she is in, own ephemerals, the Home tab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from slackdesk.sandbox.forms import insist, offered
from slackdesk.sandbox.reading import Control, Names, all_blocks, find_controls, read_blocks, read_message, read_mrkdwn
from slackdesk.sandbox.records import Channel, Json, Message, User
from slackdesk.sandbox.state import Workspace


@dataclass(frozen=True)
class SeenFile:
    """A file of a message, as somebody gets it who opens it."""

    name: str
    title: str
    alt_text: str
    """What a screen reader says of a picture; "" where nobody wrote it."""
    mimetype: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class SeenMessage:
    """A message at the moment when it was seen; look again (`sees`, `messages`) for what has become of it."""

    channel: str
    """"#it-l1"; "dm" for the conversation with the app, "dm:budi" for others."""
    ts: str
    author: str
    """The handle."""
    text: str
    """What a sighted reader reads: the blocks as plain text, or the text where there are none; names of files."""
    fallback: str
    """The top-level text: what a notification and a screen reader give."""
    buttons: tuple[str, ...]
    """What can be clicked: labels of buttons and of the items of overflow menus."""
    thread_ts: str | None
    ephemeral: bool
    files: tuple[str, ...]
    """Names; `file` opens one."""
    reactions: dict[str, tuple[str, ...]]
    """Emoji name to handles."""
    message: Message = field(repr=False, compare=False)
    eyes: Eyes = field(repr=False, compare=False)

    def file(self, name: str) -> SeenFile:
        """One of its files. Raises AssertionError that says which there are."""
        for file in self.message.files:
            if file.name == name:
                return SeenFile(file.name, file.title, file.alt_text, file.mimetype, file.content)
        raise AssertionError(f"there is no file {name!r}, only: {', '.join(self.files) or 'none'}")

    def thread(self) -> list[SeenMessage]:
        """The replies as they are now, oldest first; the root is not among them."""
        with self.eyes.workspace.lock:
            messages = self.eyes.messages(self)
            return [self.eyes.seen(message) for message in messages if message.is_reply or message.ephemeral_to]


Place = str | SeenMessage | None
"""Where to look: "#it-l1", "dm" (with the app), "dm:budi", a message for its thread (root included), None for anywhere.

Another text means the newest visible message that contains it.
"""

_texts: WeakKeyDictionary[Message, tuple[tuple[object, ...], str]] = WeakKeyDictionary()


class Eyes:
    """One person's view of the workspace. Call the methods with the workspace's lock held."""

    def __init__(self, workspace: Workspace, user: User) -> None:
        self.workspace = workspace
        self.user = user
        self.names = names_in(workspace)

    def conversation(self, name: str) -> Channel:
        """ "#general", "dm", "dm:budi". Raises AssertionError where the person cannot see it."""
        workspace = self.workspace
        try:
            if name == "dm":
                return workspace.open_dm([self.user.id, workspace.bot.id])
            if name.startswith("dm:"):
                return workspace.open_dm([self.user.id, workspace.user_by_handle(name[3:]).id])
            channel = workspace.channel_by_name(name)
        except LookupError as error:
            raise AssertionError(str(error)) from error
        insist(self._is_visible(channel), f"{self.user.name} does not see {name}")
        return channel

    def messages(self, place: Place = None) -> list[Message]:
        """Oldest first."""
        if place is None:
            channels = [channel for channel in self.workspace.channels.values() if self._is_visible(channel)]
            return sorted((message for channel in channels for message in self._in(channel)), key=lambda m: m.ts)
        if isinstance(place, SeenMessage):
            root_ts = place.thread_ts or place.ts
            channel = self.workspace.channels[place.message.channel_id]
            return [message for message in self._in(channel) if root_ts in (message.ts, message.thread_ts)]
        if is_conversation(place):
            return list(self._in(self.conversation(place)))
        found = self.find(place, None)
        return [] if found is None else [found]

    def find(self, text: str, place: Place) -> Message | None:
        """The newest visible message that contains the text."""
        messages = reversed(self.messages(place))
        return next((message for message in messages if text in self.read(message)), None)

    def seen(self, message: Message) -> SeenMessage:
        users = self.workspace.users
        return SeenMessage(
            channel=self._name_of(self.workspace.channels[message.channel_id]),
            ts=message.ts,
            author=users[message.user_id].name,
            text=self.read(message),
            fallback=read_mrkdwn(message.text, self.names),
            buttons=clickable(find_controls(all_blocks(message))),
            thread_ts=message.thread_ts,
            ephemeral=message.ephemeral_to is not None,
            files=tuple(file.name for file in message.files),
            reactions={name: tuple(users[user].name for user in ids) for name, ids in message.reactions.items()},
            message=message,
            eyes=self,
        )

    def read(self, message: Message) -> str:
        # A wait reads everything again after each change in the workspace: what has not changed is not rendered again.
        # The parts themselves are kept, so that their identity stands for their content.
        parts = (message.text, message.blocks, message.attachments, len(message.files))
        kept = _texts.get(message)
        if kept is not None and all(old is new or old == new for old, new in zip(kept[0], parts, strict=True)):
            return kept[1]
        text = read_message(message, self.names)
        _texts[message] = (parts, text)
        return text

    def read_blocks(self, blocks: list[Json]) -> str:
        return read_blocks(blocks, self.names)

    def _is_visible(self, channel: Channel) -> bool:
        if self.user.id in channel.members:
            return True
        return not channel.is_private_to_members and not self.user.is_guest

    def _in(self, channel: Channel) -> Iterator[Message]:
        own = [message for message in channel.ephemerals if message.ephemeral_to == self.user.id]
        if not own:
            yield from channel.messages.values()
            return
        yield from sorted([*channel.messages.values(), *own], key=lambda message: message.ts)

    def _name_of(self, channel: Channel) -> str:
        if not channel.is_im:
            return f"#{channel.name}"
        others = [self.workspace.users[member] for member in channel.members if member != self.user.id]
        return "dm" if others == [self.workspace.bot] else f"dm:{others[0].name if others else self.user.name}"


def is_conversation(place: str) -> bool:
    return place.startswith(("#", "dm:")) or place == "dm"


def clickable(controls: list[Control]) -> tuple[str, ...]:
    labels: list[str] = []
    for control in controls:
        if control.kind == "overflow":
            labels += offered(control)
        elif control.kind in ("button", "workflow_button", "icon_button"):
            labels += control.labels[:1]
        elif control.kind == "feedback_buttons":
            labels += [control.element[key]["text"]["text"] for key in ("positive_button", "negative_button")]
    return tuple(labels)


def names_in(workspace: Workspace) -> Names:
    """Mentions read as handles and names: @ayu, #general, @it-l1."""

    def name(identifier: str, otherwise: str) -> str:
        if user := workspace.users.get(identifier):
            return f"@{user.name}"
        if channel := workspace.channels.get(identifier):
            return f"#{channel.name}"
        if group := workspace.usergroups.get(identifier):
            return f"@{group.handle}"
        return otherwise

    return name
