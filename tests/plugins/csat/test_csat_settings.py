"""The plugin's section of the policy file, and what becomes of polls of the version before."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slackdesk_plugins.csat.declared import Asked, Poll, plugin
from sqlalchemy import text

from slackdesk.database import Database
from slackdesk.migrations import migrating, upgrade
from slackdesk.migrations.applying import take_away
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import version_table
from slackdesk.plugin.registry import Status

from .conftest import CSAT

SENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
INSERT = text(
    "INSERT INTO csat_poll (ticket_id, requester, agent, queue, tier, sent_at, score, rated_at, comment, revision) "
    "VALUES (:id, :requester, 'U2', 'it', 'L1', :sent_at, :score, :rated_at, :comment, 1)"
)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"delay": "soon"}, "plugins.csat.delay = 'soon': not a duration"),
        ({"delays": "1h"}, "plugins.csat.delays = '1h': unknown key; did you mean delay?"),
        ({"cool_down": "0d"}, "plugins.csat.cool_down = '0d': a duration of zero"),
        ({"low_score": 5}, "plugins.csat.low_score = 5: "),
        ({"enabled": "yes"}, "plugins.csat.enabled = 'yes': write true or false"),
    ],
)
def test_wrong_settings_are_named(section: dict[str, Any], said: str) -> None:
    [found] = [one for one in load({"csat": section}).found if one.name == "csat"]
    assert found.status is Status.QUARANTINED
    assert said in found.reason


@pytest.fixture
def old(database: Database, tmp_path: Path) -> Database:
    """A database with polls of version 1.0.0: two of the same person, one of them rated, and one of somebody else."""
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(CSAT / "migrations" / "0001_poll.py", first)
    _migrate(database, first)
    polls = [
        {"id": 1, "requester": "U1", "sent_at": SENT, "score": 4, "rated_at": SENT, "comment": "Quick"},
        {"id": 2, "requester": "U1", "sent_at": SENT + timedelta(days=1), "score": None},
        {"id": 3, "requester": "U3", "sent_at": SENT, "score": None},
    ]
    with database.engine.begin() as connection:
        for poll in polls:
            row = {"rated_at": None, "comment": None} | poll
            connection.execute(INSERT, {key: _stored(database, value) for key, value in row.items()})
    return database


def test_polls_of_the_version_before_are_kept(old: Database) -> None:
    _migrate(old, CSAT / "migrations")
    with old.read() as session:
        first, second, third = (session.get_one(Poll, number) for number in (1, 2, 3))
        assert (first.closed_at, first.rated_at, first.score, first.comment) == (SENT, SENT, 4, "Quick")
        assert (second.closed_at, second.is_anonymous, second.is_void, second.told_lead) == (
            SENT + timedelta(days=1),
            False,
            False,
            None,
        )
        assert third.reminded_at is None
        asked = {person: session.get_one(Asked, person).last_at for person in ("U1", "U3")}
    assert asked == {"U1": SENT + timedelta(days=1), "U3": SENT}, "the cool-down goes on"


def test_the_migrations_can_be_taken_back(old: Database) -> None:
    _migrate(old, CSAT / "migrations")
    with migrating(old) as connection:
        assert plugin.tables is not None
        take_away(connection, CSAT / "migrations", plugin.tables, version_table("csat"))


def _migrate(database: Database, revisions: Path) -> None:
    assert plugin.tables is not None
    with migrating(database) as connection:
        upgrade(connection, revisions, plugin.tables, version_table("csat"))


def _stored(database: Database, value: object) -> object:
    """An instant as the database keeps it."""
    if not isinstance(value, datetime) or database.engine.dialect.name != "sqlite":
        return value
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")
