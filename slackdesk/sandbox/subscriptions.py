"""Which events an app gets: those that its manifest names and that its scopes allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackdesk.sandbox.records import Json

if TYPE_CHECKING:
    from slackdesk.sandbox.manifest import AppManifest

_CONVERSATIONS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_CHANNEL_LETTERS = {"C": "channels:read", "G": "groups:read"}

# Event type to the scope without which Slack does not send it; app_home_opened needs none.
_SCOPES = {
    "app_mention": "app_mentions:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "file_shared": "files:read",
    "user_change": "users:read",
    "team_join": "users:read",
    "subteam_created": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
    "channel_created": "channels:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
}


def subscription_name(event: Json) -> str:
    """The name in the manifest's `bot_events`: messages are subscribed to per kind of conversation."""
    kind = str(event["type"])
    return f"message.{_CONVERSATIONS[event['channel_type']]}" if kind == "message" else kind


def needed_scope(event: Json) -> str | None:
    kind = event["type"]
    if kind == "message":
        return f"{_CONVERSATIONS[event['channel_type']]}:history"
    if kind in ("member_joined_channel", "member_left_channel"):
        return _CHANNEL_LETTERS[event["channel_type"]]
    return _SCOPES.get(kind)


def is_subscribed(event: Json, manifest: AppManifest | None, scopes: frozenset[str]) -> bool:
    """Without a manifest the app gets everything."""
    if manifest is None:
        return True
    scope = needed_scope(event)
    return subscription_name(event) in manifest.bot_events and (scope is None or scope in scopes)
