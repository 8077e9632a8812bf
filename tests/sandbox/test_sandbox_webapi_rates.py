"""Slack's pace: the arithmetic of the limits, and what an app meets over HTTP."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.api import METHODS
from slackdesk.sandbox.rates import POST_BURST_PER_CHANNEL, TIERS, RateLimits, Tier


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def granted_at_once(limits: RateLimits, method: str, channel: str = "") -> int:
    granted = 0
    while limits.check(method, channel).retry_after_seconds is None:
        granted += 1
    return granted


def test_every_method_has_a_tier() -> None:
    assert METHODS.keys() <= TIERS.keys()


def test_a_tier_is_its_calls_per_minute_after_the_burst() -> None:
    clock = Clock()
    limits = RateLimits(clock=clock)
    assert granted_at_once(limits, "users.info") == Tier.T4.burst
    clock.now += 60
    assert granted_at_once(limits, "users.info") == Tier.T4.burst
    granted = 0
    for _ in range(600):
        clock.now += 0.1
        granted += limits.check("users.info").retry_after_seconds is None
    # A refusal holds the method for the whole second that was answered, so a caller who does not wait gets less.
    assert granted <= Tier.T4


def test_posts_are_paced_per_channel_and_channels_do_not_hinder_each_other() -> None:
    clock = Clock()
    limits = RateLimits(clock=clock)
    assert granted_at_once(limits, "chat.postMessage", "C1") == POST_BURST_PER_CHANNEL
    assert granted_at_once(limits, "chat.postMessage", "C2") == POST_BURST_PER_CHANNEL
    for _ in range(30):
        clock.now += 1.0
        assert limits.check("chat.postMessage", "C1").retry_after_seconds is None
    assert limits.check("chat.postMessage", "C1").retry_after_seconds == 1


def test_posts_are_limited_for_the_workspace_too() -> None:
    limits = RateLimits(clock=Clock())
    granted = sum(limits.check("chat.postMessage", f"C{n}").retry_after_seconds is None for n in range(200))
    assert granted == Tier.POST_MESSAGE.burst


def test_a_call_inside_retry_after_is_refused_and_marked() -> None:
    clock = Clock()
    limits = RateLimits(clock=clock)
    limits.hold("chat.update", 7)
    inside = limits.check("chat.update")
    assert (inside.retry_after_seconds, inside.inside_retry_after) == (7, True)
    assert limits.check("chat.delete").retry_after_seconds is None
    clock.now += 7
    after = limits.check("chat.update")
    assert (after.retry_after_seconds, after.inside_retry_after) == (None, False)


@given(
    scale=st.floats(0.1, 50),
    pauses=st.lists(st.floats(0, 5), min_size=1, max_size=60),
    method=st.sampled_from(["chat.postMessage", "chat.update", "users.list", "apps.connections.open"]),
)
def test_whoever_waits_as_told_is_let_through(scale: float, pauses: list[float], method: str) -> None:
    clock = Clock()
    limits = RateLimits(scale, clock)
    granted = 0
    for pause in pauses:
        clock.now += pause
        verdict = limits.check(method, "C1")
        assert not verdict.inside_retry_after
        if verdict.retry_after_seconds is not None:
            assert verdict.retry_after_seconds >= 1
            clock.now += verdict.retry_after_seconds
            assert limits.check(method, "C1").retry_after_seconds is None
        granted += 1
    per_minute = TIERS[method] * scale
    elapsed_minutes = (clock.now - 1000) / 60
    assert granted <= math.ceil(per_minute * elapsed_minutes) + TIERS[method].burst


def test_a_scale_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="rate_scale is 0"):
        RateLimits(0)


def test_429_over_http_names_the_wait_and_spares_other_channels() -> None:
    with Sandbox() as sandbox:
        client = WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        help_it = sandbox.workspace.channel_by_name("help-it").id
        tier = sandbox.workspace.channel_by_name("it-l1").id
        with pytest.raises(SlackApiError) as caught:  # noqa: PT012  the burst's length is not the point
            for number in range(10):
                client.chat_postMessage(channel=help_it, text=f"{number}")
        response = caught.value.response
        assert (response.status_code, response["error"]) == (429, "ratelimited")
        assert response.headers["Retry-After"] == "1"
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel="#help-it", text="by name, the same channel")
        assert client.chat_postMessage(channel=tier, text="elsewhere")["ok"]
        refused = [call for call in sandbox.journal.calls("chat.postMessage") if call.http_status == 429]
        assert [call.applied for call in refused] == [False, False]
        assert sandbox.journal.inside_retry_after() == refused[1:]
