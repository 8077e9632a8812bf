"""Redis is flushed, killed or frozen: nothing is lost, nothing comes twice, and nobody who files waits for it."""

import os
import signal
from typing import Any

import pytest

from slackdesk.dispatch.jobs import rq_name
from slackdesk.dispatch.model import WorkState

both_transports = pytest.mark.parametrize("transport", ["socket", "http"], indirect=True)
TEXTS = [f"The scanner on floor {floor} is stuck" for floor in range(1, 6)]
SOON_SECONDS = 15
"""What was due goes out at most that long after Redis is back."""


@pytest.mark.crossing
@both_transports
def test_faults_flushed_redis_loses_no_queued_card(fresh_stage: Any, probe: Any) -> None:
    # Far longer than the test: only noticing the loss brings queued work back in time.
    stage = fresh_stage(SLACKDESK_QUEUED_SECONDS="600")
    worker = stage.processes()["worker-now-1"]
    probe.freeze(stage, worker)
    numbers = [stage.person("maya").slash(f"/ticket {text}").text for text in TEXTS]
    assert all("IT-" in number for number in numbers)
    with probe.redis(stage) as redis:
        queue = f"rq:queue:{rq_name('now')}"
        probe.eventually(lambda: redis.llen(queue) >= len(TEXTS), "jobs are on the queue")
        probe.eventually(lambda: probe.due_work(stage, WorkState.QUEUED) >= len(TEXTS), "the beat has noted so")
        # In one go: a beat that notices the loss at once has put jobs on the queue again before one looks.
        assert redis.pipeline(transaction=True).flushdb().llen(queue).execute() == [True, 0]
    assert [probe.posts(stage, text) for text in TEXTS] == [[]] * len(TEXTS)
    os.kill(worker, signal.SIGCONT)
    rina = stage.person("rina")
    for text in TEXTS:
        rina.sees(text, in_="#it-l1", within_seconds=SOON_SECONDS)
    probe.rest(stage)
    for text in TEXTS:
        assert len(probe.visible(stage, text)) == 1
        assert len(probe.posts(stage, text)) == 1


@both_transports
def test_faults_killed_redis_delays_cards_but_no_answer(fresh_stage: Any, probe: Any, own_redis: Any) -> None:
    stage = fresh_stage(REDIS_URL=own_redis.url)
    maya, rina = stage.person("maya"), stage.person("rina")
    own_redis.freeze()
    frozen = maya.slash("/ticket Filed while Redis hangs")
    own_redis.kill()
    away = maya.slash("/ticket Filed while Redis is away")
    for answer in (frozen, away):
        assert not answer.error
        assert "IT-" in answer.text
    for delivery in stage.sandbox.journal.deliveries("slash_commands"):
        assert delivery.acked_after_seconds is not None
        assert delivery.acked_after_seconds < 2
    assert probe.visible(stage, "Filed while") == []
    own_redis.start()
    for text in ("Filed while Redis hangs", "Filed while Redis is away"):
        rina.sees(text, in_="#it-l1", within_seconds=SOON_SECONDS)
    probe.rest(stage)
    assert len(probe.visible(stage, "Filed while")) == 2
    assert len(probe.posts(stage, "Filed while")) == 2
