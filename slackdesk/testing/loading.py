"""Getting at the plugin under test, as the desk itself gets at it."""

from collections.abc import Mapping
from typing import Any

from slackdesk.plugin.deadline import within
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.loading import IMPORT_SECONDS, Candidate, check_declaration
from slackdesk.plugin.registry import Found, Status, read_config


def loaded(candidate: Candidate, section: Mapping[str, Any]) -> Found:
    """The plugin, declared and with settings that it takes. Raises whatever is wrong with it."""
    plugin = imported(candidate)
    check_declaration(candidate.name, plugin)
    read_config(plugin, section)
    return Found(candidate.name, candidate.origin, candidate.place, Status.ACTIVE, plugin=plugin)


def imported(candidate: Candidate) -> Plugin:
    """The declared object, unchecked. Raises whatever importing it raises; PluginTooSlow when it hangs."""
    plugin: Plugin = within(IMPORT_SECONDS, f"importing {candidate.name}", candidate.get)
    return plugin
