"""HTTP mode: what Slack delivers, signed, and whether this process is well."""

import json
import logging
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from redis import Redis, RedisError
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest

from slackdesk.errors import SlackdeskError
from slackdesk.slack.manifest import EVENTS_PATH
from slackdesk.tickets.transaction import Desk

logger = logging.getLogger(__name__)

HEALTH_PATH = "/healthz"

REDIS_TIMEOUT_SECONDS = 0.2
"""Redis may be away without anything being lost: its health is said, never waited for."""


class _SlackFront(SlackRequestHandler):
    def dispatch(self, request: WsgiHttpRequest) -> BoltResponse:
        """What the app answers; 400 for a body that cannot be read at all, which is before its signature is checked."""
        try:
            read = BoltRequest(body=request.get_body(), query=request.query_string, headers=request.get_headers())
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            logger.info("a request whose body cannot be read: %s", error)
            return BoltResponse(status=400, body={"error": "unreadable body"})
        return self.app.dispatch(read)


def http_front(app: App, desk: Desk, redis_url: str) -> WSGIApplication:
    """``/slack/events`` for Slack; ``/healthz`` answers 200 while the database answers, else 503, and says why."""
    slack = _SlackFront(app, path=EVENTS_PATH)
    redis = Redis.from_url(
        redis_url, socket_timeout=REDIS_TIMEOUT_SECONDS, socket_connect_timeout=REDIS_TIMEOUT_SECONDS
    )

    def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != HEALTH_PATH:
            return slack(environ, start_response)
        health = {"database": _database(desk), "redis": _redis(redis)}
        status = "200 OK" if health["database"] == "ok" else "503 Service Unavailable"
        body = json.dumps(health).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return front


def _database(desk: Desk) -> str:
    try:
        with desk.reading():
            return "ok"
    except SlackdeskError as error:
        return type(error).__name__


def _redis(redis: Redis) -> str:
    try:
        redis.ping()
    except (RedisError, OSError):
        return "away; work waits in the database"
    return "ok"
