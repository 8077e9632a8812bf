"""What goes wrong on demand, whether the call was applied, and what the journal says about it."""

import json
import threading
import time
import urllib.error
from http.client import RemoteDisconnected
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.sandbox import Sandbox, faults
from slackdesk.sandbox.journal import CallEntry


def texts(sandbox: Sandbox, channel: str) -> list[str]:
    return [message.text for message in sandbox.workspace.channel(channel).messages.values()]


def last(sandbox: Sandbox) -> CallEntry:
    return sandbox.journal.calls("chat.postMessage")[-1]


@pytest.mark.parametrize("applied", [False, True])
def test_http_500(applied: bool, web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    injection = web_sandbox.faults.inject("chat.postMessage", faults.http_500(applied=applied))
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=help_it, text=f"500 {applied}")
    assert caught.value.response.status_code == 500
    assert (f"500 {applied}" in texts(web_sandbox, help_it)) is applied
    assert (last(web_sandbox).outcome, last(web_sandbox).applied) == ("http_500", applied)
    assert injection.fired == 1
    assert client.chat_postMessage(channel=help_it, text="once only")["ok"]
    assert injection.fired == 1


@pytest.mark.parametrize(
    ("fault", "applied"),
    [(faults.dropped_before(), False), (faults.dropped_after(), True)],
    ids=["before", "after"],
)
def test_dropped_connection(
    fault: faults.Fault, applied: bool, web_sandbox: Sandbox, client: WebClient, help_it: str
) -> None:
    web_sandbox.faults.inject("chat.postMessage", fault)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        client.chat_postMessage(channel=help_it, text=f"dropped {applied}")
    assert (f"dropped {applied}" in texts(web_sandbox, help_it)) is applied
    assert (last(web_sandbox).outcome, last(web_sandbox).http_status) == ("dropped", None)


@pytest.mark.parametrize("applied", [False, True])
def test_no_answer_until_the_client_gives_up(applied: bool, web_sandbox: Sandbox, help_it: str) -> None:
    web_sandbox.faults.inject("chat.postMessage", faults.no_answer(applied=applied))
    impatient = WebClient(web_sandbox.bot_token, base_url=web_sandbox.api_url, retry_handlers=[], timeout=1)
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        impatient.chat_postMessage(channel=help_it, text=f"silence {applied}")
    assert (f"silence {applied}" in texts(web_sandbox, help_it)) is applied


def test_rate_limited_holds_the_method(help_it: str) -> None:
    with Sandbox(rate_scale=1000) as sandbox:
        client = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        channel = sandbox.workspace.channel_by_name("help-it").id
        sandbox.faults.inject("chat.postMessage", faults.rate_limited(30))
        for seconds in (30, 29):
            with pytest.raises(SlackApiError) as caught:
                client.chat_postMessage(channel=channel, text="x")
            assert seconds <= int(caught.value.response.headers["Retry-After"]) <= 30
        assert [call.inside_retry_after for call in sandbox.journal.calls("chat.postMessage")] == [False, True]
        assert client.auth_test()["ok"]


def test_slack_error_and_slowness(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    web_sandbox.faults.inject("chat.postMessage", faults.slack_error("fatal_error"))
    with pytest.raises(SlackApiError, match="fatal_error"):
        client.chat_postMessage(channel=help_it, text="fatal")
    assert "fatal" not in texts(web_sandbox, help_it)
    web_sandbox.faults.inject("chat.postMessage", faults.slow(0.2))
    assert client.chat_postMessage(channel=help_it, text="slow")["ok"]
    assert last(web_sandbox).duration_seconds >= 0.2


def test_faults_choose_by_arguments_count_and_can_be_removed(
    web_sandbox: Sandbox, client: WebClient, help_it: str
) -> None:
    def about_tickets(args: dict[str, object]) -> bool:
        return "ticket" in str(args.get("text"))

    injection = web_sandbox.faults.inject(
        "chat.postMessage", faults.slack_error("fatal_error"), times=None, matching=about_tickets
    )
    assert client.chat_postMessage(channel=help_it, text="weather")["ok"]
    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel=help_it, text="ticket")
    assert injection.fired == 2
    injection.remove()
    assert client.chat_postMessage(channel=help_it, text="ticket")["ok"]


def test_any_method_can_be_hit(web_sandbox: Sandbox, client: WebClient) -> None:
    injection = web_sandbox.faults.inject("*", faults.slack_error("service_unavailable"))
    with pytest.raises(SlackApiError, match="service_unavailable"):
        client.auth_test()
    assert injection.fired == 1


def test_an_upload_can_be_repeated_after_a_break(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    web_sandbox.faults.inject(faults.UPLOAD, faults.http_500(applied=True))
    with pytest.raises(Exception, match="500"):
        client.files_upload_v2(channel=help_it, filename="a.txt", content=b"a")
    assert client.files_upload_v2(channel=help_it, filename="a.txt", content=b"a")["ok"]
    uploads = web_sandbox.journal.calls(faults.UPLOAD)
    assert [(call.outcome, call.applied) for call in uploads[-2:]] == [("http_500", True), ("ok", True)]
    with pytest.raises(ValueError, match="no JSON answer"):
        web_sandbox.faults.inject(faults.DOWNLOAD, faults.slack_error("x"))


def test_stopping_releases_what_is_held() -> None:
    sandbox = Sandbox()
    sandbox.start()
    sandbox.faults.inject("auth.test", faults.no_answer(applied=False))
    client = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[], timeout=30)
    errors: list[BaseException] = []

    def call() -> None:
        try:
            client.auth_test()
        except (OSError, RemoteDisconnected) as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    deadline = time.monotonic() + 10
    while not sandbox.faults.fired():
        assert time.monotonic() < deadline
        thread.join(0.01)
    sandbox.stop()
    thread.join(10)
    assert len(errors) == 1


def test_journal_is_readable_as_json_lines(
    web_sandbox: Sandbox, client: WebClient, help_it: str, tmp_path: Path
) -> None:
    client.chat_postMessage(channel=help_it, text="for the record")
    path = tmp_path / "journal.jsonl"
    before = len(web_sandbox.journal)
    web_sandbox.journal.write_json_lines(path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert 0 < before <= len(lines) <= len(web_sandbox.journal)  # deliveries go on meanwhile
    post = next(line for line in reversed(lines) if line.get("method") == "chat.postMessage")
    assert post["entry"] == "call"
    assert (post["args"]["text"], post["outcome"], post["http_status"]) == ("for the record", "ok", 200)
    assert web_sandbox.bot_token not in path.read_text(encoding="utf-8")
    assert web_sandbox.journal.calls(outcome="ok")[-1].args["text"] == "for the record"
