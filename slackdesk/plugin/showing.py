"""What plugins show: sections and buttons of the card, badges, sections of the App Home.

A section that fails is one line that says so; one that is too slow pauses its plugin.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from slack_sdk.models.blocks import Block, InteractiveElement
from sqlalchemy.exc import OperationalError

from slackdesk.errors import Unavailable
from slackdesk.i18n import later
from slackdesk.plugin import states
from slackdesk.plugin.context import ReadContext, checked_blocks, view_of
from slackdesk.plugin.deadline import alarm, in_main_thread
from slackdesk.plugin.declaration import BadgeFunction, Plugin, Section, TicketButton
from slackdesk.plugin.errors import PluginError, PluginTooSlow
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.unit_of_work import snapshot
from slackdesk.plugin.values import Badge, TicketView
from slackdesk.slack import escape
from slackdesk.slack.drawings import parts
from slackdesk.slack.drawings.parts import Reader
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.transaction import Desk, Transaction

log = logging.getLogger(__name__)

SECTION_SECONDS = 0.5
"""A worker that draws holds the write lock of SQLite; others wait 1.5 s for it at most."""

SECTION_BLOCKS_MAX = 10
BUTTONS_MAX = 5

FAILED = later("({plugin} could not show its part.)")

T = TypeVar("T")


class Showing:
    """Calls what shows something, each call within its time and by itself."""

    registry: Registry
    desk: Desk

    def card(self, tx: Transaction, ticket: Ticket) -> list[Block]:
        """Sections by their order, then one row of buttons."""
        view, reader = view_of(ticket), parts.channel_reader(tx)
        blocks = self._sections(tx, reader, [(p, s) for p in self._running(tx) for s in p.card_sections], view)
        buttons = sorted(
            ((plugin, button) for plugin in self._running(tx) for button in plugin.buttons.values()),
            key=lambda one: one[1].order,
        )
        shown = [self._button(reader, *one, view) for one in buttons if self._is_shown(tx, *one, view)]
        return blocks + parts.actions("plugins", ticket.version, shown[:BUTTONS_MAX])

    def home(self, tx: Transaction, person: str) -> list[Block]:
        """Sections by their order."""
        sections = [(plugin, section) for plugin in self._running(tx) for section in plugin.home_sections]
        return self._sections(tx, parts.person_reader(tx, person), sections, person)

    def badges(self, tx: Transaction, reader: Reader, tickets: Sequence[Ticket]) -> dict[int, str]:
        """Ticket id → ``⭐ Rated 4 of 5 · …``."""
        found: dict[int, list[str]] = {}
        views = [view_of(ticket) for ticket in tickets]
        for plugin in self._running(tx) if views else ():
            for function in plugin.badges:
                given = self._call(tx, plugin, partial(_each, function, views), "a badge")
                for ticket_id, badge in given or ():
                    if isinstance(badge, Badge):
                        t = reader.t.also_from(plugin.locale) if plugin.locale else reader.t
                        found.setdefault(ticket_id, []).append(f"{badge.sign} {t(badge.words)}")
        return {ticket_id: " · ".join(signs) for ticket_id, signs in found.items()}

    def _running(self, tx: Transaction) -> list[Plugin]:
        if not self.registry.active:
            return []
        paused = states.paused(tx.session)
        return [plugin for name, plugin in sorted(self.registry.active.items()) if name not in paused]

    def _sections(
        self, tx: Transaction, reader: Reader, sections: Sequence[tuple[Plugin, Section]], about: TicketView | str
    ) -> list[Block]:
        blocks: list[Block] = []
        for plugin, section in sorted(sections, key=lambda one: one[1].order):
            drawn = self._call(tx, plugin, partial(_drawn, section, about), "a section")
            failed = [parts.context(reader.t(FAILED, plugin=plugin.name))]
            blocks += failed if drawn is None else drawn
        return blocks

    def _is_shown(self, tx: Transaction, plugin: Plugin, button: TicketButton, view: TicketView) -> bool:
        shown = button.shown
        return shown is None or bool(self._call(tx, plugin, lambda ctx: shown(view, ctx), f"the button {button.name}"))

    def _button(self, reader: Reader, plugin: Plugin, button: TicketButton, view: TicketView) -> InteractiveElement:
        t = reader.t.also_from(plugin.locale) if plugin.locale else reader.t
        label = t(button.label)
        return parts.button(label, plugin.action_id(button.name, view.id), about=f"{label}: {view.number}")

    def _call(self, tx: Transaction, plugin: Plugin, function: Callable[[ReadContext], T], what: str) -> T | None:
        """What the function returns; None when it fails or is too slow, which is said to the operators."""
        what = f"{what} of {plugin.name}"
        try:
            if tx.writes and in_main_thread():
                return self._call_in_place(tx, plugin, function, what)
            return self.registry.bulkheads[plugin.name].call(
                lambda: self._call_on_snapshot(plugin, function), SECTION_SECONDS, what
            )
        except (OperationalError, Unavailable):
            raise
        except PluginTooSlow as slow:
            self._pause(tx, plugin, str(slow))
        except Exception:
            log.exception("%s failed", what)
        return None

    def _call_in_place(self, tx: Transaction, plugin: Plugin, function: Callable[[ReadContext], T], what: str) -> T:
        """In the transaction that draws, so that it sees what is drawn; whatever it changed there is undone."""
        ctx = ReadContext(tx, plugin.name, self.registry.config(plugin, tx.policy), plugin.locale)
        with tx.session.begin_nested(), tx.session.no_autoflush, alarm(SECTION_SECONDS, what):
            result = function(ctx)
            if tx.session.new or tx.session.deleted or any(tx.session.is_modified(row) for row in tx.session.dirty):
                raise PluginError(f"{what} changed something; what only shows must not write")
            return result

    def _call_on_snapshot(self, plugin: Plugin, function: Callable[[ReadContext], T]) -> T:
        with snapshot(self.desk) as tx:
            return function(ReadContext(tx, plugin.name, self.registry.config(plugin, tx.policy), plugin.locale))

    def _pause(self, tx: Transaction, plugin: Plugin, reason: str) -> None:
        if tx.writes:
            states.pause(tx, plugin.name, reason)
            return
        try:
            with self.desk.transaction() as writing:
                states.pause(writing, plugin.name, reason)
        except Unavailable as away:
            log.warning("%s could not be paused: %s", plugin.name, away)


def badge_line(badges: Mapping[int, str], ticket: Ticket) -> list[str]:
    """The badges of one ticket, for a context block; nothing without any."""
    return [escape.clean(badges[ticket.id])] if ticket.id in badges else []


def _each(function: BadgeFunction, views: Sequence[TicketView], ctx: ReadContext) -> list[tuple[int, Badge | None]]:
    return [(view.id, function(view, ctx)) for view in views]


def _drawn(section: Section, about: TicketView | str, ctx: ReadContext) -> list[Block]:
    blocks = section.function(about, ctx)
    if len(checked_blocks(blocks)) > SECTION_BLOCKS_MAX:
        raise PluginError(f"{len(blocks)} blocks; a section has {SECTION_BLOCKS_MAX} at most")
    return list(blocks)
