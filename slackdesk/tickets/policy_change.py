"""Putting a policy in force where tickets are open."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from slackdesk.clock import Clock
from slackdesk.dispatch import blockages
from slackdesk.errors import ConfigurationError
from slackdesk.policy.model import PolicyVersion, ResolvedPolicy
from slackdesk.policy.reading import PolicyError
from slackdesk.policy.store import apply_policy
from slackdesk.tickets.lifecycle import ENDED
from slackdesk.tickets.model import Ticket


def put_in_force(
    session: Session, policy: ResolvedPolicy, *, source: str, applied_by: str, now: datetime
) -> PolicyVersion:
    """Apply a policy; the version in force afterwards, which is the present one when nothing differs.

    Raises PolicyError when an open ticket is in a tier that the policy lacks: it could be neither claimed nor closed.
    """
    _refuse_stranded_tickets(session, policy)
    real_now = Clock(shiftable=False).now(session).real
    blockages.end_all(session, real_now)  # a channel of the policy may be another one now
    return apply_policy(session, policy, source, applied_by, now)


def _refuse_stranded_tickets(session: Session, policy: ResolvedPolicy) -> None:
    tiers = {(key, tier.name) for key, queue in policy.queues.items() for tier in queue.tiers}
    open_tickets = select(Ticket.queue, Ticket.tier, func.count()).where(Ticket.status.not_in(ENDED))
    stranded = [
        ConfigurationError(
            f"queues.{queue}.tiers",
            tier,
            f"not in the file, but it has open tickets ({count}); close or move them first",
        )
        for queue, tier, count in session.execute(open_tickets.group_by(Ticket.queue, Ticket.tier))
        if (queue, tier) not in tiers
    ]
    if stranded:
        raise PolicyError(stranded)
