"""``/healthz``: whether this machine's edge can do its work. ``/metrics``: figures for Prometheus."""

import json
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from importlib.metadata import version
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from redis import Redis, RedisError

from slackdesk.dispatch import blockages
from slackdesk.dispatch.condition import look
from slackdesk.dispatch.redis_access import connect
from slackdesk.errors import Unavailable
from slackdesk.slack.metrics import CallCollector, DeskCollector, exposition
from slackdesk.tickets.transaction import Desk

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

HEALTH_PATH, METRICS_PATH = "/healthz", "/metrics"
SAID_TO_THE_WORLD = ("database", "redis", "beat")
"""Of these the state alone: what servers say of themselves names machines and accounts."""
REDIS_TIMEOUT_SECONDS = 0.5
REQUEST_SECONDS = 10
"""Whoever has not asked by then is not answered any more."""


class Health:
    """Looks at database and Redis. ``collectors`` add to what SQL and Redis say in ``/metrics``."""

    def __init__(self, desk: Desk, redis_url: str, collectors: Sequence[Collector] = ()) -> None:
        self.desk = desk
        self.redis = connect(redis_url, REDIS_TIMEOUT_SECONDS)
        self.collectors = (DeskCollector(desk), CallCollector(self.redis), *collectors)

    def in_front_of(self, app: "WSGIApplication") -> "WSGIApplication":
        """The application, with ``/healthz`` in front. Not ``/metrics``: this door is open to the world."""

        def front(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if environ.get("PATH_INFO") == HEALTH_PATH:
                return self._healthz(start_response, is_for_the_world=True)
            return app(environ, start_response)

        return front

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The application of the health port: ``/healthz`` and ``/metrics``."""
        path = environ.get("PATH_INFO")
        if path == HEALTH_PATH:
            return self._healthz(start_response)
        if path == METRICS_PATH:
            return _answer(start_response, HTTPStatus.OK, CONTENT_TYPE_LATEST, exposition(self.collectors))
        text = f"Here are {HEALTH_PATH} and {METRICS_PATH}.\n".encode()
        return _answer(start_response, HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", text)

    def _healthz(self, start_response: "StartResponse", *, is_for_the_world: bool = False) -> Iterable[bytes]:
        """200 when the database can be written, 503 otherwise, as JSON."""
        state = health(self.desk, self.redis)
        status = HTTPStatus.OK if state["database"] == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
        if is_for_the_world:
            state = {key: str(state[key]).partition(":")[0] for key in SAID_TO_THE_WORLD if key in state}
        return _answer(start_response, status, "application/json", json.dumps(state).encode())


def health(desk: Desk, redis: "Redis") -> dict[str, object]:
    """Version, database, Redis, beat, living processes, and what keeps work waiting.

    ``oldest_due_work_seconds`` is how long the oldest due work has waited, ``blocked`` says where Slack lets nothing
    pass, and its word for it.
    """
    running = version("slackdesk")
    try:
        redis_state = "ok" if redis.ping() else "away"
    except (RedisError, OSError) as error:
        redis_state = f"away: {error}"
    try:
        with desk.database.begin() as session:
            condition = look(session, desk.clock.now(session))
            blocked = {place: blockage.error for place, blockage in blockages.standing(session).items()}
    except Unavailable as away:
        return {"version": running, "database": f"away: {away}", "redis": redis_state}
    return {
        "version": running,
        "database": "ok",
        "redis": redis_state,
        "beat": "ok" if condition.beat_is_running else "not running",
        "processes": dict(condition.processes),
        "oldest_due_work_seconds": round(condition.oldest_due_seconds, 1),
        "blocked": blocked,
    }


@contextmanager
def serving(app: "WSGIApplication", host: str, port: int | None) -> Iterator[None]:
    """While in the block, serve the application there, in threads of its own; without a port, nothing.

    A port that is taken is an error in the log: the desk does its work without being watched.
    """
    if port is None:
        yield
        return
    try:
        server = make_server(host, port, app, _ThreadingServer, _Handler)
    except OSError as error:
        logger.error("--health-port %s on %s: %s; nobody can look at this process", port, host, error.strerror)
        yield
        return
    with server:
        threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
        logger.info("%s and %s on %s, port %s", HEALTH_PATH, METRICS_PATH, host, port)
        try:
            yield
        finally:
            server.shutdown()


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_SECONDS

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: somebody asks every few seconds."""


def _answer(start_response: "StartResponse", status: HTTPStatus, content_type: str, body: bytes) -> Iterable[bytes]:
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
