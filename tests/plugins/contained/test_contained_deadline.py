"""Time limits: inside other alarms, for code that holds on to them, and for threads."""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from slackdesk.plugin.deadline import AGAIN_SECONDS, Allowance, Bulkhead, Interrupted, alarm, in_thread
from slackdesk.plugin.errors import PluginBusy, PluginTooSlow


class OuterAlarm(Exception):
    """What the surroundings raise when their own time is over."""


@pytest.fixture
def outer_alarm() -> Iterator[Callable[[float], object]]:
    def ring(_number: int, _frame: object) -> None:
        raise OuterAlarm

    before = signal.signal(signal.SIGALRM, ring)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_an_outer_alarm_rings_when_it_would_have(outer_alarm: Callable[[float], object]) -> None:
    outer_alarm(0.6)
    with pytest.raises(PluginTooSlow, match=r"it took longer than 0\.2 s"), alarm(0.2, "it"):
        time.sleep(60)
    left_seconds, _ = signal.getitimer(signal.ITIMER_REAL)
    assert 0 < left_seconds <= 0.4
    with pytest.raises(OuterAlarm):
        time.sleep(60)


def test_a_limit_is_shorter_than_the_alarm_around_it(outer_alarm: Callable[[float], object]) -> None:
    outer_alarm(0.6)
    with pytest.raises(PluginTooSlow, match=r"it took longer than 0\.4 s"), alarm(60, "it"):
        time.sleep(60)
    with pytest.raises(OuterAlarm):
        time.sleep(60)


def test_nothing_rings_after_the_block(outer_alarm: Callable[[float], object]) -> None:
    with alarm(0.2, "it"):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    time.sleep(0.2 + 2 * AGAIN_SECONDS)


def test_garbage_is_collected_outside_of_short_times_only() -> None:
    """A collection is not the code's own time, and an alarm that rings in it is lost."""
    states = []
    with alarm(0.5, "it"):
        states.append(gc.isenabled())
        with alarm(0.2, "within it"):
            states.append(gc.isenabled())
        states.append(gc.isenabled())
    assert (states, gc.isenabled()) == ([False, False, False], True)
    with pytest.raises(PluginTooSlow), alarm(0.05, "it"):
        time.sleep(60)
    assert gc.isenabled()
    with alarm(3600, "a command line"):
        assert gc.isenabled()


def swallow_and_return() -> None:
    try:
        time.sleep(60)
    except Interrupted:
        time.sleep(0)


def swallow_and_raise() -> None:
    try:
        time.sleep(60)
    except Interrupted:
        raise ValueError("hidden") from None


@pytest.mark.parametrize("swallow", [swallow_and_return, swallow_and_raise])
def test_what_swallows_its_alarm_is_too_slow_all_the_same(swallow: Callable[[], None]) -> None:
    with pytest.raises(PluginTooSlow), alarm(0.1, "it"):
        swallow()


def test_a_process_that_was_stopped_meanwhile_is_no_fault_of_the_code() -> None:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with alarm(0.5, "it"):
                os.kill(os.getpid(), signal.SIGSTOP)
                time.sleep(0.05)
            code = 0
        finally:
            os._exit(code)
    os.waitpid(child, os.WUNTRACED)
    time.sleep(1.0)
    os.kill(child, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def compute(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux tells how long a thread has waited")
def test_what_code_waits_for_a_processor_is_not_its_own_time() -> None:
    """Two processes that compute share one processor: each gets half of it."""
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    rival = os.fork()
    if rival == 0:
        while True:
            pass
    try:
        allowance = Allowance(0.4, threading.get_native_id(), longer_seconds=0.4)
        compute(0.41)
        left_seconds = allowance.left_seconds()
        assert 0 < left_seconds <= 0.4
        given_up_at = time.monotonic() + 30
        while left_seconds and time.monotonic() < given_up_at:
            compute(left_seconds)
            left_seconds = allowance.left_seconds()
        assert left_seconds == 0, "not for ever"
    finally:
        os.kill(rival, signal.SIGKILL)
        os.waitpid(rival, 0)
        os.sched_setaffinity(0, processors)


def test_a_thread_that_computes_for_ever_is_ended() -> None:
    threads, abandoned = [], threading.Event()

    def hang() -> None:
        threads.append(threading.current_thread())
        while True:
            time.sleep(0)

    with pytest.raises(PluginTooSlow, match=r"it took longer than 0\.2 s"):
        in_thread(hang, 0.2, "it", abandoned.set)
    assert abandoned.is_set()
    threads[0].join(30)
    assert not threads[0].is_alive()


def test_a_thread_hands_over_what_it_returns_and_raises() -> None:
    assert in_thread(lambda: 42, 30, "it", abandon=lambda: None) == 42
    with pytest.raises(SystemExit):
        in_thread(sys.exit, 30, "it", abandon=lambda: None)


def test_a_plugin_has_as_many_threads_as_it_was_given() -> None:
    bulkhead = Bulkhead("bad", 2)
    bulkhead.enter()
    bulkhead.enter()
    with pytest.raises(PluginBusy, match="every thread of bad is in use"):
        bulkhead.enter()
    bulkhead.leave()
    bulkhead.enter()
