"""Promises that were not kept, as somebody outside of the core measures them."""

from datetime import datetime

from sqlalchemy import select

from slackdesk.tickets.events import TargetMissed
from slackdesk.tickets.history import record
from slackdesk.tickets.model import HistoryEntry, Ticket
from slackdesk.tickets.transaction import Transaction


def record_missed_target(
    tx: Transaction, ticket_id: int, clock: str, cycle: int, *, queue: str, tier: str, missed_at: datetime
) -> None:
    """Write into the history that a target was missed, once for each clock and cycle.

    It is a fact about what was, so it is written whatever has become of the ticket, its queue or its tier since then.
    """
    tx.session.flush()
    ticket = tx.session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    known = select(HistoryEntry.data).where(HistoryEntry.ticket_id == ticket_id, HistoryEntry.kind == TargetMissed.kind)
    if ticket is None or (clock, cycle) in ((data["clock"], data["cycle"]) for data in tx.session.scalars(known)):
        return
    event = TargetMissed(ticket_id, tx.now, None, clock=clock, cycle=cycle, queue=queue, tier=tier, missed_at=missed_at)
    record(tx, ticket, event)
