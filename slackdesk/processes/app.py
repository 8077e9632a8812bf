"""The process at Slack's edge: Socket Mode with an app token, else signed HTTP."""

import logging
import os
import signal
import threading
import time

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from slack_bolt.adapter.socket_mode import SocketModeHandler

from slackdesk import bootstrap
from slackdesk.errors import ConfigurationError
from slackdesk.settings import Settings

log = logging.getLogger(__name__)

EDGE_THREADS = 16
"""Threads that receive deliveries; each holds one database connection while it works."""
RECEIVE_BUFFER_BYTES = 65_536
"""Read from the socket at once; the SDK's default of 1 KiB takes many reads for one form."""
DISCONNECTED_SECONDS = 60.0
"""A socket that has been away for this long is not coming back by itself: the process ends and is started again.

Source: reports of clients that stay disconnected after a network change (slackapi/bolt-python issue 1529).
"""


def run_app(settings: Settings, *, port: int) -> None:
    """Serve until SIGTERM: Socket Mode when ``SLACK_APP_TOKEN`` is set, else HTTP on ``port``.

    Raises ConfigurationError when a token is missing.
    """
    require_transport(settings)
    if settings.slack_app_token is not None:
        _run_socket_mode(settings, settings.slack_app_token.get_secret_value())
    else:
        _run_http(settings, port)


def require_transport(settings: Settings) -> None:
    """Raise ConfigurationError unless there is a bot token and a way in which Slack can deliver."""
    if settings.slack_bot_token is None:
        raise ConfigurationError("SLACK_BOT_TOKEN", None, "set the bot token (xoxb-…) of the installed app")
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise ConfigurationError(
            "SLACK_APP_TOKEN", None, "set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP"
        )


def _run_socket_mode(settings: Settings, app_token: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    desk = bootstrap.open_desk(settings)
    app = bootstrap.build_app(settings, desk)
    handler = SocketModeHandler(
        app, app_token, concurrency=EDGE_THREADS, receive_buffer_size=RECEIVE_BUFFER_BYTES, ping_interval=5
    )
    handler.connect()  # type: ignore[no-untyped-call]
    log.info("connected over Socket Mode")
    last_connected = time.monotonic()
    with bootstrap.heartbeat(desk, "app"):
        while not stop.wait(0.5):
            if handler.client.is_connected():
                last_connected = time.monotonic()
            elif time.monotonic() - last_connected > DISCONNECTED_SECONDS:
                log.error("Socket Mode has been disconnected for %s s; this process ends", DISCONNECTED_SECONDS)
                break
    handler.close()  # type: ignore[no-untyped-call]
    app.listener_runner.listener_executor.shutdown(wait=True)
    desk.database.close()


def _run_http(settings: Settings, port: int) -> None:
    # The server starts its own process, which reads the settings anew: tell it which Redis server this desk uses.
    os.environ["REDIS_URL"] = bootstrap.redis_url(settings)
    Server(
        "slackdesk.bootstrap:wsgi",
        factory=True,
        address="0.0.0.0",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=EDGE_THREADS,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    ).serve()
