"""The workspace as a whole. One lock; every primitive takes it, emits events and notifies `changed`."""

import mimetypes
import time

from slackdesk.sandbox.directory import EventListener
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.messages import Messages
from slackdesk.sandbox.payloads import file_payload, message_payload
from slackdesk.sandbox.records import App, Channel, File, Install, Json, Message, User, UserGroup

__all__ = [
    "ApiError",
    "App",
    "Channel",
    "EventListener",
    "File",
    "Install",
    "Json",
    "Message",
    "User",
    "UserGroup",
    "Workspace",
]

PLAIN_TEXT_EXTENSIONS = frozenset({"log", "conf", "ini", "toml"})


class Workspace(Messages):
    """One Slack workspace with one app installed; `workspace.bot` is the app's bot user.

    Authors are `User`s. Refusals are `ApiError`s with Slack's codes.
    """

    def __init__(self, name: str = "Acme", domain: str = "acme", app_name: str = "slackdesk") -> None:
        super().__init__(name, domain, app_name)
        self.files: dict[str, File] = {}

    def new_file(self, owner: User, name: str, *, title: str = "", alt_text: str = "", length: int = 0) -> File:
        """An upload that is announced: it has no content and is shared nowhere yet."""
        with self.lock:
            extension = name.rpartition(".")[2].lower()
            plain = extension in PLAIN_TEXT_EXTENSIONS
            mimetype = "text/plain" if plain else mimetypes.guess_type(name)[0] or "application/octet-stream"
            filetype = name.rpartition(".")[2] if "." in name else "text"
            created = int(time.time())
            file = File(self.new_id("F"), name, title or name, mimetype, filetype, b"", owner.id, created, alt_text)
            file.complete, file.declared_length = False, length
            self.files[file.id] = file
            return file

    def upload(
        self, channel_id: str, owner: User, name: str, content: bytes, *, text: str = "", thread_ts: str | None = None
    ) -> Message:
        """What a person does: drop a file into a conversation. Returns the `file_share` message."""
        with self.lock:
            file = self.new_file(owner, name, length=len(content))
            file.content, file.complete = content, True
            return self.post(channel_id, owner, text=text, files=[file], thread_ts=thread_ts)

    def file(self, file_id: str, viewer: User) -> File:
        """Raises `file_not_found`, also for a file that is shared only where the viewer is not."""
        file = self.files.get(file_id)
        seen_in = [c for c in (file.shared_in if file else ()) if viewer.id in self.channels[c].members]
        if file is None or file.deleted or not (file.user_id == viewer.id or seen_in):
            raise ApiError("file_not_found")
        return file

    def file_payload(self, file: File) -> Json:
        return file_payload(self, file)

    def message_payload(self, message: Message, *, with_metadata: bool = False) -> Json:
        return message_payload(self, message, with_metadata=with_metadata)
