"""Calls Slack for work rows, tells outcomes apart, and looks up posts that may have been made.

Slack has no supported way to make ``chat.postMessage`` idempotent, so every post carries its work id as message
metadata, and after a time-out, a reset or a 5xx it is looked for there before it is sent again. The SDK's own retries
are off: its default repeats a post after a dropped connection.

Ephemeral messages and response URLs cannot be read back. They are answers that a person waits for: when it is unknown
whether one arrived it is sent again, so that in the worst case it is seen twice, rather than never.
"""

import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, cast
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.webhook import WebhookClient

from slackdesk.dispatch import blockages
from slackdesk.dispatch.runners import Outcome, OutcomeKind, SlackCall
from slackdesk.policy.directory import TOKEN_ERRORS
from slackdesk.slack import uploads

log = logging.getLogger(__name__)

METADATA_EVENT_TYPE = "slackdesk_work"
"""Event type of the metadata of every message that is posted from a work row."""

LOOK_UP_MARGIN = timedelta(minutes=5)
"""How far Slack's clock and ours may be apart."""

MESSAGES_PER_PAGE = 200
LOOK_UP_PAGES_MAX = 10
"""A look-up that finds nothing in this many messages since the attempt is taken for finding nothing."""

RETRY_AFTER_DEFAULT_SECONDS = 30.0
"""For a 429 without a readable Retry-After."""

POSTS = frozenset({"chat.postMessage"})
"""Methods that post anew at each call; their posts carry the work id."""

LOOKED_UP = POSTS | {uploads.SHARE}
"""Methods that must not be repeated while it is unknown whether they reached Slack, and can be looked up."""

AMBIGUOUS_ERRORS = frozenset({"fatal_error", "internal_error", "service_unavailable"})
"""Part of the operation may have succeeded. Source: Slack's error tables of the methods."""

PASSING_ERRORS = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "accesslimited",
        "request_timeout",
        "team_added_to_org",
    }
)
"""Slack did not apply the call, and may a little later."""

SCOPE_ERRORS = frozenset({"missing_scope", "ekm_access_denied", "access_denied"})
"""Slack lets the app call that method no more, until somebody allows it again."""

CHANNEL_ERRORS = frozenset(
    {
        "is_archived",
        "not_in_channel",
        "channel_not_found",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_only_channel",
    }
)
"""Nothing of the app's gets into that channel, until somebody unarchives it, invites the app or lets it post there.

A private channel that the app was removed from is not found. Source: Slack's error tables of the methods.
"""

DONE_ALREADY_ERRORS = frozenset({"already_reacted", "no_reaction", "already_pinned", "not_pinned"})
"""What was asked for is already so."""


