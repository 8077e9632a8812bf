"""Slack's rules for what may stand in a message or a view."""

from slackdesk.sandbox.blockkit.surfaces import message_problems, view_problems

__all__ = ["message_problems", "view_problems"]
