"""A fortnight of random people: what the weekly summary says is what plain SQL counts from the raw history."""

import csv
import io
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import bindparam, text

from slackdesk.database import UtcDateTime

from .deeds import something_happens

ORDERED = [{"to": "#leadership", "queues": ["it", "hr"], "every": "week", "at": "Mon 08:00"}]
SECRET = "Salary of somebody"

QUEUE_THEN = """
    (SELECT q.data->>'queue' FROM history q
      WHERE q.ticket_id = h.ticket_id AND q.sequence <= h.sequence AND q.kind IN ('filed', 'moved')
      ORDER BY q.sequence DESC LIMIT 1)
"""
HAPPENED = f"""
    SELECT count(*) FROM history h
     WHERE h.kind = :kind AND h.at >= :since AND h.at < :until AND {QUEUE_THEN} = :queue
"""  # noqa: S608  constants of this file
OPEN_AT_THE_END = f"""
    SELECT count(*) FROM history h
     WHERE h.sequence = (SELECT max(l.sequence) FROM history l WHERE l.ticket_id = h.ticket_id AND l.at < :until)
       AND h.data->>'status' IN ('new', 'in_progress', 'waiting', 'on_hold') AND {QUEUE_THEN} = :queue
"""  # noqa: S608  constants of this file
KINDS = {"opened": "filed", "resolved": "resolved", "closed": "closed", "reopened": "reopened", "moved_in": "moved"}


def _counted(world: Any, queue: str, since: datetime, until: datetime) -> dict[str, int]:
    """By SQL alone."""
    typed = {"since": UtcDateTime(), "until": UtcDateTime()}

    def scalar(session: Any, sql: str, **values: Any) -> int:
        statement = text(sql)
        known = {name: kind for name, kind in typed.items() if f":{name}" in sql}
        statement = statement.bindparams(*(bindparam(name, type_=kind) for name, kind in known.items()))
        found: int = session.scalar(statement, values)
        return found

    with world.desk.desk.reading() as tx:
        span = {"since": since, "until": until, "queue": queue}
        found = {key: scalar(tx.session, HAPPENED, kind=kind, **span) for key, kind in KINDS.items()}
        return found | {"backlog": scalar(tx.session, OPEN_AT_THE_END, until=until, queue=queue)}


def _days_pass(world: Any, days: int, chance: Random, tickets: list[int]) -> None:
    """Whole days from one minute past midnight on, with eight deeds each, and workers that do what is due."""
    for day in range(days):
        begins = world.desk.now
        world.desk.advance("7h")
        for n in range(8):
            something_happens(world, tickets, chance)
            if n % 4 == 0:
                world.file(queue="hr", topic="Payroll", what=f"{SECRET} {day} {n}")
            world.passes(minutes=chance.randrange(1, 50))
        world.passes(seconds=(begins + timedelta(days=1) - world.desk.now).total_seconds())
        world.desk.settle()


def test_the_weekly_summary_says_what_plain_sql_counts(start_world: Any) -> None:
    world, chance, tickets = start_world(subscriptions=ORDERED), Random(20261116), []
    monday = world.until_monday() - timedelta(minutes=1)
    world.desk.settle()
    _days_pass(world, 14, chance, tickets)
    world.desk.advance("9h")
    ratna = world.desk.person("ratna")
    summaries = [one for one in ratna.messages("#leadership") if "compared with" in one.text]
    assert len(summaries) == 3, "the week before the fortnight, and its two weeks"
    for week, summary in enumerate(summaries[1:]):
        since = (monday + timedelta(days=7 * week)).replace(second=0, microsecond=0)
        [share] = summary.thread()
        table = share.file(share.files[1]).content.decode()
        rows = {row["key"]: row for row in csv.DictReader(io.StringIO(table)) if not row["date"]}
        expected = _counted(world, "it", since, since + timedelta(days=7))
        assert {key: int(rows[key]["value"]) for key in expected} == expected
        assert expected["opened"] > 5, expected
        assert expected["resolved"] > 2, expected
        private = _counted(world, "hr", since, since + timedelta(days=7))
        shown = {key: rows[f"hr.{key}"]["value"] for key in ("opened", "resolved", "closed", "backlog")}
        assert shown == {key: str(private[key]) if private[key] >= 5 else "<5" for key in shown}
        for said in (summary.text, str(summary.message.blocks), table, share.file(share.files[0]).alt_text):
            assert SECRET not in said
            assert "Payroll" not in said
    _, second = (one.text.partition("\n")[0] for one in summaries[1:])
    assert second.startswith("IT help, People team, ")
    assert world.desk.sandbox.journal.illegal() == []
