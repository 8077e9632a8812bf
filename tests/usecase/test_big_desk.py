"""The desk that the bench of scale fills in bulk is one that the use cases could have left."""

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slackdesk_plugins.sla.breaches import breaches, stops
from slackdesk_plugins.sla.tables import Breach, Result
from sqlalchemy import func, select

from slackdesk.dispatch.model import Work, WorkKind, WorkState
from slackdesk.tickets import audit
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import HistoryEntry, Posting, Status, Ticket, TicketMessage, TierStay, still_open_sql

TICKETS, TIMERS = 400, 900


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Imports modules of the bench by their names, as ``run.py`` does."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    return importlib.import_module


@pytest.fixture
def at_work(bench: Callable[[str], Any], database_url: str) -> Iterator[Any]:
    """People on a desk that is filled."""
    big_desk = bench("big_desk")
    desk, registry = big_desk.new_desk(database_url)
    big_desk.fill([desk], registry, TICKETS, TIMERS)
    yield bench("people_at_work").AtWork(desk, registry)
    desk.database.close()


def test_big_desk_is_lawful(at_work: Any) -> None:
    with at_work.desk.reading() as tx:
        report = audit.verify(tx.session)
        assert (report.tickets, report.findings) == (TICKETS, ())
        assert report.entries > 4 * TICKETS
        staying = tx.session.scalars(select(TierStay.ticket_id).where(TierStay.left_at.is_(None))).all()
        still_open = tx.session.scalars(select(Ticket.id).where(Ticket.status.in_(OPEN))).all()
        assert sorted(staying) == sorted(still_open), "exactly the open tickets have a stay that goes on"
        timers = select(func.count()).where(Work.kind == WorkKind.TIMER, Work.state == WorkState.PENDING)
        timers = timers.where(Work.due_at > tx.now, Work.name == "csat.poll")
        assert tx.session.scalar(timers) == TIMERS
        for table in (TicketMessage, Posting):
            alone = select(func.count()).select_from(table).where(table.ticket_id.not_in(select(Ticket.id)))
            assert tx.session.scalar(alone) == 0
        newest = tx.session.scalar(select(func.max(HistoryEntry.at)))
        assert newest is not None
        assert newest <= tx.now


def test_big_desk_has_what_service_levels_would_have_written(at_work: Any, bench: Callable[[str], Any]) -> None:
    with at_work.desk.reading() as tx:
        config = at_work.registry.config(at_work.registry.active["sla"], tx.policy)
        rules, until = bench("promises").Rules(tx.policy, config), tx.now - timedelta(minutes=10)
        history = defaultdict(list)
        for entry in tx.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)):
            history[entry.ticket_id].append(entry)
        results, late = set(), set()
        for ticket_id, entries in history.items():
            for clock, at in stops(entries, rules):
                results.add((ticket_id, *clock.key, at, clock.where.tier, not clock.is_late(at)))
            found = breaches(entries, rules, since=entries[0].at, until=until)
            late |= {(ticket_id, *one.key, one.at) for one in found}
        keys = Result.ticket_id, Result.clock, Result.cycle, Result.stopped_at, Result.tier, Result.is_met
        assert {tuple(row) for row in tx.session.execute(select(*keys))} == results
        assert len(results) > TICKETS
        keys = Breach.ticket_id, Breach.clock, Breach.cycle, Breach.at
        assert {tuple(row) for row in tx.session.execute(select(*keys).where(Breach.at < until))} == late != set()
        told = [one for entries in history.values() for one in entries if one.kind == "target_missed"]
        missed = {(one.ticket_id, one.data["clock"], one.data["cycle"], one.at) for one in told}
        assert {one for one in missed if one[-1] < until} == late


def test_big_desk_goes_on_working(at_work: Any) -> None:
    at_work.begin_the_day()
    at_work.act(at_work.resolve())
    assert at_work.queue()()["text"].count("IT-") >= 10
    home = at_work.agents_home()().arguments["view"]["blocks"]
    assert sum("accessory" in block for block in home) == 24, "three lists of eight: nothing is handed up to this tier"
    with at_work.desk.reading() as tx:
        newest = tx.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
        assert newest.status is Status.RESOLVED
        assert newest.id > TICKETS
        assert audit.verify(tx.session).findings == ()


def test_big_desk_shows_how_statements_find_their_rows(at_work: Any, bench: Callable[[str], Any]) -> None:
    plans, database = bench("plans"), at_work.desk.database

    def walk() -> None:
        with database.read() as session:
            session.scalars(select(Ticket.id).where(Ticket.id > 7, still_open_sql()).order_by(Ticket.id).limit(9)).all()

    (statement,) = plans.statements_of(database, walk)
    assert statement.milliseconds > 0
    plan = plans.plan_of(database, statement)
    assert "ticket" in plan
    if not database.is_postgresql:  # which reads a table of so few rows as a whole
        assert "USING INDEX ix_ticket_open" in plan


def test_big_desk_repeats_what_is_old(
    bench: Callable[[str], Any], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    big_desk = bench("big_desk")
    monkeypatch.setattr(big_desk, "BLOCK", 50)
    monkeypatch.setattr(big_desk, "OWN_LIVES", 150)
    desk, registry = big_desk.new_desk(database_url)
    big_desk.fill([desk], registry, TICKETS, 0)
    with desk.reading() as tx:
        ids = tx.session.scalars(select(Ticket.id).order_by(Ticket.id)).all()
        assert ids == list(range(1, TICKETS + 1))
        first, again = (tx.session.get_one(Ticket, number) for number in (7, 57))
        assert (first.requester, first.status) == (again.requester, again.status)
        assert first.created_at < again.created_at
        history = select(HistoryEntry.kind).order_by(HistoryEntry.sequence)
        kinds = [tx.session.scalars(history.where(HistoryEntry.ticket_id == number)).all() for number in (7, 57)]
        assert kinds[0] == kinds[1]
        assert tx.session.scalars(select(Ticket.id).where(Ticket.id <= 300, Ticket.status.in_(OPEN))).all() == []
        assert audit.verify(tx.session, TICKETS).findings == ()
    people = bench("people_at_work").AtWork(desk, registry)
    people.begin_the_day()
    people.act(people.resolve())
    desk.database.close()
