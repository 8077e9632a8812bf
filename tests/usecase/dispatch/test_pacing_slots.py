"""Slots for calls to Slack, reserved in a real Redis server."""

import socket
import threading
import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from slackdesk.dispatch.nudge import Nudge
from slackdesk.dispatch.pacing import CALLS_PER_MINUTE, Pacing

POST = "chat.postMessage"
SLACK_WAIT_SECONDS = 0.5
"""How much of a wait may have passed between two calls of a slow test machine."""


def close_to(seconds: float) -> object:
    return pytest.approx(seconds, abs=SLACK_WAIT_SECONDS)


def test_pacing_channel_gets_one_post_a_second(redis_url: str) -> None:
    pacing = Pacing(redis_url)
    waits = [pacing.reserve(POST, "C1", reserved=False) for _ in range(20)]
    assert waits[0] == 0
    assert waits == [close_to(seconds) for seconds in range(20)]
    assert pacing.reserve(POST, "C2", reserved=False) == 0, "another channel does not wait for it"


def test_pacing_reserved_slot_is_not_reserved_again(redis_url: str) -> None:
    pacing = Pacing(redis_url)
    for _ in range(5):
        pacing.reserve(POST, "C1", reserved=False)
    assert [pacing.reserve(POST, "C1", reserved=True) for _ in range(3)] == [0, 0, 0]
    assert pacing.reserve(POST, "C1", reserved=False) == close_to(5), "and takes no slot from others"


def test_pacing_workspace_limit_lets_a_burst_through_and_then_paces(redis_url: str) -> None:
    pacing = Pacing(redis_url)
    waits = [pacing.reserve("chat.update", None, reserved=False) for _ in range(15)]
    burst, interval = 5, 60 / CALLS_PER_MINUTE["chat.update"]
    assert waits[:burst] == [0] * burst
    assert waits[burst:] == [close_to(number * interval) for number in range(1, 11)]


def test_pacing_long_queue_in_one_channel_takes_nothing_from_others(redis_url: str) -> None:
    pacing = Pacing(redis_url)
    for _ in range(25):
        pacing.reserve(POST, "C-busy", reserved=False)
    assert pacing.reserve(POST, "C-quiet", reserved=False) == 0


def test_pacing_hold_of_one_method_leaves_others_alone_and_spreads_what_waited(redis_url: str) -> None:
    pacing, other_process = Pacing(redis_url), Pacing(redis_url)
    pacing.hold(POST, 30)
    pacing.hold(POST, 2)
    assert other_process.reserve(POST, "C1", reserved=False) == close_to(30), "a shorter hold does not shorten"
    assert other_process.reserve(POST, "C1", reserved=True) == close_to(31), "reserved anew, behind the first"
    assert other_process.reserve("chat.update", None, reserved=False) == 0


def test_pacing_scale_multiplies_the_pace_and_never_a_hold(redis_url: str) -> None:
    fast = Pacing(redis_url, rate_scale=20)
    for _ in range(40):
        wait = fast.reserve(POST, "C1", reserved=False)
    assert wait == pytest.approx(39 / 20, abs=0.5)
    fast.hold("chat.update", 30)
    assert fast.reserve("chat.update", None, reserved=False) == close_to(30)


@pytest.mark.parametrize("rate_scale", [0, -1])
def test_pacing_cannot_be_switched_off(redis_url: str, rate_scale: float) -> None:
    with pytest.raises(ValueError, match="rate_scale"):
        Pacing(redis_url, rate_scale)


def test_pacing_unknown_method_goes_at_a_careful_pace(redis_url: str) -> None:
    pacing = Pacing(redis_url)
    assert [pacing.reserve("team.unheardOf", None, reserved=False) > 0 for _ in range(3)] == [False, False, True]


def test_pacing_forgets_channels_that_fell_silent(redis_url: str) -> None:
    pacing = Pacing(redis_url, rate_scale=1000)
    pacing.reserve(POST, "C1", reserved=False)
    with Redis.from_url(redis_url) as client:
        keys = client.keys("slackdesk:*")
        assert keys
        assert all(0 < client.pttl(key) < 60_000 for key in keys)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(channels=st.lists(st.sampled_from("ABC"), min_size=1, max_size=40))
def test_pacing_slots_of_a_channel_are_an_interval_apart(redis_url: str, channels: list[str]) -> None:
    """Whoever asks in whatever order: two posts in a channel have at least an interval between them."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
    pacing = Pacing(redis_url)
    slots: dict[str, list[float]] = {}
    for channel in channels:
        asked_at = time.monotonic()
        slots.setdefault(channel, []).append(asked_at + pacing.reserve(POST, channel, reserved=False))
    for of_channel in slots.values():
        assert all(later - earlier > 1 - SLACK_WAIT_SECONDS for earlier, later in pairwise(of_channel))
        assert of_channel[-1] - of_channel[0] == pytest.approx(len(of_channel) - 1, abs=SLACK_WAIT_SECONDS)


def test_pacing_and_nudge_leave_a_silent_redis_alone_after_one_try() -> None:
    """A server that accepts and never answers costs one short try, then none for a while."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        accepted: list[socket.socket] = []
        server.settimeout(0.05)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    accepted.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        nudge, pacing = Nudge(url), Pacing(url)
        for _ in range(50):
            nudge([1, 2, 3], False)
            assert pacing.reserve(POST, "C1", reserved=False) == 0
            pacing.hold(POST, 1)
        stop.set()
        thread.join()
        assert len(accepted) <= 2, "one try each"
        for connection in accepted:
            connection.close()
