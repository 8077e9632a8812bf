"""What plugins do wrong. None of it reaches a person as it is: the core says who is at fault and goes on."""

from slackdesk.errors import SlackdeskError


class PluginError(SlackdeskError):
    """A plugin asked for something that cannot be: the sentence is for its author."""


class PluginTooSlow(PluginError):
    """A plugin's function did not return in its time."""
