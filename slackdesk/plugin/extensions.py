"""The plugins of a process, as the edge and the drawings see them."""

from collections.abc import Mapping

from slackdesk.plugin.answering import Answering
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.showing import Showing
from slackdesk.tickets.transaction import Desk


class PluginExtensions(Showing, Answering):
    """``slackdesk.slack.extensions.Extensions`` of the plugins in a registry."""

    def __init__(self, registry: Registry, desk: Desk) -> None:
        self.registry, self.desk = registry, desk

    def verbs(self) -> Mapping[str, str]:
        """Verb → what it does, of every plugin."""
        return {word.name: word.help for _, word in self.registry.words(lambda plugin: plugin.verbs)}

    def desk_words(self) -> Mapping[str, str]:
        """Word → what it does, of every plugin."""
        return {word.name: word.help for _, word in self.registry.words(lambda plugin: plugin.commands)}
