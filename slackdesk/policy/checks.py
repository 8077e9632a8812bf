"""What sections of the policy file have to agree on, and what holds for the settings of every plugin."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from slackdesk.errors import ConfigurationError


def cross_problems(calendars: Collection[str], queues: Mapping[str, Any]) -> Iterator[ConfigurationError]:
    """Problems between sections, given as they were written, so that they show even where a section has other faults.

    ``calendars`` are the keys of the calendars, ``queues`` is queue key → table.
    """
    tables = {key: table for key, table in queues.items() if isinstance(table, dict)}
    tiers = {key: [one for one in _list(table.get("tiers")) if isinstance(one, dict)] for key, table in tables.items()}
    for key, table in tables.items():
        path, calendar = f"queues.{key}", table.get("calendar")
        if isinstance(calendar, str) and calendar not in calendars:
            known = ", ".join(calendars) or "none"
            yield ConfigurationError(f"{path}.calendar", calendar, f"no such calendar; write one of: {known}")
        yield from _tier_problems(path, tiers[key], table.get("start_tier"))
    prefixes = {f"queues.{key}.prefix": table.get("prefix") for key, table in tables.items()}
    yield from _used_twice(prefixes, "prefix of two queues; ticket numbers need one each")
    yield from channel_problems(
        {key: [tier.get("channel") for tier in tiers[key]] for key in tables},
        {key: _list(table.get("request_channels")) for key, table in tables.items()},
    )


def channel_problems(
    tier_channels: Mapping[str, Sequence[object]], request_channels: Mapping[str, Sequence[object]]
) -> Iterator[ConfigurationError]:
    """Channels that would have two meanings; both mappings are queue key → names, or ids, of channels."""
    channels = {f"queues.{key}.tiers[{n}].channel": c for key, cs in tier_channels.items() for n, c in enumerate(cs)}
    channels |= {
        f"queues.{key}.request_channels[{n}]": c for key, cs in request_channels.items() for n, c in enumerate(cs)
    }
    yield from _used_twice(channels, "channel used twice; every tier and every request channel needs its own")


def _tier_problems(path: str, tiers: Sequence[Mapping[str, Any]], start_tier: Any) -> Iterator[ConfigurationError]:
    names = {f"{path}.tiers[{n}].name": tier.get("name") for n, tier in enumerate(tiers)}
    yield from _used_twice(names, "name of two tiers of this queue; give each its own")
    for priority, name in (start_tier if isinstance(start_tier, dict) else {}).items():
        if name not in names.values():
            known = ", ".join(str(one) for one in names.values())
            yield ConfigurationError(f"{path}.start_tier.{priority}", name, f"no such tier; write one of: {known}")


def _used_twice(values: Mapping[str, object], remedy: str) -> Iterator[ConfigurationError]:
    first_use: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, str):
            first = first_use.setdefault(value.casefold().lstrip("#"), key)
            if first != key:
                yield ConfigurationError(key, value, f"{remedy} (also in {first})")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def plugin_problems(plugins: Any) -> list[ConfigurationError]:
    """Plugins check their own settings when they are loaded; here only that each has a table."""
    if not isinstance(plugins, dict):
        return [ConfigurationError("plugins", plugins, "write tables, such as [plugins.csat]")]
    return [
        ConfigurationError(f"plugins.{name}", settings, f"write a table: [plugins.{name}]")
        for name, settings in plugins.items()
        if not isinstance(settings, dict)
    ]
