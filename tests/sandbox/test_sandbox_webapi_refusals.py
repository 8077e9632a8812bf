"""Refusals that an app seldom meets, so that no error the workspace can give is untried."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from slackdesk.sandbox import ApiError, Sandbox

Refused = Callable[[Callable[[], object]], dict[str, Any]]

HOME = {"type": "home", "blocks": [{"type": "divider"}]}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Help"}, "blocks": [{"type": "divider"}]}


@pytest.fixture(scope="module")
def own_channel(client: WebClient) -> str:
    channel_id: str = client.conversations_create(name="refusals")["channel"]["id"]
    return channel_id


def test_general_cannot_be_left_emptied_or_archived(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    general = web_sandbox.workspace.channel_by_name("general").id
    ayu = web_sandbox.workspace.user_by_handle("ayu").id
    client.conversations_join(channel=general)
    assert refused(lambda: client.conversations_leave(channel=general))["error"] == "cant_leave_general"
    assert refused(lambda: client.conversations_archive(channel=general))["error"] == "cant_archive_general"
    assert refused(lambda: client.conversations_kick(channel=general, user=ayu))["error"] == "cant_kick_from_general"


def test_membership_mistakes_are_named(
    web_sandbox: Sandbox, client: WebClient, own_channel: str, refused: Refused
) -> None:
    bot = web_sandbox.workspace.bot.id
    assert refused(lambda: client.conversations_kick(channel=own_channel, user=bot))["error"] == "cant_kick_self"
    assert refused(lambda: client.conversations_unarchive(channel=own_channel))["error"] == "not_archived"

    def invite(*users: str) -> str:
        answer = refused(lambda: client.api_call("conversations.invite", json={"channel": own_channel, "users": users}))
        return str(answer["error"])

    assert invite() == "no_user"
    assert invite(bot) == "cant_invite_self"
    assert invite(*["U1"] * 1001) == "too_many_users"


def test_group_message_takes_eight_others(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    people = [user.id for user in web_sandbox.workspace.users.values() if not user.is_bot]
    assert client.conversations_open(users=people[:8])["ok"]
    assert refused(lambda: client.conversations_open(users=people[:9]))["error"] == "too_many_users"
    with pytest.raises(ApiError, match="not_enough_users"):
        web_sandbox.workspace.open_dm([])


def test_bookmarks_are_links_and_a_hundred_at_most(refused: Refused) -> None:
    with Sandbox(rate_scale=100_000) as sandbox:
        client = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        help_it = sandbox.workspace.channel_by_name("help-it").id
        link = {"channel_id": help_it, "title": "Guide", "link": "https://acme.example"}
        assert refused(lambda: client.bookmarks_add(**link, type="folder"))["error"] == "invalid_bookmark_type"
        for _ in range(100):
            client.bookmarks_add(**link, type="link")
        assert refused(lambda: client.bookmarks_add(**link, type="link"))["error"] == "too_many_bookmarks"


def test_a_message_bears_fifty_emoji(client: WebClient, own_channel: str, refused: Refused) -> None:
    ts = str(client.chat_postMessage(channel=own_channel, text="hello")["ts"])
    for number in range(50):
        client.reactions_add(channel=own_channel, timestamp=ts, name=f"emoji{number}")
    answer = refused(lambda: client.reactions_add(channel=own_channel, timestamp=ts, name="one-more"))
    assert answer["error"] == "too_many_emoji"


@pytest.mark.parametrize("bound", ["oldest", "latest"])
def test_times_of_the_history_are_timestamps(bound: str, client: WebClient, own_channel: str, refused: Refused) -> None:
    answer = refused(lambda: client.api_call("conversations.history", json={"channel": own_channel, bound: "noon"}))
    assert answer["error"] in ("invalid_ts_oldest", "invalid_ts_latest")
    assert str(answer["error"]).endswith(bound)


def test_a_made_up_trigger_opens_nothing(client: WebClient, refused: Refused) -> None:
    assert refused(lambda: client.views_open(trigger_id="1.2.abc", view=MODAL))["error"] == "invalid_trigger"


def test_home_needs_its_tab_in_the_manifest(refused: Refused) -> None:
    with Sandbox(manifest={"display_information": {"name": "No home"}}) as sandbox:
        client = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        ayu = sandbox.workspace.user_by_handle("ayu").id
        assert refused(lambda: client.views_publish(user_id=ayu, view=HOME))["error"] == "not_enabled"


def _post(url: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_response_urls_refuse_in_words(web_sandbox: Sandbox) -> None:
    assert web_sandbox.person("ayu").slash("/ticket hello").error
    url = web_sandbox.journal.deliveries("slash_commands")[-1].payload["response_url"]
    assert _post(f"{web_sandbox.base_url}/response/unknown", b"{}") == (404, "expired_url")
    assert _post(url, b"no json") == (400, "invalid_payload")
    assert _post(url, json.dumps({"text": ""}).encode()) == (400, "no_text")
    assert _post(url, json.dumps({"blocks": [{"type": "section"}]}).encode()) == (400, "invalid_blocks")
    assert _post(url, json.dumps({"text": "Hello"}).encode()) == (200, "ok")
    assert web_sandbox.person("ayu").sees("Hello", in_="dm").ephemeral
