"""Claiming, taking over, handing on within the tier; priority and topic."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from slackdesk.errors import AlreadyClaimed, DatabaseBusy, InvalidInput, NotAllowed, NotFound, WrongState
from slackdesk.tickets import service
from slackdesk.tickets.home_tab import remember_opened
from slackdesk.tickets.ledger import current_stay
from slackdesk.tickets.model import Priority, Status, StayBegin
from slackdesk.tickets.queries import history_of, stays_of


def test_a_claim_is_told_to_everybody_concerned(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    with helpdesk.desk.transaction() as tx:
        for person in (cast.ani, cast.lena):
            remember_opened(tx.session, person, tx.now)
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    claimed = helpdesk.ticket(ticket.id)
    assert (claimed.status, claimed.assignee) == (Status.IN_PROGRESS, cast.lena)
    assert helpdesk.work("requester_notice", "claimed")[0].payload["values"] == {"by": cast.lena}
    assert {row.payload["person"] for row in helpdesk.work("home")} == {cast.ani, cast.lena}


def test_the_loser_reads_who_was_first_and_when(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    with pytest.raises(AlreadyClaimed, match=r"already claimed by <@U0LENA>, \d s ago") as refused:
        helpdesk.do(service.claim_ticket, ticket.id, cast.lars)
    assert refused.value.assignee == cast.lena
    helpdesk.advance(minutes=90)
    with pytest.raises(AlreadyClaimed, match="1 h ago"):
        helpdesk.do(service.claim_ticket, ticket.id, cast.lars)


def test_claiming_twice_changes_nothing(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    first = helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    assert helpdesk.do(service.claim_ticket, ticket.id, cast.lena).version == first.version


def test_claiming_is_for_the_tier(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    for outsider in (cast.ani, cast.budi, cast.mira, cast.operator, cast.boss, cast.guest):
        with pytest.raises(NotAllowed, match="<@U0LEAD>"):
            helpdesk.do(service.claim_ticket, ticket.id, outsider)
    private = helpdesk.file(queue="hr")
    with pytest.raises(NotFound):
        helpdesk.do(service.claim_ticket, private.id, cast.lena)
    with pytest.raises(NotFound, match="no ticket 999"):
        helpdesk.do(service.claim_ticket, 999, cast.lena)


@pytest.mark.parametrize("case", range(20))
def test_of_two_who_claim_at_once_one_wins(helpdesk: Any, cast: Any, case: int) -> None:
    ticket = helpdesk.file()
    start = threading.Barrier(2)
    outcomes: dict[str, object] = {}

    def claim(agent: str) -> None:
        start.wait()
        try:
            outcomes[agent] = helpdesk.do(service.claim_ticket, ticket.id, agent).assignee
        except (AlreadyClaimed, DatabaseBusy) as refused:
            outcomes[agent] = refused

    threads = [threading.Thread(target=claim, args=(agent,)) for agent in (cast.lena, cast.lars)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [agent for agent, outcome in outcomes.items() if outcome == agent]
    losers = [outcome for outcome in outcomes.values() if isinstance(outcome, AlreadyClaimed)]
    assert len(winners) == len(losers) == 1
    assert losers[0].assignee == winners[0] == helpdesk.ticket(ticket.id).assignee
    with helpdesk.database.read() as session:
        assert [entry.kind for entry in history_of(session, ticket.id)] == ["filed", "claimed"]


def test_taking_over_tells_the_one_who_had_it(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.take_over_ticket, ticket.id, cast.lena)
    helpdesk.do(service.take_over_ticket, ticket.id, cast.lars)
    assert helpdesk.ticket(ticket.id).assignee == cast.lars
    told = helpdesk.work("person_notice", "taken_over")
    assert [(row.payload["person"], row.payload["values"]) for row in told] == [(cast.lena, {"by": cast.lars})]


def test_an_assignee_hands_on_within_the_tier_and_a_lead_to_anybody(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    with pytest.raises(NotAllowed, match="Claim it first"):
        helpdesk.do(service.assign_ticket, ticket.id, cast.lena, cast.lars)
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    with pytest.raises(NotAllowed, match="not in L1"):
        helpdesk.do(service.assign_ticket, ticket.id, cast.lena, cast.mira)
    with pytest.raises(InvalidInput, match="no tier of IT help") as refused:
        helpdesk.do(service.assign_ticket, ticket.id, cast.lead, cast.budi)
    assert refused.value.field == "assignee"
    helpdesk.do(service.assign_ticket, ticket.id, cast.lena, cast.lars)
    assert helpdesk.ticket(ticket.id).assignee == cast.lars
    helpdesk.do(service.assign_ticket, ticket.id, cast.lead, cast.mira)
    assert helpdesk.ticket(ticket.id).assignee == cast.mira
    told = [row.payload["person"] for row in helpdesk.work("person_notice", "assigned")]
    assert told == [cast.lars, cast.mira]
    helpdesk.do(service.wait_for_requester, ticket.id, cast.mira)  # whoever has it may work on it


def test_assigning_to_oneself_is_claiming(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.assign_ticket, ticket.id, cast.lena, cast.lena)
    with pytest.raises(AlreadyClaimed):
        helpdesk.do(service.assign_ticket, ticket.id, cast.lars, cast.lars)


def test_urgent_goes_up_by_rule(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.do(service.set_priority, ticket.id, cast.lena, "urgent")
    raised = helpdesk.ticket(ticket.id)
    assert (raised.priority, raised.tier, raised.assignee) == (Priority.URGENT, "L2", None)
    with helpdesk.database.read() as session:
        entries = history_of(session, ticket.id)
        assert [entry.kind for entry in entries][-2:] == ["priority_changed", "escalated"]
        assert (entries[-1].data["by_rule"], entries[-1].actor) == (True, None)
        stay = current_stay(session, raised)
        assert stay is not None
        assert stay.entered_how is StayBegin.ESCALATED
    assert helpdesk.work("agents_notice", "handed_off_by_rule")[0].payload["values"]["priority"] == "urgent"
    helpdesk.do(service.accept_ticket, ticket.id, cast.mira)
    assert helpdesk.work("person_notice", "accepted")[0].payload["person"] == cast.lena


def test_a_lower_or_equal_priority_moves_nothing(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file(priority="urgent")
    helpdesk.do(service.set_priority, ticket.id, cast.mira, Priority.LOW)
    assert helpdesk.ticket(ticket.id).tier == "L2"
    version = helpdesk.ticket(ticket.id).version
    assert helpdesk.do(service.set_priority, ticket.id, cast.mira, "low").version == version
    with pytest.raises(InvalidInput, match="low, normal, high, urgent"):
        helpdesk.do(service.set_priority, ticket.id, cast.mira, "asap")


def test_a_topic_of_another_queue_moves_the_ticket(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file(text="My salary is wrong")
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.do(service.set_topic, ticket.id, cast.lena, "it", "other")
    assert helpdesk.ticket(ticket.id).topic == "Other"
    helpdesk.advance(hours=1)
    helpdesk.do(service.set_topic, ticket.id, cast.lena, "hr", "Payroll")
    moved = helpdesk.ticket(ticket.id)
    assert (moved.queue, moved.tier, moved.status, moved.assignee) == ("hr", "L1", Status.NEW, None)
    assert (moved.number, moved.private) == (f"HR-{ticket.id}", True)
    with helpdesk.database.read() as session:
        stays = stays_of(session, ticket.id)
    assert [(stay.queue, stay.entered_how) for stay in stays] == [("it", "filed"), ("hr", "moved")]
    assert stays[0].business_seconds == pytest.approx(timedelta(hours=1).total_seconds(), abs=5)
    cards = {(row.payload["queue"], row.payload["tier"]) for row in helpdesk.work("card")}
    assert cards == {("it", "L1"), ("hr", "L1")}
    with pytest.raises(NotFound):
        helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    with pytest.raises(InvalidInput, match="Payroll, Other"):
        helpdesk.do(service.set_topic, ticket.id, cast.hana, "hr", "Laptop")


def test_a_ticket_whose_queue_left_the_policy_says_so(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file(queue="hr")
    with helpdesk.desk.transaction() as tx:
        policy = tx.policy
    helpdesk.apply(policy.model_copy(update={"queues": {"it": policy.queues["it"]}}))
    with pytest.raises(WrongState, match="Ask an operator"):
        helpdesk.do(service.claim_ticket, ticket.id, cast.hana)
