"""Everything that happened between the app and the workspace, in order, for tests and for people who look."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from slackdesk.sandbox.records import Json


@dataclass(kw_only=True)
class Entry:
    at: float = field(default_factory=time.time)
    """Seconds since the epoch."""
    monotonic: float = field(default_factory=time.monotonic)
    illegal: list[str] = field(default_factory=list)
    """What Slack would refuse about it, in the words of `response_metadata.messages`."""


@dataclass(kw_only=True)
class CallEntry(Entry):
    """A Web API call, or a post to a response URL (method `response_url`)."""

    method: str
    args: Json
    outcome: str = ""
    """`ok`, Slack's error code, or what a fault did: http_500, no_answer, dropped."""
    http_status: int | None = 200
    """None where no answer was given."""
    applied: bool = False
    """Whether the call took effect, answered or not."""
    inside_retry_after: bool = False
    """Made while an earlier 429 still asked the app to wait."""
    missing_fallback_text: bool = False
    """Blocks without top-level text: a screen reader and a notification get nothing."""
    duration_seconds: float = 0.0
    answer: Json | None = None


@dataclass(kw_only=True)
class DeliveryEntry(Entry):
    """One attempt to hand something to the app; completed when the app acknowledges it or the time is over."""

    kind: str
    """events_api, slash_commands or interactive."""
    delivery_id: str
    """The event id, the same for every attempt; the envelope or trigger id otherwise."""
    transport: str
    """socket or http."""
    payload: Json
    attempt: int = 0
    acked_after_seconds: float | None = None
    ack_payload: Any = None
    error: str = ""


@dataclass(kw_only=True)
class ActEntry(Entry):
    """Something a person did."""

    person: str
    act: str
    details: Json = field(default_factory=dict)
    error: str = ""


ACK_SECONDS = 3.0
"""An app has that long to acknowledge (https://docs.slack.dev/interactivity/handling-user-interaction)."""


class Journal:
    """Thread safe; reading while the workspace runs gives what was there at that moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def record(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    @property
    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)

    def since(self, position: int) -> list[Entry]:
        """The entries from that one on, counted from 0: for whoever reads along."""
        with self._lock:
            return self._entries[position:]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def calls(self, method: str | None = None, *, outcome: str | None = None) -> list[CallEntry]:
        """Calls in the order in which they were answered, of one method or outcome if given."""
        calls = [entry for entry in self.entries if isinstance(entry, CallEntry)]
        return [c for c in calls if method in (None, c.method) and outcome in (None, c.outcome)]

    def deliveries(self, kind: str | None = None) -> list[DeliveryEntry]:
        return [e for e in self.entries if isinstance(e, DeliveryEntry) and kind in (None, e.kind)]

    def acts(self, person: str | None = None) -> list[ActEntry]:
        return [e for e in self.entries if isinstance(e, ActEntry) and person in (None, e.person)]

    def illegal(self) -> list[Entry]:
        """Everything the app sent that Slack would refuse as malformed."""
        return [entry for entry in self.entries if entry.illegal]

    def missing_fallback_text(self) -> list[CallEntry]:
        return [call for call in self.calls() if call.missing_fallback_text]

    def inside_retry_after(self) -> list[CallEntry]:
        return [call for call in self.calls() if call.inside_retry_after]

    def late(self, within_seconds: float = ACK_SECONDS) -> list[DeliveryEntry]:
        """Attempts that were acknowledged too late, and deliveries whose newest attempt was not taken at all.

        An event that the app does not take at first, and takes when it is delivered again, is not among them.
        """
        deliveries = self.deliveries()
        newest = {delivery.delivery_id: delivery for delivery in deliveries}
        return [
            delivery
            for delivery in deliveries
            if (delivery.acked_after_seconds or 0.0) > within_seconds
            or (delivery.acked_after_seconds is None and delivery.error and newest[delivery.delivery_id] is delivery)
        ]

    def as_json(self, entries: Sequence[Entry] | None = None) -> list[Json]:
        """All entries, or these, as objects whose `entry` is call, delivery or act."""
        kinds = {CallEntry: "call", DeliveryEntry: "delivery", ActEntry: "act"}
        return [
            {"entry": kinds.get(type(entry), "entry")} | asdict(entry)
            for entry in (self.entries if entries is None else entries)
        ]

    def write_json_lines(self, path: Path) -> None:
        lines = (json.dumps(shown, ensure_ascii=False, default=str) for shown in self.as_json())
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
