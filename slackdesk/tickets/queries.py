"""Reading tickets. Nothing here checks rights: whoever shows the answer asks ``slackdesk.tickets.rights``."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, exists, or_, select, tuple_
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
    is_open = case((Ticket.status.in_(OPEN), 0), else_=1)
    return list(
        session.scalars(
            select(Ticket).where(Ticket.requester == person).order_by(is_open, Ticket.id.desc()).limit(limit)
        )
    )


def queue_of(session: Session, policy: ResolvedPolicy, agent: str, now: datetime, limit: int = 50) -> list[Ticket]:
    """The agent's work: own open tickets, then those of the agent's tiers, unassigned ones first, urgent and old first.

    Without what the agent has snoozed until after ``now`` (desk time).
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
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.status.in_(OPEN), or_(mine, in_tiers), ~snoozed)
            .order_by(ownership, _URGENCY, Ticket.id)
            .limit(limit)
        )
    )


def open_tickets(session: Session, after_id: int, limit: int) -> Sequence[Ticket]:
    """Open tickets by id, from the first one behind ``after_id``."""
    behind = select(Ticket).where(Ticket.id > after_id, Ticket.status.in_(OPEN)).order_by(Ticket.id).limit(limit)
    return session.scalars(behind).all()


def filed_since(session: Session, since: datetime) -> Sequence[int]:
    """Ids of the tickets filed since then, oldest first."""
    return session.scalars(select(Ticket.id).where(Ticket.created_at >= since).order_by(Ticket.id)).all()


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
