"""What plugins show: sections and buttons of the card, badges, sections of the App Home.

A section that fails is one line that says so; one that is too slow pauses its plugin.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from slack_sdk.models.blocks import Block, ButtonElement

from slackdesk.errors import Unavailable
from slackdesk.plugin import states
from slackdesk.plugin.budget import Budget
from slackdesk.plugin.calling import call, require_only_read
from slackdesk.plugin.checks import checked_blocks
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError, PluginTooSlow, said
from slackdesk.plugin.points import BadgeFunction, PromiseFunction, Section, TicketButton
from slackdesk.plugin.read_context import ReadContext
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.reporting import FAILED, Reporting
from slackdesk.plugin.values import Badge, TicketView
from slackdesk.plugin.views import view_of
from slackdesk.slack import escape
from slackdesk.slack.drawings import parts
from slackdesk.slack.drawings.parts import Reader
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.transaction import Desk, Transaction

log = logging.getLogger(__name__)

SECTION_SECONDS = 0.5
DRAWING_SECONDS = 0.6
"""For everything that plugins add in one go. A worker that draws holds the write lock of SQLite; others wait 1.5 s for
it at most."""

SECTION_BLOCKS_MAX = 10
BUTTONS_MAX = 5
SIGN_CHARACTERS = 20
BADGE_CHARACTERS = 75

T = TypeVar("T")


class Showing:
    """Calls what shows something, each call within its time and by itself."""

    registry: Registry
    desk: Desk

    def card(self, tx: Transaction, ticket: Ticket) -> list[Block]:
        """Sections by their order, then one row of buttons."""
        running, reader, view = self.registry.running(tx), parts.channel_reader(tx), view_of(ticket)
        budget = Budget(DRAWING_SECONDS)
        blocks = self._sections(tx, budget, reader, [(p, s) for p in running for s in p.card_sections], view)
        buttons = sorted(
            ((plugin, button) for plugin in running for button in plugin.buttons.values()),
            key=lambda one: one[1].order,
        )
        found = [
            self._call(tx, plugin, budget, partial(_button, plugin, button, reader, view), f"the button {button.name}")
            for plugin, button in buttons
        ]
        shown = [button for button in found if button is not None][:BUTTONS_MAX]
        return blocks + parts.actions("plugins", ticket.version, shown)

    def home(self, tx: Transaction, person: str) -> list[Block]:
        """Sections by their order."""
        sections = [(plugin, section) for plugin in self.registry.running(tx) for section in plugin.home_sections]
        return self._sections(tx, Budget(DRAWING_SECONDS), parts.person_reader(tx, person), sections, person)

    def badges(self, tx: Transaction, reader: Reader, tickets: Sequence[Ticket]) -> dict[int, str]:
        """Ticket id → ``⭐ Rated 4 of 5 · …``."""
        found: dict[int, list[str]] = {}
        views, budget = [view_of(ticket) for ticket in tickets], Budget(DRAWING_SECONDS)
        for plugin in self.registry.running(tx) if views else ():
            for function in plugin.badges:
                signs = partial(_signs, plugin, function, reader, views)
                for ticket_id, sign in (self._call(tx, plugin, budget, signs, "a badge") or {}).items():
                    found.setdefault(ticket_id, []).append(sign)
        return {ticket_id: " · ".join(signs) for ticket_id, signs in found.items()}

    def promise(self, tx: Transaction, ticket: Ticket) -> datetime | None:
        """The first instant that a plugin returns, the plugins in order of their names."""
        view, budget = view_of(ticket), Budget(DRAWING_SECONDS)
        for plugin in self.registry.running(tx):
            for function in plugin.promises:
                found = self._call(tx, plugin, budget, partial(_promised, function, view), "a promise")
                if found is not None:
                    return found
        return None

    def shown_on_cards(self, tx: Transaction) -> list[str]:
        """Names of the plugins that may have put something on a card."""
        running = self.registry.running(tx)
        return [one.name for one in running if one.card_sections or one.buttons or one.badges]

    def shown_on_homes(self, tx: Transaction) -> list[str]:
        """Names of the plugins that may have put something on an App Home."""
        return [one.name for one in self.registry.running(tx) if one.home_sections or one.badges]

    def _sections(
        self,
        tx: Transaction,
        budget: Budget,
        reader: Reader,
        sections: Sequence[tuple[Plugin, Section]],
        about: TicketView | str,
    ) -> list[Block]:
        blocks: list[Block] = []
        for plugin, section in sorted(sections, key=lambda one: one[1].order):
            drawn = self._call(tx, plugin, budget, partial(_drawn, section, about), "a section")
            failed = [parts.context(reader.t(FAILED, plugin=plugin.name))]
            blocks += failed if drawn is None else drawn
        return blocks

    def _call(
        self, tx: Transaction, plugin: Plugin, budget: Budget, function: Callable[[ReadContext], T], what: str
    ) -> T | None:
        """What the function returns; None when it fails or is too slow, which is said to the operators."""
        what = f"{what} of {plugin.name}"
        seconds = min(SECTION_SECONDS, budget.left_seconds)
        if seconds <= 0:
            log.warning("%s is left out: what plugins show took %g s already", what, DRAWING_SECONDS)
            return None

        def on_snapshot(snapshot: Transaction) -> T:
            config = self.registry.config(plugin, snapshot.policy)
            reporting = Reporting(self.desk, self.registry, person_waits=True)
            result = function(ReadContext(snapshot, plugin.name, config, plugin.locale, reporting.sections))
            require_only_read(snapshot, what)
            return result

        # A machine that stood still for a moment is no fault of the plugin; what only shows can be asked once more.
        for is_last in (False, True):
            started = time.monotonic()
            try:
                return call(self.desk, self.registry.bulkheads[plugin.name], on_snapshot, seconds=seconds, what=what)
            except PluginTooSlow as slow:
                log.warning("%s", slow)
                if seconds < SECTION_SECONDS:
                    break
                budget.forgive(time.monotonic() - started)
                if is_last:
                    self._pause(tx, plugin, str(slow))
            except Exception as error:
                log.exception("%s failed: %s", what, said(error))
                break
        return None

    def _pause(self, tx: Transaction, plugin: Plugin, reason: str) -> None:
        if tx.writes:
            states.pause(tx, plugin.name, reason)
            return
        try:
            with self.desk.transaction() as writing:
                states.pause(writing, plugin.name, reason)
        except Unavailable as away:
            log.warning("%s could not be paused: %s", plugin.name, away)


class _CheckedBlock(Block):
    """A block as it was when it was checked: what is sent is this, whatever becomes of the plugin's own object."""

    def __init__(self, shown: dict[str, Any]) -> None:
        super().__init__(type=shown.get("type"))
        self._shown = shown

    def to_dict(self) -> dict[str, Any]:
        return self._shown


