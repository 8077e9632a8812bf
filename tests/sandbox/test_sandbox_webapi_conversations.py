"""Reading and changing conversations, with paging, membership and system messages."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox

Refused = Callable[[Callable[[], object]], dict[str, Any]]
EVERY_TYPE = "public_channel,private_channel,im,mpim"


@pytest.fixture
def room(web_sandbox: Sandbox, request: pytest.FixtureRequest) -> str:
    """A public channel of this test's own, with the app and ayu in it."""
    workspace = web_sandbox.workspace
    name = request.node.name.removeprefix("test_").replace("_", "-")[:80]
    return workspace.add_channel(name, members=[workspace.bot, workspace.user_by_handle("ayu")]).id


def say(client: WebClient, channel: str, *texts: str, **how: Any) -> list[str]:
    return [str(client.chat_postMessage(channel=channel, text=text, **how)["ts"]) for text in texts]


def test_list_shows_what_the_app_may_know_of(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    workspace.add_channel("hidden-room", is_private=True, members=[workspace.user_by_handle("ayu")])
    listed = {c["name"]: c for c in client.conversations_list(types="public_channel,private_channel")["channels"]}
    assert listed["general"]["is_member"] is False
    assert listed["it-l1"]["is_private"] is True
    assert listed["it-l1"]["num_members"] == len(workspace.channel_by_name("it-l1").members)
    assert "hidden-room" not in listed
    public_only = [c["name"] for c in client.conversations_list()["channels"]]
    assert "it-l1" not in public_only
    assert refused(lambda: client.conversations_list(types="secret"))["error"] == "invalid_types"


def test_list_can_leave_out_archived_channels(web_sandbox: Sandbox, client: WebClient, room: str) -> None:
    web_sandbox.workspace.archive(room, web_sandbox.workspace.bot)
    assert room in [c["id"] for c in client.conversations_list(limit=500)["channels"]]
    assert room not in [c["id"] for c in client.conversations_list(limit=500, exclude_archived=True)["channels"]]


def test_paging_by_cursor_gives_everything_once(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    whole = [c["id"] for c in client.conversations_list(types=EVERY_TYPE, limit=999)["channels"]]
    pages = [[c["id"] for c in page["channels"]] for page in client.conversations_list(types=EVERY_TYPE, limit=2)]
    assert len(pages) > 1
    assert [channel for page in pages for channel in page] == whole
    assert refused(lambda: client.conversations_list(cursor="nonsense"))["error"] == "invalid_cursor"
    assert refused(lambda: client.conversations_list(limit=-1))["error"] == "invalid_limit"


def test_info_of_channels_and_direct_messages(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    ayu = web_sandbox.workspace.user_by_handle("ayu")
    channel = client.conversations_info(channel=help_it, include_num_members=True)["channel"]
    assert channel["name"] == "help-it"
    assert channel["topic"]["value"]
    assert channel["num_members"] > 10
    direct = client.conversations_open(users=ayu.id, return_im=True)["channel"]
    assert client.conversations_info(channel=direct["id"])["channel"]["user"] == ayu.id
    assert refused(lambda: client.conversations_info(channel="C0NOWHERE"))["error"] == "channel_not_found"


def test_members_are_paged(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    members = [m for page in client.conversations_members(channel=help_it, limit=5) for m in page["members"]]
    assert members == web_sandbox.workspace.channel(help_it).members


def test_history_is_newest_first_without_replies(client: WebClient, room: str) -> None:
    first, second, third = say(client, room, "1", "2", "3")
    say(client, room, "quiet reply", thread_ts=first)
    (loud,) = say(client, room, "loud reply", thread_ts=first, reply_broadcast=True)
    history = client.conversations_history(channel=room)
    assert [m["ts"] for m in history["messages"]] == [loud, third, second, first]
    assert history["has_more"] is False


def test_history_within_times(client: WebClient, room: str, refused: Refused) -> None:
    while_empty = refused(lambda: client.conversations_history(channel=room, latest="noon"))
    assert while_empty["error"] == "invalid_ts_latest"
    first, second, third = say(client, room, "1", "2", "3")

    def found(**how: Any) -> list[str]:
        return [m["ts"] for m in client.conversations_history(channel=room, **how)["messages"]]

    assert found(oldest=first) == [third, second]
    assert found(oldest=first, latest=third) == [second]
    assert found(oldest=first, latest=second, inclusive=True) == [second, first]
    assert found(latest=third, limit=1) == [second]
    wrong = refused(lambda: client.conversations_history(channel=room, oldest="yesterday"))
    assert wrong["error"] == "invalid_ts_oldest"


def test_replies_begin_with_the_root_and_are_paged(client: WebClient, room: str, refused: Refused) -> None:
    (root,) = say(client, room, "root")
    replies = say(client, room, "a", "b", "c", thread_ts=root)
    whole = client.conversations_replies(channel=room, ts=root)["messages"]
    assert [m["ts"] for m in whole] == [root, *replies]
    paged = client.conversations_replies(channel=room, ts=root, limit=2)
    assert [[m["ts"] for m in page["messages"]] for page in paged] == [[root, *replies[:2]], [root, replies[2]]]
    unknown = refused(lambda: client.conversations_replies(channel=room, ts="1000000000.000001"))
    assert unknown["error"] == "thread_not_found"


def test_reading_needs_membership(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    general = web_sandbox.workspace.channel_by_name("general").id
    assert refused(lambda: client.conversations_history(channel=general))["error"] == "not_in_channel"


def test_open_gives_the_same_direct_message_again(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    budi, citra = workspace.user_by_handle("budi").id, workspace.user_by_handle("citra").id
    first = client.conversations_open(users=budi)
    again = client.conversations_open(users=[budi])
    assert first["channel"]["id"] == again["channel"]["id"]
    assert again["already_open"] is True
    group = str(client.conversations_open(users=f"{budi},{citra}")["channel"]["id"])
    assert group != first["channel"]["id"]
    assert workspace.channel(group).is_mpim
    assert refused(lambda: client.conversations_open(users="U0NOBODY"))["error"] == "user_not_found"
    assert refused(lambda: client.conversations_open(users=""))["error"] == "users_list_not_supplied"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("help-it", "name_taken"),
        ("War Room", "invalid_name_specials"),
        ("x" * 81, "invalid_name_maxlength"),
        ("", "invalid_name_required"),
    ],
)
def test_create_refuses_a_name(name: str, error: str, client: WebClient, refused: Refused) -> None:
    assert refused(lambda: client.conversations_create(name=name))["error"] == error


def test_create_invite_topic_archive(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    ayu = web_sandbox.workspace.user_by_handle("ayu").id
    created = client.conversations_create(name="incident-7", is_private=True)["channel"]
    channel = str(created["id"])
    assert (created["is_private"], created["is_member"]) == (True, True)
    client.conversations_invite(channel=channel, users=ayu)
    assert ayu in client.conversations_members(channel=channel)["members"]
    twice = refused(lambda: client.conversations_invite(channel=channel, users=ayu))
    assert (twice["error"], twice["errors"][0]["user"]) == ("already_in_channel", ayu)
    client.conversations_setTopic(channel=channel, topic="Mail is down")
    client.conversations_setPurpose(channel=channel, purpose="Find out why")
    shown = client.conversations_info(channel=channel)["channel"]
    assert (shown["topic"]["value"], shown["purpose"]["value"]) == ("Mail is down", "Find out why")
    too_long = refused(lambda: client.conversations_setTopic(channel=channel, topic="x" * 251))
    assert too_long["error"] == "too_long"
    lines = [m["subtype"] for m in client.conversations_history(channel=channel)["messages"]]
    assert lines == ["group_purpose", "group_topic", "group_join"]
    client.conversations_archive(channel=channel)
    assert refused(lambda: client.conversations_archive(channel=channel))["error"] == "already_archived"
    assert refused(lambda: client.conversations_invite(channel=channel, users=ayu))["error"] == "already_in_channel"
    client.conversations_unarchive(channel=channel)
    assert client.conversations_info(channel=channel)["channel"]["is_archived"] is False


def test_join_leave_and_kick(web_sandbox: Sandbox, client: WebClient, room: str, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    ayu = workspace.user_by_handle("ayu").id
    client.conversations_kick(channel=room, user=ayu)
    assert ayu not in workspace.channel(room).members
    assert refused(lambda: client.conversations_kick(channel=room, user=ayu))["error"] == "not_in_channel"
    client.conversations_leave(channel=room)
    assert refused(lambda: client.chat_postMessage(channel=room, text="x"))["error"] == "not_in_channel"
    assert client.conversations_join(channel=room)["channel"]["is_member"] is True
    assert client.conversations_join(channel=room)["warning"] == "already_in_channel"
    tier = workspace.channel_by_name("it-l1").id
    private = refused(lambda: client.conversations_join(channel=tier))
    assert private["error"] == "method_not_supported_for_channel_type"


def test_conversations_of_a_person(web_sandbox: Sandbox, client: WebClient) -> None:
    rina = web_sandbox.workspace.user_by_handle("rina").id
    found = client.users_conversations(user=rina, types="public_channel,private_channel", limit=500)["channels"]
    names = {channel["name"] for channel in found}
    assert {"help-it", "it-l1"} <= names
    assert "it-l2" not in names
