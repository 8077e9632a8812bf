"""Which tickets stand behind a number: its key, followed back to its list."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from slackdesk_plugins.digest import lists
from slackdesk_plugins.digest.figures import Count, age_of
from slackdesk_plugins.digest.lists import List, Scope
from slackdesk_plugins.digest.periods import Span

from slackdesk.api import Refused, later

Behind = Sequence[tuple[int, float | None]]
"""Ids of tickets, once for each time that they count, each with working minutes where these are what is counted."""

NO_SUCH_KEY = later("“{key}” is the key of no number. slackdesk report --format csv shows all keys.")

COUNTED: dict[str, Callable[[Scope, Span], List]] = {
    "opened": lambda scope, span: lists.begun(scope, span, "filed"),
    "resolved": lambda scope, span: lists.left(scope, span, "resolved"),
    "closed": lists.closed,
    "backlog": lists.backlog,
    "reopened": lambda scope, span: lists.begun(scope, span, "reopened"),
    "ended_otherwise": lambda scope, span: lists.left(scope, span, *lists.OTHER_ENDS),
    "moved_in": lambda scope, span: lists.begun(scope, span, "moved"),
    "moved_out": lambda scope, span: lists.left(scope, span, "moved"),
}
TIMED: dict[str, Callable[[Scope, Span], List]] = {
    "first_assignment": lists.first_assignments,
    "first_response": lists.first_responses,
    "resolution": lists.resolutions,
}


def behind(count: Count, key: str) -> Behind:
    """The tickets behind the number of that key. Raises Refused for a key that there is not."""
    first, _, rest = key.partition(".")
    if first in TIMED and rest in ("", "median", "p90", "mean"):
        rows = TIMED[first](count.scope, count.span)
        return [(row.ticket_id, minutes) for row, minutes in sorted(count.timed(rows), key=lambda one: one[1])]
    if first == "tier":
        return _of_tier(count, rest, key)
    if first == "topic":
        rows = lists.resolved_topics(count.scope, count.span)
        return _ids(row for row in count.session.execute(rows) if row.topic == rest)
    if first == "backlog" and rest:
        return _ids(row for row in count.waiting if age_of(count.span.until - row.created_at) == rest)
    if key == "unassigned":
        return _ids(row for row in count.waiting if not row.taken)
    if key == "reopen_rate":
        return _ids(count.reopened())
    if key in COUNTED:
        return _ids(count.session.execute(COUNTED[key](count.scope, count.span)))
    raise Refused(NO_SUCH_KEY, key=key)


def _of_tier(count: Count, place: str, key: str) -> Behind:
    place, _, what = place.rpartition(".")
    queue, _, tier = place.partition(".")
    scope, span = count.scope, count.span
    if what == "acceptance":
        waits = [
            (row.ticket_id, minutes)
            for row, minutes in count.timed(lists.acceptances(scope, span))
            if (row.queue, row.tier) == (queue, tier)
        ]
        return sorted(waits, key=lambda one: one[1])
    stays = {
        "inflow": lambda: lists.begun(scope, span),
        "escalated_out": lambda: lists.left(scope, span, "escalated"),
        "sent_back": lambda: lists.left(scope, span, "sent_back"),
    }
    if what not in stays:
        raise Refused(NO_SUCH_KEY, key=key)
    return _ids(row for row in count.session.execute(stays[what]()) if (row.queue, row.tier) == (queue, tier))


def _ids(rows: Iterable[Any]) -> Behind:
    return [(row.ticket_id, None) for row in sorted(rows, key=lambda one: one.ticket_id)]
