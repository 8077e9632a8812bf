"""The volume of each day of a period, all days read in one go."""

from collections import Counter
from collections.abc import Sequence

from slackdesk_plugins.digest.lists import STAY, Scope
from slackdesk_plugins.digest.periods import Span
from sqlalchemy import ColumnElement, Integer, and_, column, func, select, values
from sqlalchemy.orm import Session

from slackdesk.api import UtcDateTime


def came_by_day(session: Session, scope: Scope, days: Sequence[Span]) -> list[Counter[str]]:
    """Of each day: how stays in a tier began (see ``lists.begun``) → how many."""
    return _by_day(session, scope, days, STAY.c.entered_at, STAY.c.entered_how)


def went_by_day(session: Session, scope: Scope, days: Sequence[Span]) -> list[Counter[str]]:
    """Of each day: how stays in a tier ended (see ``lists.left``) → how many."""
    return _by_day(session, scope, days, STAY.c.left_at, STAY.c.left_how)


def _by_day(
    session: Session, scope: Scope, days: Sequence[Span], at: ColumnElement[object], how: ColumnElement[str]
) -> list[Counter[str]]:
    columns = column("number", Integer()), column("since", UtcDateTime()), column("until", UtcDateTime())
    rows = [(number, day.since, day.until) for number, day in enumerate(days)]
    day = values(*columns, name="days").data(rows).cte()
    counted = (
        select(day.c.number, how, func.count())
        .join_from(day, STAY, and_(at >= day.c.since, at < day.c.until))
        .where(scope.holds(STAY.c.queue, STAY.c.ticket_id))
        .group_by(day.c.number, how)
    )
    found: list[Counter[str]] = [Counter() for _ in days]
    for number, how_it_was, count in session.execute(counted):
        found[number][how_it_was] = count
    return found
