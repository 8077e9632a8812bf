"""The plugins of a process, as the edge and the drawings see them."""

import logging
from collections.abc import Mapping

from slackdesk.i18n import Translate
from slackdesk.plugin.answering import Answering
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.points import Word
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.showing import Showing
from slackdesk.slack.extensions import MoreVerb
from slackdesk.tickets.transaction import Desk

log = logging.getLogger(__name__)


class PluginExtensions(Showing, Answering):
    """``slackdesk.slack.extensions.Extensions`` of the plugins in a registry."""

    def __init__(self, registry: Registry, desk: Desk) -> None:
        self.registry, self.desk = registry, desk

    def verbs(self, t: Translate) -> Mapping[str, MoreVerb]:
        """Those of every plugin."""
        words = self.registry.words(lambda one: one.verbs)
        return {word.name: MoreVerb(_help(t, plugin, word), word.needs_ticket) for plugin, word in words}

    def desk_words(self, t: Translate) -> Mapping[str, str]:
        """Word → what it does, of every plugin."""
        return {word.name: _help(t, plugin, word) for plugin, word in self.registry.words(lambda one: one.commands)}


def _help(t: Translate, plugin: Plugin, word: Word) -> str:
    try:
        return (t.also_from(plugin.locale) if plugin.locale else t)(word.help)
    except Exception:  # its catalogue is broken; the other words still have to be understood
        log.exception("the catalogue of %s", plugin.name)
        return word.help
