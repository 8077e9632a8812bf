"""The plugin that uses every extension point, on a desk in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from slackdesk.testing.desk import PluginDesk

FOLDER = Path(__file__).parent / "followup"


@pytest.fixture
def desk(plugin_desk: Callable[..., PluginDesk]) -> PluginDesk:
    """A desk with the plugin, and one request, IT-1, by Maya."""
    desk = plugin_desk(FOLDER, config={"after": "2d"})
    desk.person("maya").slash("/ticket My VPN is down")
    return desk
