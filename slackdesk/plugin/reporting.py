"""What plugins contribute to a summary: each section within its time and by itself, said in the reader's language.

A section that fails is left out, and one line in its place says so.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from slackdesk.errors import Refused
from slackdesk.i18n import Translate, later, translator
from slackdesk.plugin.budget import Budget
from slackdesk.plugin.calling import call, require_only_read
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.errors import PluginError, said
from slackdesk.plugin.mistakes import sentence_mistake
from slackdesk.plugin.points import ReportFunction
from slackdesk.plugin.read_context import ReadContext
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.values import UNITS, Figure, Period, ReportSection
from slackdesk.slack.drawings.parts import Reader
from slackdesk.tickets.transaction import Desk, Transaction

log = logging.getLogger(__name__)

REPORT_SECONDS = 5.0
REPORTS_SECONDS = 6.0
"""For all plugins together: whoever makes the summary has ten, and needs some of them."""

HURRIED_SECONDS = 0.5
HURRIED_TOGETHER_SECONDS = 0.6
"""While a person waits."""

FIGURES_MAX = 20
TITLE_CHARACTERS = 75
LABEL_CHARACTERS = 75
KEY_CHARACTERS = 150

FAILED = later("({plugin} could not show its part.)")

T = TypeVar("T")


@dataclass(frozen=True)
class Reporting:
    """Asks every running plugin for its sections."""

    desk: Desk
    registry: Registry
    person_waits: bool

    def sections(self, tx: Transaction, period: Period, reader: Reader) -> list[ReportSection]:
        """All of them by their order; in the place of one that failed, one without figures whose title says so."""
        _require_period(period)
        t = translator(reader.t.locale)
        budget = Budget(HURRIED_TOGETHER_SECONDS if self.person_waits else REPORTS_SECONDS)
        found: list[ReportSection] = []
        declared = [(one, plugin) for plugin in self.registry.running(tx) for one in plugin.report_sections]
        for section, plugin in sorted(declared, key=lambda one: one[0].order):
            try:
                contribution = self._ask(plugin, section.function, period, t, budget.left_seconds)
            except Refused as refused:
                found.append(ReportSection(t(refused.template, **refused.values), ()))
                continue
            if contribution is not None:
                found.append(contribution)
        return found

    def _ask(
        self, plugin: Plugin, function: ReportFunction, period: Period, t: Translate, left_seconds: float
    ) -> ReportSection | None:
        def ask(ctx: ReadContext) -> ReportSection | None:
            own = t if plugin.locale is None else t.also_from(plugin.locale)
            section = checked(plugin, function(period, ctx))
            if section is None:
                return None
            figures = [
                replace(
                    figure,
                    label=own(figure.label, **figure.values),
                    values={},
                    tickets=figure.tickets and partial(self._tickets, plugin, function, period, figure.key),
                )
                for figure in section.figures
            ]
            return ReportSection(own(section.title), tuple(figures))

        return self._call(plugin, function, left_seconds, ask)

    def _tickets(self, plugin: Plugin, function: ReportFunction, period: Period, key: str) -> Sequence[int]:
        """The ids behind a figure. The section is asked once more: what it answered has lost its snapshot by now.

        Raises Refused when it fails.
        """

        def look(ctx: ReadContext) -> Sequence[int]:
            section = checked(plugin, function(period, ctx))
            named = [figure for figure in (section.figures if section else ()) if figure.key == key]
            ids = [] if not named or named[0].tickets is None else list(named[0].tickets())
            if not all(type(one) is int for one in ids):
                raise PluginError(f"{key}: tickets returns {ids[:3]!r}: write ids of tickets")
            return ids

        return self._call(plugin, function, REPORT_SECONDS, look)

    def _call(
        self, plugin: Plugin, function: ReportFunction, left_seconds: float, ask: Callable[[ReadContext], T]
    ) -> T:
        """What it answers. Raises Refused for whatever goes wrong, which is in the log then."""
        seconds = min(left_seconds, HURRIED_SECONDS if self.person_waits else REPORT_SECONDS)
        what = f"the report section {getattr(function, '__name__', 'of no name')} of {plugin.name}"

        def on_snapshot(snapshot: Transaction) -> T:
            config = self.registry.config(plugin, snapshot.policy)
            result = ask(ReadContext(snapshot, plugin.name, config, plugin.locale))
            require_only_read(snapshot, what)
            return result

        if seconds > 0:
            try:
                return call(self.desk, self.registry.bulkheads[plugin.name], on_snapshot, seconds=seconds, what=what)
            except Exception as error:
                log.exception("%s failed: %s", what, said(error))
        else:
            log.warning("%s is left out: the others took all of the time", what)
        raise Refused(FAILED, plugin=plugin.name)


def checked(plugin: Plugin, section: object) -> ReportSection | None:
    """A section whose figures can be shown; None for none, and for one without figures. Raises PluginError."""
    if section is None:
        return None
    if not isinstance(section, ReportSection):
        raise PluginError(f"{section!r} in the place of a ReportSection, or of None")
    if mistake := sentence_mistake("title", section.title, TITLE_CHARACTERS):
        raise PluginError(mistake)
    figures = tuple(islice(section.figures, FIGURES_MAX + 1))
    if len(figures) > FIGURES_MAX:
        raise PluginError(f"more than {FIGURES_MAX} figures")
    for figure in figures:
        if mistake := _figure_mistake(plugin, figure):
            raise PluginError(mistake)
    if len({figure.key for figure in figures}) < len(figures):
        raise PluginError("two figures have the same key")
    return ReportSection(section.title, figures) if figures else None


def _figure_mistake(plugin: Plugin, figure: object) -> str | None:
    """What to write instead; None when it is fine."""
    if not isinstance(figure, Figure):
        return f"{figure!r} in the place of a Figure"
    key, value, n = figure.key, figure.value, figure.n
    tickets: object = figure.tickets
    if not isinstance(key, str) or not plugin.owns(key) or not 0 < len(key) <= KEY_CHARACTERS:
        return f"key = {key!r}: write a text that begins with {plugin.name}_, of at most {KEY_CHARACTERS} characters"
    if figure.unit not in UNITS:
        return f"{key}: unit = {figure.unit!r}: write one of {', '.join(UNITS)}"
    if value is not None and (type(value) not in (int, float) or not math.isfinite(value)):
        return f"{key}: value = {value!r}: write a number, or None where there is no data"
    if n is not None and (type(n) is not int or n < 0):
        return f"{key}: n = {n!r}: write how many it was measured on, or None"
    if figure.wanted not in (None, "more", "less"):
        return f"{key}: wanted = {figure.wanted!r}: write more, less or None"
    if tickets is not None and not callable(tickets):
        return f"{key}: tickets = {tickets!r}: write a function without parameters"
    values: object = figure.values
    if not isinstance(values, Mapping) or not all(_is_short(one) for pair in values.items() for one in pair):
        return f"{key}: values = {values!r}: write names, and texts of at most {LABEL_CHARACTERS} characters"
    mistake = sentence_mistake("label", figure.label, LABEL_CHARACTERS, figure.values)
    return mistake and f"{key}: {mistake}"


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= LABEL_CHARACTERS


def _require_period(period: Period) -> None:
    for name in ("since", "until"):
        instant = getattr(period, name, None)
        if not isinstance(instant, datetime) or instant.tzinfo is None:
            raise PluginError(f"report_sections: {name} = {instant!r}: write an instant with a time zone")
