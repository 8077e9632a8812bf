"""Scopes that go beyond those of the methods: of events, of fields, of commands."""

from slackdesk.sandbox.api import METHODS

_OF_EVENTS_AND_FIELDS = frozenset(
    {
        "app_mentions:read",
        "chat:write.customize",
        "commands",
        "users:read.email",
    }
)

_OF_METHODS = frozenset(scope for method in METHODS.values() for scope in method.scopes)

EVERY_SCOPE = (_OF_METHODS | _OF_EVENTS_AND_FIELDS) - {"connections:write"}
"""All that this workspace knows for a bot, except `chat:write.public`: an app that is invited where it posts.

`connections:write` belongs to the app token.
"""
