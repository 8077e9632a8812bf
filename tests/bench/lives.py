"""The rows that one ticket leaves, as the use cases write them: history, conversation, stays, messages in Slack."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from promises import Happened, Promises, Row, Rules
from pydantic import TypeAdapter

from slackdesk.businesstime import Span
from slackdesk.dispatch.model import WorkState
from slackdesk.dispatch.work import KEPT_AFTER_END
from slackdesk.policy.model import Queue, ResolvedPolicy
from slackdesk.tickets import events
from slackdesk.tickets.chain import digest_of, hash_of
from slackdesk.tickets.lifecycle import PAUSED
from slackdesk.tickets.model import MessageKind, MessageState, Side, Status, StayBegin


class NotYet(Exception):
    """What would happen next lies in the future."""


class Ended(Exception):
    """Nothing happens to the ticket any more."""


@dataclass
class Scene:
    """Where lives take place, and the rows that they leave, by table. Nothing happens after ``now``."""

    policy: ResolvedPolicy
    rules: Rules
    """Of service levels."""
    employees: Sequence[str]
    now: datetime
    random: Random
    present: datetime
    """When somebody looks at the rows; ``now`` or later."""
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    message_ids: Iterator[int] = field(default_factory=lambda: count(1))
    posting_ids: Iterator[int] = field(default_factory=lambda: count(1))

    def hours(self, median: float) -> timedelta:
        """Some time, often about so many hours, now and then much longer."""
        return timedelta(seconds=round(3600 * median * math.exp(self.random.gauss(0, 1))))


@dataclass
class Life:
    """One ticket. ``row`` is the ticket's own row, as it is at ``at``."""

    scene: Scene
    queue: Queue
    at: datetime
    row: Row
    stay: Row = field(default_factory=dict)
    pauses: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.promises = Promises(self.scene.rules)

    def passes(self, median_hours: float) -> None:
        """Let time pass, in which targets may be missed. Raises NotYet when it has not passed yet."""
        until = self.at + self.scene.hours(median_hours)
        for row in self.promises.missed(min(until, self.scene.now), self.scene.rows["tier_stay"]):
            self.at = row["at"]
            self._leave("sla_breach", row)
            about = {name: row[name] for name in ("clock", "cycle", "queue", "tier")}
            self.record(events.TargetMissed, None, **about, missed_at=self.at)
        self.at = until
        if self.at > self.scene.now:
            raise NotYet

    def record(self, kind: type[events.Event], actor: str | None, text: str | None = None, **values: Any) -> None:
        """What ``slackdesk.tickets.history.record`` leaves, and the sends of a redrawn ticket, which have left."""
        event = kind(self.row["id"], self.at, actor, **values)
        data = _DUMPS[kind](event, mode="json")
        data = {key: value for key, value in data.items() if key not in ("ticket_id", "at", "actor")}
        data["status"] = str(self.row["status"])
        salt = None if text is None else f"{self.scene.random.getrandbits(128):032x}"
        digest = "" if text is None or salt is None else digest_of(salt, text)
        entry = {
            "ticket_id": self.row["id"],
            "sequence": self.row["history_count"],
            "at": self.at,
            "actor": actor,
            "kind": kind.kind,
            "data": data,
        }
        previous = self.row["history_head"]
        self.row["history_head"] = hash_of(previous, digest=digest, **entry)
        self.row["history_count"] += 1
        self.row["version"] += 1
        added = {"text": text, "salt": salt, "digest": digest, "erased_at": None, "hash": self.row["history_head"]}
        self.scene.rows["history"].append(entry | added)
        for row in self.promises.read(Happened(self.at, actor, kind.kind, data)):
            self._leave("sla_result", row)
        if actor is not None and self.at > self.scene.present - timedelta(hours=48):
            key = f"click:{self.row['id']}:{self.row['history_count']}"
            self.scene.rows["inbox"].append({"key": key, "received_at": self.at, "answer": None})
        if self.at > self.scene.present - KEPT_AFTER_END:
            self._has_sent("card", f"{self.queue.key}:{self.row['tier']}:", "agents")
            self._has_sent("root", "", "requester")

    def say(self, side: Side, kind: MessageKind, author: str, text: str) -> int:
        """A message of the conversation, and where it stands in Slack; its id."""
        message_id = next(self.scene.message_ids)
        self.scene.rows["ticket_message"].append(
            {
                "id": message_id,
                "ticket_id": self.row["id"],
                "side": side,
                "kind": kind,
                "author": author,
                "text": text,
                "files": "[]",
                "source_channel": None,
                "source_ts": None,
                "state": MessageState.SENT,
                "created_at": self.at,
                "sent_at": self.at,
                "edited_at": None,
                "deleted_at": None,
            }
        )
        if kind is not MessageKind.REQUEST:
            is_reply = kind is MessageKind.REPLY
            channel = self.direct if is_reply else self.queue.tier(self.row["tier"]).channel
            self.post("reply" if is_reply else "copy", channel, message_id=message_id)
        return message_id

    @property
    def direct(self) -> str:
        """The direct message with the requester."""
        return f"D{self.row['requester'][1:]}"

    def post(self, kind: str, channel: str, *, tier: str | None = None, message_id: int | None = None) -> None:
        """A message of the desk's in Slack."""
        posting_id = next(self.scene.posting_ids)
        self.scene.rows["posting"].append(
            {
                "id": posting_id,
                "ticket_id": self.row["id"],
                "kind": kind,
                "tier": tier,
                "message_id": message_id,
                "channel": channel,
                "ts": f"{int(self.at.timestamp())}.{posting_id % 1_000_000:06}",
                "thread_ts": None,
            }
        )

    def enter(self, how: StayBegin, handed_by: str | None = None, text: str | None = None) -> None:
        """Begin a stay in the current tier, with its card."""
        tier = self.queue.tier(self.row["tier"])
        self.stay = {
            "ticket_id": self.row["id"],
            "queue": self.queue.key,
            "tier": tier.name,
            "entered_at": self.at,
            "entered_how": how,
            "handed_by": handed_by,
            "reason": text,
            "tried": text,
            "asked": text,
            "accepted_by": None,
            "accepted_at": None,
            "left_at": None,
            "left_how": None,
            "business_seconds": None,
            "budget_seconds": int(tier.budget.total_seconds()),
        }
        self.scene.rows["tier_stay"].append(self.stay)
        self.row["promised_from"] = self.at
        if how is not StayBegin.REOPENED:
            self.post("card", tier.channel, tier=tier.name)

    def leave(self, how: str) -> None:
        """End the stay."""
        calendar = self.scene.policy.calendar(self.queue.key)
        worked = calendar.elapsed(self.stay["entered_at"], self.at, self.pauses)
        self.stay |= {"left_at": self.at, "left_how": str(how), "business_seconds": int(worked.total_seconds())}

    def become(self, status: Status) -> None:
        """Change the status; pauses are kept for the business time of the stay."""
        if status in PAUSED:
            self.pauses.append((self.at, self.scene.now))
        elif self.row["status"] in PAUSED:
            self.pauses[-1] = (self.pauses[-1][0], self.at)
        self.row["status"] = status

    def _leave(self, table: str, row: Row) -> None:
        self.scene.rows[table].append({"ticket_id": self.row["id"]} | row)

    def _has_sent(self, name: str, where: str, side: str) -> None:
        key = f"{name}:{self.row['id']}:{where}{self.row['version']}"
        stream = f"ticket:{self.row['id']}:{side}"
        payload = json.dumps({"ticket_id": self.row["id"], "queue": self.queue.key, "tier": self.row["tier"]})
        self.scene.rows["work"].append(
            work_row("send", name, key, self.row["id"], self.at, payload, stream=stream, finished_at=self.at)
        )


def work_row(
    kind: str,
    name: str,
    key: str,
    ticket_id: int,
    due_at: datetime,
    payload: str,
    *,
    queue: str = "now",
    stream: str | None = None,
    created_at: datetime | None = None,
    finished_at: datetime | None = None,
) -> Row:
    """A row of work: done at ``finished_at``, else pending; added when it is due, by default. ``payload`` is JSON."""
    return {
        "kind": kind,
        "name": name,
        "payload": payload,
        "queue": queue,
        "stream": stream,
        "dedupe_key": key,
        "coalesce_key": None,
        "ticket_id": ticket_id,
        "state": str(WorkState.PENDING if finished_at is None else WorkState.DONE),
        "due_at": due_at,
        "not_before": created_at or due_at,
        "lease_until": None,
        "leased_by": None,
        "attempts": 0 if finished_at is None else 1,
        "attempted": None,
        "started_at": None if finished_at is None else finished_at,
        "slot_reserved": False,
        "held_for": None,
        "result": None,
        "last_error": None,
        "created_at": created_at or due_at,
        "finished_at": finished_at,
    }


_DUMPS = {kind: TypeAdapter(kind).dump_python for kind in events.EVENTS.values()}
