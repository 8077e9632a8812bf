"""Random people do random things; what must hold, holds after each of them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from slackdesk.businesstime import BusinessCalendar
from slackdesk.errors import Refused
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets import service
from slackdesk.tickets.audit import verify
from slackdesk.tickets.ledger import business_time, pauses_of
from slackdesk.tickets.lifecycle import ENDED, OPEN, PAUSED, TRANSITIONS, actions_in
from slackdesk.tickets.model import HistoryEntry, Priority, Status, Ticket
from slackdesk.tickets.queries import history_of, stays_of
from slackdesk.tickets.rights import Action, allowed, is_agent_of

PEOPLE = ("U0ANI", "U0BUDI", "U0LENA", "U0LARS", "U0MIRA", "U0THEO", "U0LEAD", "U0HANA", "U0OPER", "U0GUEST")
LEGAL = {(source, target) for (source, _), target in TRANSITIONS.items()}

Act = Callable[[Any, int, str, st.DataObject], object]


def _message(helpdesk: Any, ticket_id: int, actor: str, data: st.DataObject) -> object:
    text = data.draw(st.sampled_from(["thanks!", "It is still broken", "ok", "Here is more"]))
    return helpdesk.says(helpdesk.ticket(ticket_id), actor, text)


ACTS: dict[Action, Act] = {
    Action.CLAIM: lambda desk, one, actor, _: desk.do(service.claim_ticket, one, actor),
    Action.TAKE_OVER: lambda desk, one, actor, _: desk.do(service.take_over_ticket, one, actor),
    Action.ASSIGN: lambda desk, one, actor, data: desk.do(
        service.assign_ticket, one, actor, data.draw(st.sampled_from(PEOPLE))
    ),
    Action.PRIORITY: lambda desk, one, actor, data: desk.do(
        service.set_priority, one, actor, data.draw(st.sampled_from(Priority))
    ),
    Action.TOPIC: lambda desk, one, actor, data: desk.do(
        service.set_topic, one, actor, data.draw(st.sampled_from(["it", "hr"])), "Other"
    ),
    Action.WAIT: lambda desk, one, actor, _: desk.do(service.wait_for_requester, one, actor),
    Action.HOLD: lambda desk, one, actor, _: desk.do(service.hold_ticket, one, actor, "A part is missing"),
    Action.RESUME: lambda desk, one, actor, _: desk.do(service.resume_ticket, one, actor),
    Action.SNOOZE: lambda desk, one, actor, _: desk.do(
        service.snooze_ticket, one, actor, desk.now() + timedelta(hours=1)
    ),
    Action.ESCALATE: lambda desk, one, actor, _: desk.escalate(desk.ticket(one), actor),
    Action.ACCEPT: lambda desk, one, actor, _: desk.do(service.accept_ticket, one, actor),
    Action.SEND_BACK: lambda desk, one, actor, _: desk.do(service.send_back_ticket, one, actor, "Not ours"),
    Action.RESOLVE: lambda desk, one, actor, _: desk.do(
        service.resolve_ticket, one, actor, topic="Other", resolution="Restarted it"
    ),
    Action.CONFIRM: lambda desk, one, actor, _: desk.do(service.confirm_ticket, one, actor),
    Action.REOPEN: lambda desk, one, actor, _: desk.do(service.reopen_ticket, one, actor),
    Action.CLOSE: lambda desk, one, actor, _: desk.do(service.close_ticket, one, actor),
    Action.CANCEL: lambda desk, one, actor, _: desk.do(service.cancel_ticket, one, actor),
    Action.NOT_A_REQUEST: lambda desk, one, actor, _: desk.do(service.mark_not_a_request, one, actor),
    Action.REPLY: lambda desk, one, actor, _: desk.do(service.reply_to_requester, one, actor, "Try again"),
    Action.NOTE: lambda desk, one, actor, _: desk.do(service.add_note, one, actor, "Hm"),
    Action.MESSAGE: _message,
}


class People(RuleBasedStateMachine):
    """One or two tickets and everybody who may or may not touch them."""

    def __init__(self, helpdesk: Any) -> None:
        super().__init__()
        self.helpdesk = helpdesk
        self.tickets: list[int] = []

    @initialize(priority=st.sampled_from(Priority), queue=st.sampled_from(["it", "it", "hr"]))
    def file(self, priority: Priority, queue: str) -> None:
        self.helpdesk.advance_to_monday()  # every example begins alike, whatever the one before did to the clock
        self.tickets.append(self.helpdesk.file(priority=priority, queue=queue).id)

    @rule(chance=st.randoms(use_true_random=False), data=st.data())
    def somebody_does_what_can_be_done(self, chance: Random, data: st.DataObject) -> None:
        """The longer a ticket's life, the more it may get wrong: most acts are possible ones."""
        ticket = self.helpdesk.ticket(self.tickets[-1])
        with self.helpdesk.desk.reading() as tx:
            people = {
                action: [
                    person
                    for person in PEOPLE
                    if allowed(action, tx.policy, ticket, person, is_guest=person == "U0GUEST")
                ]
                for action in sorted(ACTS.keys() & actions_in(ticket.status))
            }
        action = chance.choice([action for action, able in people.items() if able])
        self._act(action, chance.choice(people[action]), data)

    @rule(action=st.sampled_from(sorted(ACTS)), actor=st.sampled_from(PEOPLE), data=st.data())
    def anybody_does_anything(self, action: Action, actor: str, data: st.DataObject) -> None:
        self._act(action, actor, data)

    def _act(self, action: Action, actor: str, data: st.DataObject) -> None:
        ticket_id = self.tickets[-1]
        before = self.helpdesk.ticket(ticket_id)
        try:
            result = ACTS[action](self.helpdesk, ticket_id, actor, data)
        except Refused:
            assert self.helpdesk.ticket(ticket_id).version == before.version
            return
        if isinstance(result, Ticket) and result.id != ticket_id:
            assert result.follows == ticket_id
            self.tickets.append(result.id)

    @rule(of=st.booleans(), actor=st.sampled_from(["U0LEAD", "U0LENA", "U0HANA"]))
    def duplicate(self, of: bool, actor: str) -> None:
        other = self.tickets[0] if of else self.tickets[-1] + 1
        try:
            self.helpdesk.do(service.mark_duplicate, self.tickets[-1], actor, other)
        except Refused:
            return
        assert other != self.tickets[-1]

    @rule(minutes=st.integers(1, 60 * 24 * 4))
    def time_passes(self, minutes: int) -> None:
        self.helpdesk.advance(minutes=minutes)
        self.helpdesk.run_timers()

    @invariant()
    def what_must_hold(self) -> None:
        with self.helpdesk.desk.reading() as tx:
            for ticket_id in self.tickets[-2:]:
                ticket = tx.session.get_one(Ticket, ticket_id)
                history = history_of(tx.session, ticket_id)
                assert verify(tx.session, ticket_id).findings == ()
                _check_statuses(ticket, history)
                _check_ledger(tx, ticket, history)
                assert ticket.assignee is None or is_agent_of(tx.policy.queue(ticket.queue), ticket.assignee)


