"""Service levels: how soon a ticket is answered and solved, in the working hours of its queue."""

from slackdesk_plugins.sla import answering, arithmetic, delivering, replay, shown, summary, sweeping, watching
from slackdesk_plugins.sla.declared import plugin

__all__ = ["answering", "arithmetic", "delivering", "plugin", "replay", "shown", "summary", "sweeping", "watching"]
