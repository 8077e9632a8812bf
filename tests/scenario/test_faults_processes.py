"""The desk is ended or killed with work in its hands: no process stays behind, and a restart loses nothing."""

from typing import Any

import pytest

from slackdesk.demo.stage import Stage
from slackdesk.dispatch.model import WorkState
from slackdesk.sandbox import faults

both_transports = pytest.mark.parametrize("transport", ["socket", "http"], indirect=True)
TEXTS = [f"The blind in room {room} is stuck" for room in range(1, 9)]


def file_into_a_slow_workspace(stage: Stage, probe: Any) -> None:
    """File all; returns while a post is just under way and others wait."""
    slow = stage.sandbox.faults.inject("chat.postMessage", faults.slow(1.0), times=None)
    for text in TEXTS:
        assert "IT-" in stage.person("maya").slash(f"/ticket {text}").text
    fired = slow.fired
    probe.eventually(lambda: slow.fired > fired, "another post is under way")
    slow.remove()
    assert sum(len(probe.visible(stage, text)) for text in TEXTS) < len(TEXTS)


def assert_each_has_one_card(stage: Stage, probe: Any) -> None:
    for text in TEXTS:
        stage.person("rina").sees(text, in_="#it-l1", within_seconds=20)
    probe.rest(stage)
    for text in TEXTS:
        assert len(probe.visible(stage, text)) == 1
        assert sum(post.applied for post in probe.posts(stage, text)) == 1


@both_transports
def test_faults_sigterm_ends_all_in_order(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    file_into_a_slow_workspace(stage, probe)
    family = probe.family(stage)
    assert len(family) > len(stage.processes())
    assert stage.stop_desk() == 0, stage.last_lines()
    assert probe.are_gone(family)
    assert probe.due_work(stage, WorkState.RUNNING) == 0, "what was in hand was not finished"
    stage.start_desk()
    assert_each_has_one_card(stage, probe)


@both_transports
def test_faults_killed_supervisor_leaves_no_process(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage(
        SLACKDESK_SLACK_TIMEOUT_SECONDS="2", SLACKDESK_JOB_TIMEOUT_SECONDS="6", SLACKDESK_LEASE_SECONDS="7"
    )
    file_into_a_slow_workspace(stage, probe)
    family = probe.family(stage)
    stage.kill_desk()
    probe.eventually(lambda: probe.are_gone(family), f"all of {family} have ended", within_seconds=15)
    stage.start_desk()
    assert_each_has_one_card(stage, probe)
