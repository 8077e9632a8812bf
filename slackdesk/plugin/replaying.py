"""Past tickets run through another policy: what plugins measure under the one in force and under the other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from slackdesk.plugin.context import ReadContext
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.unit_of_work import CONSOLE_SECONDS
from slackdesk.plugin.values import Measured
from slackdesk.plugin.views import view_of
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets import queries
from slackdesk.tickets.transaction import Desk


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
    found = Replay()
    with desk.snapshot(CONSOLE_SECONDS) as tx:
        sides = ((found.before, tx), (found.after, replace(tx, policy=policy)))
        contexts = {
            (plugin.name, number): ReadContext(of, plugin.name, registry.config(plugin, of.policy), plugin.locale)
            for plugin in plugins
            for number, (_, of) in enumerate(sides)
        }
        for ticket_id in track(queries.filed_since(tx.session, since)):
            view = view_of(queries.ticket_by_number(tx.session, str(ticket_id)))
            found.tickets += 1
            for plugin in plugins:
                for number, (tallies, _) in enumerate(sides):
                    for one in _measured(plugin, view, contexts[plugin.name, number]):
                        tallies[one.queue, one.priority, one.what].add(one)
            tx.session.expunge_all()
    return found


def _measured(plugin: Plugin, view: object, ctx: ReadContext) -> list[Measured]:
    measured: list[Measured] = []
    for function in plugin.replays:
        for one in function(view, ctx):
            if not isinstance(one, Measured):
                raise PluginError(f"{plugin.name}: replay: {one!r} in the place of a Measured")
            measured.append(one)
    return measured
