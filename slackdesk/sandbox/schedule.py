"""Messages that an app scheduled: kept until their time, then posted as the app."""

import asyncio
import time
from dataclasses import dataclass

from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.records import Json
from slackdesk.sandbox.state import Workspace

CHECK_SECONDS = 0.25


@dataclass(eq=False)
class ScheduledMessage:
    id: str
    channel_id: str
    post_at: int
    """Seconds since the epoch."""
    created: int
    text: str
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None
    thread_ts: str | None
    reply_broadcast: bool


class Schedule:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._messages: list[ScheduledMessage] = []

    @property
    def pending(self) -> list[ScheduledMessage]:
        """In order of their time."""
        return sorted(self._messages, key=lambda message: message.post_at)

    def add(self, message: ScheduledMessage) -> None:
        self._messages.append(message)

    def remove(self, channel_id: str, message_id: str) -> bool:
        """False if there is none such in that conversation."""
        found = [m for m in self._messages if m.id == message_id and m.channel_id == channel_id]
        for message in found:
            self._messages.remove(message)
        return bool(found)

    async def run(self) -> None:
        """Post what is due, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            self.post_due(time.time())

    def post_due(self, now: float) -> None:
        """One whose conversation has become unwritable is dropped, and one with metadata is never posted: so Slack."""
        with self._workspace.lock:
            due = [message for message in self.pending if message.post_at <= now]
            for message in due:
                self._messages.remove(message)
                if message.metadata is None:
                    self._post(message)

    def _post(self, message: ScheduledMessage) -> None:
        try:
            self._workspace.post(
                message.channel_id,
                self._workspace.bot,
                text=message.text,
                blocks=message.blocks,
                attachments=message.attachments,
                thread_ts=message.thread_ts,
                reply_broadcast=message.reply_broadcast,
            )
        except ApiError:
            return  # Slack tells nobody that a scheduled message could not be posted
