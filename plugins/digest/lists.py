"""The lists behind the numbers: one SELECT for each, of which a figure is the count or the median.

All of them read what is only ever appended to, the history and the ledger of the tiers, or what is written once, the
filing and the first answer of a ticket, so that a past week counts the same whenever it is counted. Load goes by when
something came, quality by when it was resolved or answered. A span is half open: what happens in the instant of its end
belongs to the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slackdesk_plugins.digest.epoch import epoch
from slackdesk_plugins.digest.periods import Span
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all

from slackdesk.api import Status, UtcDateTime, history_table, ticket_table, tier_stay_table

TICKET, HISTORY, STAY = ticket_table, history_table, tier_stay_table

REOPENED_WITHIN = timedelta(days=7)
"""A ticket that is taken up again later than that after it was resolved was not resolved badly."""

OTHER_ENDS = (Status.CANCELLED, Status.NOT_A_REQUEST, Status.DUPLICATE)
"""Ends of a ticket that nobody had to solve."""

ASSIGNING = ("claimed", "assigned", "taken_over", "accepted")
"""Kinds of events after which a ticket has an assignee."""

UNASSIGNING = ("escalated", "moved")
"""Kinds of events after which it has none. Whoever a ticket is sent back to stands in that event."""

TOPIC_SETTING = ("filed", "described", "topic_changed", "moved", "resolved")

List = Select[Any]
"""Rows that begin with ``ticket_id`` and ``queue``. Rows of durations go on with ``began_at`` and ``ended_at``, in
seconds since 1970, or with the ``seconds`` of working time."""


@dataclass(frozen=True)
class Scope:
    """The tickets that a number is about: of some queues, and of one topic where it is given.

    The topic is the one that a ticket had at ``as_of``.
    """

    queues: Sequence[str]
    topic: str | None = None
    as_of: datetime | None = None

    def holds(self, queue: ColumnElement[Any], ticket_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition for a ticket in a queue."""
        of_queue = queue.in_(list(self.queues))
        return of_queue if self.topic is None else and_(of_queue, _topic_of(ticket_id, self.as_of) == self.topic)


def begun(scope: Scope, span: Span, *how: str) -> List:
    """Stays in a tier that began in the span: ``filed``, ``escalated``, ``sent_back``, ``reopened``, ``moved``."""
    began = and_(STAY.c.entered_at >= span.since, STAY.c.entered_at < span.until)
    conditions = [began, scope.holds(STAY.c.queue, STAY.c.ticket_id)]
    if how:
        conditions.append(STAY.c.entered_how.in_(how))
    return _stays(STAY.c.entered_how, STAY.c.entered_at).where(*conditions)


def left(scope: Scope, span: Span, *how: str) -> List:
    """Stays in a tier that ended in the span: ``escalated``, ``sent_back``, ``moved``, or the status that ended it."""
    ended = and_(STAY.c.left_at >= span.since, STAY.c.left_at < span.until)
    conditions = [ended, scope.holds(STAY.c.queue, STAY.c.ticket_id)]
    if how:
        conditions.append(STAY.c.left_how.in_(how))
    return _stays(STAY.c.left_how, STAY.c.left_at).where(*conditions)


def closed(scope: Scope, span: Span) -> List:
    """Tickets that were closed in the span, once for each time."""
    return _in_queue(scope, span, _events(span, HISTORY.c.at).where(HISTORY.c.kind == "closed"))


def reopened(scope: Scope, span: Span) -> List:
    """Tickets that were taken up again in the span, at most seven days after they had been resolved."""
    before = STAY.alias("before")
    came_before = and_(before.c.ticket_id == STAY.c.ticket_id, before.c.id < STAY.c.id)
    last = select(func.max(before.c.id)).where(came_before).correlate(STAY).scalar_subquery()
    ended = STAY.alias("ended")
    return (
        begun(scope, span, "reopened")
        .join_from(STAY, ended, ended.c.id == last)
        .where(ended.c.left_how == Status.RESOLVED)
        .add_columns(ended.c.left_at.label("resolved_at"))
    )


