"""The plugins of a process, as the edge and the drawings see them."""

from collections.abc import Mapping

from slackdesk.i18n import Translate
from slackdesk.plugin.answering import Answering
from slackdesk.plugin.declaration import Plugin, Word
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.showing import Showing
from slackdesk.tickets.transaction import Desk


class PluginExtensions(Showing, Answering):
    """``slackdesk.slack.extensions.Extensions`` of the plugins in a registry."""

    def __init__(self, registry: Registry, desk: Desk) -> None:
        self.registry, self.desk = registry, desk

    def verbs(self, t: Translate) -> Mapping[str, str]:
        """Verb → what it does, of every plugin."""
        return {word.name: _help(t, plugin, word) for plugin, word in self.registry.words(lambda one: one.verbs)}

    def desk_words(self, t: Translate) -> Mapping[str, str]:
        """Word → what it does, of every plugin."""
        return {word.name: _help(t, plugin, word) for plugin, word in self.registry.words(lambda one: one.commands)}


def _help(t: Translate, plugin: Plugin, word: Word) -> str:
    own = t.also_from(plugin.locale) if plugin.locale else t
    return own(word.help)
