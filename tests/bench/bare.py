"""What slackdesk is held beside: a bare Bolt app that commits one row, and a bare RQ job that does nothing.

Run ``python tests/bench/bare.py app PORT`` or ``python tests/bench/bare.py worker``; both read the environment.
"""

import os
import sys
import uuid

from granian.constants import Interfaces
from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import Column, MetaData, String, Table, insert

from slackdesk.database import Database
from slackdesk.dispatch import worker as desk_worker
from slackdesk.processes.app import serve

ROWS = Table("bare_rows", MetaData(), Column("key", String, primary_key=True), Column("text", String))
QUEUE = "bare"


def wsgi() -> SlackRequestHandler:
    """A Bolt app whose listeners commit one row, with slackdesk's engine, and acknowledge after that."""
    database = Database(os.environ["DATABASE_URL"])
    ROWS.metadata.create_all(database.engine)
    app = App(
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        authorize=lambda **_: AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-unused"),
        token_verification_enabled=False,
        process_before_response=True,
    )

    def listen(ack: Ack, body: dict[str, object]) -> None:
        with database.begin() as session:
            session.execute(insert(ROWS).values(key=uuid.uuid4().hex, text=str(body.get("text"))))
        ack()

    app.command("/ticket")(listen)
    app.view("file")(listen)
    return SlackRequestHandler(app)


def nothing(_ids: list[int]) -> None:
    """A job that does nothing."""


def work() -> None:
    """RQ's own worker with the intervals of slackdesk's."""
    with Redis.from_url(os.environ["REDIS_URL"]) as client:
        Worker(
            [Queue(QUEUE, connection=client, serializer=JSONSerializer)],
            connection=client,
            worker_ttl=desk_worker.WORKER_TTL_SECONDS,
            maintenance_interval=desk_worker.MAINTENANCE_INTERVAL_SECONDS,
            job_monitoring_interval=desk_worker.JOB_MONITORING_INTERVAL_SECONDS,
            log_job_description=False,
            serializer=JSONSerializer,
        ).work(logging_level="WARNING")


if __name__ == "__main__":
    if sys.argv[1] == "app":
        serve("bare:wsgi", int(sys.argv[2]), Interfaces.WSGI)
    else:
        work()
