"""What several parts of the plugin go by: until when a poll is open, when people are reminded, what stays anonymous."""

from datetime import UTC, datetime, time, timedelta

from slackdesk_plugins.csat.declared import CsatConfig, Poll
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from slackdesk.api import ReadContext, Reader, Status, TicketView

ANSWERS_MIN = 5
"""With fewer answers in an anonymous queue, it could be told who gave them."""

DAY_BEGINS, DAY_ENDS, MORNING = time(8), time(18), time(9)
"""Of whoever is reminded; what is due outside of these hours comes in the morning."""


def ends_at(poll: Poll, config: CsatConfig) -> datetime:
    """Until when it can be rated, or the rating can be changed."""
    return poll.sent_at + config.expires_after if poll.rated_at is None else poll.rated_at + config.edit_window


def is_open(poll: Poll, ticket: TicketView, ctx: ReadContext) -> bool:
    """Whether a click counts. A ticket that is open again is not rated; a rating that it has stays."""
    is_about_closed = poll.score is not None or ticket.status is Status.CLOSED
    return poll.ended_at is None and is_about_closed and ctx.now < ends_at(poll, ctx.config)


def by_day(reader: Reader, instant: datetime) -> datetime:
    """The instant itself by day, else the next morning of the reader; in UTC."""
    local = reader.local(instant)
    if DAY_BEGINS <= local.time() <= DAY_ENDS:
        return instant
    day = local.date() + timedelta(days=1 if local.time() > DAY_ENDS else 0)
    return datetime.combine(day, MORNING, local.tzinfo).astimezone(UTC)


def lead_of(poll: Poll, ctx: ReadContext) -> str | None:
    """Who hears of a low score: the lead of the tier that solved it, of the first one once that is gone.

    None once the queue is gone, and where it is the requester.
    """
    queue = ctx.policy.queues.get(poll.queue)
    if queue is None:
        return None
    tier = next((tier for tier in queue.tiers if tier.name == poll.tier), queue.tiers[0])
    return None if tier.lead == poll.requester else tier.lead


def is_anonymous(poll: Poll, ctx: ReadContext) -> bool:
    """Whether nobody may read who gave the rating: it was promised, or the queue has it so by now."""
    queue = ctx.policy.queues.get(poll.queue)
    return poll.is_anonymous or queue is None or queue.anonymous_csat


def is_one_of_many(poll: Poll, session: Session) -> bool:
    """Whether its agent has so many answers in the queue that a comment alone does not say who wrote it."""
    answers = select(func.count(Poll.score)).where(Poll.queue == poll.queue, Poll.agent == poll.agent)
    return (session.scalar(answers) or 0) >= ANSWERS_MIN
