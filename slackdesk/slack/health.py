"""``/healthz``: whether this machine's edge can do its work."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from redis import Redis, RedisError
from sqlalchemy import func, select

from slackdesk.dispatch import blockages
from slackdesk.dispatch.model import WAITING, Heartbeat, Work, states_sql
from slackdesk.dispatch.redis_access import connect
from slackdesk.errors import Unavailable
from slackdesk.tickets.transaction import Desk

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEALTH_PATH = "/healthz"
BEAT_SILENT = timedelta(seconds=60)
"""A beat that said nothing for this long is not running."""
REDIS_TIMEOUT_SECONDS = 0.5


def with_health(app: "WSGIApplication", desk: Desk, redis_url: str) -> "WSGIApplication":
    """The application, with ``/healthz`` in front: 200 when the database can be written, 503 otherwise, as JSON."""
    redis = connect(redis_url, REDIS_TIMEOUT_SECONDS)

    def front(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != HEALTH_PATH:
            return app(environ, start_response)
        state = health(desk, redis)
        status = "200 OK" if state["database"] == "ok" else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(state).encode()]

    return front


def health(desk: Desk, redis: "Redis") -> dict[str, object]:
    """Database, Redis, beat, how long the oldest due work has waited, in seconds, and where Slack lets nothing pass."""
    try:
        redis_state = "ok" if redis.ping() else "away"
    except (RedisError, OSError) as error:
        redis_state = f"away: {error}"
    try:
        with desk.database.begin() as session:
            now = desk.clock.now(session)
            beat_at = session.execute(select(func.max(Heartbeat.beat_at)).where(Heartbeat.kind == "beat")).scalar()
            due = states_sql(WAITING), Work.due_at <= now.desk, Work.not_before <= now.real
            oldest = session.execute(select(func.min(Work.not_before)).where(*due)).scalar()
            blocked = {place: blockage.error for place, blockage in blockages.standing(session).items()}
    except Unavailable as away:
        return {"database": f"away: {away}", "redis": redis_state}
    return {
        "database": "ok",
        "redis": redis_state,
        "beat": "ok" if beat_at is not None and now.real - beat_at < BEAT_SILENT else "not running",
        "oldest_due_work_seconds": round((now.real - oldest).total_seconds(), 1) if oldest is not None else 0.0,
        "blocked": blocked,
    }
