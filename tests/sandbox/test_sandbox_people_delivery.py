"""Getting things to the app: redelivery, signatures, sockets that come and go, subscriptions, response URLs."""

import gc
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import pytest
from slack_bolt import App
from slack_sdk.signature import SignatureVerifier
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from slackdesk.sandbox import Sandbox, faults
from slackdesk.sandbox.journal import DeliveryEntry

Json = dict[str, Any]
T = TypeVar("T")


def wait_until(look: Callable[[], T]) -> T:
    deadline = time.monotonic() + 5
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.005)
    return found


class Listener(ThreadingHTTPServer):
    """The smallest HTTP app: keeps every request and answers what `answers` holds, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeper)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/slack/events"


class _Keeper(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(({key.lower(): value for key, value in self.headers.items()}, body))
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        answer = json.dumps({"challenge": json.loads(body).get("challenge")}).encode() if body[:1] == b"{" else b""
        self.send_response(status)
        for key, value in ({"Content-Type": "application/json", "Content-Length": str(len(answer))} | headers).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Kept in `requests`."""


@contextmanager
def listening() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def over_http(**arguments: Any) -> Iterator[tuple[Sandbox, Listener]]:
    with listening() as server, Sandbox(**arguments) as sandbox:
        sandbox.deliver_over_http(server.url)
        yield sandbox, server


@contextmanager
def socket_of(sandbox: Sandbox) -> Iterator[ClientConnection]:
    with open_socket(sandbox.new_socket_url()) as connection:
        assert frame(connection)["type"] == "hello"
        yield connection


def frame(connection: ClientConnection) -> Json:
    received: Json = json.loads(connection.recv(timeout=5))
    return received


def attempts(sandbox: Sandbox) -> list[DeliveryEntry]:
    return sandbox.journal.deliveries("events_api")


def test_event_is_redelivered_three_times_over_http_under_its_id() -> None:
    with over_http(redelivery_scale=10_000) as (sandbox, server):
        server.answers = [(500, {})] * 9
        sandbox.person("ayu").says("anyone?", in_="dm")
        wait_until(lambda: len(server.requests) == 4)
        headers = [request[0] for request in server.requests]
        ids = {json.loads(body)["event_id"] for _, body in server.requests}
        assert len(ids) == 1
        assert [h.get("x-slack-retry-num") for h in headers] == [None, "1", "2", "3"]
        assert {h["x-slack-retry-reason"] for h in headers[1:]} == {"http_error"}
        assert sandbox.delivery.wait_until_answered()
        assert [entry.attempt for entry in attempts(sandbox)] == [0, 1, 2, 3]
        assert {entry.delivery_id for entry in attempts(sandbox)} == ids


def test_redelivery_ends_with_the_first_acknowledgement() -> None:
    with over_http(redelivery_scale=10_000) as (sandbox, server):
        server.answers = [(503, {})]
        sandbox.person("ayu").says("anyone?", in_="dm")
        wait_until(lambda: [entry for entry in attempts(sandbox) if entry.acked_after_seconds is not None])
        assert [(entry.attempt, entry.error) for entry in attempts(sandbox)] == [(0, "http_error"), (1, "")]


def test_app_may_ask_for_no_redelivery() -> None:
    with over_http(redelivery_scale=10_000) as (sandbox, server):
        server.answers = [(500, {"x-slack-no-retry": "1"})]
        ayu = sandbox.person("ayu")
        ayu.says("anyone?", in_="dm")
        assert sandbox.delivery.wait_until_answered()
        ayu.says("the next one", in_="dm")
        wait_until(lambda: len(attempts(sandbox)) == 2)
        assert {entry.attempt for entry in attempts(sandbox)} == {0}


def test_commands_and_clicks_are_tried_once() -> None:
    with over_http(redelivery_scale=10_000) as (sandbox, server):
        server.answers = [(500, {})]
        assert sandbox.person("ayu").slash("/ticket x").error == "dispatch_failed"
        assert len(server.requests) == 1


