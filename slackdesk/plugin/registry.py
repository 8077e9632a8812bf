"""The plugins of a process: which run, with which settings, and why the others do not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from slackdesk.errors import ConfigurationError
from slackdesk.plugin import states
from slackdesk.plugin.deadline import Bulkhead
from slackdesk.plugin.declaration import Plugin
from slackdesk.plugin.limits import Limits
from slackdesk.plugin.points import Word
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.policy.reading import problems_in
from slackdesk.tickets.transaction import Transaction

EDGE_THREADS = 4
"""Calls of one plugin at the edge at the same time."""

OF_EVERY_PLUGIN = frozenset({"enabled", *Limits.__dataclass_fields__})
"""Keys of a section that are the core's, whatever the plugin."""

T = TypeVar("T")


class Origin(StrEnum):
    """Where a plugin was found."""

    BUNDLED = "bundled"
    ENTRY_POINT = "installed"
    FOLDER = "plugin_dirs"


class Status(StrEnum):
    """What became of a plugin."""

    ACTIVE = "active"
    DISABLED = "disabled"
    """``enabled = false`` in its section."""
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class Found:
    """A plugin that was found, whatever became of it."""

    name: str
    origin: Origin
    place: str
    """Folder or module."""
    status: Status
    reason: str = ""
    plugin: Plugin | None = None
    problem: ConfigurationError | None = None
    """What is wrong with its section of the policy file, when that is the reason."""


@dataclass
class Registry:
    """The plugins of this process, by name. Nothing in it changes after it was loaded."""

    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.active = {
            one.name: one.plugin for one in self.found if one.status is Status.ACTIVE and one.plugin is not None
        }
        self.bulkheads = {name: Bulkhead(name, EDGE_THREADS) for name in self.active}
        self._configs: dict[str, tuple[ResolvedPolicy, Any]] = {}

    def running(self, tx: Transaction) -> list[Plugin]:
        """Those that run just now, in order of their names: neither paused nor switched off."""
        if not self.active:
            return []
        names = sorted(set(self.active) - set(states.paused(tx.session)))
        return [self.active[name] for name in names if not states.is_off(tx.policy, name)]

    def subscribers(self) -> dict[str, tuple[str, ...]]:
        """Event kind → names of the handlers that are interested."""
        kinds: dict[str, tuple[str, ...]] = {}
        for plugin in self.active.values():
            for name, (kind, _) in plugin.handlers.items():
                kinds[kind] = (*kinds.get(kind, ()), f"{plugin.name}.{name}")
        return kinds

    def config(self, plugin: Plugin, policy: ResolvedPolicy) -> Any:
        """The validated settings, under the policy in force. Raises ConfigurationError."""
        known = self._configs.get(plugin.name)
        if known is None or known[0] is not policy:
            known = (policy, read_config(plugin, policy.plugins.get(plugin.name, {})))
            self._configs[plugin.name] = known
        return known[1]

    def named(self, name: str) -> tuple[Plugin, str] | None:
        """The active plugin and the rest of a name such as ``csat.score``."""
        plugin, _, rest = name.partition(".")
        return (self.active[plugin], rest) if plugin in self.active else None

    def words(self, of: Callable[[Plugin], Mapping[str, Word]]) -> Iterator[tuple[Plugin, Word]]:
        """Every word of every active plugin, the plugins in order of their names."""
        for _, plugin in sorted(self.active.items()):
            for word in of(plugin).values():
                yield plugin, word


def read_config(plugin: Plugin, section: Mapping[str, Any]) -> BaseModel:
    """The section of the policy file as the plugin's model. Raises ConfigurationError that names key and value."""
    Limits.read(plugin.name, section)
    settings = {key: value for key, value in section.items() if key not in OF_EVERY_PLUGIN}
    try:
        return plugin.config.model_validate(settings)
    except ValidationError as error:
        raise problems_in(f"plugins.{plugin.name}", plugin.config, error)[0] from None


def is_enabled(section: Mapping[str, Any], name: str) -> bool:
    """``enabled`` of a plugin's section, by default true. Raises ConfigurationError."""
    enabled = section.get("enabled", True)
    if not isinstance(enabled, bool):
        raise ConfigurationError(f"plugins.{name}.enabled", enabled, "write true or false, without quotes")
    return enabled
