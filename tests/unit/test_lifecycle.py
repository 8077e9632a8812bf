"""The life of a ticket, pair by pair."""

import pytest

from slackdesk.tickets.lifecycle import ENDED, OPEN, PAUSED, TRANSITIONS, actions_in, why_not
from slackdesk.tickets.model import Status
from slackdesk.tickets.rights import Action

CHANGES = {
    (Status.NEW, Action.CLAIM, Status.IN_PROGRESS),
    (Status.NEW, Action.ASSIGN, Status.IN_PROGRESS),
    (Status.NEW, Action.ESCALATE, Status.IN_PROGRESS),
    (Status.NEW, Action.RESOLVE, Status.RESOLVED),
    (Status.IN_PROGRESS, Action.WAIT, Status.WAITING),
    (Status.IN_PROGRESS, Action.HOLD, Status.ON_HOLD),
    (Status.WAITING, Action.RESUME, Status.IN_PROGRESS),
    (Status.WAITING, Action.MESSAGE, Status.IN_PROGRESS),
    (Status.WAITING, Action.ESCALATE, Status.IN_PROGRESS),
    (Status.ON_HOLD, Action.RESUME, Status.IN_PROGRESS),
    (Status.ON_HOLD, Action.SEND_BACK, Status.IN_PROGRESS),
    (Status.IN_PROGRESS, Action.MOVE, Status.NEW),
    (Status.IN_PROGRESS, Action.RESOLVE, Status.RESOLVED),
    (Status.RESOLVED, Action.CONFIRM, Status.CLOSED),
    (Status.RESOLVED, Action.CLOSE, Status.CLOSED),
    (Status.RESOLVED, Action.REOPEN, Status.IN_PROGRESS),
    (Status.CLOSED, Action.REOPEN, Status.IN_PROGRESS),
    (Status.NEW, Action.CANCEL, Status.CANCELLED),
    (Status.WAITING, Action.NOT_A_REQUEST, Status.NOT_A_REQUEST),
    (Status.ON_HOLD, Action.DUPLICATE, Status.DUPLICATE),
}
IMPOSSIBLE = {
    (Status.NEW, Action.WAIT),
    (Status.NEW, Action.HOLD),
    (Status.NEW, Action.RESUME),
    (Status.NEW, Action.CLOSE),
    (Status.IN_PROGRESS, Action.CONFIRM),
    (Status.IN_PROGRESS, Action.REOPEN),
    (Status.RESOLVED, Action.CLAIM),
    (Status.RESOLVED, Action.CANCEL),
    (Status.CLOSED, Action.RESOLVE),
    (Status.CLOSED, Action.ESCALATE),
    (Status.DUPLICATE, Action.DUPLICATE),
    (Status.CANCELLED, Action.CLAIM),
}


@pytest.mark.parametrize(("status", "action", "target"), sorted(CHANGES))
def test_the_action_leads_there(status: Status, action: Action, target: Status) -> None:
    assert TRANSITIONS[status, action] is target


@pytest.mark.parametrize(("status", "action"), sorted(IMPOSSIBLE))
def test_the_action_is_not_possible(status: Status, action: Action) -> None:
    assert action not in actions_in(status)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", Action)
def test_whatever_is_not_possible_says_why(status: Status, action: Action) -> None:
    if action in actions_in(status):
        assert (status, action) in TRANSITIONS
    else:
        sentence = why_not(status, action).format(number="IT-42")
        assert "IT-42" in sentence
        assert sentence.endswith(".")


def test_every_status_belongs_to_one_phase() -> None:
    assert set(Status) == OPEN | ENDED | {Status.RESOLVED}
    assert not OPEN & ENDED
    assert PAUSED < OPEN


def test_every_status_can_be_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(Status)
    for status in Status:
        assert any(TRANSITIONS[status, action] is not status for action in actions_in(status))


def test_an_ended_ticket_is_changed_by_reopening_alone() -> None:
    for status in ENDED:
        changing = {action for action in actions_in(status) if TRANSITIONS[status, action] is not status}
        assert changing == {Action.REOPEN}
