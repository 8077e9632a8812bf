"""Reading an app's manifest: what it grants, and what Slack would refuse."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from slackdesk.sandbox.manifest import AppManifest, ManifestError, Shortcut, SlashCommand, manifest_problems

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def _document() -> dict[str, Any]:
    return {
        "display_information": {"name": "Lunch"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_read_only_enabled": True},
            "bot_user": {"display_name": "lunch-bot"},
            "slash_commands": [{"command": "/lunch", "description": "Order lunch", "should_escape": True}],
            "shortcuts": [{"name": "Order", "type": "global", "callback_id": "order", "description": "Order lunch"}],
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write"], "bot_optional": ["im:write"]}},
        "settings": {
            "event_subscriptions": {"request_url": "https://lunch.example/e", "bot_events": ["message.im"]},
            "interactivity": {"is_enabled": True, "request_url": "https://lunch.example/i"},
            "socket_mode_enabled": False,
        },
    }


def _check_read(manifest: AppManifest) -> None:
    assert (manifest.name, manifest.bot_name) == ("Lunch", "lunch-bot")
    assert manifest.command("/lunch") == SlashCommand("/lunch", "Order lunch", should_escape=True)
    assert manifest.command("/dinner") is None
    assert manifest.shortcut("Order", "global") == Shortcut("Order", "global", "order", "Order lunch")
    assert manifest.shortcut("Order", "message") is None
    assert manifest.scopes == {"commands", "chat:write", "im:write"}
    assert manifest.bot_events == {"message.im"}
    assert not manifest.socket_mode
    assert manifest.request_url == "https://lunch.example/e"
    assert manifest.interactivity
    assert manifest.interactivity_url == manifest.options_url == "https://lunch.example/i"
    assert manifest.home_tab
    assert manifest.messages_tab_read_only


def test_sandbox_manifest_from_a_dictionary() -> None:
    _check_read(AppManifest.read(_document()))


@pytest.mark.parametrize("dump", [yaml.safe_dump, json.dumps])
def test_sandbox_manifest_from_a_file(tmp_path: Path, dump: Any) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(dump(_document()), encoding="utf-8")
    _check_read(AppManifest.read(path))
    _check_read(AppManifest.read(str(path)))


def test_sandbox_manifest_with_a_name_only() -> None:
    manifest = AppManifest.read({"display_information": {"name": "Lunch"}})
    assert manifest.bot_name == "Lunch"
    assert not manifest.scopes
    assert not manifest.commands
    assert manifest.request_url is None


@pytest.mark.parametrize("text", ["a: [", "- a list", "", "\x00"])
def test_sandbox_manifest_file_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match=r"manifest\.yml"):
        AppManifest.read(path)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("display_information", "name"), "x" * 36, "less than 36 characters [json-pointer:/display_information/name]"),
        (("display_information", "description"), "x" * 141, "less than 141 characters"),
        (("features", "bot_user", "display_name"), "x" * 81, "less than 81 characters"),
        (("features", "slash_commands", 0, "command"), "lunch", "must be a command such as /ticket"),
        (("features", "slash_commands", 0, "command"), "/" + "x" * 32, "less than 33 characters"),
        (("features", "slash_commands", 0, "usage_hint"), "x" * 1001, "less than 1001 characters"),
        (("features", "shortcuts", 0, "name"), "x" * 25, "less than 25 characters"),
        (("features", "shortcuts", 0, "type"), "local", "one of: message, global"),
        (("features", "shortcuts", 0, "description"), "x" * 151, "less than 151 characters"),
        (("settings", "event_subscriptions", "bot_events"), ["x"] * 101, "no more than 100 items"),
        (("settings", "event_subscriptions", "request_url"), "lunch.example", "valid URL"),
        (("settings", "socket_mode_enabled"), "yes", "must provide a boolean"),
        (("settings", "sockets"), True, "invalid additional property: sockets"),
    ],
)
def test_sandbox_manifest_that_slack_would_refuse(path: tuple[str | int, ...], value: object, problem: str) -> None:
    document = _document()
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(ManifestError) as refusal:
        AppManifest.read(document)
    assert problem in str(refusal.value)


@pytest.mark.parametrize("kind", ["global", "message"])
def test_sandbox_manifest_with_six_shortcuts_of_a_kind(kind: str) -> None:
    document = _document()
    shortcut = document["features"]["shortcuts"][0] | {"type": kind}
    document["features"]["shortcuts"] = [shortcut] * 5
    assert manifest_problems(document) == []
    document["features"]["shortcuts"] = [shortcut] * 6
    assert manifest_problems(document) == [
        f"[ERROR] no more than 5 {kind} shortcuts allowed [json-pointer:/features/shortcuts]"
    ]


@given(JSON_VALUES)
def test_sandbox_manifest_problems_take_any_json(value: object) -> None:
    assert manifest_problems(value)
