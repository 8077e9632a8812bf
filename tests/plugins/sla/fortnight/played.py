"""The deeds done on a desk, and what people read there meanwhile."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from slackdesk.dispatch.model import Work, WorkState
from slackdesk.sandbox.records import Message
from slackdesk.testing.desk import PluginDesk
from slackdesk.tickets import service
from slackdesk.tickets.model import Source
from slackdesk.tickets.transaction import Transaction

from .plan import MUTED, PRESSES, Deed
from .running import RunningDesk

HEADS = ("Overdue", "Due soon", "Missed their time", "Longer in a tier than its budget")
CLOCK_HEADS = HEADS[:2]
LINE = re.compile(r"\*(?:IT|EU|HR)-(\d+)\*( request \d+)?: (.+)")
LABELS = dict(zip(PRESSES, ("On it", "Snooze 30 min", "Snooze 2 h", "Snooze until tomorrow"), strict=True))


DEEDS: dict[str, Callable[[Transaction, int, str], object]] = {
    "claim": service.claim_ticket,
    "reply": partial(service.reply_to_requester, text="Please try once more."),
    "note": partial(service.add_note, text="It looks odd."),
    "wait": service.wait_for_requester,
    "hold": partial(service.hold_ticket, reason="A part is on its way."),
    "resume": service.resume_ticket,
    "escalate": partial(service.escalate_ticket, reason="Hard.", tried="Much.", asked="Help."),
    "send_back": partial(service.send_back_ticket, reason="It is yours."),
    "resolve": partial(service.resolve_ticket, topic="Other", resolution="It was turned off and on."),
    "cancel": service.cancel_ticket,
    "reopen": service.reopen_ticket,
}
"""Verb of the plan → use case."""

PROGRESS_DEEDS = 50
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Read:
    """A line that stands in the workspace since that minute; without a ticket, so many that were only counted."""

    place: str
    minute: datetime
    head: str
    ticket: int
    about: str
    is_named: bool = True
    more: int = 0


@dataclass(frozen=True)
class _Spoken:
    """A message with reminders."""

    message: Message
    place: str
    reads: list[Read]


class Played:
    """A desk on which the plan is carried out; ``before`` is told the number of each deed."""

    def __init__(self, desk: PluginDesk | RunningDesk, before: Callable[[int], None] = lambda _number: None) -> None:
        self.desk, self._before = desk, before
        self.done: list[Deed] = []
        self.read: list[Read] = []
        self.messages: list[tuple[str, datetime]] = []
        self._spoken: list[_Spoken] = []
        self._ids: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._seen: dict[str, int] = {}

    def play(self, deeds: Sequence[Deed], end: datetime) -> None:
        """Everything at its time, and what the desk does in between."""
        for number, deed in enumerate(deeds):
            self._before(number)
            if number % PROGRESS_DEEDS == 0:
                logger.info("%s of %s deeds, desk time %s", number, len(deeds), self.desk.now)
            self.until(deed.at)
            if deed.verb in PRESSES:
                self._press(deed)
                continue
            with self.desk.desk.transaction() as tx:
                self._do(tx, deed)
                self.done.append(replace(deed, at=tx.now))
            self.desk.settle()
        self.until(end)

    def until(self, end: datetime) -> None:
        """From one thing that is due to the next."""
        while (now := self.desk.now) < end:
            due = self._next_due()
            step = min(due, end) - now if due else end - now
            self.desk.advance(max(step, timedelta()) + timedelta(seconds=1))
            self._look()

    def _next_due(self) -> datetime | None:
        """But for recurring work: sweeps find nothing where nothing is lost."""
        just_now = self.desk.now - timedelta(seconds=5)
        waiting = (Work.state == WorkState.PENDING, Work.due_at > just_now, Work.name.not_like("%.every.%"))
        with self.desk.desk.reading() as tx:
            return tx.session.scalar(select(func.min(Work.due_at)).where(*waiting))

    def _look(self) -> None:
        """Note what has come since."""
        workspace, now = self.desk.sandbox.workspace, self.desk.now
        for channel in workspace.channels.values():
            new = list(channel.messages.values())[self._seen.get(channel.id, 0) :]
            self._seen[channel.id] = len(channel.messages)
            people = [workspace.users[one].name for one in channel.members if workspace.users[one] != workspace.bot]
            place = people[0] if channel.is_im else f"#{channel.name}"
            for message in new:
                self._note(place, now.replace(second=0, microsecond=0), message)

    def _note(self, place: str, minute: datetime, message: Message) -> None:
        head, was = "", len(self.read)
        for line in _lines(message):
            if line.strip("*") in HEADS:
                head = line.strip("*")
            elif head and (more := re.fullmatch(r"• … and (\d+) more", line)):
                self.read.append(Read(place, minute, head, -1, "", more=int(more[1])))
            elif head and (found := LINE.match(line.removeprefix("• "))):
                number, is_named = self._numbers[int(found[1])], found[2] is not None
                self.read.append(Read(place, minute, head, number, _about(found[3]), is_named))
        if len(self.read) > was:
            self.messages.append((place, minute))
            self._spoken.append(_Spoken(message, place, self.read[was:]))

    def _press(self, deed: Deed) -> None:
        """A button of the last message about the ticket that has any; it is about all clocks in the message."""
        for spoken in reversed(self._spoken):
            reads = [one for one in spoken.reads if one.head in CLOCK_HEADS]
            if any(one.ticket == deed.ticket for one in reads):
                break
        else:
            return
        self._spoken.remove(spoken)
        if any(one.more for one in spoken.reads):
            return  # what is not named cannot be compared
        is_channel = spoken.place.startswith("#")
        actor = self._member(spoken.place) if is_channel else spoken.place
        person, at = self.desk.person(actor), self.desk.now
        seen = person.messages(spoken.place if is_channel else "dm")
        person.click(LABELS[deed.verb], next(one for one in seen if one.message is spoken.message))
        self.desk.settle()
        for one in reads:
            pressed = Deed(at, one.ticket, deed.verb, actor, one.about, spoken.place, one.minute)
            self.done.append(pressed)

    def _member(self, channel: str) -> str:
        """Of the tier whose channel it is."""
        with self.desk.desk.reading() as tx:
            tiers = [tier for queue in tx.policy.queues.values() for tier in queue.tiers]
        ids = {one.name: one.id for one in self.desk.sandbox.workspace.channels.values()}
        tier = next(tier for tier in tiers if tier.channel == ids[channel.removeprefix("#")])
        return min(self.desk.sandbox.workspace.users[member].name for member in tier.members)

    def _do(self, tx: Transaction, deed: Deed) -> None:
        actor = self._id(deed.actor)
        if deed.verb == "file":
            filed = service.file_ticket(
                tx,
                requester=actor,
                filed_by=actor,
                queue=deed.queue,
                topic=None,
                text=f"request {deed.ticket}",
                priority=deed.value,
                source=Source.FORM,
            )
            self._ids[deed.ticket], self._numbers[filed.ticket.id] = filed.ticket.id, deed.ticket
            return
        ticket = self._ids[deed.ticket]
        if deed.verb in ("write", "object", "thank"):
            self._write(tx, ticket, actor, "Thank you!" if deed.verb == "thank" else "It still fails.")
        elif deed.verb == "move":
            service.set_topic(tx, ticket, actor, deed.value, "Other")
        elif deed.verb == "mute":
            service.snooze_ticket(tx, ticket, actor, tx.now + MUTED)
        elif deed.verb == "assign":
            service.assign_ticket(tx, ticket, actor, self._id(deed.value))
        elif deed.verb == "priority":
            service.set_priority(tx, ticket, actor, deed.value)
        else:
            DEEDS[deed.verb](tx, ticket, actor)

    def _write(self, tx: Transaction, ticket: int, author: str, text: str) -> None:
        workspace = self.desk.sandbox.workspace
        channel = workspace.open_dm([author, workspace.bot.id])
        ts = f"{tx.now.timestamp():.6f}"
        service.record_requester_message(
            tx, ticket_id=ticket, author=author, text=text, files=[], channel=channel.id, ts=ts
        )

    def _id(self, handle: str) -> str:
        return self.desk.sandbox.workspace.user_by_handle(handle).id


def _lines(message: Message) -> list[str]:
    texts = [block.get("text", {}).get("text", "") for block in message.blocks or [] if block["type"] == "section"]
    return [line for text in texts for line in text.split("\n")]


def _about(words: str) -> str:
    tier = re.match(r"(L\d) (?:has needed|needed)", words)
    if tier:
        return f"tier {tier[1]}"
    clock = next(name for name in ("first response", "next response", "resolution") if words.startswith(name))
    cause = re.search(r"Caused by (L\d)\.", words)
    return f"{clock} caused by {cause[1]}" if cause else clock