def _drawn(section: Section, about: TicketView | str, ctx: ReadContext) -> list[Block]:
    return [_CheckedBlock(shown) for shown in checked_blocks(section.function(about, ctx), SECTION_BLOCKS_MAX)]


def _button(
    plugin: Plugin, button: TicketButton, reader: Reader, view: TicketView, ctx: ReadContext
) -> ButtonElement | None:
    if button.shown is not None and not button.shown(view, ctx):
        return None
    label = _own(reader, plugin).t(button.label)
    return parts.button(label, plugin.action_id(button.name, view.id), about=f"{label}: {view.number}")


def _signs(
    plugin: Plugin, function: BadgeFunction, reader: Reader, views: Sequence[TicketView], ctx: ReadContext
) -> dict[int, str]:
    t, found = _own(reader, plugin).t, {}
    for view in views:
        badge = function(view, ctx)
        if badge is None:
            continue
        if not isinstance(badge, Badge):
            raise PluginError(f"{badge!r} in the place of a Badge, or of None")
        sign, words = escape.inline(badge.sign, SIGN_CHARACTERS), escape.inline(t(badge.words), BADGE_CHARACTERS)
        found[view.id] = f"{sign} {words}"
    return found


def _promised(function: PromiseFunction, view: TicketView, ctx: ReadContext) -> datetime | None:
    answer_by = function(view, ctx)
    if answer_by is not None and (not isinstance(answer_by, datetime) or answer_by.tzinfo is None):
        raise PluginError(f"{answer_by!r} in the place of an instant with a time zone, or of None")
    return answer_by


def _own(reader: Reader, plugin: Plugin) -> Reader:
    """The reader, to whom the plugin's own catalogue speaks."""
    return reader if plugin.locale is None else Reader(reader.t.also_from(plugin.locale), reader.timezone, reader.now)