def backlog(scope: Scope, span: Span) -> List:
    """Tickets that were open when the span ended, with ``created_at``, and ``taken`` where they had an assignee."""
    # As an expression, or SQLite would look at all that ever came by its index instead of what has not left.
    had_come = func.coalesce(STAY.c.entered_at, STAY.c.entered_at, type_=UtcDateTime()) < span.until
    return (
        select(STAY.c.ticket_id, STAY.c.queue, STAY.c.tier, TICKET.c.created_at, _had_assignee(span).label("taken"))
        .join(TICKET, TICKET.c.id == STAY.c.ticket_id)
        .where(
            had_come,
            or_(STAY.c.left_at.is_(None), STAY.c.left_at >= span.until),
            scope.holds(STAY.c.queue, STAY.c.ticket_id),
        )
    )


def first_assignments(scope: Scope, span: Span) -> List:
    """Tickets that got their first assignee in the span: from the filing to that instant."""
    earlier = HISTORY.alias("earlier")
    had_one = select(literal(1)).where(
        earlier.c.ticket_id == HISTORY.c.ticket_id, earlier.c.sequence < HISTORY.c.sequence, _assigns(earlier)
    )
    # What comes right after the filing has nothing before it that could have assigned somebody.
    is_first = or_(HISTORY.c.sequence == 1, ~had_one.exists())
    return _in_queue(scope, span, _since_filing(span).where(_assigns(HISTORY), is_first))


def first_responses(scope: Scope, span: Span) -> List:
    """Tickets whose requester got the first answer of an agent in the span: from the filing to that instant."""
    is_first = HISTORY.c.data["is_first_response"].as_boolean()
    answers = _since_filing(span).where(HISTORY.c.kind == "reply_sent", is_first)
    # The ticket keeps its first answer, too, once and for all: found there, no other answer has to be looked at.
    at = TICKET.c.first_response_at
    began_at, ended_at = epoch(TICKET.c.created_at).label("began_at"), epoch(at).label("ended_at")
    answered = select(TICKET.c.id.label("ticket_id"), began_at, ended_at).where(at >= span.since, at < span.until)
    return _in_queue(scope, span, answers, answered)


def resolutions(scope: Scope, span: Span) -> List:
    """Tickets that were resolved in the span, once for each time, with the ``seconds`` that it took.

    Working time by the queue's calendar in which the desk had something to do, since the filing: without waiting, hold,
    and the time in which the ticket was not open. It was written down when it was over.
    """
    until_then = STAY.alias("until_then")
    seconds = (
        select(func.sum(until_then.c.business_seconds))
        .where(until_then.c.ticket_id == STAY.c.ticket_id, until_then.c.id <= STAY.c.id)
        .scalar_subquery()
    )
    return left(scope, span, Status.RESOLVED).add_columns(seconds.label("seconds"))


def acceptances(scope: Scope, span: Span) -> List:
    """Hand-offs that were accepted in the span: from the hand-off to that instant."""
    return select(
        STAY.c.ticket_id,
        STAY.c.queue,
        epoch(STAY.c.entered_at).label("began_at"),
        epoch(STAY.c.accepted_at).label("ended_at"),
        STAY.c.tier,
    ).where(
        STAY.c.entered_how == "escalated",
        STAY.c.accepted_at >= span.since,
        STAY.c.accepted_at < span.until,
        scope.holds(STAY.c.queue, STAY.c.ticket_id),
    )


def resolved_topics(scope: Scope, span: Span) -> List:
    """Tickets that were resolved in the span, once for each time, with the ``topic`` that was given then."""
    topic = HISTORY.c.data["topic"].as_string().label("topic")
    return _in_queue(scope, span, _events(span, HISTORY.c.at, topic).where(HISTORY.c.kind == "resolved"))


def _stays(how: ColumnElement[Any], at: ColumnElement[Any]) -> List:
    return select(STAY.c.ticket_id, STAY.c.queue, STAY.c.tier, how.label("how"), at.label("at"))


