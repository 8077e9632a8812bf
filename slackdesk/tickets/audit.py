"""Proof that histories are whole: tells erased text from changed, missing, moved and added entries.

It proves that nobody changed single rows. Whoever can write the database could recompute a whole chain; against that
helps only a backup kept where that person cannot write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from slackdesk.tickets.chain import digest_of
from slackdesk.tickets.events import TextErased
from slackdesk.tickets.history import entry_hash
from slackdesk.tickets.model import HistoryEntry, Ticket

_AT_ONCE = 500
"""Tickets read in one go."""


class Problem(StrEnum):
    """What is wrong with an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT_TAIL = "cut tail"
    REORDERED = "reordered"
    INSERTED = "inserted"


@dataclass(frozen=True)
class Finding:
    """``sequence`` is the place in the history, counted from 0."""

    ticket_id: int
    number: str
    sequence: int
    problem: Problem
    detail: str


_Problem = tuple[int, Problem, str]
"""Sequence, problem, detail."""


@dataclass(frozen=True)
class Report:
    """``erased`` counts entries whose text was erased on request, which is no finding."""

    tickets: int
    entries: int
    erased: int
    findings: tuple[Finding, ...]


def verify(session: Session, ticket_id: int | None = None) -> Report:
    """Check one ticket, or all of them."""
    tickets = entries = erased = 0
    findings: list[Finding] = []
    for ticket, history in _histories(session, ticket_id):
        tickets += 1
        entries += len(history)
        erased += sum(entry.erased_at is not None for entry in history)
        findings += _check_ticket(ticket, history)
    return Report(tickets, entries, erased, tuple(findings))


def _histories(session: Session, ticket_id: int | None) -> Iterator[tuple[Ticket, list[HistoryEntry]]]:
    last = 0
    while True:
        wanted = (
            select(Ticket).where(Ticket.id > last)
            if ticket_id is None
            else select(Ticket).where(Ticket.id == ticket_id)
        )
        tickets = session.scalars(wanted.order_by(Ticket.id).limit(_AT_ONCE)).all()
        if not tickets:
            return
        history: dict[int, list[HistoryEntry]] = {ticket.id: [] for ticket in tickets}
        for entry in session.scalars(
            select(HistoryEntry)
            .where(HistoryEntry.ticket_id.in_(history))
            .order_by(HistoryEntry.ticket_id, HistoryEntry.sequence)
        ):
            history[entry.ticket_id].append(entry)
        for ticket in tickets:
            yield ticket, history[ticket.id]
        if ticket_id is not None:
            return
        last = tickets[-1].id
        session.expunge_all()  # a desk of years does not fit into memory


def _check_ticket(ticket: Ticket, history: Sequence[HistoryEntry]) -> list[Finding]:
    chain, problems = _check_order(ticket, history)
    problems += _check_texts(chain)
    return [
        Finding(ticket.id, ticket.number, sequence, problem, detail)
        for sequence, problem, detail in sorted(problems, key=lambda found: found[0])
    ]


def _check_order(ticket: Ticket, history: Sequence[HistoryEntry]) -> tuple[list[HistoryEntry], list[_Problem]]:
    """Follow the chain from its beginning; returns the entries that belong to it, in order, and what is wrong."""
    problems: list[_Problem] = []
    chain: list[HistoryEntry] = []
    left = {entry.sequence: entry for entry in history}
    previous: str | None = ""
    for sequence in range(ticket.history_count):
        entry = _fitting(left, previous, sequence)
        if entry is None:
            entry = left.get(sequence)
            if entry is None and all(other < sequence for other in left):
                problems.append(
                    (sequence, Problem.CUT_TAIL, f"{ticket.history_count - sequence} newest entries are gone")
                )
                break
            if entry is None:
                problems.append((sequence, Problem.MISSING, "the entry is gone"))
                previous = None
                continue
            if previous is not None:
                problems.append(
                    (sequence, Problem.CHANGED, f"“{entry.kind}” is not what was recorded after the entry before")
                )
        del left[entry.sequence]
        chain.append(entry)
        previous = entry.hash
    if not problems and previous != ticket.history_head:
        problems.append((len(chain) - 1, Problem.CHANGED, "the ticket knows another newest entry"))
    for place, entry in zip(sorted(entry.sequence for entry in chain), chain, strict=True):
        if entry.sequence != place:
            problems.append((place, Problem.REORDERED, f"“{entry.kind}” belongs here and stands at {entry.sequence}"))
    problems += [(entry.sequence, Problem.INSERTED, f"“{entry.kind}” was never recorded") for entry in left.values()]
    return chain, problems


def _fitting(left: dict[int, HistoryEntry], previous: str | None, sequence: int) -> HistoryEntry | None:
    """The entry whose hash says that it follows ``previous`` as number ``sequence``, wherever it stands."""
    if previous is None:
        return None
    here = [left[sequence]] if sequence in left else []
    elsewhere = (entry for place, entry in left.items() if place != sequence)
    return next((entry for entry in (*here, *elsewhere) if entry_hash(entry, previous, sequence) == entry.hash), None)


def _check_texts(chain: Sequence[HistoryEntry]) -> list[_Problem]:
    """Whether each text is the recorded one, or was erased by a recorded erasure."""
    erased = {
        sequence for entry in chain if entry.kind == TextErased.kind for sequence in entry.data.get("sequences", ())
    }
    problems: list[_Problem] = []
    for entry in chain:
        if entry.text is None:
            if entry.digest and entry.sequence not in erased:
                problems.append((entry.sequence, Problem.CHANGED, "its text is gone, and no erasure was recorded"))
        elif entry.salt is None or digest_of(entry.salt, entry.text) != entry.digest:
            problems.append((entry.sequence, Problem.CHANGED, f"the text of “{entry.kind}” is not the recorded one"))
    return problems
