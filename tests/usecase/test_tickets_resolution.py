"""Waiting, resolving, confirming, closing by itself, reopening, ending otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from slackdesk.dispatch.model import WorkState
from slackdesk.errors import InvalidInput, NotAllowed, NotFound, WrongState
from slackdesk.policy.model import Validation
from slackdesk.tickets import service
from slackdesk.tickets.model import Status
from slackdesk.tickets.queries import history_of, queue_of, stays_of, ticket_by_number, tickets_of


def test_waiting_and_holding_tell_the_right_side(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    with pytest.raises(WrongState, match="Claim it first"):
        helpdesk.do(service.wait_for_requester, ticket.id, cast.lena)
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.do(service.wait_for_requester, ticket.id, cast.lena)
    assert len(helpdesk.work("requester_notice", "waiting")) == 1
    helpdesk.do(service.hold_ticket, ticket.id, cast.lena, "The vendor is slow")
    assert all("vendor" not in str(row.payload) for row in helpdesk.work("requester_notice"))
    helpdesk.do(service.resume_ticket, ticket.id, cast.lena)
    assert helpdesk.ticket(ticket.id).status is Status.IN_PROGRESS


def test_a_snoozed_ticket_is_hidden_from_one_list_until_then(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()

    def listed(agent: str) -> list[int]:
        with helpdesk.desk.reading() as tx:
            return [found.id for found in queue_of(tx.session, tx.policy, agent, tx.now)]

    with pytest.raises(InvalidInput) as refused:
        helpdesk.do(service.snooze_ticket, ticket.id, cast.lena, helpdesk.now() - timedelta(seconds=1))
    assert refused.value.field == "until"
    for hours in (1, 2):
        helpdesk.do(service.snooze_ticket, ticket.id, cast.lena, helpdesk.now() + timedelta(hours=hours))
    assert (listed(cast.lena), listed(cast.lars)) == ([], [ticket.id])
    helpdesk.advance(hours=2, minutes=1)
    assert listed(cast.lena) == [ticket.id]


def test_resolving_keeps_what_solved_it_and_asks(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    for values, field in (
        ({"topic": None, "resolution": "x"}, "topic"),
        ({"topic": "Laptop", "resolution": " "}, "resolution"),
        ({"topic": "Payroll", "resolution": "x"}, "topic"),
    ):
        with pytest.raises(InvalidInput) as refused:
            helpdesk.do(service.resolve_ticket, ticket.id, cast.lena, **values)
        assert refused.value.field == field
    assert helpdesk.ticket(ticket.id).status is Status.IN_PROGRESS
    helpdesk.resolve(ticket, cast.lena)
    resolved = helpdesk.ticket(ticket.id)
    assert (resolved.status, resolved.resolved_by, resolved.resolution, resolved.topic) == (
        Status.RESOLVED,
        cast.lena,
        "New battery",
        "Laptop",
    )
    asked = helpdesk.work("question")
    assert [row.payload["resolved_at"] for row in asked] == [resolved.resolved_at.isoformat()]


def test_yes_closes_once(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.resolve(ticket, cast.lena)
    with pytest.raises(NotAllowed, match="<@U0ANI>"):
        helpdesk.do(service.confirm_ticket, ticket.id, cast.lena)
    helpdesk.do(service.confirm_ticket, ticket.id, cast.ani)
    closed = helpdesk.ticket(ticket.id)
    assert (closed.status, closed.closed_by) == (Status.CLOSED, cast.ani)
    assert helpdesk.do(service.confirm_ticket, ticket.id, cast.ani).version == closed.version
    assert [row.state for row in helpdesk.work("auto_close")] == [WorkState.CANCELLED]
    assert len(helpdesk.work("question_answered")) == 1


def test_agents_close_only_what_is_resolved(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    with pytest.raises(WrongState, match="Resolve it first"):
        helpdesk.do(service.close_ticket, ticket.id, cast.lena)
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.do(service.close_ticket, ticket.id, cast.lena)
    assert helpdesk.work("requester_notice", "closed")[0].payload["values"] == {"by": cast.lena}


def test_silence_closes_after_business_hours_with_a_way_back(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.resolve(ticket, cast.lena)  # Monday 09:00, 24 business hours: Thursday 09:00
    helpdesk.advance(days=2, hours=23)
    assert helpdesk.run_timers() == []
    helpdesk.advance(hours=1, minutes=1)
    assert helpdesk.run_timers() == ["auto_close"]
    closed = helpdesk.ticket(ticket.id)
    assert (closed.status, closed.closed_by) == (Status.CLOSED, None)
    assert helpdesk.work("requester_notice", "closed_automatically")[0].payload["values"] == {"hours": 24.0}
    helpdesk.do(service.reopen_ticket, ticket.id, cast.ani)
    assert helpdesk.ticket(ticket.id).status is Status.IN_PROGRESS


def test_a_reopened_ticket_is_not_closed_by_the_old_timer(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.resolve(ticket, cast.lena)
    first = helpdesk.ticket(ticket.id).resolved_at
    helpdesk.do(service.reopen_ticket, ticket.id, cast.ani, "Still broken")
    assert helpdesk.ticket(ticket.id).resolution is None
    helpdesk.advance(days=10)
    assert helpdesk.run_timers() == []
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.do(service.close_ticket_automatically, ticket.id, first)  # a timer that was already running
    assert helpdesk.ticket(ticket.id).status is Status.RESOLVED
    assert helpdesk.work("agents_notice", "reopened")[0].payload["values"]["reason"] == "Still broken"


@pytest.mark.parametrize(("rule", "needed"), [("any", 1), ("majority", 2), ("all", 3)])
def test_validators_decide(helpdesk: Any, cast: Any, policy_with: Any, rule: Any, needed: int) -> None:
    people = ("U0V1", "U0V2", "U0V3")
    helpdesk.apply(policy_with(validation=Validation(by=rule, people=people)))
    ticket = helpdesk.file()
    helpdesk.resolve(ticket, cast.lena)
    assert helpdesk.work("question") == []
    assert [row.payload["person"] for row in helpdesk.work("person_notice", "validation_asked")] == list(people)
    with pytest.raises(WrongState, match="<@U0V1>, <@U0V2>, <@U0V3>"):
        helpdesk.do(service.confirm_ticket, ticket.id, cast.ani)
    for count, person in enumerate(people[:needed], start=1):
        for _ in range(2):  # a double click is one vote
            helpdesk.do(service.confirm_ticket, ticket.id, person)
        expected = Status.CLOSED if count == needed else Status.RESOLVED
        assert helpdesk.ticket(ticket.id).status is expected


def test_votes_of_an_earlier_resolution_do_not_count(helpdesk: Any, cast: Any, policy_with: Any) -> None:
    helpdesk.apply(policy_with(validation=Validation(by="all", people=("U0V1", "U0V2"))))
    ticket = helpdesk.file()
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.do(service.confirm_ticket, ticket.id, "U0V1")
    helpdesk.do(service.reopen_ticket, ticket.id, "U0V2", "No")
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.do(service.confirm_ticket, ticket.id, "U0V2")
    assert helpdesk.ticket(ticket.id).status is Status.RESOLVED


def test_cancelling_tells_the_assignee(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    with pytest.raises(NotAllowed):
        helpdesk.do(service.cancel_ticket, ticket.id, cast.budi)
    helpdesk.do(service.cancel_ticket, ticket.id, cast.ani)
    assert [row.payload["person"] for row in helpdesk.work("person_notice", "cancelled")] == [cast.lena]
    with helpdesk.database.read() as session:
        assert stays_of(session, ticket.id)[-1].left_how == "cancelled"
    with pytest.raises(WrongState, match="already cancelled"):
        helpdesk.do(service.cancel_ticket, ticket.id, cast.ani)


def test_not_a_request_can_be_taken_back_by_its_requester(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.mark_not_a_request, ticket.id, cast.lena)
    assert len(helpdesk.work("requester_notice", "not_a_request")) == 1
    helpdesk.do(service.reopen_ticket, ticket.id, cast.ani)
    assert helpdesk.ticket(ticket.id).status is Status.IN_PROGRESS


def test_duplicates_make_no_circles_and_copy_nothing(helpdesk: Any, cast: Any) -> None:
    first, second, third = (helpdesk.file(cast.ani, text=text) for text in ("secret one", "two", "three"))
    with pytest.raises(InvalidInput, match="of itself"):
        helpdesk.do(service.mark_duplicate, first.id, cast.lena, first.id)
    with pytest.raises(NotFound):
        helpdesk.do(service.mark_duplicate, first.id, cast.lena, 999)
    helpdesk.do(service.mark_duplicate, second.id, cast.lena, first.id)
    with pytest.raises(InvalidInput, match=f"duplicate of ticket {first.id}"):
        helpdesk.do(service.mark_duplicate, third.id, cast.lena, second.id)
    with pytest.raises(InvalidInput):
        helpdesk.do(service.mark_duplicate, first.id, cast.lena, second.id)
    told = helpdesk.work("requester_notice", "duplicate")[0].payload["values"]
    assert told == {"by": cast.lena, "of": first.number}
    assert helpdesk.ticket(second.id).duplicate_of == first.id
    assert all("secret" not in str(row.payload) for row in helpdesk.work("requester_notice"))
    private = helpdesk.file(cast.budi, queue="hr")
    with pytest.raises(NotFound):
        helpdesk.do(service.mark_duplicate, third.id, cast.lena, private.id)


def test_lists_put_open_and_own_tickets_first(helpdesk: Any, cast: Any) -> None:
    done, late, urgent, own = (helpdesk.file(text=text) for text in ("done", "late", "urgent", "own"))
    helpdesk.resolve(done, cast.lena)
    helpdesk.do(service.set_priority, urgent.id, cast.lena, "high")
    helpdesk.do(service.claim_ticket, own.id, cast.lena)
    private = helpdesk.file(queue="hr")
    with helpdesk.desk.reading() as tx:
        assert [t.id for t in queue_of(tx.session, tx.policy, cast.lena, tx.now)] == [own.id, urgent.id, late.id]
        assert [t.id for t in queue_of(tx.session, tx.policy, cast.hana, tx.now)] == [private.id]
        assert queue_of(tx.session, tx.policy, cast.budi, tx.now) == []
        assert [t.id for t in tickets_of(tx.session, cast.ani)] == [private.id, own.id, urgent.id, late.id, done.id]
        assert len(tickets_of(tx.session, cast.ani, limit=2)) == 2


@pytest.mark.parametrize("text", ["{id}", "#{id}", "IT-{id}", " it-{id} "])
def test_a_ticket_is_found_by_what_people_call_it(helpdesk: Any, text: str) -> None:
    ticket = helpdesk.file()
    with helpdesk.database.read() as session:
        assert ticket_by_number(session, text.format(id=ticket.id)).id == ticket.id


@pytest.mark.parametrize("text", ["", "0", "abc", "IT-", "-1", "99999999999999999999", "9999999999", "1; drop"])
def test_what_is_no_number_finds_nothing(helpdesk: Any, text: str) -> None:
    helpdesk.file()
    with helpdesk.database.read() as session, pytest.raises(NotFound, match="IT-42"):
        ticket_by_number(session, text)


def test_history_tells_the_whole_story(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.resolve(ticket, cast.lena)
    helpdesk.do(service.confirm_ticket, ticket.id, cast.ani)
    with helpdesk.database.read() as session:
        story = [(entry.kind, entry.actor, entry.data["status"]) for entry in history_of(session, ticket.id)]
    assert story == [
        ("filed", cast.ani, "new"),
        ("claimed", cast.lena, "in_progress"),
        ("resolved", cast.lena, "resolved"),
        ("confirmed", cast.ani, "resolved"),
        ("closed", cast.ani, "closed"),
    ]
