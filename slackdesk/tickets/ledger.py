"""The tier ledger: every stay of a ticket in a tier, with the business time that it took."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from slackdesk.businesstime import Span
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets.lifecycle import PAUSED
from slackdesk.tickets.model import HistoryEntry, Status, StayBegin, Ticket, TierStay
from slackdesk.tickets.transaction import Transaction


def enter(
    tx: Transaction,
    ticket: Ticket,
    how: StayBegin,
    *,
    handed_by: str | None = None,
    reason: str | None = None,
    tried: str | None = None,
    asked: str | None = None,
) -> TierStay:
    """Begin a stay in the ticket's current tier. The desk's answer is promised from now on."""
    stay = TierStay(
        ticket_id=ticket.id,
        queue=ticket.queue,
        tier=ticket.tier,
        entered_at=tx.now,
        entered_how=how,
        handed_by=handed_by,
        reason=reason,
        tried=tried,
        asked=asked,
        budget_seconds=int(tx.policy.queue(ticket.queue).tier(ticket.tier).budget.total_seconds()),
    )
    ticket.promised_from = tx.now
    tx.session.add(stay)
    return stay


def leave(tx: Transaction, ticket: Ticket, how: str) -> None:
    """End the current stay, if there is one, and write down the business time that it took."""
    stay = current_stay(tx.session, ticket)
    if stay is None:
        return
    stay.left_at, stay.left_how = tx.now, how
    stay.business_seconds = int(
        business_time(tx.policy, stay, pauses_of(tx.session, ticket, tx.now), tx.now).total_seconds()
    )
    tx.session.flush()


def current_stay(session: Session, ticket: Ticket) -> TierStay | None:
    """The stay that has not ended; None for a ticket that is not open."""
    return session.scalars(
        select(TierStay).where(TierStay.ticket_id == ticket.id, TierStay.left_at.is_(None))
    ).one_or_none()


def awaits_acceptance(stay: TierStay | None) -> bool:
    """Whether the stay began with a hand-off that nobody has accepted yet."""
    return stay is not None and stay.entered_how == StayBegin.ESCALATED and stay.accepted_at is None


def origin_of(stays: Iterable[TierStay]) -> tuple[TierStay, TierStay] | None:
    """``(sender's stay, hand-off)`` that brought the ticket to the tier of its last stay; None if it was not handed up.

    A tier to which a ticket was sent back still knows from where it was handed up the first time.
    """
    ordered = list(stays)
    current = ordered[-1]
    for before, stay in zip(reversed(ordered[:-1]), reversed(ordered), strict=False):
        if stay.queue != current.queue or stay.entered_how == StayBegin.MOVED:
            return None
        if stay.tier == current.tier and stay.entered_how == StayBegin.ESCALATED:
            return before, stay
    return None


def business_time(policy: ResolvedPolicy, stay: TierStay, pauses: Iterable[Span], now: datetime) -> timedelta:
    """Working time of the stay's queue from its beginning to its end (or now), without the pauses."""
    return policy.calendar(stay.queue).elapsed(stay.entered_at, stay.left_at or now, pauses)


def pauses_of(session: Session, ticket: Ticket, now: datetime) -> list[Span]:
    """When the ticket was waiting for the requester or on hold, from its history; a pause that lasts ends ``now``."""
    entries = session.execute(
        select(HistoryEntry.at, HistoryEntry.data)
        .where(HistoryEntry.ticket_id == ticket.id)
        .order_by(HistoryEntry.sequence)
    ).all()
    pauses: list[Span] = []
    begun: datetime | None = None
    for at, data in entries:
        is_paused = Status(data["status"]) in PAUSED
        if is_paused and begun is None:
            begun = at
        elif not is_paused and begun is not None:
            pauses.append((begun, at))
            begun = None
    return pauses if begun is None else [*pauses, (begun, now)]
