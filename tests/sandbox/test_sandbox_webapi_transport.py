"""How a call reaches the Web API and what it may do: encodings, tokens, scopes, unknown methods."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.company import acme

SECTION = [{"type": "section", "text": {"type": "plain_text", "text": "hello"}}]


def http(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, data, headers or {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        answer: dict[str, Any] = json.loads(response.read())
    return answer


def encoded(how: str, sandbox: Sandbox, channel: str) -> dict[str, Any]:
    url, token = f"{sandbox.api_url}chat.postMessage", sandbox.bot_token
    bearer = {"Authorization": f"Bearer {token}"}
    form = {"channel": channel, "text": "hello", "blocks": json.dumps(SECTION)}
    if how == "query":
        return http(f"{url}?{urlencode({**form, 'token': token})}")
    if how == "form":
        return http(url, urlencode(form).encode(), bearer)
    if how == "form with the token as a field":
        return http(url, urlencode({**form, "token": token}).encode())
    if how == "json":
        body = json.dumps({"channel": channel, "text": "hello", "blocks": SECTION}).encode()
        return http(url, body, bearer | {"Content-Type": "application/json; charset=utf-8"})
    boundary = "--x"
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form.items()
    )
    body = f"{parts}--{boundary}--\r\n".encode()
    return http(url, body, bearer | {"Content-Type": f"multipart/form-data; boundary={boundary}"})


@pytest.mark.parametrize("how", ["query", "form", "form with the token as a field", "json", "multipart"])
def test_every_encoding_reaches_the_method(how: str, web_sandbox: Sandbox, help_it: str) -> None:
    answer = encoded(how, web_sandbox, help_it)
    assert answer["ok"], answer
    assert answer["message"]["text"] == "hello"
    assert answer["message"]["blocks"][0]["text"] == SECTION[0]["text"]


def test_no_token_is_not_authed(web_sandbox: Sandbox) -> None:
    assert http(f"{web_sandbox.api_url}auth.test", b"") == {"ok": False, "error": "not_authed"}


def test_unknown_token_is_invalid_auth(web_sandbox: Sandbox, refused: Callable[..., dict[str, Any]]) -> None:
    stranger = WebClient("xoxb-unknown", base_url=web_sandbox.api_url)
    assert refused(stranger.auth_test)["error"] == "invalid_auth"


def test_app_token_opens_sockets_and_nothing_else(
    web_sandbox: Sandbox, client: WebClient, refused: Callable[..., dict[str, Any]]
) -> None:
    app = WebClient(web_sandbox.app_token, base_url=web_sandbox.api_url)
    opened = app.apps_connections_open(app_token=web_sandbox.app_token)
    assert str(opened["url"]).startswith("ws://127.0.0.1:")
    assert refused(app.users_list)["error"] == "not_allowed_token_type"
    bot_as_app = lambda: client.apps_connections_open(app_token=web_sandbox.bot_token)  # noqa: E731
    assert refused(bot_as_app)["error"] == "not_allowed_token_type"


def test_unknown_method_is_named(client: WebClient, refused: Callable[..., dict[str, Any]]) -> None:
    answer = refused(lambda: client.api_call("chat.shout"))
    assert answer == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}


def test_unknown_arguments_are_ignored(client: WebClient, help_it: str) -> None:
    assert client.api_call("chat.postMessage", params={"channel": help_it, "text": "x", "volume": "11"})["ok"]


def test_auth_test_says_who_the_app_is(web_sandbox: Sandbox, client: WebClient) -> None:
    answer = client.auth_test()
    bot = web_sandbox.workspace.bot
    assert (answer["user_id"], answer["bot_id"]) == (bot.id, bot.bot_id)
    assert answer["team_id"] == web_sandbox.workspace.team_id


def test_api_test_answers_its_arguments_and_any_error_asked_for(
    client: WebClient, refused: Callable[..., dict[str, Any]]
) -> None:
    assert client.api_call("api.test", params={"foo": "bar"})["args"] == {"foo": "bar"}
    assert refused(lambda: client.api_test(error="my_error"))["error"] == "my_error"


def test_scopes_come_from_the_manifest(refused: Callable[..., dict[str, Any]]) -> None:
    manifest = {
        "display_information": {"name": "Narrow"},
        "features": {"bot_user": {"display_name": "narrow"}},
        "oauth_config": {"scopes": {"bot": ["chat:write", "groups:read"]}},
    }
    with Sandbox(acme(), manifest) as sandbox:
        narrow = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        answer = refused(narrow.users_list)
        assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
        assert answer["provided"] == "chat:write,groups:read"
        headers = narrow.conversations_list(types="private_channel").headers
        assert headers["x-oauth-scopes"] == "chat:write,groups:read"
        assert "groups:read" in headers["x-accepted-oauth-scopes"]
        # The type of conversation decides which of the read scopes is needed.
        public = refused(lambda: narrow.conversations_list(types="public_channel"))
        assert (public["error"], public["needed"]) == ("missing_scope", "channels:read")
        general = sandbox.workspace.channel_by_name("help-it").id
        assert refused(lambda: narrow.conversations_history(channel=general))["needed"] == "channels:history"


def test_missing_argument_is_named(client: WebClient, refused: Callable[..., dict[str, Any]]) -> None:
    answer = refused(lambda: client.api_call("chat.update", params={"text": "x"}))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


def test_team_and_bot_are_shown(
    web_sandbox: Sandbox, client: WebClient, refused: Callable[..., dict[str, Any]]
) -> None:
    workspace = web_sandbox.workspace
    assert client.team_info()["team"]["domain"] == workspace.domain
    assert refused(lambda: client.team_info(team="T0OTHER"))["error"] == "team_not_found"
    assert client.bots_info(bot=workspace.app.bot_id)["bot"]["user_id"] == workspace.bot.id
    assert refused(lambda: client.bots_info(bot="B0OTHER"))["error"] == "bot_not_found"
