"""The process at Slack's edge: Socket Mode with an app token, else signed HTTP."""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Iterator

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient

from slackdesk import bootstrap
from slackdesk.bootstrap import EDGE_THREADS
from slackdesk.errors import ConfigurationError, Unavailable
from slackdesk.policy.directory import TOKEN_ERRORS
from slackdesk.settings import Settings
from slackdesk.slack.socket import SocketFront
from slackdesk.stopping import Stop

log = logging.getLogger(__name__)

RECEIVE_BUFFER_BYTES = 65_536
"""Read from the socket at once; the SDK's default of 1 KiB takes many reads for one form."""
PING_SECONDS = 2.0
"""A broken socket is noticed at the next ping; one that was not answered for four of these is given up, too."""
DISCONNECTED_SECONDS = 60.0
"""A socket that has been away for this long is not coming back by itself: the process ends and is started again.

Source: reports of clients that stay disconnected after a network change (slackapi/bolt-python issue 1529).
"""


def run_app(settings: Settings, *, port: int) -> None:
    """Serve until SIGTERM: Socket Mode when ``SLACK_APP_TOKEN`` is set, else HTTP on ``port``.

    Raises ConfigurationError when a token is wrong, Unavailable when Slack does not answer.
    """
    if settings.slack_app_token is not None:
        _run_socket_mode(settings, settings.slack_app_token.get_secret_value())
    else:
        _run_http(settings, port)


def require_transport(settings: Settings, port: int) -> None:
    """Raise ConfigurationError unless there are a bot token and a way in which Slack can deliver.

    A Slack that does not answer is no error here: a desk has to start at night, too.
    """
    bootstrap.bot_token(settings)
    if settings.health_port is not None:
        _require_free("--health-port", settings.health_host, settings.health_port)
    if settings.slack_app_token is not None:
        client = bootstrap.slack_client(settings, int(settings.slack_timeout_seconds) or 1)
        with contextlib.suppress(Unavailable), _refusals_are_told():
            client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    elif settings.slack_signing_secret is not None:
        _require_free("--port", "0.0.0.0", port)
        if settings.health_port == port:
            raise ConfigurationError("--health-port", port, "Slack delivers on this port; name another one")
    else:
        raise ConfigurationError(
            "SLACK_APP_TOKEN", None, "set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP"
        )


def _require_free(option: str, host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(option, port, f"{error.strerror}; name another port") from None


@contextlib.contextmanager
def _refusals_are_told() -> Iterator[None]:
    """Raises what run_app raises for what Slack says to ``apps.connections.open``."""
    try:
        yield
    except SlackApiError as error:
        code = str(error.response.get("error", error.response.status_code))
        if code not in TOKEN_ERRORS | {"missing_scope"}:
            raise Unavailable(f"Slack opens no connection: {code}") from None
        remedy = f"Slack answers {code}; write an app-level token of the app with the scope connections:write"
        raise ConfigurationError("SLACK_APP_TOKEN", "xapp-…", remedy) from None
    except (OSError, ValueError) as error:  # ValueError: an answer that is no text
        raise Unavailable(f"Slack cannot be reached: {error}") from None


def _run_socket_mode(settings: Settings, app_token: str) -> None:
    stop = Stop()
    stop.on_signals()
    plugins = bootstrap.open_plugins(settings)
    desk = bootstrap.open_desk(settings, plugins)
    app, health = bootstrap.build_edge(settings, desk, plugins)
    handler = SocketFront(
        app, app_token, concurrency=EDGE_THREADS, receive_buffer_size=RECEIVE_BUFFER_BYTES, ping_interval=PING_SECONDS
    )
    with bootstrap.watched(settings, desk, health):
        with _refusals_are_told():
            handler.connect()  # type: ignore[no-untyped-call]
        log.info("connected over Socket Mode")
        last_connected = time.monotonic()
        while not stop.wait(0.5):
            _give_up_broken_socket(handler.client)
            if handler.client.is_connected():
                last_connected = time.monotonic()
            elif time.monotonic() - last_connected > DISCONNECTED_SECONDS:
                log.error("Socket Mode has been disconnected for %s s; this process ends", DISCONNECTED_SECONDS)
                break
    handler.close()  # type: ignore[no-untyped-call]
    app.listener_runner.listener_executor.shutdown(wait=True)
    desk.database.close()


def _give_up_broken_socket(client: SocketModeClient) -> None:
    """Let the SDK open another socket at its next ping, as soon as one ping could not be sent.

    By itself it sends five into a broken socket: until then nothing arrives, and nobody is told.
    """
    session = client.current_session
    if session is not None and session.is_active() and session.consecutive_check_state_error_count > 0:
        log.warning("the socket to Slack is broken; another one is opened")
        client.disconnect()


def _run_http(settings: Settings, port: int) -> None:
    # The server starts its own process, which reads the settings anew: tell it what was decided since.
    os.environ["REDIS_URL"] = bootstrap.redis_url(settings)
    if settings.health_port is not None:
        os.environ["SLACKDESK_HEALTH_PORT"] = str(settings.health_port)
    serve("slackdesk.bootstrap:rsgi", port, Interfaces.RSGI)


def serve(factory: str, port: int, interface: Interfaces) -> None:
    """Serve what the factory (``module:function``) builds in the server's own process, until SIGTERM."""
    Server(
        factory,
        factory=True,
        address="0.0.0.0",
        port=port,
        interface=interface,
        workers=1,
        blocking_threads=EDGE_THREADS if interface is Interfaces.WSGI else None,
        log_level=LogLevels.error,
        workers_kill_timeout=10,
    ).serve()
