"""Tampering is found and named; erasing is not tampering."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from slackdesk.tickets import service
from slackdesk.tickets.audit import Problem, Report, verify
from slackdesk.tickets.erasure import erase_person
from slackdesk.tickets.events import EVENTS, TicketClaimed
from slackdesk.tickets.history import event_in
from slackdesk.tickets.model import HistoryEntry, Person, Ticket, TicketMessage, TierStay


@pytest.fixture
def ticket(helpdesk: Any, cast: Any) -> Ticket:
    """filed 0, claimed 1, note 2, escalated 3, accepted 4, resolved 5."""
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.do(service.add_note, ticket.id, cast.lena, "A note")
    helpdesk.escalate(ticket, cast.lena)
    helpdesk.do(service.accept_ticket, ticket.id, cast.mira)
    helpdesk.resolve(ticket, cast.mira)
    helpdesk.file(cast.budi, text="Another ticket")
    resolved: Ticket = helpdesk.ticket(ticket.id)
    return resolved


def report(helpdesk: Any, ticket_id: int | None = None) -> Report:
    with helpdesk.database.read() as session:
        return verify(session, ticket_id)


def move(session: Session, ticket_id: int, sequence: int, to: int) -> None:
    session.execute(
        update(HistoryEntry)
        .where(HistoryEntry.ticket_id == ticket_id, HistoryEntry.sequence == sequence)
        .values(sequence=to)
    )


def change(sequence: int, **values: Any) -> Callable[[Session, int], None]:
    def tamper(session: Session, ticket_id: int) -> None:
        session.execute(
            update(HistoryEntry)
            .where(HistoryEntry.ticket_id == ticket_id, HistoryEntry.sequence == sequence)
            .values(**values)
        )

    return tamper


def remove(first: int, last: int) -> Callable[[Session, int], None]:
    def tamper(session: Session, ticket_id: int) -> None:
        session.execute(
            delete(HistoryEntry).where(HistoryEntry.ticket_id == ticket_id, HistoryEntry.sequence.between(first, last))
        )

    return tamper


def swap(session: Session, ticket_id: int) -> None:
    for sequence, to in ((2, 99), (4, 2), (99, 4)):
        move(session, ticket_id, sequence, to)


def insert_after_the_second(session: Session, ticket_id: int) -> None:
    for sequence in range(5, 1, -1):
        move(session, ticket_id, sequence, sequence + 1)
    add_entry(session, ticket_id, 2)


def append(session: Session, ticket_id: int) -> None:
    add_entry(session, ticket_id, 6)


def add_entry(session: Session, ticket_id: int, sequence: int) -> None:
    copied = session.scalars(select(HistoryEntry).where(HistoryEntry.ticket_id == ticket_id)).first()
    assert copied is not None
    session.add(
        HistoryEntry(
            ticket_id=ticket_id,
            sequence=sequence,
            at=copied.at,
            actor="U0EVE",
            kind="claimed",
            data={"status": "in_progress"},
            digest="",
            hash="0" * 64,
        )
    )


def test_an_untouched_history_is_whole(helpdesk: Any, ticket: Ticket) -> None:
    assert report(helpdesk) == Report(tickets=2, entries=7, erased=0, findings=())
    assert report(helpdesk, ticket.id).entries == 6


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (change(1, actor="U0EVE"), [(1, Problem.CHANGED)]),
        (change(0, data={"status": "closed"}), [(0, Problem.CHANGED)]),
        (change(4, kind="claimed"), [(4, Problem.CHANGED)]),
        (change(2, text="Another note"), [(2, Problem.CHANGED)]),
        (change(2, text=None, salt=None), [(2, Problem.CHANGED)]),
        (change(5, hash="0" * 64), [(5, Problem.CHANGED)]),
        (remove(2, 2), [(2, Problem.MISSING)]),
        (remove(4, 5), [(4, Problem.CUT_TAIL)]),
        (remove(0, 5), [(0, Problem.CUT_TAIL)]),
        (swap, [(2, Problem.REORDERED), (4, Problem.REORDERED)]),
        (insert_after_the_second, [(2, Problem.INSERTED)]),
        (append, [(6, Problem.INSERTED)]),
    ],
)
def test_tampering_is_named(
    helpdesk: Any, ticket: Ticket, tamper: Callable[[Session, int], None], found: list[tuple[int, Problem]]
) -> None:
    with helpdesk.database.begin() as session:
        tamper(session, ticket.id)
    findings = report(helpdesk).findings
    assert {finding.ticket_id for finding in findings} == {ticket.id}
    assert [(finding.sequence, finding.problem) for finding in findings] == found


def test_a_cut_tail_shows_even_with_an_adjusted_count(helpdesk: Any, ticket: Ticket) -> None:
    with helpdesk.database.begin() as session:
        remove(5, 5)(session, ticket.id)
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(history_count=5))
    assert [finding.problem for finding in report(helpdesk).findings] == [Problem.CHANGED]


def test_erasing_a_requester_empties_all_that_was_written(helpdesk: Any, cast: Any, ticket: Ticket) -> None:
    with helpdesk.database.begin() as session:
        session.add(Person(id=cast.ani, name="Ani", handle="ani", refreshed_at=ticket.created_at))
    assert helpdesk.do(erase_person, cast.ani).ticket_ids == (ticket.id,)
    after = report(helpdesk)
    assert (after.findings, after.erased) == ((), 4)
    with helpdesk.database.read() as session:
        stored = session.get_one(Ticket, ticket.id)
        assert (stored.title, stored.description, stored.resolution) == (None, None, None)
        assert all(
            message.text is None
            for message in session.scalars(select(TicketMessage).where(TicketMessage.ticket_id == ticket.id))
        )
        stays = session.scalars(select(TierStay).where(TierStay.ticket_id == ticket.id)).all()
        assert all(stay.reason is None for stay in stays)
        assert all(stay.business_seconds is not None for stay in stays)
        assert session.get_one(Person, cast.ani).name == ""
    rows = [row for name in ("agents_notice", "person_notice", "requester_notice") for row in helpdesk.work(name)]
    assert not any("New battery" in str(row.payload) or "firewall" in str(row.payload) for row in rows)
    assert helpdesk.do(erase_person, cast.ani).ticket_ids == (ticket.id,)
    assert report(helpdesk).findings == ()


def test_erasing_an_agent_leaves_what_others_wrote(helpdesk: Any, cast: Any, ticket: Ticket) -> None:
    helpdesk.do(erase_person, cast.lena)
    assert report(helpdesk).findings == ()
    stored = helpdesk.ticket(ticket.id)
    assert (stored.description, stored.resolution) == ("My VPN is down", "New battery")
    with helpdesk.database.read() as session:
        texts = session.scalars(
            select(HistoryEntry.text).where(HistoryEntry.ticket_id == ticket.id).order_by(HistoryEntry.sequence)
        ).all()
    assert list(texts) == ["My VPN is down", None, None, None, None, "New battery", None]


def test_every_subscriber_gets_its_own_row_with_the_event(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.desk = replace(helpdesk.desk, subscribers={"claimed": ("sla.start", "digest.count")})
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    for name in ("sla.start", "digest.count"):
        (row,) = helpdesk.work(name)
        event = event_in(row.payload)
        assert isinstance(event, TicketClaimed)
        assert (event.ticket_id, event.actor) == (ticket.id, cast.lena)


def test_every_event_has_a_kind_of_its_own() -> None:
    assert all(event.kind == kind for kind, event in EVENTS.items())
    assert len({event.__name__ for event in EVENTS.values()}) == len(EVENTS)
