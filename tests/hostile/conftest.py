"""A desk after a played day, behind its HTTP door in this process, to which everything that was delivered can be sent
again, changed."""

import hashlib
import hmac
import io
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from hypothesis import HealthCheck, Phase, settings
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.listener.listener_start_handler import ListenerStartHandler
from slack_sdk import WebClient
from sqlalchemy import func, select

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.demo.stage import Stage
from slackdesk.dispatch.model import Work, WorkState
from slackdesk.dispatch.runners import Later
from slackdesk.slack.app import build_bolt_app
from slackdesk.slack.events import look_again
from slackdesk.slack.http import HttpFront
from slackdesk.slack.too_early import EXPECTED
from slackdesk.tickets.model import HistoryEntry, Ticket
from slackdesk.tickets.transaction import Desk

from ..usecase.edge.web_api import WebApi
from .day import play
from .judge import wrongs
from .shapes import Delivery, documented, recorded

EXAMPLES = int(os.environ.get("SLACKDESK_TEST_EXAMPLES", "1000"))
"""Deliveries that are sent in all."""

SECRET = "a-signing-secret"


def share(percent: int) -> settings:
    """Settings for a test that sends so much of all examples."""
    return settings(
        max_examples=max(10, EXAMPLES * percent // 100),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )


class Complaints(logging.Handler):
    """Errors with a traceback, and how many deliveries were left alone."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []
        self.left_alone = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Note it."""
        if record.levelno >= logging.ERROR and record.exc_info:
            self.errors.append(self.format(record))
        self.left_alone += record.getMessage().startswith("acknowledged and left alone")


class Arrivals(ListenerStartHandler):
    """Counts deliveries that passed the signature and for which Bolt found a listener."""

    def __init__(self) -> None:
        self.count = 0

    def handle(self, request: BoltRequest, response: BoltResponse | None) -> None:
        """Called by Bolt before each listener."""
        self.count += 1


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    body: bytes


@dataclass
class Door:
    """The desk after the day; everything goes in as Slack sends it."""

    stage: Stage
    desk: Desk
    front: WSGIApplication
    api: WebApi
    client: WebClient
    app: App
    arrivals: Arrivals
    complaints: Complaints
    deliveries: list[Delivery]
    ticket_ids: list[int]
    since_history_id: int
    sent: int = 0

    def environ(self, body: bytes, content_type: str) -> dict[str, Any]:
        """WSGI environment of one signed request."""
        timestamp = str(int(time.time()))
        signed = hmac.new(SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/slack/events",
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_SLACK_REQUEST_TIMESTAMP": timestamp,
            "HTTP_X_SLACK_SIGNATURE": f"v0={signed}",
            "wsgi.input": io.BytesIO(body),
        }

    def post(self, body: bytes, content_type: str, **headers: str) -> Answer:
        """One signed request, with further headers, or others in the place of ours."""
        return self.request(self.environ(body, content_type) | headers)

    def request(self, environ: dict[str, Any]) -> Answer:
        """Any request."""
        statuses: list[int] = []

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
            statuses.append(int(status.split(maxsplit=1)[0]))

        body = b"".join(self.front(environ, start_response))
        return Answer(statuses[0], body)

    def done(self) -> tuple[int, int]:
        """Newest entry of any history, and number of tickets: what nothing malformed may change."""
        with self.desk.database.read() as session:
            newest = session.scalar(select(func.max(HistoryEntry.id))) or 0
            return newest, session.scalar(select(func.count()).select_from(Ticket)) or 0

    def look_again(self) -> None:
        """Have a worker look, for the first time and for the last, at each event that came too early."""
        with self.desk.database.read() as session:
            rows = session.scalars(select(Work).where(Work.name == "event", Work.state == WorkState.PENDING)).all()
        for row in rows:
            for waited in (timedelta(), 2 * EXPECTED):
                row.created_at -= waited
                with suppress(Later):
                    look_again(self.client, self.desk, row)

    def wrongs(self) -> list[str]:
        """What was done since the day by somebody without the right."""
        with self.desk.reading() as tx:
            return list(wrongs(tx.session, tx.policy, self.since_history_id))


@pytest.fixture(scope="session")
def door(
    tmp_path_factory: pytest.TempPathFactory,
    given_servers: Callable[[], AbstractContextManager[dict[str, str]]],
) -> Iterator[Door]:
    """One desk for all examples of a test process."""
    with (
        given_servers() as environment,
        Stage(tmp_path_factory.mktemp("day"), transport="http", environment=environment) as stage,
    ):
        play(stage)
        stage.stop_desk()
        stage.sandbox.delivery.deliver_over_socket_mode()
        url = stage.environment.get("DATABASE_URL") or f"sqlite:///{stage.folder / 'data' / 'slackdesk.sqlite3'}"
        database, api = Database(url), WebApi()
        yield _open(stage, database, api)
        api.close()
        database.close()


def _open(stage: Stage, database: Database, api: WebApi) -> Door:
    desk = Desk(database, Clock(shiftable=True), undo=timedelta(seconds=10), nudge=lambda _ids, _yields: None)
    client = WebClient(token="xoxb-test", base_url=f"{api.url}/api/", retry_handlers=[])
    app = build_bolt_app(desk, client=client, signing_secret=SECRET)
    arrivals, complaints = Arrivals(), Complaints()
    app.listener_runner.listener_start_handler = arrivals
    logging.getLogger().addHandler(complaints)
    deliveries = recorded(stage.sandbox.journal.deliveries())
    with database.read() as session:
        tickets = list(session.scalars(select(Ticket.id)))
        newest = session.scalar(select(func.max(HistoryEntry.id))) or 0
    every = [*deliveries, *documented(deliveries)]
    return Door(stage, desk, HttpFront(app), api, client, app, arrivals, complaints, every, tickets, newest)
