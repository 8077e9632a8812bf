"""What a plugin's function may look at, and what it may ask for.

A function runs against a snapshot and holds no lock, however long it takes. What it asks for is collected, and written
together in one short transaction after it has returned: all of it or nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from slackdesk.businesstime import BusinessCalendar
from slackdesk.dispatch import work
from slackdesk.dispatch.model import WorkKind
from slackdesk.errors import NotFound
from slackdesk.plugin import files
from slackdesk.plugin.checks import check_words, checked_blocks, checked_files, checked_key, checked_payload
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.values import (
    Message,
    Period,
    PersonView,
    Place,
    ReportSection,
    StayView,
    TicketView,
)
from slackdesk.plugin.views import stay_view, view_of
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.slack.drawings.parts import Reader, channel_reader, person_reader
from slackdesk.tickets import ledger, outgoing, people, queries, rights
from slackdesk.tickets.erasure import was_erased_since
from slackdesk.tickets.model import HistoryEntry, Ticket
from slackdesk.tickets.rights import Action
from slackdesk.tickets.service import record_missed_target
from slackdesk.tickets.transaction import Transaction

EFFECTS_MAX = 100
"""What one call of a function may ask for. A function that has more to do schedules a timer for the rest."""

HURRIED_MAX = 5
"""Of what somebody's click asks for, so much does not wait behind the core's messages."""

TEXT_CHARACTERS = 3_900
"""``chat.update`` refuses a text over 4,000 characters (https://docs.slack.dev/reference/methods/chat.update)."""

MESSAGE_BLOCKS = 50
"""Blocks in a message (https://docs.slack.dev/reference/block-kit/blocks)."""

Effect = Callable[[Transaction], None]


Sections = Callable[[Transaction, Period, Reader], Sequence[ReportSection]]


def _no_sections(_tx: Transaction, _period: Period, _reader: Reader) -> Sequence[ReportSection]:
    raise PluginError("report_sections: a report section cannot ask for those of others")


@dataclass
class ReadContext:
    """For functions that only show something: sections, badges, conditions.

    ``session`` reads the plugin's own tables (its changes are discarded), ``now`` is desk time, ``config`` the
    validated section of the policy file, ``policy`` the whole policy in force.
    """

    tx: Transaction = field(repr=False)
    plugin: str
    config: Any
    locale: Path | None = field(default=None, repr=False)
    contributions: Sections = field(default_factory=lambda: _no_sections, repr=False)
    looked_at: set[int] = field(default_factory=set, repr=False)
    """Tickets whose text the function may know."""

    @property
    def session(self) -> Session:
        """A snapshot. Queries of own tables are fine; nothing is flushed while the function runs."""
        return self.tx.session

    @property
    def now(self) -> datetime:
        """Desk time, fixed for this call."""
        return self.tx.now

    @property
    def policy(self) -> ResolvedPolicy:
        """The policy in force."""
        return self.tx.policy

    def reader(self, person: str | None = None) -> Reader:
        """Language, time zone and clock of a person; without one, of what many read at once.

        ``reader.t("…")`` says a sentence, from the plugin's own catalogue or the desk's; ``reader.instant(…)`` says
        an instant by the reader's wall clock.
        """
        reader = channel_reader(self.tx) if person is None else person_reader(self.tx, person)
        return Reader(reader.t.also_from(self.locale), reader.timezone, reader.now) if self.locale else reader

    def ticket(self, ticket_id: int) -> TicketView:
        """The ticket. Raises NotFound."""
        self.looked_at.add(ticket_id)
        ticket = self.session.get(Ticket, ticket_id)
        if ticket is None:
            raise NotFound("There is no ticket {id}. Type /ticket mine for your own.", id=ticket_id)
        return view_of(ticket)

    def person(self, person: str) -> PersonView | None:
        """What the desk knows of somebody; None for somebody of whom it has not heard yet."""
        known = people.person(self.session, person)
        names = PersonView.__dataclass_fields__
        return None if known is None else PersonView(**{name: getattr(known, name) for name in names})

    def history(self, ticket_id: int) -> Sequence[HistoryEntry]:
        """Everything that happened to the ticket, in order; see ``slackdesk.api.HistoryEntry``."""
        self.looked_at.add(ticket_id)
        return queries.history_of(self.session, ticket_id)

    def stays(self, ticket_id: int) -> Sequence[StayView]:
        """The tier ledger: every stay of the ticket in a tier, oldest first, with the working time that it took."""
        ticket = self.session.get(Ticket, ticket_id)
        if ticket is None:
            return []
        pauses = ledger.pauses_of(self.session, ticket, self.now)
        return [stay_view(self.policy, stay, pauses, self.now) for stay in queries.stays_of(self.session, ticket_id)]

    def open_tickets(self, after_id: int = 0, limit: int = 100) -> Sequence[TicketView]:
        """Tickets that are neither resolved nor ended, by id, from the first one behind ``after_id``."""
        found = [view_of(ticket) for ticket in queries.open_tickets(self.session, after_id, limit)]
        self.looked_at.update(one.id for one in found)
        return found

    def hours(self, queue: str, person: str | None = None) -> BusinessCalendar:
        """The working hours of a queue; with ``person``, the same hours by that person's wall clock.

        Raises KeyError for a queue that the policy does not have.
        """
        rules = self.policy.calendars[self.policy.queue(queue).calendar]
        return rules.business_calendar if person is None else rules.in_zone(self.reader(person).timezone)

    def may(self, person: str, action: Action, ticket_id: int) -> bool:
        """Whether the person has the right to do this with the ticket."""
        ticket = self.session.get(Ticket, ticket_id)
        if ticket is None:
            return False
        is_guest = people.is_guest(self.session, person)
        return rights.allowed(action, self.policy, ticket, person, is_guest=is_guest)

    def report_sections(self, period: Period, reader: Reader) -> Sequence[ReportSection]:
        """What all running plugins contribute to a summary of the period, said in the reader's language, by ``order``.

        In the place of a section that failed stands one without figures, whose title says so. ``tickets`` of a figure
        asks the plugin once more; it raises Refused when that fails. Raises PluginError in a report section itself.
        """
        return self.contributions(self.tx, period, reader)


@dataclass
class Context(ReadContext):
    """For functions that do something. Changes of ``session`` are written when the function has returned.

    Rows of own tables are added and changed by ``session.add`` and by their attributes. When another change came in
    between, the function is run again: it may run more often than once, and what it asked for happens once.
    """

    person_waits: bool = False
    timer_names: Collection[str] = ()
    heard: set[str] = field(default_factory=set, repr=False)
    """People whose words the function was handed."""
    effects: list[Effect] = field(default_factory=list)
    messages: int = 0
    """Messages and redrawn tickets that were asked for."""
    timers: int = 0

    def schedule(
        self,
        name: str,
        payload: Mapping[str, Any],
        *,
        due_at: datetime,
        key: str,
        ticket_id: int | None = None,
    ) -> None:
        """Have the ``@plugin.timer(name)`` run at ``due_at`` (desk time). A key that was used before does nothing.

        The payload is what JSON can hold. Raises PluginError for an unknown timer and for what cannot be kept.
        """
        if name not in self.timer_names:
            raise PluginError(f"schedule({name!r}): there is no @plugin.timer({name!r})")
        self._require_instant(f"schedule({name!r})", due_at)
        kept = checked_payload(f"schedule({name!r})", payload)

        def effect(tx: Transaction) -> None:
            tx.add_work(
                WorkKind.TIMER,
                f"{self.plugin}.{name}",
                kept,
                dedupe_key=self._timer_key(name, key),
                due_at=due_at,
                ticket_id=ticket_id,
                queue="slow",
            )

        self._ask(effect)
        self.timers += 1

    def cancel(self, name: str, key: str) -> None:
        """Cancel a timer that has not run yet; its key stays used."""
        dedupe_key = self._timer_key(name, key)
        self._ask(lambda tx: _ignore(work.cancel(tx.session, dedupe_key)))

    def reschedule(self, name: str, key: str, due_at: datetime) -> None:
        """Move a timer that has not run yet."""
        self._require_instant(f"reschedule({name!r})", due_at)
        dedupe_key = self._timer_key(name, key)
        self._ask(lambda tx: _ignore(work.reschedule(tx.session, dedupe_key, due_at)))

    def say(self, place: Place, message: Message, *, key: str) -> None:
        """Post a message; said again under the same key, the message that stands there is changed.

        Its files follow in its thread. Said again, those follow whose content has changed; a file is known by its name.
        Raises PluginError for a message without a text and for what Slack would refuse, NotFound for the ticket.
        """
        where = f"say({key!r})"
        if not isinstance(message.text, str) or not 0 < len(message.text.strip()) <= TEXT_CHARACTERS:
            raise PluginError(
                f"{where}: a message needs a text of at most {TEXT_CHARACTERS} characters, which says all"
            )
        body = {"text": message.text, "blocks": checked_blocks(message.blocks, MESSAGE_BLOCKS)}
        stream = f"plugin:{self.plugin}:{checked_key(where, key)}"
        payload = {"plugin": self.plugin, "key": key, "place": self._place(where, place), **body}
        payload |= {"about": sorted(self.looked_at), "quotes": sorted(self.heard.union(message.quotes))}
        queue = "now" if self._is_hurried() else "slow"
        attached = checked_files(where, message.files)

        def effect(tx: Transaction) -> None:
            if payload["about"] and was_erased_since(tx.session, payload["about"], self.now):
                raise StaleDataError("text that the message may quote was erased in between")
            more = {"files": queue} if files.keep(tx, self.plugin, key, attached) else {}
            ticket_id = getattr(place, "ticket_id", None)
            outgoing.plugin_message(tx, payload | more, stream=stream, ticket_id=ticket_id, queue=queue)

        self._ask(effect)
        self.messages += 2 if attached else 1

    def redraw(self, ticket_id: int) -> None:
        """Draw the card, the head of the requester's thread and the requester's App Home anew.

        For when something has changed that the plugin shows of the ticket, or promises.
        """
        queue = "now" if self._is_hurried() else "slow"

        def effect(tx: Transaction) -> None:
            ticket = tx.session.get(Ticket, ticket_id)
            if ticket is not None:
                outgoing.card(tx, ticket, again=True, rq_queue=queue)
                outgoing.root(tx, ticket, again=True, rq_queue=queue)
                outgoing.home(tx, ticket.requester, rq_queue=queue)

        self._ask(effect)
        self.messages += 1

    def record_missed_target(
        self, ticket_id: int, clock: str, cycle: int = 1, *, queue: str, tier: str, missed_at: datetime
    ) -> None:
        """Write a ``TargetMissed`` into its history, once for each clock and cycle. Raises PluginError, NotFound."""
        check_words("record_missed_target", clock=clock, queue=queue, tier=tier)
        self._require_instant("record_missed_target", missed_at, "missed_at")
        if type(cycle) is not int or cycle < 1:
            raise PluginError(f"record_missed_target: cycle = {cycle!r}: write a number from 1 on")
        self.ticket(ticket_id)
        about = {"queue": queue, "tier": tier}
        self._ask(lambda tx: record_missed_target(tx, ticket_id, clock, cycle, missed_at=missed_at, **about))

    def _place(self, where: str, place: Place) -> list[Any]:
        if not isinstance(place, Place):
            raise PluginError(
                f"{where}: place = {place!r}: write RequesterThread, RequesterOnly, AgentsThread, DirectMessage or "
                "ChannelPost"
            )
        ((name, about),) = vars(place).items()
        if name == "ticket_id":
            self.ticket(about)
        elif not isinstance(about, str) or not about:
            raise PluginError(f"{where}: {place!r}: write an id of Slack")
        return [type(place).__name__, about]

    def _is_hurried(self) -> bool:
        return self.person_waits and len(self.effects) < HURRIED_MAX

    def _require_instant(self, where: str, instant: datetime, name: str = "due_at") -> None:
        if not isinstance(instant, datetime) or instant.tzinfo is None:
            raise PluginError(f"{where}: {name} = {instant!r}: write an instant with a time zone")

    def _timer_key(self, name: str, key: str) -> str:
        return f"timer:{self.plugin}.{name}:{checked_key(f'timer {name!r}', key)}"

    def _ask(self, effect: Effect) -> None:
        if len(self.effects) >= EFFECTS_MAX:
            raise PluginError(
                f"more than {EFFECTS_MAX} timers and messages in one call; schedule a timer that does the rest"
            )
        self.effects.append(effect)


def _ignore(_result: object) -> None:
    """An effect returns nothing."""
