"""Past tickets run through another policy: what plugins measure under the one in force and under the other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.read_context import ReadContext
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.unit_of_work import CONSOLE_SECONDS
from slackdesk.plugin.values import Measured, TicketView
from slackdesk.plugin.views import view_of
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets import queries
from slackdesk.tickets.model import HistoryEntry
from slackdesk.tickets.transaction import Desk

READ_AT_ONCE = 200
"""Tickets that are read together with their histories."""


@dataclass
class Tally:
    """Of one queue, priority and measure under one policy."""

    met: int = 0
    missed: int = 0
    breaches: int = 0

    def add(self, one: Measured) -> None:
        """Count one measurement; what is not decided yet is neither met nor missed."""
        self.met += one.is_met is True
        self.missed += one.is_met is False
        self.breaches += one.is_breached

    @property
    def attainment_percent(self) -> float | None:
        """Met in a hundred that are decided; None without any."""
        decided = self.met + self.missed
        return 100 * self.met / decided if decided else None


Key = tuple[str, str, str]
"""Queue, priority, what was measured."""


@dataclass
class Replay:
    """Before and after, by queue, priority and measure."""

    tickets: int = 0
    before: dict[Key, Tally] = field(default_factory=lambda: defaultdict(Tally))
    after: dict[Key, Tally] = field(default_factory=lambda: defaultdict(Tally))

    @property
    def keys(self) -> list[Key]:
        """In both or in one of them."""
        return sorted({*self.before, *self.after})


@dataclass
class ReplayContext(ReadContext):
    """What a plugin measures a ticket with. The ticket's history was read with those of others."""

    read_ahead: dict[int, Sequence[HistoryEntry]] = field(default_factory=dict, repr=False)

    def history(self, ticket_id: int) -> Sequence[HistoryEntry]:
        """Everything that happened to the ticket, in order."""
        found = self.read_ahead.get(ticket_id)
        return super().history(ticket_id) if found is None else found


def replay(
    desk: Desk,
    registry: Registry,
    policy: ResolvedPolicy,
    *,
    since: datetime,
    track: Callable[[Sequence[int]], Iterable[int]],
) -> Replay:
    """Measure every ticket filed since then twice: under the policy in force, and under ``policy``.

    ``track`` is handed the ids of all of them and yields them one by one, for whoever shows the progress. Raises
    ConfigurationError for settings that a plugin refuses, PluginError for what a plugin does wrong.
    """
    plugins = [plugin for plugin in registry.active.values() if plugin.replays]
    found, histories = Replay(), dict[int, Sequence[HistoryEntry]]()
    with desk.snapshot(CONSOLE_SECONDS) as tx:
        measuring = []
        for plugin in plugins:
            for tallies, of in ((found.before, tx), (found.after, replace(tx, policy=policy))):
                config = registry.config(plugin, of.policy)
                ctx = ReplayContext(of, plugin.name, config, plugin.locale, read_ahead=histories)
                measuring.append((plugin, tallies, ctx))
        ids = queries.filed_since(tx.session, since)
        for _, ticket in zip(track(ids), _read(tx.session, ids, histories), strict=False):
            found.tickets += 1
            for plugin, tallies, ctx in measuring:
                for one in _measured(plugin, ticket, ctx):
                    tallies[one.queue, one.priority, one.what].add(one)
    return found


def _read(session: Session, ids: Sequence[int], histories: dict[int, Sequence[HistoryEntry]]) -> Iterator[TicketView]:
    """The tickets in that order; ``histories`` holds those of the ones that were read with the last one."""
    for first in range(0, len(ids), READ_AT_ONCE):
        some = ids[first : first + READ_AT_ONCE]
        histories.clear()
        histories.update(queries.histories_of(session, some))
        yield from map(view_of, queries.tickets_with(session, some))
        session.expunge_all()


def _measured(plugin: Plugin, ticket: TicketView, ctx: ReadContext) -> list[Measured]:
    measured: list[Measured] = []
    for function in plugin.replays:
        for one in function(ticket, ctx):
            if not isinstance(one, Measured):
                raise PluginError(f"{plugin.name}: replay: {one!r} in the place of a Measured")
            measured.append(one)
    return measured
