"""How often Slack was called for work rows, with what outcome, and how long it took: counted in Redis.

Workers fork for each job, so what a process counts is gone with it. These counters are for graphs, nothing depends on
them: Redis away counts nothing, Redis lost begins at 0 again, and neither delays or fails a send.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis

from slackdesk.dispatch.pacing import CALLS_PER_MINUTE, UNPACED
from slackdesk.dispatch.redis_access import BriefRedis
from slackdesk.dispatch.runners import OutcomeKind

CALLS_KEY = "slackdesk:calls"
"""A hash of counters: ``calls method outcome``, ``within method seconds`` and ``microseconds method``."""

SECONDS_LIMITS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper limits of the buckets; Slack answers in some tenths of a second, and is given up after ten."""

OTHER = "other"
"""Stands for a method that the desk is not known to send by: a few counters, whatever plugins do."""

KNOWN_METHODS = frozenset({*CALLS_PER_MINUTE, UNPACED})


@dataclass
class Calls:
    """What was counted of one method."""

    outcomes: dict[str, int] = field(default_factory=dict)
    """Outcome → calls."""
    within: dict[str, int] = field(default_factory=dict)
    """Limit in seconds, or ``+Inf`` → calls that took no longer, but longer than the limit before."""
    seconds: float = 0.0
    """All of them together."""


class CallCounters:
    """Counts calls; ``redis`` is shared with pacing. Never raises for Redis."""

    def __init__(self, redis: BriefRedis) -> None:
        self._redis = redis

    def count(self, method: str, outcome: OutcomeKind, seconds: float) -> None:
        """Count one call."""
        method = method if method in KNOWN_METHODS else OTHER
        limit = next((str(limit) for limit in SECONDS_LIMITS if seconds <= limit), "+Inf")

        def increase() -> None:
            with self._redis.client.pipeline() as pipeline:
                pipeline.hincrby(CALLS_KEY, f"calls {method} {outcome}", 1)
                pipeline.hincrby(CALLS_KEY, f"within {method} {limit}", 1)
                pipeline.hincrby(CALLS_KEY, f"microseconds {method}", round(seconds * 1_000_000))
                pipeline.execute()

        self._redis.attempt(increase)


def read_calls(redis: "Redis") -> Mapping[str, Calls]:
    """Method → what was counted since Redis has its data. Raises RedisError, OSError."""
    calls: dict[str, Calls] = defaultdict(Calls)
    for name, value in redis.hgetall(CALLS_KEY).items():
        match (name if isinstance(name, str) else name.decode()).split():
            case ["calls", method, outcome]:
                calls[method].outcomes[outcome] = int(value)
            case ["within", method, limit]:
                calls[method].within[limit] = int(value)
            case ["microseconds", method]:
                calls[method].seconds = int(value) / 1_000_000
    return calls
