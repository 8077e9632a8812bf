"""Summaries for those who follow a queue: on request, by subscription, on the command line."""

from slackdesk_plugins.digest import asking, console, criticism, subscribing, subscriptions
from slackdesk_plugins.digest.declared import plugin

__all__ = ["asking", "console", "criticism", "plugin", "subscribing", "subscriptions"]
