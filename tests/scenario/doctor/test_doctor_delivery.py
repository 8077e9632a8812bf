"""The doctor at a desk whose processes, Redis server or clock do not do what they should."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis
from sqlalchemy import bindparam, text

from slackdesk.database import UtcDateTime
from slackdesk.demo.stage import Stage
from slackdesk.sandbox import faults

from .conftest import Doctor

pytestmark = pytest.mark.xdist_group("doctor")

LAST_SAID = "UPDATE heartbeat SET beat_at = :at WHERE kind = :kind"
STUCK = (
    "INSERT INTO work (kind, name, payload, queue, dedupe_key, state, due_at, not_before, attempts, slot_reserved, "
    "created_at) VALUES ('timer', 'stuck', '{}', 'slow', 'stuck', 'pending', :at, :at, 0, false, :at)"
)


@contextmanager
def frozen(desk: Stage, probe: Any, *names: str) -> Iterator[None]:
    """Processes of the desk that stand still."""
    ids = [one for name in names for one in probe.descendants(desk.processes()[name])]
    probe.freeze(desk, *ids)
    try:
        yield
    finally:
        for process_id in ids:
            os.kill(process_id, signal.SIGCONT)


@contextmanager
def silent(desk: Stage, probe: Any, name: str) -> Iterator[None]:
    """A process that stands still, and said two minutes ago for the last time that it lives."""
    with frozen(desk, probe, name):
        sql(desk, probe, LAST_SAID, minutes=2, kind=name)
        yield
        sql(desk, probe, LAST_SAID, kind=name)


def sql(desk: Stage, probe: Any, statement: str, *, minutes: float = 0, **values: str) -> None:
    """Run a statement in the desk's database; ``:at`` is so many minutes ago."""
    engine = probe.engine(desk)
    at = bindparam("at", datetime.now(UTC) - timedelta(minutes=minutes), type_=UtcDateTime())
    with engine.begin() as connection:
        connection.execute(text(statement).bindparams(*([at] if ":at" in statement else [])), values)
    engine.dispose()


def test_doctor_finds_a_dead_beat(desk: Stage, doctor: Doctor, probe: Any) -> None:
    with silent(desk, probe, "beat"):
        finding = doctor().only("processes.beat")
    assert "said nothing for 12" in finding["what"]
    assert "slackdesk beat" in finding["remedy"]


def test_doctor_finds_a_dead_worker(desk: Stage, doctor: Doctor, probe: Any) -> None:
    with silent(desk, probe, "worker-slow"):
        finding = doctor().only("processes.worker-slow")
    assert "slackdesk worker --queue slow" in finding["remedy"]


@pytest.mark.parametrize(("minutes", "severity"), [(2, "warning"), (10, "problem")])
def test_doctor_finds_work_that_nobody_takes(
    desk: Stage, doctor: Doctor, probe: Any, minutes: int, severity: str
) -> None:
    with frozen(desk, probe, "beat", "worker-slow"):  # which does not show yet: they spoke a moment ago
        sql(desk, probe, STUCK, minutes=minutes)
        try:
            finding = doctor().only("work.due", severity)
        finally:
            sql(desk, probe, "DELETE FROM work WHERE name = 'stuck'")
    assert "slow: 1" in finding["value"]
    assert f"the oldest for {minutes * 60 // 100}" in finding["what"]
    assert "start more workers" in finding["remedy"]


def test_doctor_tells_what_was_given_up(desk: Stage, doctor: Doctor, probe: Any) -> None:
    refused = desk.sandbox.faults.inject(
        "chat.postMessage",
        faults.slack_error("msg_blocks_too_long"),
        times=None,
        matching=lambda arguments: "Coffee machine leaks" in str(arguments) and "Claim" in str(arguments),
    )
    desk.person("maya").slash("/ticket Coffee machine leaks")
    probe.eventually(lambda: "work.dead" in str(doctor().bad), "the card was given up")
    refused.remove()
    finding = doctor().only("work.dead", "warning")
    sql(desk, probe, "DELETE FROM work WHERE state = 'dead'")
    assert "card (1)" in finding["what"]
    assert "msg_blocks_too_long" in finding["what"]
    assert "SELECT id, name, last_error FROM work" in finding["remedy"]


def test_doctor_finds_a_redis_server_that_is_away(own_redis: Any, doctor: Doctor) -> None:
    own_redis.kill()
    finding = doctor(REDIS_URL=own_redis.url).only("redis")
    assert (finding["key"], finding["value"]) == ("REDIS_URL", own_redis.url)
    assert "nothing is lost" in finding["remedy"]


def test_doctor_finds_a_redis_server_that_says_nothing(own_redis: Any, doctor: Doctor) -> None:
    own_redis.freeze()
    assert "Timeout" in doctor(REDIS_URL=own_redis.url).only("redis")["what"]


def test_doctor_finds_a_redis_server_that_throws_jobs_away(own_redis: Any, doctor: Doctor) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    finding = doctor(REDIS_URL=own_redis.url).only("redis.eviction", "warning")
    assert (finding["key"], finding["value"]) == ("maxmemory-policy", "allkeys-lru")
    assert "maxmemory-policy noeviction" in finding["remedy"]


def test_doctor_finds_a_redis_server_that_is_full(own_redis: Any, doctor: Doctor) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory", client.info()["used_memory"] // 2)
    assert "takes no jobs" in doctor(REDIS_URL=own_redis.url).only("redis.memory")["what"]


@contextmanager
def slack_with_another_clock(desk: Stage, ahead: timedelta) -> Iterator[str]:
    """A proxy before Slack whose Date header is off; its address."""

    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = HTTPConnection(urlsplit(desk.sandbox.api_url).netloc)
            headers = {key: self.headers[key] for key in ("Authorization", "Content-Type") if key in self.headers}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            content = response.read()
            connection.close()
            self.send_response_only(response.status)
            for key, value in response.headers.items():
                if key.lower() not in ("date", "content-length"):
                    self.send_header(key, value)
            self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("minutes", "severity", "word"), [(1, "warning", "behind"), (-60, "problem", "ahead of"), (0, "ok", "agree")]
)
def test_doctor_compares_its_clock_with_slacks(
    desk: Stage, doctor: Doctor, minutes: int, severity: str, word: str
) -> None:
    with slack_with_another_clock(desk, timedelta(minutes=minutes)) as url:
        diagnosis = doctor(SLACK_API_URL=url)
    (finding,) = [one for one in diagnosis.findings if one["check"] == "clock.slack"]
    assert finding["severity"] == severity
    assert word in finding["what"]
    if severity != "ok":
        assert "time server" in diagnosis.only("clock.slack", severity)["remedy"]
