"""Calls of Slack are counted in Redis, for all processes together, and never in the way."""

import time
from typing import Any

from redis import Redis

from slackdesk.dispatch.counting import OTHER, CallCounters, read_calls
from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.pacing import Pacing
from slackdesk.dispatch.redis_access import BriefRedis
from slackdesk.dispatch.runners import OutcomeKind
from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.faults import http_500


def counters(url: str) -> CallCounters:
    return CallCounters(BriefRedis(url, "counting", 0.25))


def test_counts_of_all_processes_come_together(redis_url: str) -> None:
    for seconds in (0.05, 0.1, 0.3):
        counters(redis_url).count("chat.postMessage", OutcomeKind.OK, seconds)
    counters(redis_url).count("chat.postMessage", OutcomeKind.AMBIGUOUS, 10.5)
    counters(redis_url).count("response_url", OutcomeKind.DEFINITE, 0.2)
    with Redis.from_url(redis_url) as redis:
        found = read_calls(redis)
    assert set(found) == {"chat.postMessage", "response_url"}
    posts = found["chat.postMessage"]
    assert posts.outcomes == {"ok": 3, "ambiguous": 1}
    assert posts.within == {"0.1": 2, "0.5": 1, "+Inf": 1}
    assert round(posts.seconds, 6) == 10.95


def test_methods_that_nobody_foresaw_are_one_label(redis_url: str) -> None:
    for method in ("csat.one", "csat.two", "a method with spaces"):
        counters(redis_url).count(method, OutcomeKind.OK, 0.1)
    with Redis.from_url(redis_url) as redis:
        assert {method: one.outcomes for method, one in read_calls(redis).items()} == {OTHER: {"ok": 3}}


def test_redis_that_lost_its_data_begins_at_zero(redis_url: str) -> None:
    counters(redis_url).count("chat.update", OutcomeKind.OK, 0.1)
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
        assert dict(read_calls(redis)) == {}
        counters(redis_url).count("chat.update", OutcomeKind.OK, 0.1)
        assert read_calls(redis)["chat.update"].outcomes == {"ok": 1}


def test_redis_that_is_away_is_not_in_the_way(unused_port: int) -> None:
    counting = counters(f"redis://127.0.0.1:{unused_port}/0")
    started = time.monotonic()
    for _ in range(1000):
        counting.count("chat.update", OutcomeKind.OK, 0.1)
    assert time.monotonic() - started < 60, "a thousand times a quarter of a second would be four minutes"


def test_every_send_is_counted_with_its_outcome(
    desk: Any, executor: Executor, slack: Sandbox, channel: str, redis_url: str
) -> None:
    slack.faults.inject("chat.postMessage", http_500(applied=True), times=1)
    for text in ("first", "second"):
        executor.run([desk.add(payload={"channel": channel, "text": text})])
    with Redis.from_url(redis_url) as redis:
        posts = read_calls(redis)["chat.postMessage"]
    assert posts.outcomes == {"ambiguous": 1, "ok": 1}
    assert sum(posts.within.values()) == 2
    assert posts.seconds > 0


def test_a_send_leaves_without_redis(
    desk: Any, executor: Executor, channel: str, texts_in: Any, unused_port: int
) -> None:
    pacing = Pacing(f"redis://127.0.0.1:{unused_port}/0", 1000)
    alone = Executor(desk=desk, runners=executor.runners, pacing=pacing, settings=executor.settings, queue="now")
    alone.run([desk.add(payload={"channel": channel, "text": "all the same"})])
    assert texts_in(channel) == ["all the same"]
