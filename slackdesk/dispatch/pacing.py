"""Pacing: how often Slack is called, for all processes together, by one call in Redis that reserves a slot.

Nobody sleeps for a slot: the row becomes due then. Redis away means no pacing; Slack's 429 then corrects it, and its
Retry-After holds the method for all processes. ``rate_scale`` multiplies Slack's pace; no limit is ever switched off.
"""

from slackdesk.dispatch.redis_access import BriefRedis

CHANNEL_INTERVAL_SECONDS = 1.0
"""One post a second in a channel. Source: Slack, rate limits of chat.postMessage."""

POST_MESSAGE_PER_MINUTE = 300
"""In the whole workspace; Slack says "several hundred"."""

TIER_2_PER_MINUTE, TIER_3_PER_MINUTE, TIER_4_PER_MINUTE = 20, 50, 100

CALLS_PER_MINUTE = {
    "chat.postMessage": POST_MESSAGE_PER_MINUTE,
    "chat.postEphemeral": TIER_4_PER_MINUTE,
    "chat.update": TIER_3_PER_MINUTE,
    "chat.delete": TIER_3_PER_MINUTE,
    "conversations.open": TIER_3_PER_MINUTE,
    "reactions.add": TIER_3_PER_MINUTE,
    "reactions.remove": TIER_2_PER_MINUTE,
    "views.publish": TIER_4_PER_MINUTE,
    "views.update": TIER_4_PER_MINUTE,
    "files.getUploadURLExternal": TIER_4_PER_MINUTE,
    "files.completeUploadExternal": TIER_4_PER_MINUTE,
}
"""Slack's tiers of the methods that are sent; others go at the pace of tier 2."""

UNPACED = "response_url"
"""Limited by its five uses, not by time."""

TRY_SECONDS = 0.25
"""Connecting or one answer may take this long: a busy machine must not look like a Redis that is away."""

BURST_SHARE = 0.1
"""Share of a minute's calls that may be made at once."""

YIELDED_SHARE = 0.5
"""Share of each pace that calls which let others go first take at most, so that others always find a free slot."""

RESERVED, ONLY_NOW = 1, 2
"""What a call asks ``RESERVE`` for, instead of a slot of its own."""

RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local held_until = tonumber(redis.call('GET', KEYS[1]) or '0')
if ARGV[1] == '1' and held_until <= now then return 0 end
local slot = math.max(now, held_until)
local evens = {}
for i = 2, #KEYS do
  local interval, burst = tonumber(ARGV[i * 2 - 2]), tonumber(ARGV[i * 2 - 1])
  local even = tonumber(redis.call('GET', KEYS[i]) or '0')
  slot = math.max(slot, even - (burst - 1) * interval)
  evens[i] = math.max(even, slot) + interval
end
if ARGV[1] == '2' and slot > now then return math.ceil(slot - now) end
for i = 2, #KEYS do
  local interval, burst = tonumber(ARGV[i * 2 - 2]), tonumber(ARGV[i * 2 - 1])
  local kept = math.ceil((evens[i] - now + burst * interval) / 1000) + 1000
  redis.call('SET', KEYS[i], string.format('%.0f', evens[i]), 'PX', kept)
end
return math.ceil(slot - now)
"""
"""KEYS: the hold, then one per limit. ARGV: '1' if a slot is reserved, '2' for a slot now or none, then interval (µs)
and burst of each limit.

The method's slot comes first and the channel's is looked for from there on: a queue in one channel then takes nothing
from the workspace's pace beyond its own calls.
"""

HOLD = """
local time = redis.call('TIME')
local until_ = time[1] * 1000000 + time[2] + ARGV[1] * 1000000
if until_ > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%.0f', until_), 'PX', math.ceil(ARGV[1] * 1000))
end
"""


class Pacing:
    """Slots for calls to Slack. Never raises for Redis."""

    def __init__(self, redis_url: str, rate_scale: float = 1.0) -> None:
        if not rate_scale > 0:
            raise ValueError(f"rate_scale is {rate_scale}; it multiplies Slack's pace and must be above 0")
        self.rate_scale = rate_scale
        self.redis = BriefRedis(redis_url, "pacing", TRY_SECONDS)
        self._reserve = self.redis.client.register_script(RESERVE)
        self._hold = self.redis.client.register_script(HOLD)

    def reserve(self, method: str, channel: str | None, *, reserved: bool, yields: bool = False) -> float:
        """Seconds until the call may be made, 0 for now; a wait above 0 is reserved for the caller.

        With ``reserved``, an earlier reservation has come due: it counts, unless the method is held. A call that
        ``yields`` queues among its like, at a share of the pace, and when its turn has come it takes a slot that is
        free at that moment: it never stands before a call that does not yield.
        """
        if method == UNPACED:
            return 0.0
        if not yields:
            return self._ask(method, channel, RESERVED if reserved else 0)
        if not reserved and (wait_seconds := self._ask(method, channel, 0, ":yielding", YIELDED_SHARE)) > 0:
            return wait_seconds
        return self._ask(method, channel, ONLY_NOW)

    def _ask(self, method: str, channel: str | None, how: int, queue: str = "", share: float = 1.0) -> float:
        per_minute = CALLS_PER_MINUTE.get(method, TIER_2_PER_MINUTE)
        burst = max(1, round(per_minute * BURST_SHARE * share))
        limits = [(f"slackdesk:pace:{method}{queue}", 60.0 / per_minute, burst)]
        if method == "chat.postMessage" and channel:
            limits.append((f"slackdesk:pace:{method}:{channel}{queue}", CHANNEL_INTERVAL_SECONDS, 1))
        keys = [_hold_key(method), *(key for key, _, _ in limits)]
        arguments: list[int | float] = [how]
        for _, interval_seconds, most in limits:
            arguments += [interval_seconds * 1_000_000 / self.rate_scale / share, most]
        wait_microseconds = self.redis.attempt(lambda: self._reserve(keys=keys, args=arguments))
        return int(wait_microseconds or 0) / 1_000_000

    def hold(self, method: str, retry_after_seconds: float) -> None:
        """After a 429: nobody calls the method for that long. Retry-After is never scaled."""
        self.redis.attempt(lambda: self._hold(keys=[_hold_key(method)], args=[retry_after_seconds]))


def _hold_key(method: str) -> str:
    return f"slackdesk:hold:{method}"
