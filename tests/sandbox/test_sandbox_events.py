"""What the app is told of the workspace itself: people, user groups, channels and who is in them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slackdesk.sandbox import Sandbox

Act = Callable[[Sandbox], dict[str, Any]]
"""Does something in the workspace; returns what the event has to say about it, among other things."""


@pytest.fixture(scope="module")
def eventful() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def _told(sandbox: Sandbox, kind: str) -> list[dict[str, Any]]:
    deliveries = sandbox.journal.deliveries("events_api")
    return [
        entry.payload["event"] for entry in deliveries if entry.payload["event"]["type"] == kind and not entry.attempt
    ]


def _hire(sandbox: Sandbox) -> dict[str, Any]:
    user = sandbox.workspace.add_user("nadia", "Nadia Putri", tz="Asia/Jakarta")
    return {"user": user.payload()}


def _move(sandbox: Sandbox) -> dict[str, Any]:
    user = sandbox.workspace.user_by_handle("budi")
    sandbox.workspace.update_user(user.id, tz="Asia/Makassar", locale="en-US")
    return {"user": user.payload(with_locale=True)}


def _make_group(sandbox: Sandbox) -> dict[str, Any]:
    group = sandbox.workspace.add_usergroup("it-night", "IT at night", [sandbox.workspace.user_by_handle("rina")])
    return {"subteam": group.payload()}


def _change_group(sandbox: Sandbox) -> dict[str, Any]:
    workspace = sandbox.workspace
    [group] = [group for group in workspace.usergroups.values() if group.handle == "it-l1"]
    rina, citra = workspace.user_by_handle("rina"), workspace.user_by_handle("citra")
    agus = workspace.user_by_handle("agus")
    workspace.set_usergroup_members(group.id, [rina, citra])
    return {"subteam_id": group.id, "added_users": [citra.id], "removed_users": [agus.id], "added_users_count": 1}


def _update_group(sandbox: Sandbox) -> dict[str, Any]:
    workspace = sandbox.workspace
    [group] = [group for group in workspace.usergroups.values() if group.handle == "it-l2"]
    workspace.set_usergroup_members(group.id, [workspace.user_by_handle("dewi"), workspace.user_by_handle("dimas")])
    return {"subteam": group.payload()}


def _make_channel(sandbox: Sandbox) -> dict[str, Any]:
    workspace = sandbox.workspace
    channel = workspace.add_channel("lunch", creator=workspace.user_by_handle("ayu"))
    shown = {"id": channel.id, "name": "lunch", "created": channel.created, "creator": channel.creator}
    return {"channel": shown}


def _invite(sandbox: Sandbox) -> dict[str, Any]:
    workspace = sandbox.workspace
    lead = sandbox.person("helpdesk-lead")
    lead.invites("gita", "#it-l2")
    channel, gita = workspace.channel_by_name("it-l2"), workspace.user_by_handle("gita")
    return {"user": gita.id, "channel": channel.id, "channel_type": "G", "inviter": lead.user.id}


def _leave(sandbox: Sandbox) -> dict[str, Any]:
    person = sandbox.person("hendra")
    person.leaves("#help-it")
    channel = sandbox.workspace.channel_by_name("help-it")
    return {"user": person.user.id, "channel": channel.id, "channel_type": "C"}


def _archive(name: str) -> Act:
    def act(sandbox: Sandbox) -> dict[str, Any]:
        workspace = sandbox.workspace
        head, channel = workspace.user_by_handle("head-of-it"), workspace.channel_by_name(name)
        workspace.archive(channel.id, head)
        workspace.unarchive(channel.id, head)
        return {"channel": channel.id, "user": head.id}

    return act


def _rename(name: str, new: str) -> Act:
    def act(sandbox: Sandbox) -> dict[str, Any]:
        workspace = sandbox.workspace
        channel = workspace.channel_by_name(name)
        workspace.rename(channel.id, workspace.user_by_handle("head-of-it"), new)
        return {"channel": {"id": channel.id, "name": new, "created": channel.created}}

    return act


def _upload(sandbox: Sandbox) -> dict[str, Any]:
    seen = sandbox.person("eka").uploads("error.log", b"boom", in_="#help-it")
    return {"file_id": seen.message.files[0].id, "channel_id": seen.message.channel_id}


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        ("team_join", _hire),
        ("user_change", _move),
        ("subteam_created", _make_group),
        ("subteam_members_changed", _change_group),
        ("subteam_updated", _update_group),
        ("channel_created", _make_channel),
        ("member_joined_channel", _invite),
        ("member_left_channel", _leave),
        ("channel_archive", _archive("help-it")),
        ("channel_unarchive", _archive("help-it")),
        ("group_archive", _archive("it-l3")),
        ("group_unarchive", _archive("it-l3")),
        ("channel_rename", _rename("help-it", "help-it-now")),
        ("group_rename", _rename("leadership", "leaders")),
        ("file_shared", _upload),
    ],
)
def test_event_of_the_workspace(kind: str, act: Act) -> None:
    with Sandbox() as sandbox:
        expected = act(sandbox)
        [event] = _told(sandbox, kind)
    assert expected.items() <= event.items()
    assert "event_ts" in event


def test_the_app_itself_is_told_that_it_was_invited(eventful: Sandbox) -> None:
    workspace = eventful.workspace
    eventful.person("ayu").invites("slackdesk", "#general")
    [event] = [event for event in _told(eventful, "member_joined_channel") if event["user"] == workspace.bot.id]
    assert event["channel"] == workspace.channel_by_name("general").id
    assert event["inviter"] == workspace.user_by_handle("ayu").id


def test_a_private_channel_that_the_app_is_not_in_is_nobodys_business(eventful: Sandbox) -> None:
    workspace = eventful.workspace
    ayu, budi = workspace.user_by_handle("ayu"), workspace.user_by_handle("budi")
    secret = workspace.add_channel("secret", creator=ayu, is_private=True, members=[ayu])
    workspace.join(secret.id, budi, inviter=ayu)
    workspace.archive(secret.id, ayu)
    told = [entry.payload["event"] for entry in eventful.journal.deliveries("events_api")]
    assert not [event for event in told if secret.id in (event.get("channel"), event.get("channel_id"))]
