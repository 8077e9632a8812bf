"""`slackdesk audit` on a migrated database, as an operator types it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from slackdesk.cli.audit import audit_app
from slackdesk.database import Database
from slackdesk.migrations import migrate
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import migrate_plugins
from slackdesk.tickets.model import HistoryEntry


@pytest.fixture
def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    database = Database(database_url)
    migrate(database)
    migrate_plugins(database, load({}))
    monkeypatch.setenv("DATABASE_URL", database_url)
    yield database
    database.close()


def audit(*words: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(audit_app, words, input=answer)


def test_whole_histories_are_said_to_be_whole(migrated: Database, helpdesk_on: Callable[[Database], Any]) -> None:
    ticket = helpdesk_on(migrated).file()
    for words in (("verify",), ("verify", ticket.number)):
        result = audit(*words)
        assert (result.exit_code, result.output) == (
            0,
            "Tickets: 1, history entries: 1, erased on request: 0. Problems: none.\n",
        )


def test_a_changed_entry_is_shown_with_exit_code_1(migrated: Database, helpdesk_on: Callable[[Database], Any]) -> None:
    ticket = helpdesk_on(migrated).file()
    with migrated.begin() as session:
        session.execute(update(HistoryEntry).values(text="My VPN is up"))
    result = audit("verify")
    assert result.exit_code == 1
    assert ticket.number in result.output
    assert "changed" in result.output
    assert "Problems: 1." in result.output


def test_an_unknown_number_is_said_with_exit_code_2(migrated: Database, helpdesk_on: Callable[[Database], Any]) -> None:
    helpdesk_on(migrated)
    result = audit("verify", "IT-99")
    assert result.exit_code == 2
    assert "There is no ticket “IT-99”" in result.output


def test_erasing_asks_first(
    migrated: Database,
    helpdesk_on: Callable[[Database], Any],
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    helpdesk = helpdesk_on(migrated)
    ticket = helpdesk.file()
    assert audit("erase", "U0ANI", answer="n\n").exit_code == 1
    assert helpdesk.ticket(ticket.id).title == "My VPN is down"
    assert "(tickets: 1)" in audit("erase", "U0ANI", answer="y\n").output
    assert helpdesk.ticket(ticket.id).title is None
    assert audit("verify").output == "Tickets: 1, history entries: 2, erased on request: 1. Problems: none.\n"
