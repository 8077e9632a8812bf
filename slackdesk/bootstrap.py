"""The only place that builds engine, Redis, Slack client, desk, runners and app out of the settings.

Nothing is built on import; a process calls what it needs once, after its fork.
"""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import redis
from slack_bolt import App
from slack_sdk import WebClient

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.dispatch import heartbeats
from slackdesk.dispatch.nudge import Nudge
from slackdesk.dispatch.pacing import Pacing
from slackdesk.dispatch.runners import Runners
from slackdesk.errors import ConfigurationError, Unavailable
from slackdesk.migrations import require_current_schema
from slackdesk.embedded_redis import running_url
from slackdesk.settings import Settings, read_settings
from slackdesk.slack.app import build_bolt_app
from slackdesk.tickets.transaction import Desk

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
"""How often a process says in SQL that it lives."""


def open_database(settings: Settings) -> Database:
    """The database of the settings; the schema may be old or missing."""
    return Database(settings.effective_database_url)


def open_desk(settings: Settings | None = None) -> Desk:
    """Database, clock and nudge behind one door. Raises ConfigurationError when the schema is not the current one."""
    settings = settings or read_settings()
    database = open_database(settings)
    require_current_schema(database)
    return Desk(
        database=database,
        clock=Clock(shiftable=settings.clock == "shiftable"),
        undo=timedelta(seconds=settings.undo_seconds),
        nudge=Nudge(redis_url(settings)),
    )


def redis_url(settings: Settings) -> str:
    """``REDIS_URL``, else the embedded server that `slackdesk run` keeps in the data folder."""
    url = settings.redis_url or running_url(settings.data)
    if url is None:
        raise ConfigurationError("REDIS_URL", None, "set REDIS_URL, or start the desk with `slackdesk run`")
    return url
