"""The life of a ticket: which action is possible in which status, and where it leads. Pure.

new → in_progress ⇄ waiting | on_hold → resolved → closed, and the ends not_a_request, duplicate, cancelled.
"""

from collections.abc import Iterable

from slackdesk.i18n import later
from slackdesk.tickets.model import Status
from slackdesk.tickets.rights import Action

OPEN = frozenset({Status.NEW, Status.IN_PROGRESS, Status.WAITING, Status.ON_HOLD})
"""Somebody still has to do something about it; exactly these have an open stay in a tier."""
PAUSED = frozenset({Status.WAITING, Status.ON_HOLD})
"""The time of the tier does not run."""
ENDED = frozenset(Status) - OPEN - {Status.RESOLVED}

_STARTED = OPEN - {Status.NEW}


def _to(target: Status, action: Action, sources: Iterable[Status]) -> dict[tuple[Status, Action], Status]:
    return {(source, action): target for source in sources}


def _stays(action: Action, sources: Iterable[Status]) -> dict[tuple[Status, Action], Status]:
    return {(source, action): source for source in sources}


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    **_stays(Action.VIEW, Status),
    **_stays(Action.NOTE, Status),
    **_stays(Action.MESSAGE, Status),
    (Status.WAITING, Action.MESSAGE): Status.IN_PROGRESS,
    **_stays(Action.DESCRIBE, OPEN),
    **_stays(Action.REPLY, OPEN | {Status.RESOLVED, Status.CLOSED}),
    **_stays(Action.CLAIM, OPEN),
    (Status.NEW, Action.CLAIM): Status.IN_PROGRESS,
    **_stays(Action.TAKE_OVER, _STARTED),
    **_stays(Action.ASSIGN, OPEN),
    (Status.NEW, Action.ASSIGN): Status.IN_PROGRESS,
    **_stays(Action.PRIORITY, OPEN),
    **_stays(Action.TOPIC, OPEN | {Status.RESOLVED}),
    **_to(Status.NEW, Action.MOVE, OPEN),
    **_to(Status.WAITING, Action.WAIT, {Status.IN_PROGRESS, Status.ON_HOLD}),
    **_to(Status.ON_HOLD, Action.HOLD, {Status.IN_PROGRESS, Status.WAITING}),
    **_to(Status.IN_PROGRESS, Action.RESUME, PAUSED),
    **_stays(Action.SNOOZE, OPEN),
    **_to(Status.IN_PROGRESS, Action.ESCALATE, OPEN),
    **_stays(Action.ACCEPT, _STARTED),
    **_to(Status.IN_PROGRESS, Action.SEND_BACK, _STARTED),
    **_to(Status.RESOLVED, Action.RESOLVE, OPEN),
    **_to(Status.CLOSED, Action.CONFIRM, {Status.RESOLVED}),
    **_to(Status.CLOSED, Action.CLOSE, {Status.RESOLVED}),
    **_to(Status.IN_PROGRESS, Action.REOPEN, ENDED | {Status.RESOLVED}),
    **_to(Status.CANCELLED, Action.CANCEL, OPEN),
    **_to(Status.NOT_A_REQUEST, Action.NOT_A_REQUEST, OPEN),
    **_to(Status.DUPLICATE, Action.DUPLICATE, OPEN),
}
"""``(status, action)`` → status; a pair that is not here is not possible."""


def actions_in(status: Status) -> frozenset[Action]:
    """What can be done with a ticket in that status, by somebody who has the right."""
    return frozenset(action for (source, action) in TRANSITIONS if source == status)


def why_not(status: Status, action: Action) -> str:
    """An English sentence, with ``{number}``, saying why the action is not possible and what to do first."""
    if (status, action) in _ALREADY:
        return _ALREADY[status, action]
    if status in _REOPEN_FIRST:
        return _REOPEN_FIRST[status]
    if action in (Action.CONFIRM, Action.CLOSE):
        return later("{number} is not resolved yet. Resolve it first: that keeps what solved it.")
    if action is Action.REOPEN:
        return later("{number} is open: there is nothing to reopen.")
    if status is Status.NEW:
        return later("Nobody works on {number} yet. Claim it first.")
    return later("That is not possible with {number} now: its card shows what is.")


_ALREADY: dict[tuple[Status, Action], str] = {
    (Status.WAITING, Action.WAIT): later("{number} already waits for the requester."),
    (Status.ON_HOLD, Action.HOLD): later("{number} is already on hold."),
    (Status.IN_PROGRESS, Action.RESUME): later("{number} is already in progress."),
    (Status.RESOLVED, Action.RESOLVE): later("{number} is already resolved."),
    (Status.CLOSED, Action.CLOSE): later("{number} is already closed."),
    (Status.CLOSED, Action.CONFIRM): later("{number} is already closed."),
    (Status.CANCELLED, Action.CANCEL): later("{number} is already cancelled."),
    (Status.NOT_A_REQUEST, Action.NOT_A_REQUEST): later("{number} is already marked as not a request."),
    (Status.DUPLICATE, Action.DUPLICATE): later("{number} is already marked as a duplicate."),
}
_REOPEN_FIRST: dict[Status, str] = {
    Status.RESOLVED: later("{number} is resolved. Reopen it first."),
    Status.CLOSED: later("{number} is closed. Reopen it first."),
    Status.NOT_A_REQUEST: later("{number} was marked as not a request. Reopen it first."),
    Status.DUPLICATE: later("{number} is a duplicate of another ticket. Reopen it first."),
    Status.CANCELLED: later("{number} was cancelled. Reopen it first."),
}
