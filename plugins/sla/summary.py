"""What service levels contribute to a summary: how often each clock was met, how often targets were missed, and where.

A period counts what was true when it ended, whenever it is counted: stops and breaches are only ever added, and which
tickets were open then, or had ended without being solved, stands in the ledger of stays.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from slackdesk_plugins.sla.clocks import VOID, ClockName
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.tables import Breach, Result
from sqlalchemy import Select, and_, exists, func, or_, select
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


@plugin.report_section(order=40)
def attainment(period: Period, ctx: ReadContext) -> ReportSection | None:
    """Of the clocks that stopped in the period, and of those that ran on beyond their target when it ended."""
    figures = [figure for clock in ClockName if (figure := _share(period, ctx, clock)) is not None]
    missed = select(Breach.ticket_id, Breach.queue, Breach.tier).where(
        Breach.queue.in_(period.queues), Breach.at >= period.since, Breach.at < period.until
    )
    rows = ctx.session.execute(missed.order_by(Breach.ticket_id)).all()
    if not figures and not rows:
        return None
    behind = _behind([row.ticket_id for row in rows])
    breached = Figure("sla_breaches", later("Missed targets"), len(rows), "count", None, behind, "less")
    return ReportSection(later("Service levels"), [*figures, breached, *_causes(period, ctx, rows)])


def _share(period: Period, ctx: ReadContext, clock: ClockName) -> Figure | None:
    results = ctx.session.execute(_results(period, clock).order_by(Result.ticket_id)).all()
    overdue = ctx.session.scalars(_overdue(period, clock).order_by(Breach.ticket_id)).all()
    tickets = [*(one.ticket_id for one in results), *overdue]
    if not tickets:
        return None
    percent = 100 * sum(one.is_met for one in results) / len(tickets)
    return Figure(f"sla_{clock.value}", LABELS[clock], percent, "percent", len(tickets), _behind(tickets), "more")


def _results(period: Period, clock: ClockName) -> Select[int, bool]:
    """Clocks that stopped in the period, and whose stop still held when it ended."""
    stopped = select(Result.ticket_id, Result.is_met).where(
        Result.clock == clock.value,
        Result.queue.in_(period.queues),
        Result.stopped_at >= period.since,
        Result.stopped_at < period.until,
        Result.ticket_id.not_in(_ended_unsolved(period)),  # what has stopped in the period ends later than that
    )
    if clock is not ClockName.RESOLUTION:
        return stopped
    again = aliased(Result)
    was_solved_again = exists().where(
        again.ticket_id == Result.ticket_id,
        again.clock == clock.value,
        again.stopped_at > Result.stopped_at,
        again.stopped_at < period.until,
    )
    return stopped.where(~was_solved_again, Result.ticket_id.not_in(_open(period.until)))


def _overdue(period: Period, clock: ClockName) -> Select[int]:
    """Tickets that were open when the period ended, and whose clock had run beyond its target without a stop."""
    overdue = select(Breach.ticket_id).where(
        Breach.clock == clock.value,
        Breach.queue.in_(period.queues),
        Breach.at < period.until,
        Breach.ticket_id.in_(_open(period.until)),
    )
    if clock is ClockName.RESOLUTION:  # of an open ticket, it has not stopped
        return overdue
    has_stopped = exists().where(
        Result.ticket_id == Breach.ticket_id,
        Result.clock == Breach.clock,
        Result.cycle == Breach.cycle,
        Result.stopped_at < period.until,
    )
    return overdue.where(~has_stopped)


def _open(at: datetime) -> Select[Any]:
    """Ids of the tickets that were open at that instant."""
    # As an expression, or SQLite would look at all that ever came by its index instead of what has not left.
    entered_at = func.coalesce(STAY.c.entered_at, STAY.c.entered_at, type_=UtcDateTime())
    return select(STAY.c.ticket_id).where(entered_at < at, or_(STAY.c.left_at.is_(None), STAY.c.left_at >= at))


def _ended_unsolved(period: Period) -> Select[Any]:
    """Ids of the tickets that ended within the period as cancelled, no request or a duplicate, and stayed so."""
    next_stay = STAY.alias()
    went_on = exists().where(
        next_stay.c.ticket_id == STAY.c.ticket_id, next_stay.c.id > STAY.c.id, next_stay.c.entered_at < period.until
    )
    ended = and_(STAY.c.left_at >= period.since, STAY.c.left_at < period.until, STAY.c.left_how.in_(VOID))
    return select(STAY.c.ticket_id).where(ended, ~went_on)


def _causes(period: Period, ctx: ReadContext, rows: Sequence[Any]) -> Iterator[Figure]:
    """How many were caused in which tier, the most first."""
    behind = defaultdict[tuple[str, str], list[int]](list)
    for row in rows:
        behind[row.queue, row.tier].append(row.ticket_id)
    ordered = sorted(behind.items(), key=lambda one: (-len(one[1]), one[0]))
    label = CAUSED_IN_TIER if len(period.queues) == 1 else CAUSED_IN_QUEUE
    for (queue, tier), tickets in ordered[:CAUSES_MAX]:
        rules = ctx.policy.queues.get(queue)
        values = {"queue": rules.name if rules else queue[:NAME_CHARACTERS], "tier": tier[:NAME_CHARACTERS]}
        key = f"sla_caused.{queue}.{tier}"
        yield Figure(key, label, len(tickets), "count", tickets=_behind(tickets), wanted="less", values=values)
    if others := [ticket_id for _, tickets in ordered[CAUSES_MAX:] for ticket_id in tickets]:
        yield Figure("sla_caused", CAUSED_ELSEWHERE, len(others), "count", tickets=_behind(others), wanted="less")


def _behind(tickets: Sequence[int]) -> Callable[[], Sequence[int]]:
    return lambda: sorted(set(tickets))