def _check_statuses(ticket: Ticket, history: Any) -> None:
    statuses = [Status(entry.data["status"]) for entry in history]
    assert statuses[0] is Status.NEW
    assert statuses[-1] is ticket.status
    assert all(step in LEGAL or step[0] is step[1] for step in pairwise(statuses))
    assert (ticket.resolved_at is not None) == (ticket.status in (Status.RESOLVED, Status.CLOSED))
    assert (ticket.closed_at is not None) == (ticket.status in ENDED)


def _check_ledger(tx: Any, ticket: Ticket, history: Sequence[HistoryEntry]) -> None:
    policy: ResolvedPolicy = tx.policy
    stays = stays_of(tx.session, ticket.id)
    current = [stay for stay in stays if stay.left_at is None]
    assert len(current) == (1 if ticket.status in OPEN else 0)
    if current:
        assert (current[0].queue, current[0].tier) == (ticket.queue, ticket.tier)
    pauses = pauses_of(tx.session, ticket, tx.now)
    ledger = sum(
        business_time(policy, stay, pauses, tx.now).total_seconds()
        if stay.business_seconds is None
        else stay.business_seconds
        for stay in stays
    )
    expected = _working_seconds(policy.calendar("it"), history, tx.now)  # both queues keep the same hours
    assert abs(ledger - expected) <= len(stays)


def _working_seconds(calendar: BusinessCalendar, history: Sequence[HistoryEntry], now: Any) -> float:
    """Business time in which the desk had something to do, straight from the statuses."""
    ends = [entry.at for entry in history[1:]] + [now]
    return sum(
        calendar.elapsed(entry.at, end).total_seconds()
        for entry, end in zip(history, ends, strict=True)
        if Status(entry.data["status"]) in OPEN - PAUSED
    )


def test_whatever_people_do_the_rules_hold(helpdesk: Any) -> None:
    class PeopleOfThisDesk(People):
        def __init__(self) -> None:
            super().__init__(helpdesk)

    run_state_machine_as_test(
        PeopleOfThisDesk,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )
