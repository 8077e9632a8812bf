"""What service levels contribute to a summary: how often each clock was met, how often targets were missed, and where.

A period counts what was true when it ended, whenever it is counted: stops and breaches are only ever added, and which
tickets were open then, or had ended without being solved, stands in the ledger of stays.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from slackdesk_plugins.sla.clocks import VOID, ClockName
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.tables import Breach, Result
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    except_,
    exists,
    func,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.orm import aliased

from slackdesk.api import Figure, Period, ReadContext, ReportSection, UtcDateTime, later, tier_stay_table

LABELS = {
    ClockName.FIRST_RESPONSE: later("First response in time"),
    ClockName.NEXT_RESPONSE: later("Next response in time"),
    ClockName.RESOLUTION: later("Resolution in time"),
}
CAUSED_IN_TIER = later("Missed targets caused in {tier}")
CAUSED_IN_QUEUE = later("Missed targets caused in {queue} {tier}")
CAUSED_ELSEWHERE = later("Missed targets caused in other tiers")

CAUSES_MAX = 15
"""Tiers that are named; a section has twenty figures."""

NAME_CHARACTERS = 75

STAY = tier_stay_table

RESULT = Result.ticket_id, Result.clock, Result.cycle, Result.stopped_at, Result.is_met
"""Which stop it is, and whether it was in time."""


@plugin.report_section(order=40)
def attainment(period: Period, ctx: ReadContext) -> ReportSection | None:
    """Of the clocks that stopped in the period, and of those that ran on beyond their target when it ended."""
    shares = list(_shares(period, ctx))
    caused = ctx.session.execute(
        _missed(period, Breach.queue, Breach.tier, func.count()).group_by(Breach.queue, Breach.tier)
    ).all()
    if not shares and not caused:
        return None
    behind = _behind(ctx, _missed(period, Breach.ticket_id))
    total = sum(count for _, _, count in caused)
    missed = Figure("sla_breaches", later("Missed targets"), total, "count", None, behind, "less")
    return ReportSection(later("Service levels"), [*shares, missed, *_causes(period, ctx, caused)])


def _shares(period: Period, ctx: ReadContext) -> Iterator[Figure]:
    """For each clock, how many of a hundred were met."""
    met, measured = Counter[str](), Counter[str]()
    for sign, rows in ((1, _stopped(period).subquery()), (-1, _taken_back(period).subquery())):
        counted = select(rows.c.clock, rows.c.is_met, func.count()).group_by(rows.c.clock, rows.c.is_met)
        for clock, is_met, count in ctx.session.execute(counted):
            met[clock] += sign * count * is_met
            measured[clock] += sign * count
    overdue = _overdue(period, Breach.clock, func.count()).group_by(Breach.clock)
    for clock, count in ctx.session.execute(overdue):
        measured[clock] += count
    for clock in ClockName:
        if n := measured[clock.value]:
            percent = 100 * met[clock.value] / n
            behind = _behind(ctx, _measured(period, clock), _overdue(period, Breach.ticket_id, of=clock))
            yield Figure(f"sla_{clock.value}", LABELS[clock], percent, "percent", n, behind, "more")


def _stopped(period: Period) -> Select[int, str, int, datetime, bool]:
    """Clocks that stopped in the period."""
    is_within = and_(Result.stopped_at >= period.since, Result.stopped_at < period.until)
    return select(*RESULT).where(is_within, Result.queue.in_(period.queues))


def _taken_back(period: Period) -> Select[Any]:
    """Clocks that stopped in the period, and whose stop did not hold any more when it ended.

    Few tickets end unsolved or are reopened: begun from these, no other result is asked what became of its ticket.
    """
    # As an expression, or a database might begin from all that stopped in the period.
    stopped_at = func.coalesce(Result.stopped_at, Result.stopped_at, type_=UtcDateTime())
    is_within = and_(stopped_at >= period.since, stopped_at < period.until)
    stopped = select(*RESULT).where(is_within, Result.queue.in_(period.queues))
    again = aliased(Result)
    was_solved_again = exists().where(
        again.ticket_id == Result.ticket_id,
        again.clock == Result.clock,
        again.stopped_at > Result.stopped_at,
        again.stopped_at < period.until,
    )
    stay = STAY.alias()
    is_open = exists().where(stay.c.ticket_id == Result.ticket_id, *_is_open(stay, period.until))
    reopened = select(STAY.c.ticket_id).where(
        STAY.c.entered_at >= period.since, STAY.c.entered_at < period.until, STAY.c.entered_how == "reopened"
    )
    unsolved = stopped.where(Result.ticket_id.in_(_ended_unsolved(period)))
    unresolved = stopped.where(
        Result.clock == ClockName.RESOLUTION.value,
        Result.ticket_id.in_(reopened),
        or_(was_solved_again, is_open),
    )
    return select(union(unsolved, unresolved).subquery())


def _measured(period: Period, clock: ClockName) -> Select[int]:
    """Tickets of clocks that stopped in the period, and whose stop still held when it ended."""
    held = except_(_stopped(period), _taken_back(period)).subquery()
    return select(held.c.ticket_id).where(held.c.clock == clock.value)


def _overdue(period: Period, *columns: Any, of: ClockName | None = None) -> Select[Any]:
    """Clocks that had run beyond their target without a stop when the period ended, of tickets that were open then."""
    has_stopped = exists().where(
        Result.ticket_id == Breach.ticket_id,
        Result.clock == Breach.clock,
        Result.cycle == Breach.cycle,
        Result.stopped_at < period.until,
    )
    is_of_open = Breach.ticket_id.in_(select(STAY.c.ticket_id).where(*_is_open(STAY, period.until)))
    is_resolution = Breach.clock == ClockName.RESOLUTION.value  # of an open ticket, it has not stopped
    at = func.coalesce(Breach.at, Breach.at, type_=UtcDateTime())  # few tickets are open: begun from these
    overdue = select(*columns).where(
        is_of_open, at < period.until, Breach.queue.in_(period.queues), or_(is_resolution, ~has_stopped)
    )
    return overdue if of is None else overdue.where(Breach.clock == of.value)


def _missed(period: Period, *columns: Any) -> Select[Any]:
    """Targets that were missed in the period."""
    is_within = and_(Breach.at >= period.since, Breach.at < period.until)
    return select(*columns).where(is_within, Breach.queue.in_(period.queues))


def _is_open(stay: FromClause, at: datetime) -> Sequence[ColumnElement[bool]]:
    """Conditions for a stay that had come and had not ended at that instant."""
    # As an expression, or SQLite would look at all that ever came by its index instead of what has not left.
    entered_at = func.coalesce(stay.c.entered_at, stay.c.entered_at, type_=UtcDateTime())
    return entered_at < at, or_(stay.c.left_at.is_(None), stay.c.left_at >= at)


def _ended_unsolved(period: Period) -> Select[Any]:
    """Ids of the tickets that ended within the period as cancelled, no request or a duplicate, and stayed so."""
    next_stay = STAY.alias()
    went_on = exists().where(
        next_stay.c.ticket_id == STAY.c.ticket_id, next_stay.c.id > STAY.c.id, next_stay.c.entered_at < period.until
    )
    ended = and_(STAY.c.left_at >= period.since, STAY.c.left_at < period.until, STAY.c.left_how.in_(VOID))
    return select(STAY.c.ticket_id).where(ended, ~went_on)


def _causes(period: Period, ctx: ReadContext, caused: Sequence[Any]) -> Iterator[Figure]:
    """How many were caused in which tier, the most first; rows are queue, tier and how many."""
    ordered = sorted(caused, key=lambda row: (-row[2], row[:2]))
    label = CAUSED_IN_TIER if len(period.queues) == 1 else CAUSED_IN_QUEUE
    for queue, tier, count in ordered[:CAUSES_MAX]:
        rules = ctx.policy.queues.get(queue)
        values = {"queue": rules.name if rules else queue[:NAME_CHARACTERS], "tier": tier[:NAME_CHARACTERS]}
        here = _missed(period, Breach.ticket_id).where(Breach.queue == queue, Breach.tier == tier)
        key = f"sla_caused.{queue}.{tier}"
        yield Figure(key, label, count, "count", tickets=_behind(ctx, here), wanted="less", values=values)
    if others := ordered[CAUSES_MAX:]:
        places = [(queue, tier) for queue, tier, _ in others]
        there = _missed(period, Breach.ticket_id).where(tuple_(Breach.queue, Breach.tier).in_(places))
        count = sum(row[2] for row in others)
        yield Figure("sla_caused", CAUSED_ELSEWHERE, count, "count", tickets=_behind(ctx, there), wanted="less")


def _behind(ctx: ReadContext, *selects: Select[Any]) -> Callable[[], Sequence[int]]:
    """Reads the tickets when somebody asks for them."""
    return lambda: sorted({ticket_id for one in selects for ticket_id in ctx.session.scalars(one)})
