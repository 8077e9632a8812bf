"""The app's own manifest: what Slack accepts, what the repository carries and what the command prints."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from typer.testing import CliRunner

from slackdesk.cli.manifest import manifest
from slackdesk.errors import ConfigurationError
from slackdesk.sandbox.manifest import AppManifest, manifest_problems
from slackdesk.sandbox.subscriptions import needed_scope
from slackdesk.slack.ids import Shortcut
from slackdesk.slack.manifest import BOT_EVENTS, MANIFEST_SCOPES, build_manifest, scopes_page

REPOSITORY = Path(__file__).parents[2]
SCHEMA_PATH = os.environ.get("SLACKDESK_MANIFEST_SCHEMA")
HTTP_URL = "https://desk.example.com"


def _printed(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(manifest)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("http_url", [None, HTTP_URL])
def test_manifest_keeps_to_slacks_limits(http_url: str | None) -> None:
    assert manifest_problems(build_manifest(http_url)) == []


if SCHEMA_PATH is not None:  # Slack's own schema is not part of this project

    @pytest.mark.parametrize("http_url", [None, HTTP_URL])
    def test_manifest_satisfies_slacks_schema(http_url: str | None) -> None:
        schema = json.loads(Path(str(SCHEMA_PATH)).read_text(encoding="utf-8"))
        jsonschema.Draft7Validator(schema).validate(build_manifest(http_url))


def test_manifest_file_of_the_repository_is_what_the_command_prints() -> None:
    printed = _printed()
    assert (REPOSITORY / "manifest.yml").read_text(encoding="utf-8") == printed, (
        "run: slackdesk manifest > manifest.yml"
    )
    assert yaml.safe_load(printed) == build_manifest()


def test_scopes_page_is_what_the_command_prints() -> None:
    page = (REPOSITORY / "docs" / "scopes.md").read_text(encoding="utf-8")
    assert page == _printed("--scopes") == scopes_page(), "run: slackdesk manifest --scopes > docs/scopes.md"
    for scope, reason in MANIFEST_SCOPES.items():
        assert f"| `{scope}` | {reason} |" in page
        assert reason.endswith(".")


def test_manifest_for_socket_mode_names_no_address() -> None:
    assert build_manifest()["settings"]["socket_mode_enabled"] is True
    assert "url" not in _printed()


@pytest.mark.parametrize("given", [HTTP_URL, f"{HTTP_URL}/", f"{HTTP_URL}/slack/events"])
def test_manifest_for_http_names_one_address_everywhere(given: str) -> None:
    document = yaml.safe_load(_printed("--http", given))
    settings = document["settings"]
    addresses = [
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        settings["interactivity"]["message_menu_options_url"],
        *(command["url"] for command in document["features"]["slash_commands"]),
    ]
    assert set(addresses) == {f"{HTTP_URL}/slack/events"}
    assert settings["socket_mode_enabled"] is False


@pytest.mark.parametrize("given", ["desk.example.com", "ftp://desk.example.com", "", "https://"])
def test_manifest_refuses_what_is_no_web_address(given: str) -> None:
    with pytest.raises(ConfigurationError, match="--http"):
        build_manifest(given)


def test_manifest_declares_every_shortcut_and_escapes_commands() -> None:
    read = AppManifest.read(build_manifest())
    assert {shortcut.callback_id for shortcut in read.shortcuts} == {shortcut.value for shortcut in Shortcut}
    assert [shortcut.name for shortcut in read.shortcuts if shortcut.type == "global"] == ["File a request"]
    assert [(command.command, command.should_escape) for command in read.commands] == [
        ("/ticket", True),
        ("/desk", True),
    ]
    assert read.home_tab
    assert read.messages_tab
    assert not read.messages_tab_read_only


def _event(name: str, **where: Any) -> dict[str, Any]:
    kind, _, conversation = name.partition(".")
    types = {"channels": "channel", "groups": "group", "im": "im"}
    return {"type": kind, "channel_type": types.get(conversation, ""), **where}


@pytest.mark.parametrize("name", BOT_EVENTS)
def test_manifest_has_the_scope_of_each_event(name: str) -> None:
    if name == "member_joined_channel":
        scopes = {needed_scope(_event(name, channel_type=letter)) for letter in "CG"}
    else:
        scopes = {needed_scope(_event(name))}
    assert scopes - {None} <= set(MANIFEST_SCOPES)
