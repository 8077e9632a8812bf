"""A simulated workspace: driven by the real SDK alone, or with a real Bolt app connected in either of the two ways."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from socketserver import ThreadingMixIn
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.sandbox import Sandbox

SLACK_VARIABLES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
)


class ConnectBolt(Protocol):
    def __call__(self, listeners: Callable[[App], None], transport: str = "socket", **sandbox: Any) -> Sandbox:
        """A running workspace with a running app that has these listeners; `sandbox` are arguments of `Sandbox`."""


@pytest.fixture(scope="module")
def connect_bolt() -> Iterator[ConnectBolt]:
    with ExitStack() as stack, pytest.MonkeyPatch.context() as environment:
        for name in SLACK_VARIABLES:  # Bolt reads them unasked
            environment.delenv(name, raising=False)

        def connect(listeners: Callable[[App], None], transport: str = "socket", **arguments: Any) -> Sandbox:
            sandbox = stack.enter_context(Sandbox(**arguments))
            stack.enter_context(bolt_app(sandbox, listeners, transport))
            return sandbox

        yield connect


@contextmanager
def bolt_app(sandbox: Sandbox, listeners: Callable[[App], None], transport: str) -> Iterator[App]:
    client = WebClient(sandbox.bot_token, base_url=sandbox.api_url)
    with ThreadPoolExecutor(5) as pool:
        app = App(
            client=client,
            signing_secret=sandbox.signing_secret,
            process_before_response=True,
            listener_executor=pool,
        )
        listeners(app)
        with socket_mode(app, sandbox) if transport == "socket" else signed_http(app, sandbox):
            yield app
            # An app that leaves with an ack in its hands logs an error of its own.
            sandbox.delivery.wait_until_answered()


@contextmanager
def socket_mode(app: App, sandbox: Sandbox) -> Iterator[None]:
    handler = SocketModeHandler(app, sandbox.app_token)
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        close_at_once(handler)


def close_at_once(handler: SocketModeHandler) -> None:
    """The client's receive loop looks up only every few seconds, unless its connection ends; then it forgets it."""
    handler.client.auto_reconnect_enabled = False
    connection = handler.client.current_session.sock if handler.client.current_session is not None else None
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    handler.close()  # type: ignore[no-untyped-call]
    if connection is not None:
        connection.close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Requests are in the workspace's journal."""


@contextmanager
def signed_http(app: App, sandbox: Sandbox) -> Iterator[None]:
    with make_server("127.0.0.1", 0, SlackRequestHandler(app), _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        sandbox.deliver_over_http(f"http://127.0.0.1:{server.server_port}/slack/events")
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class Refused(Protocol):
    def __call__(self, call: Callable[[], object]) -> dict[str, Any]:
        """What Slack answers to a call that it must refuse."""


@pytest.fixture(scope="module")
def web_sandbox() -> Iterator[Sandbox]:
    """A workspace without an app, so fast that no ordinary test meets a limit."""
    with Sandbox(rate_scale=100_000) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def client(web_sandbox: Sandbox) -> WebClient:
    return WebClient(web_sandbox.bot_token, base_url=web_sandbox.api_url, retry_handlers=[], timeout=10)


@pytest.fixture(scope="module")
def help_it(web_sandbox: Sandbox) -> str:
    """The id of a public channel that the app is a member of."""
    return web_sandbox.workspace.channel_by_name("help-it").id


@pytest.fixture(scope="session")
def refused() -> Refused:
    def refusal(call: Callable[[], object]) -> dict[str, Any]:
        with pytest.raises(SlackApiError) as caught:
            call()
        answer: dict[str, Any] = caught.value.response.data
        assert answer["ok"] is False
        return answer

    return refusal
