"""The app that slackdesk needs in Slack: its commands, shortcuts, scopes and events."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from slackdesk.errors import ConfigurationError
from slackdesk.slack.ids import Shortcut

MANIFEST_SCOPES: dict[str, str] = {
    "commands": "The commands /ticket and /desk, and the shortcuts.",
    "chat:write": "Cards, threads, direct messages and the answers that only one person sees.",
    "im:history": "What requesters write to the app in their direct message.",
    "im:write": "Opens the direct message in which a request is talked about.",
    "groups:history": "The threads of tickets in private tier channels.",
    "channels:history": "Requests filed by posting in a public request channel, and the threads of tickets there.",
    "groups:read": "Finds the private channels that the policy names; notices an archived one and being invited.",
    "channels:read": "Finds the public channels that the policy names; notices an archived one and being invited.",
    "app_mentions:read": "Requests filed by mentioning the app.",
    "users:read": "Names, time zones and languages, and who has left; guests have fewer rights.",
    "users:read.email": "Finds people whom the policy names by e-mail address, and who wrote a mail.",
    "usergroups:read": "Who belongs to a tier whose members are a user group.",
    "reactions:read": "Requests filed with 🎫, tickets claimed with 👀 and replies sent with 📤.",
    "files:read": "Screenshots and logs that come with a request.",
    "files:write": "Passes files on to the other side of a ticket; charts and tables of summaries.",
}
"""Every scope of the bot, with what it is needed for."""

BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_unarchive",
    "group_archive",
    "group_unarchive",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
)

EVENTS_PATH = "/slack/events"
"""Where the HTTP mode takes everything that Slack sends."""

_COMMANDS = (
    ("/ticket", "File a request, or do something with one", "[what you need] | mine | show 42 | help"),
    ("/desk", "For agents and stakeholders: queues and reports", "queue | report | subscribe | doctor | help"),
)
_SHORTCUTS = (
    ("File a request", "global", Shortcut.FILE_REQUEST, "Ask the help desk for something"),
    ("Make a ticket", "message", Shortcut.MAKE_TICKET, "File this message as a request"),
    ("Send to requester", "message", Shortcut.SEND_TO_REQUESTER, "Send this message of the thread to the requester"),
    ("Ticket actions", "message", Shortcut.TICKET_ACTIONS, "Claim, answer, escalate or resolve this ticket"),
)


_NO_SCOPES: Mapping[str, str] = MappingProxyType({})


def build_manifest(http_url: str | None = None, plugin_scopes: Mapping[str, str] = _NO_SCOPES) -> dict[str, Any]:
    """The manifest from which the Slack app is made, for Socket Mode or for HTTP mode under `http_url`.

    `http_url` is the public address of slackdesk, such as https://desk.example.com; `plugin_scopes` is what plugins
    need beyond the desk's own scopes. Raises ConfigurationError.
    Limits and fields: Slack's app manifest reference.
    """
    endpoint = None if http_url is None else _endpoint(http_url)
    return {
        "display_information": {
            "name": "slackdesk",
            "description": "Ask for help, follow your request and answer it, all in Slack.",
            "background_color": "#1f4e5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "slackdesk", "always_online": True},
            "shortcuts": [_shortcut(*shortcut) for shortcut in _SHORTCUTS],
            "slash_commands": [_command(*command, endpoint) for command in _COMMANDS],
        },
        "oauth_config": {"scopes": {"bot": list(MANIFEST_SCOPES | dict(plugin_scopes))}},
        "settings": {
            "event_subscriptions": _at(endpoint, "request_url") | {"bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True} | _at(endpoint, "request_url", "message_menu_options_url"),
            "org_deploy_enabled": False,
            "socket_mode_enabled": endpoint is None,
            "token_rotation_enabled": False,
        },
    }


def scopes_page(plugin_scopes: Mapping[str, str] = _NO_SCOPES) -> str:
    """docs/scopes.md: why the app asks for each scope, for whoever has to approve it."""
    scopes = dict(plugin_scopes) | MANIFEST_SCOPES
    ordered = [*MANIFEST_SCOPES, *(scope for scope in plugin_scopes if scope not in MANIFEST_SCOPES)]
    rows = "\n".join(f"| `{scope}` | {scopes[scope]} |" for scope in ordered)
    return f"""# Scopes

What the app may do in the workspace, and why. The app asks for nothing on behalf of people: every scope is the bot's.
In Socket Mode there is one more, `connections:write`, on the app-level token: it opens the connection to Slack.

| Scope | Needed for |
|---|---|
{rows}

The app sees a channel only when it was invited there. `chat:write.public`, `channels:join` and scopes of people are
left out on purpose.

This page is written by `slackdesk manifest --scopes`.
"""


def _endpoint(http_url: str) -> str:
    parts = urlsplit(http_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError("--http", http_url, "give a web address such as https://desk.example.com")
    return http_url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH


def _at(endpoint: str | None, *names: str) -> dict[str, Any]:
    return {} if endpoint is None else dict.fromkeys(names, endpoint)


def _shortcut(name: str, kind: str, callback_id: Shortcut, description: str) -> dict[str, str]:
    return {"name": name, "type": kind, "callback_id": callback_id.value, "description": description}


def _command(command: str, description: str, usage_hint: str, endpoint: str | None) -> dict[str, Any]:
    return {
        "command": command,
        "description": description,
        "usage_hint": usage_hint,
        "should_escape": True,
    } | _at(endpoint, "url")
