"""The health port of a running desk: what Prometheus reads, what it is told while a part is away, and who lives."""

import os
import re
import shlex
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from slackdesk.demo.stage import Stage
from slackdesk.dispatch.model import Heartbeat
from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.faults import rate_limited
from slackdesk.sandbox.manifest import AppManifest
from slackdesk.slack.manifest import build_manifest

from ..servers import free_port
from .away import out_of_reach

DOCUMENTED = re.findall(
    r"^\| `(slackdesk_\w+)` \|",
    (Path(__file__).parents[2] / "docs" / "operation.md").read_text("utf-8"),
    re.MULTILINE,
)
KINDS = {"app", "beat", "worker-now", "worker-slow"}
ONE_DESK = pytest.mark.parametrize("transport", ["http"], indirect=True)


def answer(port: int, path: str = "/metrics", host: str = "127.0.0.1") -> tuple[int, str]:
    """Status and body of a request to this machine."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class Figures:
    """What one scrape said."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        status, text = answer(port, host=host)
        assert status == 200, text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def value(self, name: str, **labels: str) -> float | None:
        """The one value of these labels; None when it is not told."""
        found = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and sample.labels == labels
        ]
        assert len(found) <= 1
        return found[0] if found else None

    def sum(self, name: str, **labels: str) -> float:
        """All values of whose labels these are a part."""
        samples = [sample for family in self.families.values() for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


def heartbeats(stage: Stage, probe: Any) -> dict[str, tuple[str, datetime]]:
    """Process → kind and when it last said that it lives."""
    engine = probe.engine(stage)
    with engine.connect() as connection:
        rows = connection.execute(select(Heartbeat.process, Heartbeat.kind, Heartbeat.beat_at)).all()
    engine.dispose()
    return {process: (kind, beat_at) for process, kind, beat_at in rows}


def test_figures_of_a_desk_at_work(fresh_stage: Any, probe: Any) -> None:
    port = free_port()
    stage = fresh_stage(SLACKDESK_HEALTH_PORT=str(port))
    new, claimed = ({"queue": "it", "tier": "L1", "status": status} for status in ("new", "in_progress"))
    assert Figures(port).value("slackdesk_tickets_open", **new) == 0

    stage.sandbox.faults.inject("chat.postMessage", rate_limited(1), times=1)
    maya, rina = stage.person("maya"), stage.person("rina")
    maya.slash("/ticket The beamer stays dark")
    card = rina.sees("The beamer stays dark", in_="#it-l1", within_seconds=30)
    assert Figures(port).value("slackdesk_tickets_open", **new) == 1
    rina.click("Claim", card)
    probe.eventually(lambda: Figures(port).value("slackdesk_tickets_open", **claimed) == 1, "the claim is counted")
    probe.rest(stage)

    figures = Figures(port)
    assert figures.value("slackdesk_tickets_open", **new) == 0
    _tell_of_a_rested_desk(figures)
    _hold_nothing_of_a_person(answer(port)[1], stage)

    assert answer(port, "/")[0] == 404
    status, text = answer(port, "/healthz")
    assert status == 200
    assert '"processes": {"app": 1, "beat": 1, "worker-now": 1, "worker-slow": 1}' in text
    if stage.transport == "http":
        assert answer(stage.port, "/metrics")[0] == 404, "that door is open to the world"

    assert {kind for kind, _ in heartbeats(stage, probe).values()} == KINDS
    assert stage.stop_desk() == 0
    assert heartbeats(stage, probe) == {}, "whoever ends in order says so"


def _tell_of_a_rested_desk(figures: Figures) -> None:
    """After a card, the head of a thread, a claim, and one post that Slack refused for a second."""
    assert figures.value("slackdesk_database_up") == figures.value("slackdesk_redis_up") == 1
    assert {kind: figures.value("slackdesk_processes", kind=kind) for kind in KINDS} == dict.fromkeys(KINDS, 1)
    age = figures.value("slackdesk_beat_age_seconds")
    assert age is not None
    assert age < 60
    assert figures.sum("slackdesk_work_due") == figures.sum("slackdesk_work", state="dead") == 0
    assert figures.value("slackdesk_blocked_places") == 0
    posted = {"method": "chat.postMessage"}
    assert figures.value("slackdesk_slack_calls_total", outcome="rate_limited", **posted) == 1
    calls = figures.sum("slackdesk_slack_calls_total", **posted)
    assert calls >= 3, "the card, the requester's thread, and the one that Slack refused for a second"
    assert figures.value("slackdesk_slack_call_seconds_count", **posted) == calls
    assert figures.value("slackdesk_slack_call_seconds_bucket", le="+Inf", **posted) == calls
    assert figures.sum("slackdesk_acknowledgement_seconds_count", payload="command") == 1
    assert figures.sum("slackdesk_acknowledgement_seconds_count", payload="action") == 1
    assert set(figures.families) == set(DOCUMENTED), "docs/operation.md names every metric, and no other"


def _hold_nothing_of_a_person(text: str, stage: Stage) -> None:
    people = list(stage.sandbox.workspace.users)
    assert stage.person("maya").user.id in people
    assert not [one for one in (*people, "maya", "beamer") if one in text]
    labels = {"queue", "tier", "status", "kind", "state", "method", "outcome", "payload", "le", "version"}
    assert set(re.findall(r"[{,](\w+)=", text)) == labels


@ONE_DESK
def test_figures_while_redis_or_the_database_is_away(fresh_stage: Any, own_redis: Any, probe: Any) -> None:
    port = free_port()
    stage = fresh_stage(SLACKDESK_HEALTH_PORT=str(port), REDIS_URL=own_redis.url)
    maya, rina = stage.person("maya"), stage.person("rina")
    maya.slash("/ticket The beamer stays dark")
    rina.sees("The beamer stays dark", in_="#it-l1", within_seconds=30)
    probe.rest(stage)
    before = Figures(port).sum("slackdesk_slack_calls_total")
    assert before >= 2

    own_redis.kill()
    figures = Figures(port)
    assert (figures.value("slackdesk_redis_up"), figures.value("slackdesk_database_up")) == (0, 1)
    assert not {"slackdesk_slack_calls", "slackdesk_slack_call_seconds"} & set(figures.families)
    assert figures.sum("slackdesk_tickets_open") == 1
    maya.slash("/ticket The printer prints upside down")
    probe.eventually(lambda: Figures(port).sum("slackdesk_work_due") > 0, "what waits is told")
    own_redis.start()
    rina.sees("The printer prints upside down", in_="#it-l1", within_seconds=30)
    probe.rest(stage)
    assert Figures(port).sum("slackdesk_slack_calls_total") > 0, "counted anew from 0"

    with out_of_reach(probe.engine(stage).url.render_as_string(hide_password=False)):
        figures = Figures(port)
        assert (figures.value("slackdesk_redis_up"), figures.value("slackdesk_database_up")) == (1, 0)
        assert figures.sum("slackdesk_slack_calls_total") > 0
        assert answer(port, "/healthz")[0] == 503
    probe.eventually(lambda: Figures(port).value("slackdesk_database_up") == 1, "the database is back")


@ONE_DESK
def test_a_silent_worker_is_missed(fresh_stage: Any, probe: Any) -> None:
    """It is stopped, and its last word moved back instead of waiting for a minute."""
    port = free_port()
    stage = fresh_stage(SLACKDESK_HEALTH_PORT=str(port), SLACKDESK_HEALTH_HOST="127.0.0.2")
    probe.eventually(lambda: len(heartbeats(stage, probe)) == len(KINDS), "all have said that they live")
    silent = stage.processes()["worker-slow"]
    probe.freeze(stage, silent)
    engine = probe.engine(stage)
    with engine.begin() as connection:
        before = datetime.now(UTC) - timedelta(minutes=2)
        connection.execute(update(Heartbeat).where(Heartbeat.kind == "worker-slow").values(beat_at=before))
    engine.dispose()
    figures = Figures(port, "127.0.0.2")
    assert figures.value("slackdesk_processes", kind="worker-slow") == 0
    assert figures.value("slackdesk_processes", kind="worker-now") == 1
    os.kill(silent, signal.SIGCONT)  # it ends with the others


@pytest.mark.parametrize("transport", [pytest.param("http", marks=pytest.mark.xdist_group("http"))], indirect=True)
def test_every_process_says_that_it_lives_while_nothing_happens(stage: Stage, probe: Any) -> None:
    probe.eventually(lambda: {kind for kind, _ in heartbeats(stage, probe).values()} >= KINDS, "all have said so once")
    first = {process: beat_at for process, (_, beat_at) in heartbeats(stage, probe).items()}

    def have_all_said_more() -> bool:
        now = heartbeats(stage, probe)
        later = {kind for process, (kind, beat_at) in now.items() if beat_at > first.get(process, beat_at)}
        return later >= KINDS

    probe.eventually(have_all_said_more, "each says so again within the minute after which it is missed", 60)


@contextmanager
def _surroundings(folder: Path) -> Iterator[dict[str, str]]:
    """Environment of a desk beside a workspace of its own."""
    example = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")
    (folder / "slackdesk.toml").write_text(example, "utf-8")
    with Sandbox(manifest=AppManifest.read(build_manifest(None)), rate_scale=20) as sandbox:
        yield {
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "SLACK_API_URL": sandbox.api_url,
            "SLACKDESK_RATE_SCALE": "20",
        }


@pytest.mark.documented(
    "slackdesk run --health-port 9464",
    "curl http://127.0.0.1:9464/healthz",
    "curl http://127.0.0.1:9464/metrics",
)
def test_health_port_as_documented(
    documented_lines: tuple[str, ...], background: Any, database_url: str, probe: Any, tmp_path: Path
) -> None:
    port = free_port()
    run, *asked = (shlex.split(line.replace("9464", str(port)))[1:] for line in documented_lines)
    with _surroundings(tmp_path) as surroundings:
        desk = background(*run, DATABASE_URL=database_url, **surroundings)
        desk.says(f"/healthz and /metrics on 127.0.0.1, port {port}")
        for (address,) in asked:
            path = address.removeprefix(f"http://127.0.0.1:{port}")
            assert answer(port, path)[0] == 200, address
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
        assert desk.end() == 0, desk.output


@pytest.mark.parametrize("words", [("run",), ("app",)])
def test_health_port_that_is_taken_is_refused(background: Any, tmp_path: Path, words: tuple[str, ...]) -> None:
    with _surroundings(tmp_path) as surroundings, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = background(*words, "--health-port", port, **surroundings)
        assert command.ends() == 1
    assert f"--health-port = {port}: Address already in use; name another port" in command.output
    assert "Traceback" not in command.output


def test_health_port_is_not_the_one_that_slack_delivers_on(background: Any) -> None:
    port = str(free_port())
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret"}
    command = background("run", "--port", port, "--health-port", port, **tokens)
    assert command.ends() == 1
    assert f"--health-port = {port}: Slack delivers on this port; name another one" in command.output
