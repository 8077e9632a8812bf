"""The account of what plugins said: each reminder, poll and summary that is due, once, where it belongs.

What is due follows from what people were told of their requests and from the clock; messages are read from screens.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from slackdesk.database import UtcDateTime
from slackdesk.sandbox.records import Channel, Message
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import Status

from .expected import Expected
from .night import BUDGETS, CHANNEL, FIRST_RESPONSE, JAKARTA, RESOLUTION, summary_at
from .plan import LEAD
from .resting import desk_now
from .scene import Company

MARGIN = timedelta(minutes=5)
"""What is due for less may still be on its way."""
PERCENT = (50, 80)
BREACH = 100
SOLVED = (Status.RESOLVED, Status.CLOSED)

CUT = "… "
"""Under one head of a message, ten tickets are named and the others are counted."""
SIGNS = ("🟡", "🔴", "🟢", "⚫")
Key = tuple[str, str, int]
"""Number, clock, level."""


@dataclass(frozen=True)
class _Filed:
    """What the account takes from the desk's own table: instants, which no screen shows."""

    created_at: datetime
    first_response_at: datetime | None


class PluginsSaid:
    """Messages of plugins by where they stand, and what differs about them."""

    def __init__(self, company: Company) -> None:
        self.company, self.world = company, company.world
        self.now = desk_now(company.world)
        with self.world.engine() as engine, engine.connect() as connection:
            self._postings = _rows(connection, "SELECT plugin, key, channel, ts FROM plugin_posting")
            self._reminders = _rows(
                connection, "SELECT ticket_id, clock, level, recipient, delivery, sent_at, dropped FROM sla_reminder"
            )
            self._breaches = _rows(connection, "SELECT ticket_id, clock, cycle FROM sla_breach")
            self._polls = _rows(connection, "SELECT ticket_id, requester FROM csat_poll")
            query = text("SELECT id, created_at, first_response_at FROM ticket")
            instants = query.columns(created_at=UtcDateTime(), first_response_at=UtcDateTime())
            self._filed = {
                row.id: _Filed(row.created_at, row.first_response_at) for row in connection.execute(instants)
            }
        self._began = min((one.created_at for one in self._filed.values()), default=self.now)
        self._places = frozenset((row["channel"], row["ts"]) for row in self._postings)

    def is_theirs(self, seen: SeenMessage) -> bool:
        """Whether a message is the one that a plugin said; said twice, the other one is not."""
        return (seen.message.channel_id, seen.message.ts) in self._places

    def differences(self, expected: Sequence[Expected], counts: Counter[str]) -> Iterator[str]:
        """In sentences."""
        told = [one for one in expected if one.numbers and not one.trouble]
        if any(one.trouble for one in expected):
            return
        yield from self._lost(counts)
        for one in told:
            yield from (f"{one.number}: {difference}" for difference in self._badge_differences(one))
        yield from self._reminded(told, counts)
        yield from self._polled(told, counts)
        yield from self._summaries(counts)

    def _badge_differences(self, one: Expected) -> Iterator[str]:
        """Whether the card says where the clocks are."""
        wanted, lead = self._badge(one), self.world.stage.person(LEAD)
        for card in self.company.sights.cards(one.number, lead, f"#it-{one.tier.lower()}"):
            if wanted is None and any(sign in card.text for sign in SIGNS):
                yield f"the card of a ticket that has no clock shows one: {card.text!r}"
            elif wanted is not None and wanted not in card.text:
                yield f"the card does not show {wanted!r}, but {card.text!r}"

    def _badge(self, one: Expected) -> str | None:
        if one.status in SOLVED:
            return "🟢 In time"
        if one.status not in OPEN:
            return None
        for clock, target in self._clocks(one).items():
            late = self._age(one) - target
            if abs(late) < MARGIN:
                return ""
            sign, word = ("🔴", "overdue") if late > timedelta() else ("🟡", "due")
            return f"{sign} {clock} {word}"
        return None

    def _clocks(self, one: Expected) -> Mapping[str, timedelta]:
        answered = self._filed[_id(one)].first_response_at is not None
        return ({} if answered else {"First response": FIRST_RESPONSE}) | {"Resolution": RESOLUTION}

    def _age(self, one: Expected) -> timedelta:
        return self.now - self._filed[_id(one)].created_at

    def _lost(self, counts: Counter[str]) -> Iterator[str]:
        """Every message that the desk has posted stands there, once."""
        for row in self._postings:
            counts["messages of plugins"] += 1
            if self._message(row) is None:
                yield f"the message {row['key']} of {row['plugin']} is not in {row['channel']}"

    def _reminded(self, told: Sequence[Expected], counts: Counter[str]) -> Iterator[str]:
        said: Counter[tuple[Key, str]] = Counter()
        postings = {row["key"]: row for row in self._postings if row["plugin"] == "sla"}
        numbers = {_id(one): one.number for one in told}
        for row in self._reminders:
            key = (numbers.get(row["ticket_id"], "?"), row["clock"], row["level"])
            if row["sent_at"] is None:
                if row["dropped"] is None:
                    yield f"the reminder {key} still waits, for {row['recipient']}"
                continue
            said[key, row["recipient"]] += 1
            posting = postings.get(f"delivery:{row['delivery']}")
            message = None if posting is None else self._message(posting)
            if message is None or not (key[0] in message.text or CUT in message.text):
                yield f"the reminder {key} is not read: {message.text if message else None!r}"
            elif not self._is_for(posting, row["recipient"]):
                yield f"the reminder {key} is not read by {row['recipient']}, but in {posting['channel']}"
        counts["reminders"] += sum(said.values())
        due = Counter(dict.fromkeys(self._due(told), 1))
        moved = {one.number for one in told if len(one.visited) > 1}  # when a stay in a higher tier began, nobody told
        said = Counter({one: n for one, n in said.items() if not (one[0][1] == "tier" and one[0][0] in moved)})
        yield from (f"reminded of {key}, {count} times more than is due" for key, count in (said - due).items())
        yield from (f"not reminded of {key}" for key in due - said)
        breached = Counter((row["ticket_id"], row["clock"]) for row in self._breaches)
        wanted = Counter(
            (int(key[0].rpartition("-")[2]), key[1]) for key, _ in due if key[2] == BREACH and key[1] != "tier"
        )
        counts["breaches"] += sum(breached.values())
        yield from (f"breaches {(breached - wanted)} and not {wanted - breached}" for _ in [0] if breached != wanted)

    def _due(self, told: Sequence[Expected]) -> Iterator[tuple[Key, str]]:
        """What has to have been said, and to whom; a level whose instant is near makes the account wait."""
        users = {user.name: user.id for user in self.world.sandbox.workspace.users.values()}
        for one in told:
            if one.status not in OPEN:
                continue
            channel = self._channel(f"it-{one.tier.lower()}").id
            reader = users[one.assignee] if one.assignee else channel
            for name, target in self._clocks(one).items():
                clock = name.lower().replace(" ", "_")
                levels = {percent: target * percent / 100 for percent in PERCENT} | {BREACH: target}
                levels |= {BREACH + 1: target + timedelta(hours=4)}
                for level, after in levels.items():
                    if self._age(one) > after + MARGIN:
                        yield (one.number, clock, level), (users[LEAD] if level == BREACH else reader)
            if len(one.visited) == 1 and self._age(one) > BUDGETS[one.tier] + MARGIN:
                yield (one.number, "tier", BREACH), users[LEAD]

    def _polled(self, told: Sequence[Expected], counts: Counter[str]) -> Iterator[str]:
        """One poll for each requester whose request a person closed: the next one comes a week later."""
        workspace = self.world.sandbox.workspace
        guests = {user.name for user in workspace.users.values() if user.is_guest}
        asked = {one.journey.requester for one in told if one.status is Status.CLOSED} - guests
        wanted = Counter(dict.fromkeys((workspace.user_by_handle(name).id for name in asked), 1))
        if self.now - self._began < timedelta(hours=1):
            wanted.clear()
        polled = Counter(row["requester"] for row in self._polls)
        counts["polls"] += sum(polled.values())
        yield from (f"polled once more, or without a cause: {person}" for person in polled - wanted)
        yield from (f"not polled: {person}" for person in wanted - polled)
        postings = {row["key"]: row for row in self._postings if row["plugin"] == "csat"}
        for row in self._polls:
            posting = postings.get(f"poll:{row['ticket_id']}")
            if posting is None or not self._is_for(posting, row["requester"]):
                yield f"the poll of IT-{row['ticket_id']} is not read by {row['requester']}"

    def _summaries(self, counts: Counter[str]) -> Iterator[str]:
        """The channel has one for each slot, and below each its files, once."""
        hour, minute = map(int, summary_at(self._began).split(":"))
        slot = self._began.replace(second=0, microsecond=0)
        slots = 0
        while slot < self.now - MARGIN:
            local = slot.astimezone(JAKARTA)
            slots += (local.hour, local.minute) == (hour, minute) and slot > self._began + MARGIN
            slot += timedelta(minutes=1)
        bot = self.world.sandbox.workspace.bot.id
        own = [one for one in self._channel(CHANNEL[1:]).messages.values() if one.user_id == bot]
        summaries = sum("compared with" in one.text for one in own)
        with_files = sum(bool(one.files) for one in own)
        counts["summaries"] += summaries
        if (summaries, with_files) != (slots, slots):
            yield f"{summaries} summaries, {with_files} with files, not {slots}"

    def _message(self, posting: Mapping[str, str]) -> Message | None:
        channel = self.world.sandbox.workspace.channels.get(posting["channel"])
        found = None if channel is None else channel.messages.get(posting["ts"])
        return None if found is None or found.is_tombstone else found

    def _is_for(self, posting: Mapping[str, str], recipient: str) -> bool:
        channel = self.world.sandbox.workspace.channels.get(posting["channel"])
        return channel is not None and (channel.id == recipient or recipient in channel.members)

    def _channel(self, name: str) -> Channel:
        return self.world.sandbox.workspace.channel_by_name(name)


def _id(one: Expected) -> int:
    return int(one.number.rpartition("-")[2])


def _rows(connection: Connection, query: str) -> list[Mapping[str, str]]:
    return [dict(row) for row in connection.execute(text(query)).mappings()]
