"""An app's manifest, as Slack reads it when the app is made: what the app adds to the workspace and may do there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import yaml

from slackdesk.sandbox.blockkit.rules import (
    Report,
    Rule,
    array,
    boolean,
    mapping,
    one_of,
    pattern,
    record,
    string,
    url,
)

GLOBAL_OR_MESSAGE_SHORTCUTS_ITEMS = 5
"""At most five global and five message shortcuts. Source: Slack's app manifest reference."""

_URL = url(3500)
_NAMES = array(string(1, 50), 0, 255)
_EVENTS = array(string(1, 50), 0, 100)


def _anything(value: object, pointer: str, report: Report) -> None:
    """Sections that the simulated workspace does not act on."""


_COMMAND = record(
    {"command": string(2, 32), "description": string(1, 2000)},
    {"usage_hint": string(1, 1000), "should_escape": boolean, "url": url(3000)},
    [lambda value, pointer, report: _starts_with_slash(value.get("command"), f"{pointer}/command", report)],
)


def _starts_with_slash(value: object, pointer: str, report: Report) -> None:
    if isinstance(value, str):
        pattern(r"/[^\sA-Z]+", "a command such as /ticket, in lower case")(value, pointer, report)


_SHORTCUT = record(
    {
        "name": string(1, 24),
        "type": one_of("message", "global"),
        "callback_id": string(1, 255),
        "description": string(1, 150),
    }
)


