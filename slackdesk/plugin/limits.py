"""How much a plugin may ask for in an hour. Counted in the transaction that writes it, so that all processes agree."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import case, or_

from slackdesk.dispatch.inbox import insert_or_nothing
from slackdesk.errors import ConfigurationError
from slackdesk.plugin.errors import PluginFloods
from slackdesk.plugin.model import PluginState
from slackdesk.tickets.transaction import Transaction

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """Keys of every plugin's section, beside ``enabled``. An hour begins with the first thing that is asked for."""

    messages_per_hour: int = 1_000
    """Messages, changes of messages, and redrawn tickets."""
    timers_per_hour: int = 10_000

    @classmethod
    def read(cls, name: str, section: Mapping[str, Any]) -> Self:
        """Of a plugin's section. Raises ConfigurationError."""
        found = {field.name: section[field.name] for field in fields(cls) if field.name in section}
        for key, value in found.items():
            if type(value) is not int or value < 1:
                raise ConfigurationError(f"plugins.{name}.{key}", value, "write a whole number above 0")
        return cls(**found)


def count(tx: Transaction, plugin: str, *, messages: int, timers: int) -> None:
    """Note what is being asked for. Raises PluginFloods when that is more than the plugin may."""
    if not messages and not timers:
        return
    limits = Limits.read(plugin, tx.policy.plugins.get(plugin, {}))
    is_new_hour = or_(PluginState.hour_began_at.is_(None), PluginState.hour_began_at <= tx.real_now - HOUR)
    asked = {"messages": messages, "timers": timers}
    statement = insert_or_nothing(tx.session, PluginState).values(
        name=plugin, failures=0, hour_began_at=tx.real_now, **asked
    )
    sums = {key: case((is_new_hour, number), else_=getattr(PluginState, key) + number) for key, number in asked.items()}
    began = case((is_new_hour, tx.real_now), else_=PluginState.hour_began_at)
    total = tx.session.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"hour_began_at": began, **sums}).returning(
            PluginState.messages, PluginState.timers
        )
    ).one()
    for what, number in total._mapping.items():
        most = getattr(limits, f"{what}_per_hour")
        if number > most:
            raise PluginFloods(
                f"it asked for more than {most} {what} within an hour "
                f"(plugins.{plugin}.{what}_per_hour says how many it may)"
            )
