"""Redis for whom it must never be in the way: one short try, and after a failure none for a while."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0
"""After a failure, no other try for this long."""

Answer = TypeVar("Answer")


def connect(url: str, timeout_seconds: float) -> "Redis":
    """A client that gives up after one try. Connects when first used, anew in each process."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


class BriefRedis:
    """A Redis server that may be away: ``attempt`` answers None then, at once for a while after a failure."""

    def __init__(self, url: str, purpose: str, try_seconds: float) -> None:
        self.client = connect(url, try_seconds)
        self._purpose = purpose
        self._silent_until = 0.0

    def attempt(self, action: Callable[[], Answer]) -> Answer | None:
        """The action's answer; None when Redis is away, or was a moment ago."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            return action()
        except (RedisError, OSError) as error:
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            log.warning("Redis is away, %s goes without it for %s s: %s", self._purpose, PAUSE_SECONDS, error)
            return None
