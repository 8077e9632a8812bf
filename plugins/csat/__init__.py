"""Satisfaction polls: after a person closed a ticket, its requester is asked once for a rating from 1 to 5."""

from slackdesk_plugins.csat import polls, scores, shown, summary
from slackdesk_plugins.csat.declared import plugin

__all__ = ["plugin", "polls", "scores", "shown", "summary"]
