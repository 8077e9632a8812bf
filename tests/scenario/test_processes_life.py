"""`slackdesk run` from its start to its end, and what is left when it is killed."""

import os
import signal
from typing import Any

import pytest

SOCKET_MODE = pytest.mark.parametrize("transport", ["socket"], indirect=True)


def test_processes_end_in_order_and_none_is_left(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    family = probe.family(stage)
    assert len(family) >= 5, "supervisor, app, beat and two workers"
    assert set(stage.processes()) == {"app", "beat", "worker-now-1", "worker-slow"}
    assert stage.stop_desk() == 0
    assert probe.are_gone(family)
    log = stage.log.read_text()
    assert log.splitlines()[-1] == "The desk has ended."
    assert " INFO slackdesk slackdesk.processes.supervisor: worker-now-1 runs as process " in log
    assert not any(noise in log for noise in ("Traceback", "slack_bolt", "alembic", "granian"))


def test_processes_killed_supervisor_takes_all_with_it_and_starts_again(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    assert "IT-1" in stage.person("maya").slash("/ticket The badge reader is dead").text
    family = probe.family(stage)
    os.kill(family[0], signal.SIGKILL)
    probe.eventually(lambda: probe.are_gone(family), "all processes have ended")
    stage.stop_desk()

    stage.start_desk()
    assert "IT-2" in stage.person("maya").slash("/ticket The door is stuck, too").text
    for text in ("The badge reader is dead", "The door is stuck, too"):
        stage.person("rina").sees(text, in_="#it-l1")
    probe.rest(stage)
    assert len(probe.visible(stage, "The badge reader is dead")) == 1


@SOCKET_MODE
def test_processes_that_end_are_started_again(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    for name in ("worker-slow", "beat"):
        killed = stage.kill(name)
        probe.eventually(lambda name=name, killed=killed: stage.processes()[name] != killed, f"{name} runs again")
        assert f"{name} ended with exit code -9; it is started again" in stage.log.read_text()
    assert stage.stop_desk() == 0


@SOCKET_MODE
def test_processes_second_desk_on_a_data_folder_is_refused(fresh_stage: Any) -> None:
    stage = fresh_stage()
    second = stage.command("run")
    assert second.returncode == 1
    assert "another `slackdesk run` uses this folder; end it, or name another folder" in second.stderr
    assert "Traceback" not in second.stderr
    assert "IT-1" in stage.person("maya").slash("/ticket The first desk is untouched").text


@SOCKET_MODE
def test_processes_start_while_slack_is_away_and_connect_when_it_is_back(
    fresh_stage: Any, background: Any, probe: Any
) -> None:
    stage = fresh_stage()
    assert stage.stop_desk() == 0
    away = {"SLACK_API_URL": "http://127.0.0.1:1/api/"}
    desk = background("run", folder=stage.folder, **(stage.environment | away))
    desk.says("version 1 stays in force")
    desk.says("The desk is running.")
    desk.says("Slack cannot be reached")
    assert desk.end() == 0
    assert "Traceback" not in desk.output
    stage.start_desk()
    assert "IT-1" in stage.person("maya").slash("/ticket It was only the network").text


@SOCKET_MODE
def test_processes_start_while_redis_is_away(fresh_stage: Any, own_redis: Any, probe: Any) -> None:
    waits = "Redis is away, the worker of now waits"
    own_redis.kill()
    stage = fresh_stage(REDIS_URL=own_redis.url)
    assert "Warning: REDIS_URL does not answer" in stage.log.read_text()
    assert "IT-1" in stage.person("maya").slash("/ticket Filed before Redis came").text
    probe.eventually(lambda: waits in stage.log.read_text(), "the worker has looked for Redis")
    own_redis.start()
    stage.person("rina").sees("Filed before Redis came", in_="#it-l1", within_seconds=20)
    assert stage.log.read_text().count(waits) == 1
    assert stage.stop_desk() == 0
