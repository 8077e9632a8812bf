"""What a call's outcome is taken for, over real HTTP from a server that answers anything."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from slackdesk.dispatch.runners import OutcomeKind, SlackCall
from slackdesk.slack.sender import RETRY_AFTER_DEFAULT_SECONDS, SlackSender

POST = SlackCall("chat.postMessage", {"channel": "C1", "text": "hello", "thread_ts": None})
UPDATE = SlackCall("chat.update", {"channel": "C1", "ts": "1.000001", "text": "hello"})
Answer = tuple[int, dict[str, str], bytes]


class Scripted(ThreadingHTTPServer):
    """Answers every request as it is told; keeps what was asked."""

    answer: Answer = (200, {}, b"{}")
    asked: list[tuple[str, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type", "")
        self.server.asked.append((self.path, json.loads(body) if "json" in kind and body else body))
        status, headers, content = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is not a server's log."""


@pytest.fixture(scope="module")
def scripted_server() -> Iterator[Scripted]:
    server = Scripted(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def answering(scripted_server: Scripted) -> Callable[[Answer], SlackSender]:
    def answer_with(answer: Answer) -> SlackSender:
        scripted_server.answer, scripted_server.asked = answer, []
        return SlackSender("xoxb-test", f"http://127.0.0.1:{scripted_server.server_port}/api/", 2)

    return answer_with


SHARE = SlackCall("files.completeUploadExternal", {"channel": "C1", "thread_ts": "1.000001", "files": [{"id": "F1"}]})
NOWHERE: dict[str, Any] = {"public": {"C2": [{"ts": "1.000002"}]}}
IN_THREAD = {"private": {"C1": [{"ts": "1.000002", "thread_ts": "1.000001"}]}}


@pytest.mark.parametrize(
    ("shares", "minutes", "found"),
    [
        pytest.param(IN_THREAD, 0, OutcomeKind.OK, id="shared"),
        pytest.param(NOWHERE, 0, OutcomeKind.PASSING, id="not there yet"),
        pytest.param({}, 0, OutcomeKind.PASSING, id="nowhere yet"),
        pytest.param(NOWHERE, 2, None, id="not there after minutes"),
    ],
)
def test_shared_files_are_looked_up_by_their_own_id(
    answering: Any, shares: dict[str, Any], minutes: int, found: OutcomeKind | None
) -> None:
    sender = answering((200, {}, json.dumps({"ok": True, "file": {"id": "F1", "shares": shares}}).encode()))
    outcome = sender.look_up(SHARE, 1, datetime.now(UTC) - timedelta(minutes=minutes))
    assert (outcome and outcome.kind) == found
    if found is OutcomeKind.OK:
        assert [file["id"] for file in outcome.response["files"]] == ["F1"]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param((200, {}, b'{"ok": false, "error": "file_not_found"}'), None, id="never completed"),
        pytest.param((200, {}, b'{"ok": false, "error": "internal_error"}'), OutcomeKind.PASSING, id="trouble"),
        pytest.param((429, {"Retry-After": "7"}, b"{}"), OutcomeKind.RATE_LIMITED, id="too often"),
    ],
)
def test_a_look_up_of_files_that_fails(answering: Any, answer: Answer, found: OutcomeKind | None) -> None:
    outcome = answering(answer).look_up(SHARE, 1, datetime.now(UTC))
    assert (outcome and outcome.kind) == found


def slack_says(error: str, status: int = 200, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    return status, headers or {}, json.dumps({"ok": False, "error": error, **more}).encode()


@pytest.mark.parametrize(
    ("answer", "of_a_post", "of_an_update"),
    [
        pytest.param((200, {}, b'{"ok": true}'), OutcomeKind.OK, OutcomeKind.OK, id="ok"),
        pytest.param(slack_says("no_text"), OutcomeKind.DEFINITE, OutcomeKind.DEFINITE, id="definite"),
        pytest.param(slack_says("is_archived"), OutcomeKind.BLOCKED, OutcomeKind.BLOCKED, id="channel"),
        pytest.param(slack_says("invalid_auth"), OutcomeKind.BLOCKED, OutcomeKind.BLOCKED, id="token"),
        pytest.param(slack_says("fatal_error"), OutcomeKind.AMBIGUOUS, OutcomeKind.PASSING, id="fatal_error"),
        pytest.param(slack_says("internal_error"), OutcomeKind.AMBIGUOUS, OutcomeKind.PASSING, id="internal_error"),
        pytest.param((503, {}, b"<html>busy"), OutcomeKind.AMBIGUOUS, OutcomeKind.PASSING, id="503"),
        pytest.param((200, {}, b"<html>a proxy"), OutcomeKind.AMBIGUOUS, OutcomeKind.PASSING, id="200, not JSON"),
        pytest.param((200, {}, b"[]"), OutcomeKind.AMBIGUOUS, OutcomeKind.PASSING, id="200, no object"),
        pytest.param(
            (200, {"Content-Length": "500"}, b'{"ok": tr'), OutcomeKind.AMBIGUOUS, OutcomeKind.PASSING, id="cut off"
        ),
        pytest.param(
            slack_says("ratelimited", 429, {"Retry-After": "7"}),
            OutcomeKind.RATE_LIMITED,
            OutcomeKind.RATE_LIMITED,
            id="429",
        ),
    ],
)
def test_sender_outcome_of_answers(
    answer: Answer,
    of_a_post: OutcomeKind,
    of_an_update: OutcomeKind,
    answering: Callable[[Answer], SlackSender],
    scripted_server: Scripted,
) -> None:
    sender = answering(answer)
    assert sender.send(POST, 7).kind == of_a_post
    assert sender.send(UPDATE, 7).kind == of_an_update
    assert len(scripted_server.asked) == 2, "each call is made once"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7.0), ({"Retry-After": "0"}, 1.0), ({}, RETRY_AFTER_DEFAULT_SECONDS),
     ({"Retry-After": "soon"}, RETRY_AFTER_DEFAULT_SECONDS)],
)  # fmt: skip
def test_sender_reads_retry_after(
    headers: dict[str, str], seconds: float, answering: Callable[[Answer], SlackSender]
) -> None:
    assert answering(slack_says("ratelimited", 429, headers)).send(POST, 7).retry_after_seconds == seconds


