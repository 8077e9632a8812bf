"""The Web API methods of the simulated workspace. Importing this package registers them all."""

from slackdesk.sandbox.api import (
    apps,
    blocks,
    bookmarks,
    channels,
    chat,
    conversations,
    files,
    pins,
    reactions,
    scheduled,
    usergroups,
    users,
    views,
)
from slackdesk.sandbox.methods import METHODS

__all__ = [
    "METHODS",
    "apps",
    "blocks",
    "bookmarks",
    "channels",
    "chat",
    "conversations",
    "files",
    "pins",
    "reactions",
    "scheduled",
    "usergroups",
    "users",
    "views",
]