def _shortcuts(value: object, pointer: str, report: Report) -> None:
    array(_SHORTCUT, 0, 2 * GLOBAL_OR_MESSAGE_SHORTCUTS_ITEMS)(value, pointer, report)
    types = [item.get("type") for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    for kind in ("global", "message"):
        if types.count(kind) > GLOBAL_OR_MESSAGE_SHORTCUTS_ITEMS:
            report.add(f"no more than {GLOBAL_OR_MESSAGE_SHORTCUTS_ITEMS} {kind} shortcuts allowed", pointer)


def _with_other_sections(required: dict[str, Rule], known: dict[str, Rule], *others: str) -> Rule:
    return record(required, known | dict.fromkeys(others, _anything))


_APP_HOME = ("home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled")
_MANIFEST = _with_other_sections(
    {
        "display_information": record(
            {"name": string(1, 35)},
            {
                "description": string(1, 140),
                "long_description": string(175, 4000),
                "background_color": pattern("#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?", "a colour such as #1d1c1d"),
            },
        )
    },
    {
        "features": _with_other_sections(
            {},
            {
                "app_home": record({}, dict.fromkeys(_APP_HOME, boolean)),
                "bot_user": record({"display_name": string(1, 80)}, {"always_online": boolean}),
                "slash_commands": array(_COMMAND, 1, 50),
                "shortcuts": _shortcuts,
            },
            *("functions", "workflow_steps", "unfurl_domains", "assistant_view", "agent_view", "user_connections"),
        ),
        "oauth_config": _with_other_sections(
            {},
            {
                "scopes": record({}, dict.fromkeys(("bot", "user", "bot_optional", "user_optional"), _NAMES)),
                "redirect_urls": array(url(2500), 0, 1000),
            },
            *("token_management_enabled", "pkce_enabled"),
        ),
        "settings": _with_other_sections(
            {},
            {
                "event_subscriptions": _with_other_sections(
                    {},
                    {"request_url": _URL, "bot_events": _EVENTS, "user_events": _EVENTS},
                    "metadata_subscriptions",
                ),
                "interactivity": record(
                    {"is_enabled": boolean}, {"request_url": _URL, "message_menu_options_url": _URL}
                ),
                **dict.fromkeys(
                    ("socket_mode_enabled", "org_deploy_enabled", "token_rotation_enabled", "is_hosted"), boolean
                ),
            },
            *("allowed_ip_address_ranges", "incoming_webhooks", "siws_links", "hermes_app_type"),
            *("function_runtime", "is_mcp_enabled"),
        ),
        "_metadata": mapping,
    },
    *("$schema", "app_directory", "functions", "workflows", "datastores", "outgoing_domains", "types"),
    *("external_auth_providers", "mcp_servers"),
)


class ManifestError(ValueError):
    """The manifest cannot be read, or Slack would refuse it; the text names every place."""


@dataclass(frozen=True)
class SlashCommand:
    command: str
    """With its slash."""
    description: str
    usage_hint: str = ""
    should_escape: bool = False
    """Whether people and channels in the text arrive as `<@U1|name>` and `<#C1|name>`."""
    url: str | None = None


@dataclass(frozen=True)
class Shortcut:
    name: str
    type: Literal["global", "message"]
    callback_id: str
    description: str


@dataclass(frozen=True)
class AppManifest:
    """What an app declares."""

    name: str
    bot_name: str
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    scopes: frozenset[str] = frozenset()
    """Of the bot, the optional ones included."""
    bot_events: frozenset[str] = frozenset()
    socket_mode: bool = False
    request_url: str | None = None
    """Where events go in HTTP mode."""
    interactivity: bool = False
    interactivity_url: str | None = None
    options_url: str | None = None
    """Where `block_suggestion` goes; the interactivity URL where it is not given."""
    home_tab: bool = False
    messages_tab: bool = True
    messages_tab_read_only: bool = False
    """Whether people cannot write to the app in a direct message."""

    @classmethod
    def read(cls, source: Path | str | dict[str, Any]) -> Self:
        """Reads a manifest from a YAML or JSON file (by its path) or from a dictionary.

        Raises ManifestError, OSError.
        """
        document = source if isinstance(source, dict) else _parse(Path(source))
        problems = manifest_problems(document)
        if problems:
            raise ManifestError("the manifest is not valid:\n" + "\n".join(problems))
        return cls(**_features(document.get("features", {})), **_settings(document))

    def command(self, name: str) -> SlashCommand | None:
        """The slash command of this name."""
        return next((command for command in self.commands if command.command == name), None)

    def shortcut(self, name: str, kind: Literal["global", "message"]) -> Shortcut | None:
        """The shortcut that people see under this name."""
        return next((one for one in self.shortcuts if (one.name, one.type) == (name, kind)), None)


def manifest_problems(document: object) -> list[str]:
    """Why Slack would refuse a manifest: any JSON value, each problem with its JSON pointer."""
    report = Report()
    _MANIFEST(document, "", report)
    return report.problems


def _parse(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} is neither YAML nor JSON: {error}") from error
    if not isinstance(document, dict):
        raise ManifestError(f"{path} holds no mapping, so it is no manifest")
    return document


def _features(features: dict[str, Any]) -> dict[str, Any]:
    home = features.get("app_home", {})
    return {
        "commands": tuple(SlashCommand(**command) for command in features.get("slash_commands", ())),
        "shortcuts": tuple(Shortcut(**shortcut) for shortcut in features.get("shortcuts", ())),
        "home_tab": home.get("home_tab_enabled", False),
        "messages_tab": home.get("messages_tab_enabled", True),
        "messages_tab_read_only": home.get("messages_tab_read_only_enabled", False),
    }


def _settings(document: dict[str, Any]) -> dict[str, Any]:
    name = document["display_information"]["name"]
    scopes = document.get("oauth_config", {}).get("scopes", {})
    settings = document.get("settings", {})
    subscriptions, interactivity = settings.get("event_subscriptions", {}), settings.get("interactivity", {})
    return {
        "name": name,
        "bot_name": document.get("features", {}).get("bot_user", {}).get("display_name", name),
        "scopes": frozenset([*scopes.get("bot", ()), *scopes.get("bot_optional", ())]),
        "bot_events": frozenset(subscriptions.get("bot_events", ())),
        "socket_mode": settings.get("socket_mode_enabled", False),
        "request_url": subscriptions.get("request_url"),
        "interactivity": interactivity.get("is_enabled", False),
        "interactivity_url": interactivity.get("request_url"),
        "options_url": interactivity.get("message_menu_options_url", interactivity.get("request_url")),
    }
