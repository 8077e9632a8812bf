"""What every plugin has to keep to, as a test that its own tests inherit."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from slackdesk.testing.checking import check_plugin


class PluginContract:
    """``class TestContract(PluginContract): folder = Path(__file__).parent``; ``config`` is its section, if any."""

    folder: ClassVar[Path]
    config: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def test_plugin_keeps_the_contract(self) -> None:
        """Fails with every finding of ``slackdesk plugins check``."""
        if findings := check_plugin(self.folder, self.config):
            raise AssertionError("\n".join(map(str, findings)))