class SlackSender:
    """Implements ``slackdesk.dispatch.runners.Sender`` with a client for one workspace."""

    def __init__(self, token: str, base_url: str, timeout_seconds: float) -> None:
        # The SDK annotates whole seconds, but hands the timeout to the socket as it is.
        self._timeout = cast(Any, timeout_seconds)
        no_retries: list[RetryHandler] = []
        self._client = WebClient(token=token, base_url=base_url, timeout=self._timeout, retry_handlers=no_retries)

    def repeatable(self, method: str) -> bool:
        """Everything but posts: updates, views and reactions by their nature, ephemerals by the policy above."""
        return method not in LOOKED_UP

    def send(self, call: SlackCall, work_id: int) -> Outcome:
        """Make the call once. Never raises for what Slack or the network does."""
        try:
            if call.method == "response_url":
                return self._respond(call.arguments)
            arguments = {key: value for key, value in call.arguments.items() if value is not None}
            if call.method in POSTS:
                arguments["metadata"] = {
                    "event_type": METADATA_EVENT_TYPE,
                    "event_payload": {"work_id": work_id},
                }
            stray: dict[str, Any] | None = None
            if call.method == uploads.UPLOAD:
                answer = uploads.upload(self._call, arguments, self._timeout)
            elif call.method == uploads.SHARE:
                answer = uploads.share(self._call, arguments)
                stray = uploads.stray_of(answer, arguments)
            else:
                answer = self._call(call.method, json=arguments)
                stray = answer if call.method in POSTS and _missed_its_thread(arguments, answer) else None
            if stray is not None:
                self._take_back(stray)
                return Outcome(OutcomeKind.DEFINITE, error="thread_not_found")
            return Outcome(OutcomeKind.OK, answer)
        except (SlackClientError, OSError, HTTPException) as error:
            outcome = outcome_of(error, call.method, str(call.arguments.get("channel", "")))
            if outcome.kind == OutcomeKind.AMBIGUOUS and self.repeatable(call.method):
                return Outcome(OutcomeKind.PASSING, error=outcome.error)
            return outcome

    def look_up(self, attempted: SlackCall, work_id: int, since: datetime) -> Outcome | None:
        """Find the post with this work id, or the files, made at ``since`` or later, where they were meant for.

        When Slack does not let us look (no such channel, no history scope), the answer is None: sending again tells.
        Where the app is only kept out of the channel for the moment, the answer is BLOCKED.
        """
        try:
            if attempted.method == uploads.SHARE:
                return self._look_up_share(attempted, since)
            channel = self._conversation(attempted.arguments["channel"])
            oldest = f"{(since - LOOK_UP_MARGIN).timestamp():.6f}"
            message = self._posted(work_id, channel, attempted.arguments.get("thread_ts"), oldest)
            if message is not None:
                return Outcome(OutcomeKind.OK, {"channel": channel, "ts": message["ts"], "message": message})
        except (SlackClientError, OSError, HTTPException) as error:
            outcome = outcome_of(error, channel=attempted.arguments["channel"])
            if outcome.kind == OutcomeKind.DEFINITE or outcome.error.startswith(("missing_scope", "channel_not_found")):
                log.warning("work %s cannot be looked up (%s), it is sent again", work_id, outcome.error)
                return None
            if outcome.kind == OutcomeKind.AMBIGUOUS:
                return Outcome(OutcomeKind.PASSING, error=outcome.error)
            return outcome
        return None

    def _look_up_share(self, attempted: SlackCall, since: datetime) -> Outcome | None:
        """Files that landed in the channel itself, since their thread was gone, are taken back."""
        answer = uploads.shared(self._call, attempted.arguments, since)
        if answer == {}:
            return Outcome(OutcomeKind.PASSING, error="it cannot be told yet whether the files were shared")
        if answer is not None and (stray := uploads.stray_of(answer, attempted.arguments)) is not None:
            self._take_back(stray)
        return None if answer is None else Outcome(OutcomeKind.OK, answer)

    def _posted(self, work_id: int, channel: str, thread_ts: str | None, oldest: str) -> dict[str, Any] | None:
        """The post in its place; one that landed in the channel itself, since its thread was gone, is taken back."""
        try:
            return next(filter(_is_of(work_id), self._messages(channel, thread_ts, oldest)), None)
        except SlackApiError as error:
            if thread_ts is None or error.response.get("error") != "thread_not_found":
                raise
        stray = next(filter(_is_of(work_id), self._messages(channel, None, oldest)), None)
        if stray is not None:
            self._take_back({"channel": channel, "ts": stray["ts"]})
        return None

    def _call(self, method: str, **how: Any) -> dict[str, Any]:
        data = self._client.api_call(method, **how).data
        if not isinstance(data, dict):
            raise SlackClientError(f"{method} answered with something that is not a JSON object")
        return data

    def _take_back(self, answer: dict[str, Any]) -> None:
        """Delete a reply that landed in the channel itself; where that fails, it stays there and the log says so."""
        try:
            self._call("chat.delete", json={"channel": answer["channel"], "ts": answer["ts"]})
        except (SlackClientError, OSError, HTTPException) as error:
            log.error("a reply to a vanished message stays in %s, %s: %s", answer["channel"], answer["ts"], error)

    def _respond(self, arguments: dict[str, Any]) -> Outcome:
        client = WebhookClient(arguments["url"], timeout=self._timeout, retry_handlers=[])
        response = client.send_dict(arguments["body"])
        if response.status_code == 200:
            return Outcome(OutcomeKind.OK, {"body": response.body})
        error = f"HTTP {response.status_code} {response.body[:200]}"
        if response.status_code == 429:
            return Outcome(OutcomeKind.RATE_LIMITED, {}, error, _retry_after_seconds(response.headers))
        kind = OutcomeKind.PASSING if response.status_code >= 500 else OutcomeKind.DEFINITE
        return Outcome(kind, error=error)

    def _conversation(self, channel: str) -> str:
        """A post to a person goes to the direct conversation with that person, which has an id of its own."""
        if not channel.startswith(("U", "W")):
            return channel
        return str(self._call("conversations.open", json={"users": channel})["channel"]["id"])

    def _messages(self, channel: str, thread_ts: str | None, oldest: str) -> Iterator[dict[str, Any]]:
        method = "conversations.replies" if thread_ts else "conversations.history"
        asked: dict[str, Any] = {"channel": channel, "oldest": oldest, "limit": MESSAGES_PER_PAGE}
        asked |= {"include_all_metadata": "true", "inclusive": "true"} | ({"ts": thread_ts} if thread_ts else {})
        for _ in range(LOOK_UP_PAGES_MAX):
            page = self._call(method, http_verb="GET", params=asked)
            yield from page.get("messages", [])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            asked["cursor"] = cursor


