"""The promise to the requester: when the desk answers next."""

from dataclasses import dataclass
from datetime import datetime

from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets.model import Ticket


@dataclass(frozen=True)
class Promise:
    """Both in UTC; ``closed_until`` is None while the queue's calendar is open."""

    closed_until: datetime | None
    answer_by: datetime


def promise_for(policy: ResolvedPolicy, ticket: Ticket, now: datetime, answer_by: datetime | None = None) -> Promise:
    """The promise as it stands: ``answer_by``, else the tier's budget in business time, from when it had to answer."""
    calendar = policy.calendar(ticket.queue)
    budget = policy.queue(ticket.queue).tier(ticket.tier).budget
    return Promise(
        closed_until=None if calendar.is_open(now) else calendar.next_open(now),
        answer_by=answer_by or calendar.due(ticket.promised_from, budget),
    )