def test_every_request_is_signed_over_its_raw_body() -> None:
    with over_http() as (sandbox, server):
        sandbox.person("ayu").says("héllo & <you>", in_="dm")
        sandbox.person("ayu").slash("/ticket a=b&c=d")
        sandbox.person("ayu").shortcut("File")
        wait_until(lambda: len(server.requests) == 3)
        verifier = SignatureVerifier(sandbox.signing_secret)
        assert all(verifier.is_valid_request(body, headers) for headers, body in server.requests)
        assert not any(SignatureVerifier("other").is_valid_request(body, h) for h, body in server.requests)
        kinds = sorted((h["content-type"], body[:8]) for h, body in server.requests)
        form = "application/x-www-form-urlencoded"
        assert kinds == [("application/json", b'{"token"'), (form, b"payload="), (form, b"token=un")]


def test_request_url_has_to_echo_the_challenge() -> None:
    with over_http() as (sandbox, server):
        sandbox.delivery.verify_url()
        server.answers = [(404, {})]
        with pytest.raises(ValueError, match="did not respond with the value of the challenge parameter: http_error"):
            sandbox.delivery.verify_url()
        with pytest.raises(ValueError, match="not 'ftp://x'"):
            sandbox.deliver_over_http("ftp://x")


def test_envelopes_of_a_redelivered_event_have_ids_of_their_own() -> None:
    with Sandbox(redelivery_scale=10_000) as sandbox:
        sandbox.person("ayu").says("too early", in_="dm")
        wait_until(lambda: len(attempts(sandbox)) == 4)
        assert {entry.error for entry in attempts(sandbox)} == {"connection_failed"}
        with socket_of(sandbox) as connection:
            sandbox.person("ayu").says("anyone?", in_="dm")
            first, second = frame(connection), frame(connection)
            assert (first["retry_attempt"], second["retry_attempt"], second["retry_reason"]) == (0, 1, "timeout")
            assert first["payload"]["event_id"] == second["payload"]["event_id"]
            assert first["envelope_id"] != second["envelope_id"]
            assert (first["type"], first["accepts_response_payload"]) == ("events_api", False)
            connection.send(json.dumps({"envelope_id": second["envelope_id"]}))
            wait_until(lambda: attempts(sandbox)[-1].acked_after_seconds is not None)
            assert attempts(sandbox)[-1].attempt == 1


def test_ticket_opens_one_socket_and_ten_are_the_most() -> None:
    with Sandbox() as sandbox, ExitStack() as stack:
        url = sandbox.new_socket_url()
        sockets = [stack.enter_context(open_socket(url))]
        with pytest.raises(InvalidStatus, match="403"):
            stack.enter_context(open_socket(url))
        sockets += [stack.enter_context(open_socket(sandbox.new_socket_url())) for _ in range(10)]
        hellos = [frame(connection) for connection in sockets]
        assert [hello.get("num_connections") for hello in hellos] == [*range(1, 11), None]
        assert (hellos[10]["type"], hellos[10]["reason"]) == ("disconnect", "too_many_websockets")


def test_each_payload_goes_down_one_socket() -> None:
    with Sandbox() as sandbox, socket_of(sandbox) as one, socket_of(sandbox) as two:
        for number in range(4):
            sandbox.person("ayu").says(f"message {number}", in_="dm")
        texts = [frame(connection)["payload"]["event"]["text"] for connection in (one, two, one, two)]
        assert sorted(texts) == [f"message {number}" for number in range(4)]


def test_a_retiring_socket_serves_until_the_new_one_is_there() -> None:
    with Sandbox() as sandbox, socket_of(sandbox) as old:
        sandbox.faults.disconnect_sockets("warning")
        assert frame(old)["reason"] == "warning"
        sandbox.person("ayu").says("still the old one", in_="dm")
        assert frame(old)["payload"]["event"]["text"] == "still the old one"
        with socket_of(sandbox) as new:
            sandbox.person("ayu").says("the new one", in_="dm")
            assert frame(new)["payload"]["event"]["text"] == "the new one"


def test_disabled_and_dropped_sockets_are_gone() -> None:
    with Sandbox() as sandbox:
        with socket_of(sandbox) as first:
            sandbox.faults.disconnect_sockets("link_disabled")
            assert frame(first)["reason"] == "link_disabled"
            with pytest.raises(ConnectionClosed):
                first.recv(timeout=5)
        with socket_of(sandbox) as second:
            sandbox.faults.drop_sockets()
            with pytest.raises(ConnectionClosed):
                second.recv(timeout=5)
        wait_until(lambda: sandbox.delivery.sockets.connection_count == 0)


