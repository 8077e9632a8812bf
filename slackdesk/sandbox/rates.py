"""How often a method may be called: Slack's tiers, per workspace and app, and one post a second per channel."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum


class Tier(IntEnum):
    """Calls per minute that Slack grants at least."""

    T1 = 1
    T2 = 20
    T3 = 50
    T4 = 100
    SPECIAL = 600
    """Methods for which Slack publishes no figure but allows hundreds a minute."""
    POST_MESSAGE = 300
    """Several hundred a minute for the workspace, beside the limit per channel."""

    @property
    def burst(self) -> int:
        """Calls that are let through at once; Slack tolerates some but publishes no figure."""
        return max(10, self // 5)


POSTS_PER_CHANNEL_PER_SECOND = 1.0
POST_BURST_PER_CHANNEL = 3

TIERS: dict[str, Tier] = {
    "api.test": Tier.T4,
    "apps.connections.open": Tier.T1,
    "auth.test": Tier.SPECIAL,
    "blocks.validate": Tier.SPECIAL,
    "bookmarks.add": Tier.T2,
    "bookmarks.edit": Tier.T2,
    "bookmarks.list": Tier.T3,
    "bookmarks.remove": Tier.T2,
    "bots.info": Tier.T3,
    "chat.delete": Tier.T3,
    "chat.deleteScheduledMessage": Tier.T3,
    "chat.getPermalink": Tier.SPECIAL,
    "chat.postEphemeral": Tier.T4,
    "chat.postMessage": Tier.POST_MESSAGE,
    "chat.scheduleMessage": Tier.T3,
    "chat.scheduledMessages.list": Tier.T3,
    "chat.update": Tier.T3,
    "conversations.archive": Tier.T2,
    "conversations.create": Tier.T2,
    "conversations.history": Tier.T3,
    "conversations.info": Tier.T3,
    "conversations.invite": Tier.T3,
    "conversations.join": Tier.T3,
    "conversations.kick": Tier.T3,
    "conversations.leave": Tier.T3,
    "conversations.list": Tier.T2,
    "conversations.members": Tier.T4,
    "conversations.open": Tier.T3,
    "conversations.replies": Tier.T3,
    "conversations.setPurpose": Tier.T2,
    "conversations.setTopic": Tier.T2,
    "conversations.unarchive": Tier.T2,
    "files.completeUploadExternal": Tier.T4,
    "files.delete": Tier.T3,
    "files.getUploadURLExternal": Tier.T4,
    "files.info": Tier.T4,
    "pins.add": Tier.T2,
    "pins.list": Tier.T2,
    "pins.remove": Tier.T2,
    "reactions.add": Tier.T3,
    "reactions.get": Tier.T3,
    "reactions.remove": Tier.T2,
    "team.info": Tier.T3,
    "usergroups.list": Tier.T2,
    "usergroups.users.list": Tier.T2,
    "users.conversations": Tier.T2,
    "users.info": Tier.T4,
    "users.list": Tier.T2,
    "users.lookupByEmail": Tier.T3,
    "users.profile.get": Tier.T4,
    "views.open": Tier.T4,
    "views.publish": Tier.T4,
    "views.push": Tier.T4,
    "views.update": Tier.T4,
}


@dataclass(frozen=True)
class Verdict:
    retry_after_seconds: int | None
    """None where the call may go on."""
    inside_retry_after: bool
    """Whether an earlier 429 had asked the app to wait until later than now."""


class _Bucket:
    """Tokens that refill evenly. A refusal holds the bucket for the whole Retry-After that was answered."""

    def __init__(self, per_second: float, burst: float, now: float) -> None:
        self.per_second, self.burst = per_second, burst
        self.tokens, self.refilled_at, self.held_until = burst, now, 0.0

    def wait_seconds(self, now: float) -> float:
        """0 when a call may be made now."""
        self.tokens = min(self.burst, self.tokens + (now - self.refilled_at) * self.per_second)
        self.refilled_at = now
        until_token = max(0.0, (1 - self.tokens) / self.per_second)
        return max(until_token if until_token > 1e-9 else 0.0, self.held_until - now)


class RateLimits:
    """`scale` multiplies Slack's pace; Retry-After stays in honest whole seconds, at least 1."""

    def __init__(self, scale: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        if not scale > 0:
            raise ValueError(f"rate_scale is {scale}; it multiplies Slack's pace and must be above 0")
        self.scale = scale
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def check(self, method: str, channel: str = "") -> Verdict:
        """Count one call of `method`; `channel` matters for `chat.postMessage` only."""
        with self._lock:
            now = self._clock()
            buckets = [self._bucket(method, "", now)]
            if method == "chat.postMessage" and channel:
                buckets.append(self._bucket(method, channel, now))
            inside = any(bucket.held_until > now for bucket in buckets)
            waits = [(bucket.wait_seconds(now), bucket) for bucket in buckets]
            if not any(wait for wait, _ in waits):
                for bucket in buckets:
                    bucket.tokens -= 1
                return Verdict(None, inside)
            wait, exhausted = max(waits, key=lambda pair: pair[0])
            retry_after_seconds = max(1, math.ceil(wait - 1e-6))
            exhausted.held_until = max(exhausted.held_until, now + retry_after_seconds)
            return Verdict(retry_after_seconds, inside)

    def hold(self, method: str, seconds: float) -> None:
        """Refuse `method` for that long, as after a 429 with this Retry-After."""
        with self._lock:
            now = self._clock()
            bucket = self._bucket(method, "", now)
            bucket.held_until = max(bucket.held_until, now + seconds)

    def _bucket(self, method: str, channel: str, now: float) -> _Bucket:
        bucket = self._buckets.get((method, channel))
        if bucket is None:
            bucket = self._buckets[method, channel] = self._new_bucket(method, channel, now)
        return bucket

    def _new_bucket(self, method: str, channel: str, now: float) -> _Bucket:
        if channel:
            return _Bucket(POSTS_PER_CHANNEL_PER_SECOND * self.scale, POST_BURST_PER_CHANNEL, now)
        tier = TIERS.get(method, Tier.T2)
        return _Bucket(tier / 60 * self.scale, tier.burst, now)