def test_sender_adds_the_work_id_to_posts_and_leaves_out_what_is_none(
    answering: Callable[[Answer], SlackSender], scripted_server: Scripted
) -> None:
    answering((200, {}, b'{"ok": true}')).send(POST, 7)
    assert scripted_server.asked == [
        (
            "/api/chat.postMessage",
            {
                "channel": "C1",
                "text": "hello",
                "metadata": {"event_type": "slackdesk_work", "event_payload": {"work_id": 7}},
            },
        )
    ]


@pytest.mark.parametrize(
    ("error", "channel", "place"),
    [
        ("token_revoked", "C1", "token"),
        ("missing_scope", "C1", "chat.postMessage"),
        ("not_in_channel", "C1", "C1"),
        ("channel_not_found", "G1", "G1"),
    ],
)
def test_sender_says_where_nothing_passes(
    error: str, channel: str, place: str, answering: Callable[[Answer], SlackSender]
) -> None:
    outcome = answering(slack_says(error)).send(SlackCall("chat.postMessage", {"channel": channel, "text": "a"}), 7)
    assert (outcome.kind, outcome.place, outcome.error) == (OutcomeKind.BLOCKED, place, error)


def test_sender_takes_a_person_whom_slack_does_not_know_for_this_message_alone(
    answering: Callable[[Answer], SlackSender],
) -> None:
    post = SlackCall("chat.postMessage", {"channel": "U1", "text": "a"})
    assert answering(slack_says("channel_not_found")).send(post, 7).kind == OutcomeKind.DEFINITE


def test_sender_keeps_the_details_of_a_refusal(answering: Callable[[Answer], SlackSender]) -> None:
    answer = slack_says("invalid_blocks", response_metadata={"messages": ["[ERROR] no such block [/blocks/0]"]})
    assert answering(answer).send(POST, 7).error == "invalid_blocks ([ERROR] no such block [/blocks/0])"


def test_sender_takes_what_is_so_already_for_done(answering: Callable[[Answer], SlackSender]) -> None:
    reaction = SlackCall("reactions.add", {"channel": "C1", "timestamp": "1.000001", "name": "eyes"})
    assert answering(slack_says("already_reacted")).send(reaction, 7).kind == OutcomeKind.OK


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param((200, {}, b"ok"), OutcomeKind.OK, id="ok"),
        pytest.param((404, {}, b"used_url"), OutcomeKind.DEFINITE, id="used up"),
        pytest.param((500, {}, b"server_error"), OutcomeKind.PASSING, id="500"),
        pytest.param((429, {"Retry-After": "3"}, b"slow down"), OutcomeKind.RATE_LIMITED, id="429"),
    ],
)
def test_sender_answers_through_response_urls(
    answer: Answer, kind: OutcomeKind, answering: Callable[[Answer], SlackSender], scripted_server: Scripted
) -> None:
    sender = answering(answer)
    url = f"http://127.0.0.1:{scripted_server.server_port}/actions/1"
    outcome = sender.send(SlackCall("response_url", {"url": url, "body": {"text": "hi"}}), 7)
    assert outcome.kind == kind
    assert scripted_server.asked == [("/actions/1", {"text": "hi"})]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(slack_says("channel_not_found"), None, id="no such channel"),
        pytest.param(slack_says("missing_scope"), None, id="may not look"),
        pytest.param(slack_says("ratelimited", 429, {"Retry-After": "3"}), OutcomeKind.RATE_LIMITED, id="429"),
        pytest.param((503, {}, b""), OutcomeKind.PASSING, id="503"),
        pytest.param(slack_says("invalid_auth"), OutcomeKind.BLOCKED, id="token"),
        pytest.param(slack_says("not_in_channel"), OutcomeKind.BLOCKED, id="kept out"),
    ],
)
def test_sender_look_up_that_cannot_be_made(
    answer: Answer, kind: OutcomeKind | None, answering: Callable[[Answer], SlackSender]
) -> None:
    found = answering(answer).look_up(POST, 7, datetime.now(UTC))
    assert (None if found is None else found.kind) == kind
