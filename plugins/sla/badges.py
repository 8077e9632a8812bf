"""The sign of a ticket: 🟡 running, 🔴 overdue, 🟢 met, ⚫ missed."""

from collections.abc import Mapping
from datetime import datetime

from slackdesk_plugins.sla.clocks import Clock, ClockName
from slackdesk_plugins.sla.sight import Sight
from slackdesk_plugins.sla.tables import Result
from sqlalchemy import select

from slackdesk.api import Badge, later

RUNNING, OVERDUE, MET, MISSED = "🟡", "🔴", "🟢", "⚫"

BADGES = {
    "first_response": Badge(RUNNING, later("First response due")),
    "next_response": Badge(RUNNING, later("Next response due")),
    "resolution": Badge(RUNNING, later("Resolution due")),
    "paused": Badge(RUNNING, later("Clock paused")),
    "met": Badge(MET, later("In time")),
    "missed": Badge(MISSED, later("Missed its time")),
}
LATE = {
    "first_response": Badge(OVERDUE, later("First response overdue")),
    "next_response": Badge(OVERDUE, later("Next response overdue")),
    "resolution": Badge(OVERDUE, later("Resolution overdue")),
}
"""What the badge of a running clock becomes."""


def badge_of(sight: Sight) -> str | None:
    """A key of ``BADGES``, for the clock that is due first; None for a ticket that has no clock that counts."""
    if sight.running:
        return sight.running[0].name.value
    counted = [clock for clock in sight.clocks if not clock.is_void]
    if any(clock.stopped_at is None for clock in counted):
        return "paused"
    if not counted:
        return None
    recorded = results_of(sight)
    return "met" if all(is_met(sight, clock, recorded) for clock in counted) else "missed"


Recorded = Mapping[tuple[str, int, datetime | None], Result]
"""What was recorded when clocks stopped, by clock, cycle and instant."""


def results_of(sight: Sight) -> Recorded:
    """Of one ticket."""
    of_ticket = select(Result).where(Result.ticket_id == sight.ticket.id)
    return {(row.clock, row.cycle, row.stopped_at): row for row in sight.rules.ctx.session.scalars(of_ticket)}


def result_of(clock: Clock, recorded: Recorded) -> Result | None:
    """What was recorded when the clock stopped where it stands now."""
    return recorded.get((clock.name.value, clock.cycle, clock.stopped_at))


def is_met(sight: Sight, clock: Clock, recorded: Recorded) -> bool:
    """Whether a stopped clock met its target, as it was recorded then."""
    row = result_of(clock, recorded)
    return not clock.is_late(sight.now) if row is None else row.is_met


def shown(sight: Sight) -> list[Clock]:
    """The clocks that people are shown: all that count, of the next responses the last one."""
    counted = [clock for clock in sight.clocks if not clock.is_void]
    last = max((clock.cycle for clock in counted if clock.name is ClockName.NEXT_RESPONSE), default=0)
    return [clock for clock in counted if clock.name is not ClockName.NEXT_RESPONSE or clock.cycle == last]
