"""Scheduled messages: when they may be, when they go out, and the one kind that never does."""

import time
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox

Refused = Callable[[Callable[[], object]], dict[str, Any]]
DAY_SECONDS = 24 * 3600


def soon() -> int:
    return int(time.time()) + 3600


def test_scheduled_message_is_posted_in_its_time(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    workspace, due = web_sandbox.workspace, int(time.time()) + 1
    client.chat_scheduleMessage(channel=help_it, text="good morning", post_at=due)
    deadline = time.monotonic() + 10
    with workspace.lock:
        while not any(m.text == "good morning" for m in workspace.channel(help_it).messages.values()):
            assert workspace.changed.wait(deadline - time.monotonic()), "the message was never posted"
    assert time.time() >= due


def test_scheduled_messages_are_listed_and_deleted(client: WebClient, help_it: str, refused: Refused) -> None:
    scheduled = client.chat_scheduleMessage(channel=help_it, text="later", post_at=soon())
    message_id = str(scheduled["scheduled_message_id"])
    listed = client.chat_scheduledMessages_list(channel=help_it)["scheduled_messages"]
    assert [m["text"] for m in listed if m["id"] == message_id] == ["later"]
    client.chat_deleteScheduledMessage(channel=help_it, scheduled_message_id=message_id)
    again = refused(lambda: client.chat_deleteScheduledMessage(channel=help_it, scheduled_message_id=message_id))
    assert again["error"] == "invalid_scheduled_message_id"


def test_a_time_in_the_past_or_too_far_is_refused(client: WebClient, help_it: str, refused: Refused) -> None:
    def error(post_at: int) -> str:
        return str(refused(lambda: client.chat_scheduleMessage(channel=help_it, text="x", post_at=post_at))["error"])

    now = int(time.time())
    assert error(now - 10) == "time_in_past"
    assert error(now + 121 * DAY_SECONDS) == "time_too_far"


def test_thirty_within_five_minutes_are_enough(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    tier, post_at = web_sandbox.workspace.channel_by_name("it-l1").id, soon()
    for _ in range(30):
        client.chat_scheduleMessage(channel=tier, text="x", post_at=post_at)
    one_more = refused(lambda: client.chat_scheduleMessage(channel=tier, text="x", post_at=post_at + 60))
    assert one_more["error"] == "restricted_too_many"
    assert client.chat_scheduleMessage(channel=tier, text="x", post_at=post_at + 300)["ok"]


def test_with_metadata_it_is_accepted_and_never_posted(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    post_at = soon()
    metadata = {"event_type": "work", "event_payload": {}}
    client.chat_scheduleMessage(channel=help_it, text="lost", post_at=post_at, metadata=metadata)
    client.chat_scheduleMessage(channel=help_it, text="kept", post_at=post_at)
    web_sandbox.schedule.post_due(post_at)
    texts = [m.text for m in web_sandbox.workspace.channel(help_it).messages.values()]
    assert "kept" in texts
    assert "lost" not in texts
