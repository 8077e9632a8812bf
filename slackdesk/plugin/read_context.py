"""What a plugin's function may look at: a snapshot of the desk, for as long as the function runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from slackdesk.businesstime import BusinessCalendar
from slackdesk.errors import NotFound
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.values import Period, PersonView, ReportSection, StayView, TicketView
from slackdesk.plugin.views import stay_view, view_of
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.slack.drawings.parts import Reader, channel_reader, person_reader
from slackdesk.tickets import ledger, people, queries, rights
from slackdesk.tickets.model import HistoryEntry, Ticket
from slackdesk.tickets.rights import Action
from slackdesk.tickets.transaction import Transaction

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
