"""What a plugin's function may look at, and what it may ask for.

A function runs against a snapshot and holds no lock, however long it takes. What it asks for is collected, and written
together in one short transaction after it has returned: all of it or nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

from slackdesk.dispatch import work
from slackdesk.dispatch.model import WorkKind
from slackdesk.errors import NotFound
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.values import Message, Place, TicketView
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.slack.drawings.parts import Reader, channel_reader, person_reader
from slackdesk.tickets import outgoing, people, queries, rights
from slackdesk.tickets.model import HistoryEntry, Ticket
from slackdesk.tickets.rights import Action
from slackdesk.tickets.transaction import Transaction

EFFECTS_MAX = 100
"""What one call of a function may ask for. A function that has more to do schedules a timer for the rest."""

Effect = Callable[[Transaction], None]


def view_of(ticket: Ticket) -> TicketView:
    """The ticket as plugins see it."""
    names = TicketView.__dataclass_fields__
    return TicketView(**{name: getattr(ticket, name) for name in names})


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
        ticket = self.session.get(Ticket, ticket_id)
        if ticket is None:
            raise NotFound("There is no ticket {id}. Type /ticket mine for your own.", id=ticket_id)
        return view_of(ticket)

    def history(self, ticket_id: int) -> Sequence[HistoryEntry]:
        """Everything that happened to the ticket, in order; see ``slackdesk.api.HistoryEntry``."""
        return queries.history_of(self.session, ticket_id)

    def may(self, person: str, action: Action, ticket_id: int) -> bool:
        """Whether the person has the right to do this with the ticket."""
        ticket = self.session.get(Ticket, ticket_id)
        if ticket is None:
            return False
        is_guest = people.is_guest(self.session, person)
        return rights.allowed(action, self.policy, ticket, person, is_guest=is_guest)


@dataclass
class Context(ReadContext):
    """For functions that do something. Changes of ``session`` are written when the function has returned.

    Rows of own tables are added and changed by ``session.add`` and by their attributes. When another change came in
    between, the function is run again: it may run more often than once, and what it asked for happens once.
    """

    person_waits: bool = False
    effects: list[Effect] = field(default_factory=list)

    def schedule(
        self,
        name: str,
        payload: Mapping[str, Any],
        *,
        due_at: datetime,
        key: str,
        ticket_id: int | None = None,
    ) -> None:
        """Have the ``@plugin.timer(name)`` run at ``due_at`` (desk time). A key that was used before does nothing."""
        if due_at.tzinfo is None:
            raise PluginError(f"schedule({name!r}): due_at = {due_at!r} has no time zone")

        def effect(tx: Transaction) -> None:
            tx.add_work(
                WorkKind.TIMER,
                f"{self.plugin}.{name}",
                dict(payload),
                dedupe_key=self._timer_key(name, key),
                due_at=due_at,
                ticket_id=ticket_id,
                queue="slow",
            )

        self._ask(effect)

    def cancel(self, name: str, key: str) -> None:
        """Cancel a timer that has not run yet; its key stays used."""
        self._ask(lambda tx: _ignore(work.cancel(tx.session, self._timer_key(name, key))))

    def reschedule(self, name: str, key: str, due_at: datetime) -> None:
        """Move a timer that has not run yet."""
        self._ask(lambda tx: _ignore(work.reschedule(tx.session, self._timer_key(name, key), due_at)))

    def say(self, place: Place, message: Message, *, key: str) -> None:
        """Post a message; said again under the same key, the message that stands there is changed.

        Raises PluginError for blocks that Slack would refuse and for a message without a text.
        """
        body = {"text": message.text, "blocks": checked_blocks(message.blocks)}
        if not message.text.strip():
            raise PluginError(f"say({key!r}): a message needs a text that says all of it")
        payload = {"plugin": self.plugin, "key": key, "place": [type(place).__name__, *vars(place).values()], **body}
        queue = "now" if self.person_waits else "slow"

        def effect(tx: Transaction) -> None:
            stream = f"plugin:{self.plugin}:{key}"
            outgoing.plugin_message(
                tx, payload, stream=stream, ticket_id=getattr(place, "ticket_id", None), queue=queue
            )

        self._ask(effect)

    def redraw(self, ticket_id: int) -> None:
        """Draw the card, and whatever else shows the ticket, anew: something that the plugin shows has changed."""

        def effect(tx: Transaction) -> None:
            ticket = tx.session.get(Ticket, ticket_id)
            if ticket is not None:
                outgoing.card(tx, ticket, again=True)
                outgoing.home(tx, ticket.requester)

        self._ask(effect)

    def _timer_key(self, name: str, key: str) -> str:
        return f"timer:{self.plugin}.{name}:{key}"

    def _ask(self, effect: Effect) -> None:
        if len(self.effects) >= EFFECTS_MAX:
            raise PluginError(
                f"more than {EFFECTS_MAX} timers and messages in one call; schedule a timer that does the rest"
            )
        self.effects.append(effect)


def checked_blocks(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """The blocks as Slack takes them. Raises PluginError for what Slack would refuse."""
    try:
        shown = [block.to_dict() for block in blocks]
    except Exception as error:
        raise PluginError(f"blocks that Slack would refuse: {error}") from error
    if len(shown) > 50:
        raise PluginError(f"{len(shown)} blocks in a message; Slack allows 50")
    return shown


def _ignore(_result: object) -> None:
    """An effect returns nothing."""