def _is_of(work_id: int) -> Callable[[dict[str, Any]], bool]:
    """Whether a message was posted from that row."""

    def is_of(message: dict[str, Any]) -> bool:
        metadata = message.get("metadata") or {}
        is_ours = metadata.get("event_type") == METADATA_EVENT_TYPE
        return is_ours and (metadata.get("event_payload") or {}).get("work_id") == work_id

    return is_of


def _missed_its_thread(arguments: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether a reply was posted into the channel: Slack does so, with ``ok``, when the thread's root is gone."""
    wanted = arguments.get("thread_ts")
    return bool(wanted) and (answer.get("message") or {}).get("thread_ts") != wanted


def outcome_of(error: Exception, method: str = "", channel: str = "") -> Outcome:
    """What is known of a call that raised: PASSING only where it surely was not applied."""
    if isinstance(error, SlackApiError):
        return _outcome_of_answer(error, method, channel)
    if isinstance(error, URLError) and isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
        return Outcome(OutcomeKind.PASSING, error=f"Slack cannot be reached: {error.reason}")
    return Outcome(OutcomeKind.AMBIGUOUS, error=f"no answer: {error!r}")


def _outcome_of_answer(error: SlackApiError, method: str, channel: str) -> Outcome:
    response = error.response
    name = str(response.data.get("error", "")) if isinstance(response.data, dict) else ""
    details = "; ".join(str(line) for line in _messages_of(response.data))
    text = f"{name} ({details})" if details else name
    if response.status_code == 429:
        return Outcome(OutcomeKind.RATE_LIMITED, {}, text or "ratelimited", _retry_after_seconds(response.headers))
    if response.status_code >= 500 or name in AMBIGUOUS_ERRORS or not name or " " in name:
        # No name, or one with spaces (the SDK's own, for a body that is not JSON): not an answer of Slack's.
        return Outcome(OutcomeKind.AMBIGUOUS, error=f"HTTP {response.status_code} {text}"[:500])
    if name in DONE_ALREADY_ERRORS:
        return Outcome(OutcomeKind.OK, {"error": name})
    if place := _blocked_place(name, method, channel):
        return Outcome(OutcomeKind.BLOCKED, error=text, place=place)
    return Outcome(OutcomeKind.PASSING if name in PASSING_ERRORS else OutcomeKind.DEFINITE, error=text)


def _blocked_place(name: str, method: str, channel: str) -> str:
    """Where nothing passes, by the name of Slack's error; empty when only this call is refused."""
    if name in TOKEN_ERRORS:
        return blockages.TOKEN
    if name in SCOPE_ERRORS:
        return method
    return channel if name in CHANNEL_ERRORS and channel.startswith(("C", "G")) else ""


def _messages_of(data: Any) -> list[Any]:
    metadata = data.get("response_metadata") if isinstance(data, dict) else None
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return messages if isinstance(messages, list) else []


def _retry_after_seconds(headers: Any) -> float:
    for name, value in dict(headers).items():
        if name.lower() == "retry-after":
            try:
                return max(1.0, float(value))
            except ValueError:
                break
    return RETRY_AFTER_DEFAULT_SECONDS
