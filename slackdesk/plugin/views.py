"""What the core knows, as plugins see it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from slackdesk.businesstime import Span
from slackdesk.plugin.values import StayView, TicketView
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets import ledger
from slackdesk.tickets.model import Ticket, TierStay


def view_of(ticket: Ticket) -> TicketView:
    """The ticket as plugins see it."""
    names = TicketView.__dataclass_fields__
    return TicketView(**{name: getattr(ticket, name) for name in names})


def stay_view(policy: ResolvedPolicy, stay: TierStay, pauses: Iterable[Span], now: datetime) -> StayView:
    """A stay, with its working time up to its end or now."""
    is_known = stay.queue in policy.queues
    recorded = timedelta(seconds=stay.business_seconds or 0)
    return StayView(
        queue=stay.queue,
        tier=stay.tier,
        entered_at=stay.entered_at,
        entered_how=str(stay.entered_how),
        left_at=stay.left_at,
        handed_by=stay.handed_by,
        accepted_by=stay.accepted_by,
        accepted_at=stay.accepted_at,
        budget=timedelta(seconds=stay.budget_seconds),
        worked=ledger.business_time(policy, stay, pauses, now) if is_known else recorded,
    )
