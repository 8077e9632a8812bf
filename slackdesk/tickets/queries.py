"""Reading tickets. Nothing here checks rights: whoever shows the answer asks ``slackdesk.tickets.rights``."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row, case, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from slackdesk.errors import NotFound
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import (
    HistoryEntry,
    Posting,
    Priority,
    Snooze,
    Ticket,
    TicketMessage,
    TierStay,
    Watcher,
    still_open_sql,
)

_NUMBER = re.compile(r"\s*(?:#|[A-Za-z][A-Za-z0-9]*-)?(\d{1,18})\s*")
_MAX_ID = 2**31 - 1
_URGENCY = case({priority: rank for rank, priority in enumerate(reversed(Priority))}, value=Ticket.priority)


def ticket_by_number(session: Session, text: str) -> Ticket:
    """The ticket that people call ``42``, ``#42`` or ``IT-42``; the prefix of a former queue still finds it.

    Raises NotFound.
    """
    match = _NUMBER.fullmatch(text)
    ticket = session.get(Ticket, int(match[1])) if match and int(match[1]) <= _MAX_ID else None
    if ticket is None:
        raise NotFound("There is no ticket “{number}”. A number looks like 42 or IT-42.", number=text.strip()[:40])
    return ticket


def tickets_of(session: Session, person: str, limit: int = 20) -> list[Ticket]:
    """What the person asked for: open tickets first, then the newest."""
    return tickets_with(session, ids_of(session, person, limit))


def ids_of(session: Session, person: str, limit: int) -> Sequence[int]:
    """Ids of what the person asked for, in the order of ``tickets_of``: for a list of which only a part is shown."""
    is_open = case((Ticket.status.in_(OPEN), 0), else_=1)
    asked = select(Ticket.id).where(Ticket.requester == person)
    return session.scalars(asked.order_by(is_open, Ticket.id.desc()).limit(limit)).all()


def queue_of(session: Session, policy: ResolvedPolicy, agent: str, now: datetime, limit: int = 50) -> list[Ticket]:
    """The agent's work: own open tickets, then those of the agent's tiers, unassigned ones first, urgent and old first.

    Without what the agent has snoozed until after ``now`` (desk time).
    """
    return tickets_with(session, [row.id for row in work_of(session, policy, agent, now, limit)])


def work_of(
    session: Session, policy: ResolvedPolicy, agent: str, now: datetime, limit: int
) -> Sequence[Row[int, str | None]]:
    """``(id, assignee)`` of the agent's work, in the order of ``queue_of``.

    Sorting whole tickets to show a few of them costs several times as much.
    """
    places = [
        (queue.key, tier.name)
        for queue in policy.queues.values()
        for tier in queue.tiers
        if agent in tier.members or agent == tier.lead
    ]
    mine = Ticket.assignee == agent
    in_tiers = tuple_(Ticket.queue, Ticket.tier).in_(places) if places else mine
    snoozed = exists().where(Snooze.ticket_id == Ticket.id, Snooze.person == agent, Snooze.until > now)
    ownership = case((mine, 0), (Ticket.assignee.is_(None), 1), else_=2)
    return session.execute(
        select(Ticket.id, Ticket.assignee)
        .where(Ticket.status.in_(OPEN), or_(mine, in_tiers), ~snoozed)
        .order_by(ownership, _URGENCY, Ticket.id)
        .limit(limit)
    ).all()


def tickets_with(session: Session, ids: Iterable[int]) -> list[Ticket]:
    """The tickets with these ids, in this order."""
    wanted = list(ids)
    found = {ticket.id: ticket for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(wanted)))}
    return [found[ticket_id] for ticket_id in wanted]


def open_tickets(session: Session, after_id: int, limit: int) -> Sequence[Ticket]:
    """Open tickets by id, from the first one behind ``after_id``."""
    behind = select(Ticket).where(Ticket.id > after_id, still_open_sql()).order_by(Ticket.id).limit(limit)
    return session.scalars(behind).all()


def filed_since(session: Session, since: datetime) -> Sequence[int]:
    """Ids of the tickets filed since then, oldest first."""
    filed = select(Ticket.id).where(Ticket.created_at >= since).order_by(Ticket.created_at, Ticket.id)
    return session.scalars(filed).all()


def ticket_at(session: Session, channel: str, ts: str) -> tuple[Ticket, Posting] | None:
    """The ticket to which a message in Slack belongs, and what the message is: ours, or the one it was filed from."""
    row = session.execute(
        select(Ticket, Posting)
        .join(Posting, Posting.ticket_id == Ticket.id)
        .where(Posting.channel == channel, Posting.ts == ts)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def history_of(session: Session, ticket_id: int) -> Sequence[HistoryEntry]:
    """Everything that happened, in order."""
    return session.scalars(
        select(HistoryEntry).where(HistoryEntry.ticket_id == ticket_id).order_by(HistoryEntry.sequence)
    ).all()


def histories_of(session: Session, ids: Sequence[int]) -> dict[int, list[HistoryEntry]]:
    """Ticket → everything that happened to it, in order."""
    found: dict[int, list[HistoryEntry]] = {ticket_id: [] for ticket_id in ids}
    of_these = select(HistoryEntry).where(HistoryEntry.ticket_id.in_(ids))
    for entry in session.scalars(of_these.order_by(HistoryEntry.ticket_id, HistoryEntry.sequence)):
        found[entry.ticket_id].append(entry)
    return found


def stays_of(session: Session, ticket_id: int) -> Sequence[TierStay]:
    """The tier ledger, oldest stay first."""
    return session.scalars(select(TierStay).where(TierStay.ticket_id == ticket_id).order_by(TierStay.id)).all()


def messages_of(session: Session, ticket_id: int) -> Sequence[TicketMessage]:
    """Both sides of the conversation, in order."""
    return session.scalars(
        select(TicketMessage).where(TicketMessage.ticket_id == ticket_id).order_by(TicketMessage.id)
    ).all()


def watchers_of(session: Session, ticket_id: int) -> list[str]:
    """Who is told of what becomes of the ticket."""
    return list(session.scalars(select(Watcher.person).where(Watcher.ticket_id == ticket_id).order_by(Watcher.person)))
