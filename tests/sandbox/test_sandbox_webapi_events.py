"""What a call tells the rest of the workspace: the events, and whose business they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.state import Channel

Heard = list[tuple[dict[str, Any], Channel | None]]


@pytest.fixture
def heard(web_sandbox: Sandbox) -> Iterator[Heard]:
    events: Heard = []

    def listen(event: dict[str, Any], audience: Channel | None) -> None:
        events.append((event, audience))

    web_sandbox.workspace.on_event.append(listen)
    yield events
    web_sandbox.workspace.on_event.remove(listen)


def only(heard: Heard, kind: str, subtype: str | None = None) -> dict[str, Any]:
    found = [event for event, _ in heard if (event["type"], event.get("subtype")) == (kind, subtype)]
    assert len(found) == 1, heard
    return found[0]


def test_a_post_is_told_to_its_channel(client: WebClient, help_it: str, heard: Heard) -> None:
    ts = client.chat_postMessage(channel=help_it, text="hello")["ts"]
    event = only(heard, "message")
    assert (event["ts"], event["channel"], event["channel_type"]) == (ts, help_it, "channel")
    assert event["bot_id"]
    (_, audience), *_ = heard
    assert audience is not None
    assert audience.id == help_it


def test_replies_and_broadcasts(client: WebClient, help_it: str, heard: Heard) -> None:
    root = client.chat_postMessage(channel=help_it, text="root")["ts"]
    heard.clear()
    client.chat_postMessage(channel=help_it, text="reply", thread_ts=root)
    assert only(heard, "message")["thread_ts"] == root
    client.chat_postMessage(channel=help_it, text="loud", thread_ts=root, reply_broadcast=True)
    assert only(heard, "message", "thread_broadcast")["root"]["ts"] == root


def test_update_and_delete_carry_what_was_before(client: WebClient, help_it: str, heard: Heard) -> None:
    ts = str(client.chat_postMessage(channel=help_it, text="before")["ts"])
    client.chat_update(channel=help_it, ts=ts, text="after")
    changed = only(heard, "message", "message_changed")
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("before", "after")
    assert changed["message"]["ts"] == ts
    assert changed["message"]["edited"]
    client.chat_delete(channel=help_it, ts=ts)
    deleted = only(heard, "message", "message_deleted")
    assert (deleted["deleted_ts"], deleted["previous_message"]["text"]) == (ts, "after")


def test_a_root_with_replies_changes_to_a_tombstone_and_goes_with_the_last_reply(
    client: WebClient, help_it: str, heard: Heard
) -> None:
    root = str(client.chat_postMessage(channel=help_it, text="root")["ts"])
    reply = str(client.chat_postMessage(channel=help_it, text="reply", thread_ts=root)["ts"])
    client.chat_delete(channel=help_it, ts=root)
    assert only(heard, "message", "message_changed")["message"]["subtype"] == "tombstone"
    heard.clear()
    client.chat_delete(channel=help_it, ts=reply)
    assert [event["deleted_ts"] for event, _ in heard] == [reply, root]
    assert heard[1][0]["previous_message"]["subtype"] == "tombstone"


def test_mentions_are_told_on_top_of_the_message(web_sandbox: Sandbox, help_it: str, heard: Heard) -> None:
    workspace = web_sandbox.workspace
    ayu = workspace.user_by_handle("ayu")
    message = workspace.post(help_it, ayu, text=f"<@{workspace.bot.id}> help")
    assert only(heard, "message")["ts"] == message.ts
    mention = only(heard, "app_mention")
    assert (mention["user"], mention["ts"]) == (ayu.id, message.ts)
    assert "channel_type" not in mention
    heard.clear()
    workspace.post(workspace.open_dm([ayu.id, workspace.bot.id]).id, ayu, text=f"<@{workspace.bot.id}> help")
    assert [event["type"] for event, _ in heard] == ["message"]


def test_reactions_and_files(web_sandbox: Sandbox, client: WebClient, help_it: str, heard: Heard) -> None:
    ts = str(client.chat_postMessage(channel=help_it, text="x")["ts"])
    client.reactions_add(channel=help_it, timestamp=ts, name="eyes")
    added = only(heard, "reaction_added")
    assert added["item"] == {"type": "message", "channel": help_it, "ts": ts}
    assert added["item_user"] == web_sandbox.workspace.bot.id
    client.reactions_remove(channel=help_it, timestamp=ts, name="eyes")
    assert only(heard, "reaction_removed")["reaction"] == "eyes"
    uploaded = client.files_upload_v2(channel=help_it, filename="a.txt", content=b"a")
    share = only(heard, "message", "file_share")
    assert [file["id"] for file in share["files"]] == [uploaded["file"]["id"]]
    assert only(heard, "file_shared")["file_id"] == uploaded["file"]["id"]


def test_an_ephemeral_message_is_nobody_elses_business(
    web_sandbox: Sandbox, client: WebClient, help_it: str, heard: Heard
) -> None:
    client.chat_postEphemeral(channel=help_it, user=web_sandbox.workspace.user_by_handle("ayu").id, text="psst")
    assert heard == []


def test_membership_archiving_and_renaming(web_sandbox: Sandbox, client: WebClient, heard: Heard) -> None:
    workspace = web_sandbox.workspace
    ayu = workspace.user_by_handle("ayu")
    room = str(client.conversations_create(name="events-room")["channel"]["id"])
    assert only(heard, "channel_created")["channel"]["id"] == room
    client.conversations_invite(channel=room, users=ayu.id)
    joined = only(heard, "member_joined_channel")
    assert (joined["user"], joined["inviter"], joined["channel_type"]) == (ayu.id, workspace.bot.id, "C")
    client.conversations_kick(channel=room, user=ayu.id)
    assert only(heard, "member_left_channel")["user"] == ayu.id
    workspace.rename(room, ayu, "events-hall")
    assert only(heard, "channel_rename")["channel"]["name"] == "events-hall"
    client.conversations_archive(channel=room)
    assert only(heard, "channel_archive")["channel"] == room
    client.conversations_unarchive(channel=room)
    assert only(heard, "channel_unarchive")["channel"] == room


def test_people_and_groups_concern_the_whole_workspace(web_sandbox: Sandbox, heard: Heard) -> None:
    workspace = web_sandbox.workspace
    person = workspace.add_user("zahra", "Zahra Amelia", tz="Asia/Jakarta")
    assert only(heard, "team_join")["user"]["id"] == person.id
    workspace.update_user(person.id, deleted=True)
    assert only(heard, "user_change")["user"]["deleted"] is True
    group = workspace.add_usergroup("on-call", "On call", [person])
    workspace.set_usergroup_members(group.id, [])
    assert only(heard, "subteam_members_changed")["removed_users"] == [person.id]
    assert only(heard, "subteam_updated")["subteam"]["users"] == []
    assert {audience for _, audience in heard} == {None}
