"""People, user groups, reactions, pins and bookmarks."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.company import acme

Refused = Callable[[Callable[[], object]], dict[str, Any]]


@pytest.fixture
def message(client: WebClient, help_it: str) -> str:
    return str(client.chat_postMessage(channel=help_it, text="look at this")["ts"])


def test_users_are_listed_with_profile_and_time_zone(web_sandbox: Sandbox, client: WebClient) -> None:
    listed = {user["name"]: user for page in client.users_list(limit=7) for user in page["members"]}
    assert len(listed) == len(web_sandbox.workspace.users)
    assert listed["jonas"]["tz"] == "Europe/Berlin"
    assert listed["ayu"]["tz_offset"] == 7 * 3600
    assert listed["prakash"]["tz_offset"] == 5 * 3600 + 45 * 60
    assert listed["lukas"]["is_restricted"] is True
    assert listed["slackdesk"]["is_bot"] is True
    assert listed["ayu"]["profile"]["email"].endswith("@acme.example")


def test_user_info_and_locale(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    jonas = web_sandbox.workspace.user_by_handle("jonas").id
    assert client.users_info(user=jonas, include_locale=True)["user"]["locale"] == "de-DE"
    assert "locale" not in client.users_info(user=jonas)["user"]
    assert client.users_profile_get(user=jonas)["profile"]["real_name"] == "Jonas Keller"
    assert refused(lambda: client.users_info(user="U0NOBODY"))["error"] == "user_not_found"


def test_lookup_by_email(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    ayu = workspace.user_by_handle("ayu")
    assert client.users_lookupByEmail(email=ayu.email.upper())["user"]["id"] == ayu.id
    assert refused(lambda: client.users_lookupByEmail(email="no@where.example"))["error"] == "users_not_found"
    gone = workspace.add_user("left", "Left Person", email="left@acme.example", deleted=True)
    assert refused(lambda: client.users_lookupByEmail(email=gone.email))["error"] == "users_not_found"


def test_addresses_need_their_own_scope() -> None:
    manifest = {
        "display_information": {"name": "Reader"},
        "features": {"bot_user": {"display_name": "reader"}},
        "oauth_config": {"scopes": {"bot": ["users:read"]}},
    }
    with Sandbox(acme(), manifest) as sandbox:
        reader = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        ayu = sandbox.workspace.user_by_handle("ayu").id
        assert "email" not in reader.users_info(user=ayu)["user"]["profile"]


def test_user_groups_and_their_members(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    groups = {group["handle"]: group for group in client.usergroups_list(include_users=True)["usergroups"]}
    rina, agus = workspace.user_by_handle("rina").id, workspace.user_by_handle("agus").id
    assert groups["it-l1"]["users"] == [rina, agus]
    assert "users" not in client.usergroups_list()["usergroups"][0]
    workspace.set_usergroup_members(groups["it-l1"]["id"], [workspace.user_by_handle("rina")])
    assert client.usergroups_users_list(usergroup=groups["it-l1"]["id"])["users"] == [rina]
    assert refused(lambda: client.usergroups_users_list(usergroup="S0NONE"))["error"] == "no_such_subteam"


def test_reactions_are_counted_per_person(
    web_sandbox: Sandbox, client: WebClient, help_it: str, message: str, refused: Refused
) -> None:
    workspace = web_sandbox.workspace
    ayu = workspace.user_by_handle("ayu")
    workspace.react(help_it, message, ayu, "eyes")
    client.reactions_add(channel=help_it, timestamp=message, name="eyes")
    shown = client.reactions_get(channel=help_it, timestamp=message)["message"]["reactions"]
    assert shown == [{"name": "eyes", "users": [ayu.id, workspace.bot.id], "count": 2}]

    def add(name: str, timestamp: str = message) -> str:
        return str(refused(lambda: client.reactions_add(channel=help_it, timestamp=timestamp, name=name))["error"])

    assert add("eyes") == "already_reacted"
    assert add("no such emoji!") == "invalid_name"
    assert add("eyes", "1000000000.000001") == "message_not_found"
    client.reactions_remove(channel=help_it, timestamp=message, name="eyes")
    again = refused(lambda: client.reactions_remove(channel=help_it, timestamp=message, name="eyes"))
    assert again["error"] == "no_reaction"


def test_pins(client: WebClient, help_it: str, message: str, refused: Refused) -> None:
    client.pins_add(channel=help_it, timestamp=message)
    assert message in [item["message"]["ts"] for item in client.pins_list(channel=help_it)["items"]]
    assert refused(lambda: client.pins_add(channel=help_it, timestamp=message))["error"] == "already_pinned"
    client.pins_remove(channel=help_it, timestamp=message)
    assert refused(lambda: client.pins_remove(channel=help_it, timestamp=message))["error"] == "no_pin"


def test_bookmarks(client: WebClient, help_it: str, refused: Refused) -> None:
    link = "https://wiki.acme.example/vpn"
    added = client.bookmarks_add(channel_id=help_it, title="VPN", type="link", link=link)["bookmark"]
    client.bookmarks_edit(channel_id=help_it, bookmark_id=added["id"], title="VPN guide")
    assert [b["title"] for b in client.bookmarks_list(channel_id=help_it)["bookmarks"]] == ["VPN guide"]
    client.bookmarks_remove(channel_id=help_it, bookmark_id=added["id"])
    gone = refused(lambda: client.bookmarks_remove(channel_id=help_it, bookmark_id=added["id"]))
    assert gone["error"] == "not_found"
    bad = refused(lambda: client.bookmarks_add(channel_id=help_it, title="x", type="link", link="wiki"))
    assert bad["error"] == "invalid_link"
