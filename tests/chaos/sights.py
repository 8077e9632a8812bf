"""What people see of each ticket, found by its number; and which deliveries the app has acknowledged.

Messages are gathered once, when they appear, and read anew at every look: thousands of messages are not searched again
for every glance at one ticket. Nothing is looked up in the desk's database.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator

from slackdesk.demo.actors import NUMBER
from slackdesk.sandbox.delivery import REDELIVERY_SECONDS
from slackdesk.sandbox.journal import DeliveryEntry, Journal
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.records import Channel, Message
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.sandbox.server import Sandbox
from slackdesk.slack.drawings.sentences import PERSON

from .reading import CHANNEL_LOCALE, says

ROOT = "*{number}* with {queue}. Status: {status}."
_FACT = re.compile(r"^(Status|Priority|Requester|Assignee|Tier)\n(.*)$", re.MULTILINE)


class Sights:
    """Everything that the app has put before people, by the ticket's number that it names, oldest first."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._workspace, self._lock = sandbox.workspace, threading.Lock()
        self._by_number: dict[str, list[Message]] = defaultdict(list)
        self._told: dict[str, list[Message]] = defaultdict(list)
        self._read_until: dict[str, str] = {}
        self._kept: dict[tuple[str, str], tuple[list[object], list[SeenMessage]]] = {}

    def of(self, number: str, person: Person, channel: str | None = None) -> list[SeenMessage]:
        """What that person can read of the app about that ticket now; deleted messages are not among it."""
        with self._workspace.lock:
            self._gather()
            messages = [message for message in self._by_number.get(number, ()) if self._is_visible(message, person)]
            # What has not changed is not rendered again: an edit replaces these objects.
            state = [part for message in messages for part in (message, message.text, message.blocks)]
            before, seen = self._kept.get((number, person.handle), ([], []))
            if len(before) != len(state) or any(old is not new for old, new in zip(before, state, strict=True)):
                seen = [person.eyes.seen(message) for message in messages]
                self._kept[number, person.handle] = (state, seen)
        return [one for one in seen if channel in (None, one.channel)]

    def numbers(self) -> list[str]:
        """Every ticket number that the app has named to anybody."""
        with self._workspace.lock:
            self._gather()
            return list(self._by_number)

    def told(self, person: Person, since: float) -> list[SeenMessage]:
        """What the app has told that person alone since that moment (seconds since the epoch), as answers to deeds.

        In the direct message where the conversation takes none; what stands there of tickets anyway is left out.
        """
        with self._workspace.lock:
            self._gather()
            own = self._told.get(person.user.id, ())
            seen = [person.eyes.seen(message) for message in own if float(message.ts) >= since]
        anyway = (ROOT, *PERSON.values())
        return [
            one
            for one in seen
            if one.ephemeral or not any(says(one.text, each, {}, person.user.locale, CHANNEL_LOCALE) for each in anyway)
        ]

    def cards(self, number: str, person: Person, channel: str) -> list[SeenMessage]:
        """The cards of the ticket in that channel."""
        seen = self.of(number, person, channel)
        return [one for one in seen if not one.thread_ts and not one.ephemeral and one.text.startswith(f"{number} ·")]

    def roots(self, number: str, person: Person) -> list[SeenMessage]:
        """The heads of the requester's thread, wherever they are."""
        known, locales = {"number": number}, (person.user.locale, CHANNEL_LOCALE)
        return [one for one in self.of(number, person) if not one.ephemeral and says(one.text, ROOT, known, *locales)]

    def _gather(self) -> None:
        with self._lock:
            for channel in list(self._workspace.channels.values()):
                for message in self._new_in(channel):
                    if message.ephemeral_to is not None:
                        self._told[message.ephemeral_to].append(message)
                    elif channel.is_im and message.thread_ts is None:
                        for member in channel.members:
                            self._told[member].append(message)
                    for number in set(NUMBER.findall(message.text)):
                        self._by_number[number].append(message)

    def _new_in(self, channel: Channel) -> Iterator[Message]:
        until = self._read_until.get(channel.id, "")
        bot = self._workspace.bot.id
        new = []
        for messages in (channel.messages.values(), channel.ephemerals):
            for message in reversed(messages):
                if message.ts <= until:
                    break
                new.append(message)
        if new:
            self._read_until[channel.id] = max(message.ts for message in new)
        yield from sorted((message for message in new if message.user_id == bot), key=lambda message: message.ts)

    def _is_visible(self, message: Message, person: Person) -> bool:
        channel = self._workspace.channels[message.channel_id]
        if message.ephemeral_to is not None:
            return message.ephemeral_to == person.user.id and message in channel.ephemerals
        is_there = channel.messages.get(message.ts) is message and not message.is_tombstone
        is_open = not channel.is_private_to_members and not person.user.is_guest
        return is_there and (is_open or person.user.id in channel.members)


def facts(card: SeenMessage) -> dict[str, str]:
    """What a card says: Status, Priority, Requester, Assignee, Tier; empty for the card of a tier that was left."""
    return dict(_FACT.findall(card.text))


class Acknowledgements:
    """Which events the app has taken; Slack delivers again what it has not."""

    def __init__(self, journal: Journal) -> None:
        self._journal, self._lock, self._position = journal, threading.Lock(), 0
        self._attempts: dict[tuple[str, str], list[DeliveryEntry]] = defaultdict(list)

    def of_message(self, message: SeenMessage) -> bool | None:
        """Whether the app took the message; None while that is open, False when Slack has given up."""
        return self._outcome(("message", message.ts))

    def of_reaction(self, message: SeenMessage, emoji: str) -> bool | None:
        """The same of the newest reaction of that kind to the message."""
        return self._outcome((emoji, message.ts))

    def _outcome(self, key: tuple[str, str]) -> bool | None:
        with self._lock:
            for entry in self._journal.since(self._position):
                self._position += 1
                if isinstance(entry, DeliveryEntry) and entry.kind == "events_api":
                    event = entry.payload["event"]
                    if event["type"] == "message" and "subtype" not in event:
                        self._attempts["message", event["ts"]].append(entry)
                    elif event["type"] == "reaction_added":
                        self._attempts[event["reaction"], event["item"]["ts"]].append(entry)
            attempts = self._attempts.get(key, [])
        if any(entry.acked_after_seconds is not None for entry in attempts):
            return True
        if not attempts:  # where the app is no member, Slack tells it nothing
            return False
        return False if attempts[-1].attempt == len(REDELIVERY_SECONDS) and attempts[-1].error else None