@pytest.mark.parametrize("nonsense", ["not json", "[1]"])
def test_socket_that_talks_nonsense_is_closed(nonsense: str) -> None:
    with Sandbox() as sandbox, socket_of(sandbox) as connection:
        connection.send(nonsense)
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=5)
        with socket_of(sandbox) as another:
            sandbox.person("ayu").says("still here?", in_="dm")
            assert frame(another)["type"] == "events_api"


def answer_all(app: App) -> None:
    @app.event("message")
    def message() -> None:
        """Acknowledged."""


def test_bolt_comes_back_after_slack_refreshes_the_connection(connect_bolt: Any) -> None:
    sandbox: Sandbox = connect_bolt(answer_all)
    sandbox.faults.disconnect_sockets("refresh_requested")
    wait_until(lambda: len(sandbox.journal.calls("apps.connections.open")) == 2)
    sandbox.person("ayu").says("on either connection", in_="dm")
    wait_until(lambda: attempts(sandbox)[-1].acked_after_seconds is not None)
    gc.collect()


def manifest(events: list[str], scopes: list[str]) -> Json:
    return {
        "display_information": {"name": "Desk"},
        "features": {"app_home": {"home_tab_enabled": False, "messages_tab_read_only_enabled": True}},
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {"event_subscriptions": {"bot_events": events}, "socket_mode_enabled": True},
    }


def test_only_what_the_manifest_names_and_the_scopes_allow_is_delivered() -> None:
    declared = manifest(["message.groups", "message.channels", "reaction_added"], ["groups:history", "reactions:read"])
    with Sandbox(manifest=declared) as sandbox, socket_of(sandbox):
        rina = sandbox.person("rina")
        private = rina.says("in a private channel", in_="#it-l1")
        rina.says("no scope for public ones", in_="#help-it")
        rina.reacts(private, "eyes")
        rina.unreacts(private, "eyes")
        kinds = [entry.payload["event"].get("text", entry.payload["event"]["type"]) for entry in attempts(sandbox)]
        assert kinds == ["in a private channel", "reaction_added"]
        with pytest.raises(AssertionError, match="messages tab off or read-only"):
            rina.says("hello?", in_="dm")
        with pytest.raises(AssertionError, match="no Home tab"):
            rina.opens_home()


def post(url: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_response_url_refuses_what_is_malformed_and_unknown() -> None:
    with over_http() as (sandbox, _):
        ayu = sandbox.person("ayu")
        ayu.slash("/ticket x", in_="#general")
        url = sandbox.journal.deliveries("slash_commands")[-1].payload["response_url"]
        assert post(url, b"not json") == (400, "invalid_payload")
        assert post(url, b'{"response_type": "ephemeral"}') == (400, "no_text")
        assert post(url, b'{"blocks": [{"type": "section"}]}') == (400, "invalid_blocks")
        assert post(url, b'{"text": "here you are"}') == (200, "ok")
        assert post(url[:-1] + "?", b'{"text": "x"}') == (404, "expired_url")
        ayu.sees("here you are", in_="#general")
        assert sandbox.journal.illegal() != []


def test_response_url_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slackdesk.sandbox.responses.LIFETIME_SECONDS", 0.0)
    with over_http() as (sandbox, _):
        sandbox.person("ayu").slash("/ticket x", in_="#general")
        url = sandbox.journal.deliveries("slash_commands")[-1].payload["response_url"]
        assert post(url, b'{"text": "too late"}') == (404, "expired_url")


def test_response_url_meets_faults() -> None:
    with over_http() as (sandbox, _):
        ayu = sandbox.person("ayu")
        ayu.slash("/ticket x", in_="#general")
        url = sandbox.journal.deliveries("slash_commands")[-1].payload["response_url"]
        lost = sandbox.faults.inject("response_url", faults.http_500())
        assert post(url, b'{"text": "lost"}')[0] == 500
        sandbox.faults.inject("response_url", faults.http_500(applied=True))
        assert post(url, b'{"text": "kept"}')[0] == 500
        assert lost.fired == 1
        ayu.sees_not("lost", in_="#general")
        ayu.sees("kept", in_="#general")
