"""What a plugin's function may ask for, beside what it may look at.

A function runs against a snapshot and holds no lock, however long it takes. What it asks for is collected, and written
together in one short transaction after it has returned: all of it or nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from slackdesk.dispatch import work
from slackdesk.dispatch.model import WorkKind
from slackdesk.plugin import files
from slackdesk.plugin.checks import check_words, checked_blocks, checked_files, checked_key, checked_payload
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.read_context import ReadContext
from slackdesk.plugin.values import Message, Place
from slackdesk.tickets import outgoing
from slackdesk.tickets.erasure import was_erased_since
from slackdesk.tickets.model import Ticket
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