def _events(span: Span, *columns: ColumnElement[Any]) -> List:
    """What happened to tickets in the span; for ``_in_queue``, which adds the queue."""
    return (
        select(HISTORY.c.ticket_id, *columns)
        .join(TICKET, TICKET.c.id == HISTORY.c.ticket_id)
        .where(HISTORY.c.at >= span.since, HISTORY.c.at < span.until)
    )


def _since_filing(span: Span) -> List:
    return _events(span, epoch(TICKET.c.created_at).label("began_at"), epoch(HISTORY.c.at).label("ended_at"))


def _in_queue(scope: Scope, span: Span, events: List, of_tickets: List | None = None) -> List:
    """Those of the events that happened in a queue of the scope, with the ``queue``.

    Few tickets are moved to another queue: of these alone, the history is looked through. All others were where they
    are, and what happened to them is read from the tickets alone where ``of_tickets`` selects it. A database that had
    to decide it row by row would read every ticket.
    """
    moved = HISTORY.alias("moved")
    moved_since = select(moved.c.ticket_id).where(moved.c.kind == "moved", moved.c.at >= span.since)

    def placed(rows: List, ticket_id: ColumnElement[int], queue: ColumnElement[str]) -> List:
        return rows.add_columns(queue.label("queue")).where(scope.holds(queue, ticket_id))

    ticket_id = HISTORY.c.ticket_id
    if of_tickets is None:
        stayed = placed(events.where(ticket_id.not_in(moved_since)), ticket_id, TICKET.c.queue)
    else:
        # As an expression, or SQLite would look at all tickets of a queue instead of those of the span.
        queue = func.coalesce(TICKET.c.queue, TICKET.c.queue)
        stayed = placed(of_tickets.where(TICKET.c.id.not_in(moved_since)), TICKET.c.id, queue)
    moved_on = placed(events.where(ticket_id.in_(moved_since)), ticket_id, _queue_then())
    return select(union_all(stayed, moved_on).subquery())


def _queue_then() -> ColumnElement[Any]:
    """The queue in which a ticket was when something happened: that from which it was moved first since, or its own."""
    moved = HISTORY.alias("moved")
    first_move = (
        select(moved.c.data["from_queue"].as_string())
        .where(moved.c.ticket_id == HISTORY.c.ticket_id, moved.c.sequence > HISTORY.c.sequence, moved.c.kind == "moved")
        .order_by(moved.c.sequence)
        .limit(1)
        .correlate(HISTORY)
        .scalar_subquery()
    )
    return func.coalesce(first_move, TICKET.c.queue)


def _assigns(events: Any) -> ColumnElement[bool]:
    is_kept = events.c.data["assignee"].as_string().is_not(None)
    # The kinds by themselves: an index finds them.
    return and_(events.c.kind.in_((*ASSIGNING, "sent_back")), or_(events.c.kind != "sent_back", is_kept))


def _had_assignee(span: Span) -> ColumnElement[Any]:
    """1 or 0 by the last event of the stay's ticket in or before the span that changed its assignee; NULL for none."""
    kinds = (*ASSIGNING, *UNASSIGNING, "sent_back")
    return (
        select(case((_assigns(HISTORY), 1), else_=0))
        .where(HISTORY.c.ticket_id == STAY.c.ticket_id, HISTORY.c.at < span.until, HISTORY.c.kind.in_(kinds))
        .order_by(HISTORY.c.sequence.desc())
        .limit(1)
        .correlate(STAY)
        .scalar_subquery()
    )


def _topic_of(ticket_id: ColumnElement[Any], as_of: datetime | None) -> ColumnElement[Any]:
    """The topic that a ticket had then, or has now."""
    events = HISTORY.alias("topics")
    set_to = case(
        (events.c.kind == "topic_changed", events.c.data["new"].as_string()), else_=events.c.data["topic"].as_string()
    )
    set_before = select(set_to).where(events.c.ticket_id == ticket_id, events.c.kind.in_(TOPIC_SETTING))
    if as_of is not None:
        set_before = set_before.where(events.c.at < as_of)
    return set_before.order_by(events.c.sequence.desc()).limit(1).scalar_subquery()
