"""Events that come before what they are about; a worker looks at them again.

Slack's events keep no order, and an event about a message that the desk posted may come before Slack's answer to the
post.
"""

import time
from datetime import timedelta

from sqlalchemy import null, or_, select

from slackdesk.dispatch.model import LIVE, Work, WorkState, states_sql
from slackdesk.errors import TooEarly
from slackdesk.slack.edge import Edge
from slackdesk.tickets import queries
from slackdesk.tickets.service.messages import message_at
from slackdesk.tickets.transaction import Transaction

EXPECTED = timedelta(minutes=10)
"""How long it is waited for: Slack's last redelivery of an event comes six minutes after the event."""

SHORTEST_WAIT = timedelta(seconds=1)

PATIENCE_SECONDS = 1.0
"""What is left of the three seconds until the acknowledgement has to do for everything else."""


def is_final(edge: Edge) -> bool:
    """Whether nothing is waited for any more: what the desk does not know by now is none of its messages."""
    return edge.waited > EXPECTED


def wait(age: timedelta) -> timedelta:
    """How long after an event that is so old it is looked at again: half its age again, at first a second."""
    return max(SHORTEST_WAIT, age / 2)


def require_ours_known(edge: Edge, tx: Transaction, channel: str, ts: str) -> None:
    """Raises TooEarly while an unknown message may be ours, posted already and not yet noted down."""
    if is_final(edge) or not (channel.startswith("D") or channel in _tier_channels(tx)):
        return
    if queries.ticket_at(tx.session, channel, ts) is not None:
        return
    being_posted = select(Work.id).where(
        Work.name.in_(("card", "root")),
        Work.stream >= "ticket:",
        Work.stream < "ticket;",
        states_sql(LIVE),
        # on a queue to be looked up, too
        or_(Work.state.in_((WorkState.RUNNING, WorkState.AMBIGUOUS)), Work.attempted.is_not(null())),
    )
    if tx.session.execute(being_posted.limit(1)).first() is not None:
        raise TooEarly(f"message {ts} in {channel} may be one that is just being posted")


def wait_until_ours_known(edge: Edge, channel: str, ts: str) -> None:
    """``require_ours_known`` for somebody who looks at the screen: a moment is waited for. Raises TooEarly after it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with edge.desk.reading() as tx:
                return require_ours_known(edge, tx, channel, ts)
        except TooEarly:
            if time.monotonic() > deadline:
                raise
        time.sleep(PATIENCE_SECONDS / 20)


def require_arrived(edge: Edge, tx: Transaction, channel: str, ts: str) -> None:
    """Raises TooEarly while an unknown message that somebody has just written may still be delivered."""
    if is_final(edge) or not (channel.startswith("D") or channel in _tier_channels(tx) | _request_channels(tx)):
        return
    is_new = abs(tx.real_now.timestamp() - float(ts)) < EXPECTED.total_seconds()
    if is_new and message_at(tx, channel, ts) is None:
        raise TooEarly(f"message {ts} in {channel} may arrive after what was done to it")


def stream(channel: str, thread_ts: str) -> str:
    """In which messages of a thread wait, so that they are taken in the order in which they came."""
    return f"event:{channel}:{thread_ts}"


def require_turn(edge: Edge, tx: Transaction, channel: str, thread_ts: str) -> None:
    """Raises TooEarly for a message that has just come while earlier ones of its thread wait: it waits behind them."""
    if edge.waited:
        return
    waiting = select(Work.id).where(Work.stream == stream(channel, thread_ts), states_sql(LIVE))
    if tx.session.execute(waiting.limit(1)).first() is not None:
        raise TooEarly(f"earlier messages wait in the thread {thread_ts} of {channel}")


def _tier_channels(tx: Transaction) -> set[str]:
    return {tier.channel for queue in tx.policy.queues.values() for tier in queue.tiers}


def _request_channels(tx: Transaction) -> set[str]:
    return {channel for queue in tx.policy.queues.values() for channel in queue.request_channels}
