"""The declaration of a plugin: one object that says everything. Making it has no effect until the registry adds it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import MetaData

from slackdesk.plugin import mistakes
from slackdesk.plugin.errors import PluginError
from slackdesk.plugin.points import (
    ActionFunction,
    BadgeFunction,
    ErasureFunction,
    Handler,
    ModalFunction,
    PromiseFunction,
    Recurring,
    ReplayFunction,
    Section,
    ShownFunction,
    TicketButton,
    TimerFunction,
    Word,
)
from slackdesk.plugin.reserved import GROUPS, RESERVED_COMMANDS, RESERVED_VERBS, RESERVED_WORDS
from slackdesk.plugin.settings import NoConfig
from slackdesk.slack import ids
from slackdesk.tickets.events import Event
from slackdesk.tickets.rights import Action

API_VERSION = 1
"""Counts incompatible changes of ``slackdesk.api``."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,29}")
_NAME_FORM = "2 to 30 small letters, digits and _, beginning with a letter"

F = TypeVar("F", bound=Callable[..., Any])


class PluginMistake(PluginError):
    """The declaration is wrong: names the plugin, what is wrong, and what to write."""


@dataclass
class Plugin:
    """What a plugin is and does.

    ``name`` is that of its folder; ``api`` the ``API_VERSION`` that it was written for; ``config`` the model of its
    section ``[plugins.<name>]``; ``scopes`` what the app needs in Slack beyond its own, with the reason for each.
    ``tables`` is the metadata of its own tables (``OwnTables``), ``migrations`` the folder of their Alembic revisions,
    ``locale`` that of its gettext catalogues. Decorators raise PluginMistake for what cannot work.
    """

    name: str
    version: str
    api: int
    config: type[BaseModel] = NoConfig
    scopes: Mapping[str, str] = field(default_factory=dict)
    tables: MetaData | None = None
    migrations: Path | None = None
    locale: Path | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise PluginMistake(f"name = {self.name!r}: write {_NAME_FORM}")
        if not (isinstance(self.config, type) and issubclass(self.config, BaseModel)):
            raise self._mistake(f"config = {self.config!r}", "write a class that inherits from pydantic's BaseModel")
        if not isinstance(self.scopes, Mapping):
            raise self._mistake(f"scopes = {self.scopes!r}", "write scope and reason: {'users:read': 'names on cards'}")
        self.handlers: dict[str, tuple[tuple[str, ...], Handler]] = {}
        self.timers: dict[str, TimerFunction] = {}
        self.recurring: dict[str, Recurring] = {}
        self.actions: dict[str, ActionFunction] = {}
        self.modals: dict[str, ModalFunction] = {}
        self.buttons: dict[str, TicketButton] = {}
        self.commands: dict[str, Word] = {}
        self.verbs: dict[str, Word] = {}
        self.command_lines: dict[str, Callable[..., None]] = {}
        """By what is typed behind ``slackdesk``: one word, or two."""
        self.card_sections: list[Section] = []
        self.home_sections: list[Section] = []
        self.report_sections: list[Section] = []
        self.badges: list[BadgeFunction] = []
        self.promises: list[PromiseFunction] = []
        self.replays: list[ReplayFunction] = []
        self.erasures: list[ErasureFunction] = []

    def on(self, *events: type[Event]) -> Callable[[F], F]:
        """``function(event, ctx)`` runs in a worker after each of these events, once, with retries of its own."""
        for event in events or (None,):
            if not (isinstance(event, type) and issubclass(event, Event) and hasattr(event, "kind")):
                given = ", ".join(map(repr, events))
                raise self._mistake(f"on({given})", "name events of slackdesk.api, such as TicketClosed")
        kinds = tuple(dict.fromkeys(event.kind for event in events))

        def add(function: F) -> F:
            self._add(self.handlers, "on", function.__name__, function, (kinds, function))
            return function

        return add

    def timer(self, name: str) -> Callable[[F], F]:
        """``function(timer, ctx)`` runs in a worker when what ``ctx.schedule(name, …)`` asked for is due."""
        return self._register(self.timers, "timer", name)

    def every(self, cron: str, *, timezone: str | None = None) -> Callable[[F], F]:
        """``function(slot, ctx)`` runs in a worker once for each slot of the cron expression, such as ``0 8 * * MON``.

        Survives restarts; after an outage only the latest slot is run. ``timezone`` is by default the desk's.
        """
        if mistake := mistakes.cron_mistake(cron, timezone):
            raise self._mistake(f"every({cron!r}, timezone={timezone!r})", mistake)

        def add(function: F) -> F:
            name = function.__name__
            self._add(self.recurring, "every", name, function, Recurring(name, cron, timezone, function))
            return function

        return add

    def action(self, name: str) -> Callable[[F], F]:
        """``function(click, ctx)`` answers a button whose id is ``action_id(name, …)``. At the edge: one second."""
        return self._register(self.actions, "action", name)

    def modal(self, name: str) -> Callable[[F], F]:
        """``function(form, ctx)`` answers the submission of a ``Modal(name, …)``. At the edge: one second.

        Raise ``InvalidInput(input_name, sentence)`` for what has to be put right in the window.
        """
        return self._register(self.modals, "modal", name)

    def ticket_button(
        self,
        name: str,
        *,
        label: str,
        order: int = 50,
        right: Action = Action.NOTE,
        shown: ShownFunction | None = None,
    ) -> Callable[[F], F]:
        """A button on the card; ``function(click, ctx)`` answers it. At the edge: one second.

        Only for people who have ``right`` on the ticket, by default everybody who may write notes on it. ``shown`` says
        for each drawing of the card whether it is there.
        """
        where = f"ticket_button({name!r})"
        if mistake := mistakes.sentence_mistake("label", label, mistakes.LABEL_CHARACTERS):
            raise self._mistake(where, mistake)
        if not isinstance(right, Action):
            raise self._mistake(where, f"right = {right!r}: write one of Action, such as Action.NOTE")
        self._check_order(where, order)
        if shown is not None:
            self._check(f"{where}: shown", shown)

        def add(function: F) -> F:
            self._add(self.actions, "ticket_button", name, function, function)
            self.buttons[name] = TicketButton(name, label, order, right, shown, function)
            return function

        return add

    def command(self, word: str, *, help: str) -> Callable[[F], F]:
        """``function(words, ctx)`` answers ``/desk word …``. At the edge: one second."""
        return self._word(self.commands, "command", word, help, RESERVED_WORDS)

    def ticket_verb(self, verb: str, *, help: str, needs_ticket: bool = True) -> Callable[[F], F]:
        """``function(words, ctx)`` answers ``/ticket verb 42 …`` for whoever may see the ticket. At the edge: 1 s.

        With ``needs_ticket=False`` it answers ``/ticket verb …`` for everybody, about no ticket.
        """
        return self._word(self.verbs, "ticket_verb", verb, help, RESERVED_VERBS, needs_ticket=needs_ticket)

    def cli(self, name: str, *, under: str | None = None) -> Callable[[F], F]:
        """``function(ctx, …)`` is ``slackdesk name``; its further parameters are declared as typer's options.

        With ``under``, one of the core's groups of commands, it is ``slackdesk under name``.
        """
        where = f"cli({name!r}, under={under!r})" if under else f"cli({name!r})"
        if under is not None and under not in GROUPS:
            raise self._mistake(where, f"write one of {', '.join(sorted(GROUPS))}, or leave it out")
        if name in (GROUPS[under] if under else RESERVED_COMMANDS):
            raise self._mistake(where, "slackdesk itself has this command; choose another")

        def add(function: F) -> F:
            self._add(self.command_lines, "cli", name, function, function, parameters=None, below=under)
            return function

        return add

    def ticket_card(self, *, order: int = 50) -> Callable[[F], F]:
        """``function(ticket, ctx)`` returns blocks for the card; none, when it has nothing to show."""
        return self._section(self.card_sections, "ticket_card", order)

    def home_section(self, *, order: int = 50) -> Callable[[F], F]:
        """``function(person, ctx)`` returns blocks for that person's App Home."""
        return self._section(self.home_sections, "home_section", order)

    def report_section(self, *, order: int = 50) -> Callable[[F], F]:
        """``function(period, ctx)`` returns a ``ReportSection`` for a summary, or None. At most five seconds."""
        return self._section(self.report_sections, "report_section", order)

    def badge(self, function: F) -> F:
        """``function(ticket, ctx)`` returns a ``Badge`` for the card and for lists, or None."""
        return self._listed(self.badges, "badge", function)

    def promise(self, function: F) -> F:
        """``function(ticket, ctx)`` returns the instant by which the requester is answered next, or None."""
        return self._listed(self.promises, "promise", function)

    def replay(self, function: F) -> F:
        """``function(ticket, ctx)`` returns what a past ticket comes to under ``ctx.policy``, as ``Measured``."""
        return self._listed(self.replays, "replay", function)

    def erasure(self, function: F) -> F:
        """``function(erased, ctx)`` erases in the plugin's own tables what a person wrote. In the command's process."""
        return self._listed(self.erasures, "erasure", function)

    def owns(self, table: str) -> bool:
        """Whether a table of this name belongs to the plugin."""
        return table.startswith(f"{self.name}_")

    def action_id(self, name: str, ticket_id: int | None = None, value: str | int | None = None) -> str:
        """The ``action_id`` of a button that ``@plugin.action(name)`` answers."""
        return ids.action(f"{self.name}.{name}", ticket_id, value)

    def _register(self, table: dict[str, Any], point: str, name: str, parameters: int | None = 2) -> Callable[[F], F]:
        def add(function: F) -> F:
            self._add(table, point, name, function, function, parameters)
            return function

        return add

    def _word(
        self,
        table: dict[str, Word],
        point: str,
        name: str,
        help_text: str,
        reserved: frozenset[str],
        *,
        needs_ticket: bool = False,
    ) -> Callable[[F], F]:
        if name in reserved:
            raise self._mistake(f"{point}({name!r})", "the desk itself has this word; choose another")
        if mistake := mistakes.sentence_mistake("help", help_text, mistakes.HELP_CHARACTERS):
            raise self._mistake(f"{point}({name!r})", mistake)

        def add(function: F) -> F:
            self._add(table, point, name, function, Word(name, help_text, function, needs_ticket))
            return function

        return add

    def _listed(self, functions: list[Any], point: str, function: F) -> F:
        self._check(point, function)
        functions.append(function)
        return function

    def _section(self, sections: list[Section], point: str, order: int) -> Callable[[F], F]:
        self._check_order(point, order)

        def add(function: F) -> F:
            self._check(point, function)
            sections.append(Section(order, function))
            return function

        return add

    def _add(
        self,
        table: dict[str, Any],
        point: str,
        name: str,
        function: Any,
        entry: Any,
        parameters: int | None = 2,
        below: str | None = None,
    ) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self._mistake(f"{point}({name!r})", f"write {_NAME_FORM}")
        key = f"{below} {name}" if below else name
        if key in table:
            raise self._mistake(f"{point}({name!r})", "declared twice; give each its own name")
        self._check(point, function, parameters)
        table[key] = entry

    def _check(self, point: str, function: Any, parameters: int | None = 2) -> None:
        if mistake := mistakes.function_mistake(function, parameters):
            raise self._mistake(point, mistake)

    def _check_order(self, point: str, order: object) -> None:
        if not isinstance(order, int | float):
            raise self._mistake(point, f"order = {order!r}: write a number")

    def _mistake(self, where: str, remedy: str) -> PluginMistake:
        return PluginMistake(f"{self.name}: {where}: {remedy}")
