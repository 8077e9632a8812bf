"""Posting, updating and deleting, with Slack's limits and refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.journal import CallEntry

Refused = Callable[[Callable[[], object]], dict[str, Any]]
SECTION = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hello*"}}]
TOO_LONG = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]


def stored(client: WebClient, channel: str, ts: str, **how: Any) -> dict[str, Any]:
    found = client.conversations_history(channel=channel, oldest=ts, latest=ts, inclusive=True, **how)["messages"]
    assert len(found) == 1
    message: dict[str, Any] = found[0]
    return message


def last_call(sandbox: Sandbox, method: str) -> CallEntry:
    return sandbox.journal.calls(method)[-1]


def test_post_is_kept_with_its_author_and_blocks(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    posted = client.chat_postMessage(channel=help_it, text="hello", blocks=SECTION)
    message = stored(client, help_it, posted["ts"])
    assert message["text"] == "hello"
    assert message["bot_id"] == web_sandbox.workspace.app.bot_id
    assert message["bot_profile"]["app_id"] == web_sandbox.workspace.app.id
    assert "subtype" not in message
    assert message["blocks"][0]["block_id"]


def test_timestamps_rise_strictly(client: WebClient, help_it: str) -> None:
    stamps = [str(client.chat_postMessage(channel=help_it, text=f"{n}")["ts"]) for n in range(5)]
    assert stamps == sorted(set(stamps))


def test_post_by_channel_name_and_to_a_person(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    assert client.chat_postMessage(channel="#help-it", text="by name")["channel"] == help_it
    ayu = web_sandbox.workspace.user_by_handle("ayu")
    direct = client.chat_postMessage(channel=ayu.id, text="to you")["channel"]
    assert str(direct).startswith("D")
    assert client.conversations_open(users=ayu.id)["channel"]["id"] == direct


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": "{oops"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": '{"type": "section"}'}, "invalid_blocks_format"),
        ({"text": "x", "metadata": "[]"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": '{"event_payload": {}}'}, "invalid_metadata_schema"),
        ({"text": "x", "attachments": "{}"}, "invalid_attachments_format"),
        ({"text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"text": "x", "channel": "C0NOWHERE"}, "channel_not_found"),
        ({"text": "x", "channel": "#general"}, "not_in_channel"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    ],
)
def test_post_is_refused(
    arguments: dict[str, str], error: str, client: WebClient, help_it: str, refused: Refused
) -> None:
    params = {"channel": help_it} | arguments
    assert refused(lambda: client.api_call("chat.postMessage", params=params))["error"] == error


def test_post_to_a_private_channel_outside_is_not_found(
    web_sandbox: Sandbox, client: WebClient, refused: Refused
) -> None:
    ayu = web_sandbox.workspace.user_by_handle("ayu")
    secret = web_sandbox.workspace.add_channel("board", is_private=True, members=[ayu])
    assert refused(lambda: client.chat_postMessage(channel=secret.id, text="x"))["error"] == "channel_not_found"


def test_post_to_an_archived_channel_is_refused(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    old = workspace.add_channel("old-project", members=[workspace.bot])
    workspace.archive(old.id, workspace.bot)
    assert refused(lambda: client.chat_postMessage(channel=old.id, text="x"))["error"] == "is_archived"


def test_post_to_people_who_cannot_be_written_to(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    gone = workspace.add_user("gone", "Gone Person")
    workspace.update_user(gone.id, deleted=True)
    assert refused(lambda: client.chat_postMessage(channel=gone.id, text="x"))["error"] == "user_disabled"
    assert refused(lambda: client.chat_postMessage(channel=workspace.bot.id, text="x"))["error"] == "cannot_dm_bot"


def test_direct_messages_need_the_messages_tab(refused: Refused) -> None:
    manifest = {
        "display_information": {"name": "Mute"},
        "features": {
            "bot_user": {"display_name": "mute"},
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": False},
        },
        "oauth_config": {"scopes": {"bot": ["chat:write", "im:write"]}},
    }
    with Sandbox(manifest=manifest) as sandbox:
        mute = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
        ayu = sandbox.workspace.user_by_handle("ayu").id
        assert refused(lambda: mute.chat_postMessage(channel=ayu, text="x"))["error"] == "messages_tab_disabled"
        direct = str(mute.conversations_open(users=ayu)["channel"]["id"])
        assert refused(lambda: mute.chat_postMessage(channel=direct, text="x"))["error"] == "messages_tab_disabled"


def test_illegal_blocks_are_refused_and_noted(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    answer = refused(lambda: client.chat_postMessage(channel=help_it, text="x", blocks=TOO_LONG))
    assert answer["error"] == "invalid_blocks"
    assert "/blocks/0/text/text" in answer["response_metadata"]["messages"][0]
    call = last_call(web_sandbox, "chat.postMessage")
    assert call.illegal == answer["response_metadata"]["messages"]
    assert (call.outcome, call.applied) == ("invalid_blocks", False)
    assert call in web_sandbox.journal.illegal()


@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")
def test_blocks_without_fallback_text_pass_but_are_noted(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    client.chat_postMessage(channel=help_it, blocks=SECTION)
    assert last_call(web_sandbox, "chat.postMessage").missing_fallback_text
    client.chat_postMessage(channel=help_it, text="hello", blocks=SECTION)
    assert not last_call(web_sandbox, "chat.postMessage").missing_fallback_text


def test_text_over_forty_thousand_is_cut_off_with_a_warning(client: WebClient, help_it: str) -> None:
    exact = client.chat_postMessage(channel=help_it, text="x" * 40_000)
    assert "warning" not in exact.data
    cut = client.chat_postMessage(channel=help_it, text="x" * 40_001)
    assert len(cut["message"]["text"]) == 40_000
    assert cut["response_metadata"]["warnings"] == ["message_truncated"]


def test_thread_replies_belong_to_the_root(client: WebClient, help_it: str, refused: Refused) -> None:
    root = client.chat_postMessage(channel=help_it, text="root")["ts"]
    reply = client.chat_postMessage(channel=help_it, text="reply", thread_ts=root)["ts"]
    message = stored(client, help_it, root)
    assert (message["reply_count"], message["latest_reply"], message["thread_ts"]) == (1, reply, root)
    nested = refused(lambda: client.chat_postMessage(channel=help_it, text="x", thread_ts=reply))
    assert nested["error"] == "cannot_reply_to_message"


def test_reply_to_a_message_that_is_gone_lands_in_the_channel(client: WebClient, help_it: str) -> None:
    root = str(client.chat_postMessage(channel=help_it, text="root")["ts"])
    threaded = client.chat_postMessage(channel=help_it, text="reply", thread_ts=root)
    assert threaded["message"]["thread_ts"] == root
    client.chat_delete(channel=help_it, ts=str(threaded["ts"]))
    client.chat_delete(channel=help_it, ts=root)
    stray = client.chat_postMessage(channel=help_it, text="late reply", thread_ts=root)
    assert "thread_ts" not in stray["message"]
    assert client.conversations_history(channel=help_it)["messages"][0]["ts"] == stray["ts"]


def test_slacks_own_lines_have_no_threads(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    workspace = web_sandbox.workspace
    workspace.join(help_it, workspace.add_user("newcomer", "New Comer"))
    line = client.conversations_history(channel=help_it, limit=1)["messages"][0]
    assert line["subtype"] == "channel_join"
    reply = refused(lambda: client.chat_postMessage(channel=help_it, text="welcome", thread_ts=line["ts"]))
    assert reply["error"] == "cannot_reply_to_message"


def test_metadata_is_shown_only_on_request(client: WebClient, help_it: str) -> None:
    metadata = {"event_type": "work", "event_payload": {"id": 7}}
    ts = client.chat_postMessage(channel=help_it, text="x", metadata=metadata)["ts"]
    assert "metadata" not in stored(client, help_it, ts)
    assert stored(client, help_it, ts, include_all_metadata=True)["metadata"] == metadata


def test_update_with_text_alone_removes_the_blocks_and_keeps_metadata(client: WebClient, help_it: str) -> None:
    metadata = {"event_type": "work", "event_payload": {"id": 7}}
    ts = client.chat_postMessage(channel=help_it, text="x", blocks=SECTION, metadata=metadata)["ts"]
    client.chat_update(channel=help_it, ts=ts, text="y")
    message = stored(client, help_it, ts, include_all_metadata=True)
    assert message["text"] == "y"
    assert "blocks" not in message
    assert message["metadata"] == metadata
    assert message["ts"] == ts


def test_update_of_metadata_alone_keeps_text_and_blocks(client: WebClient, help_it: str) -> None:
    ts = client.chat_postMessage(channel=help_it, text="x", blocks=SECTION)["ts"]
    client.api_call(
        "chat.update",
        json={"channel": help_it, "ts": ts, "metadata": {"event_type": "work", "event_payload": {}}},
    )
    message = stored(client, help_it, ts, include_all_metadata=True)
    assert message["text"] == "x"
    assert message["blocks"]
    assert message["metadata"]["event_type"] == "work"


def test_update_is_refused(web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused) -> None:
    workspace = web_sandbox.workspace
    ts = str(client.chat_postMessage(channel=help_it, text="x")["ts"])

    def error(**arguments: Any) -> str:
        params = {"channel": help_it, "ts": ts} | arguments
        return str(refused(lambda: client.api_call("chat.update", params=params))["error"])

    assert client.chat_update(channel=help_it, ts=ts, text="x" * 4000)["ok"]
    assert error(text="x" * 4001) == "msg_too_long"
    assert error() == "no_text"
    assert error(ts="1000000000.000001", text="y") == "message_not_found"
    theirs = workspace.post(help_it, workspace.user_by_handle("ayu"), text="mine")
    assert error(ts=theirs.ts, text="y") == "cant_update_message"
    direct = client.chat_postMessage(channel=workspace.user_by_handle("ayu").id, text="x")
    assert error(channel=workspace.user_by_handle("ayu").id, ts=direct["ts"], text="y") == "channel_not_found"
    assert client.chat_update(channel=direct["channel"], ts=direct["ts"], text="y")["ok"]


def test_rich_text_is_replaced_by_rich_text_only(client: WebClient, help_it: str, refused: Refused) -> None:
    def rich(text: str) -> list[dict[str, Any]]:
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        return [{"type": "rich_text", "elements": [section]}]

    ts = str(client.chat_postMessage(channel=help_it, text="x", blocks=rich("x"))["ts"])
    mismatch = refused(lambda: client.chat_update(channel=help_it, ts=ts, text="y", blocks=SECTION))
    assert mismatch["error"] == "block_mismatch"
    assert client.chat_update(channel=help_it, ts=ts, text="y", blocks=rich("y"))["ok"]


def test_delete_takes_only_the_apps_own_messages(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    workspace = web_sandbox.workspace
    ts = str(client.chat_postMessage(channel=help_it, text="x")["ts"])
    client.chat_delete(channel=help_it, ts=ts)
    assert refused(lambda: client.chat_delete(channel=help_it, ts=ts))["error"] == "message_not_found"
    theirs = workspace.post(help_it, workspace.user_by_handle("ayu"), text="mine")
    assert refused(lambda: client.chat_delete(channel=help_it, ts=theirs.ts))["error"] == "cant_delete_message"
    named = str(client.chat_postMessage(channel=help_it, text="x", username="Ayu")["ts"])
    assert refused(lambda: client.chat_delete(channel=help_it, ts=named))["error"] == "cant_delete_message"


def test_deleted_root_with_replies_stays_as_a_tombstone(client: WebClient, help_it: str) -> None:
    root = str(client.chat_postMessage(channel=help_it, text="root", blocks=SECTION)["ts"])
    reply = str(client.chat_postMessage(channel=help_it, text="reply", thread_ts=root)["ts"])
    client.chat_delete(channel=help_it, ts=root)
    tombstone, kept = client.conversations_replies(channel=help_it, ts=root)["messages"]
    assert (tombstone["subtype"], tombstone["user"]) == ("tombstone", "USLACKBOT")
    assert "blocks" not in tombstone
    assert kept["ts"] == reply
    client.chat_delete(channel=help_it, ts=reply)
    assert root not in [m["ts"] for m in client.conversations_history(channel=help_it)["messages"]]


def test_ephemeral_is_kept_for_its_person_alone(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    workspace = web_sandbox.workspace
    ayu, rina = workspace.user_by_handle("ayu"), workspace.user_by_handle("rina")
    ts = client.chat_postEphemeral(channel=help_it, user=ayu.id, text="psst")["message_ts"]
    kept = workspace.channel(help_it).ephemerals[-1]
    assert (kept.ts, kept.ephemeral_to) == (ts, ayu.id)
    assert ts not in [m["ts"] for m in client.conversations_history(channel=help_it)["messages"]]
    assert refused(lambda: client.chat_update(channel=help_it, ts=ts, text="x"))["error"] == "message_not_found"
    tier = workspace.channel_by_name("it-l3").id
    outside = refused(lambda: client.chat_postEphemeral(channel=tier, user=rina.id, text="x"))
    assert outside["error"] == "user_not_in_channel"
    long = refused(lambda: client.chat_postEphemeral(channel=help_it, user=ayu.id, text="é" * 2001))
    assert long["error"] == "msg_too_long"


def test_permalinks_of_roots_and_replies(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    root = str(client.chat_postMessage(channel=help_it, text="root")["ts"])
    reply = str(client.chat_postMessage(channel=help_it, text="reply", thread_ts=root)["ts"])
    base = f"https://{web_sandbox.workspace.domain}.slack.com/archives/{help_it}/p"

    def link(ts: str) -> str:
        return str(client.chat_getPermalink(channel=help_it, message_ts=ts)["permalink"])

    assert link(root) == base + root.replace(".", "")
    assert link(reply) == f"{base}{reply.replace('.', '')}?thread_ts={root}&cid={help_it}"
    assert refused(lambda: link("1000000000.000001"))["error"] == "message_not_found"


def test_blocks_validate_needs_no_token_and_posts_nothing(web_sandbox: Sandbox, help_it: str, refused: Refused) -> None:
    anybody = WebClient(base_url=web_sandbox.api_url)
    before = len(web_sandbox.workspace.channel(help_it).messages)
    assert anybody.blocks_validate(blocks=SECTION)["ok"]
    wrong = refused(lambda: anybody.blocks_validate(blocks=TOO_LONG))
    assert (wrong["error"], wrong["errors"][0]["pointer"]) == ("invalid_blocks", "/0/text/text")
    message = {"text": "x", "blocks": TOO_LONG}
    assert refused(lambda: anybody.blocks_validate(message=message))["error"] == "invalid_message"
    assert anybody.blocks_validate(message={"text": "x", "blocks": SECTION})["ok"]
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "T" * 25}, "blocks": SECTION}
    assert refused(lambda: anybody.blocks_validate(view=modal))["error"] == "invalid_view"
    assert refused(anybody.blocks_validate)["error"] == "invalid_arguments"
    assert len(web_sandbox.workspace.channel(help_it).messages) == before
