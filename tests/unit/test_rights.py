"""Every action against every role."""

from datetime import timedelta

import pytest

from slackdesk.errors import NotAllowed, NotFound
from slackdesk.policy.model import DeskRules, Queue, ResolvedPolicy, Tier, Validation
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.rights import RIGHTS, Action, Role, allowed, is_agent, may_see_title, require, roles

REQUESTERS = {"view", "message", "describe", "confirm", "reopen", "cancel"}
AGENTS = {
    *("view", "claim", "take_over", "reply", "note", "priority", "topic", "move", "wait", "hold", "resume", "snooze"),
    *("escalate", "accept", "send_back", "resolve", "close", "not_a_request", "duplicate", "reopen"),
}
EXPECTED: dict[str, set[str]] = {
    "requester": REQUESTERS,
    "member": AGENTS,
    "assignee": AGENTS | {"assign"},
    "other_tier": {"view", "note"},
    "lead": {str(action) for action in Action},
    "validator": {"view", "confirm", "reopen"},
    "operator": set(),
    "stakeholder": set(),
    "stranger": set(),
}


def policy(*, validation: str = "all") -> ResolvedPolicy:
    def tier(name: str, *members: str) -> Tier:
        return Tier(
            name=name,
            channel=f"C{name}",
            members=frozenset(members),
            groups=(),
            lead="lead",
            budget=timedelta(hours=4),
            meetings=False,
        )

    queue = Queue(
        key="it",
        name="IT help",
        prefix="IT",
        calendar="office",
        request_channels=(),
        topics=("Other",),
        conversation="explicit",
        start_tier={},
        validation=Validation.model_validate({"by": validation, "people": ("validator",)}),
        auto_close=None,
        private=False,
        stakeholders=("stakeholder",),
        anonymous_csat=False,
        tiers=(tier("L1", "member", "assignee"), tier("L2", "other_tier")),
    )
    desk = DeskRules(
        name="Acme",
        timezone="UTC",
        locale="en",
        operators=("operator",),
        strict_plugins=True,
        plugin_dirs=(),
        retention=timedelta(days=1),
        max_file_mb=1,
    )
    return ResolvedPolicy(desk=desk, calendars={}, queues={"it": queue}, plugins={}, user_groups={})


def ticket(*, private: bool = False, requester: str = "requester") -> Ticket:
    return Ticket(id=42, prefix="IT", queue="it", tier="L1", requester=requester, assignee="assignee", private=private)


@pytest.mark.parametrize("person", EXPECTED)
@pytest.mark.parametrize("action", Action)
def test_who_may_do_what(person: str, action: Action) -> None:
    expected = action in EXPECTED[person]
    assert allowed(action, policy(), ticket(), person) is expected
    if expected:
        require(action, policy(), ticket(), person)
    else:
        with pytest.raises(NotAllowed, match="IT-42"):
            require(action, policy(), ticket(), person)


def test_every_role_has_its_rights_written_down() -> None:
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize("person", EXPECTED)
def test_a_guest_is_a_requester_at_most(person: str) -> None:
    assert roles(policy(), ticket(requester=person), person, is_guest=True) == {Role.REQUESTER}
    if person != "requester":
        assert roles(policy(), ticket(), person, is_guest=True) == frozenset()


def test_somebody_may_be_several_things_at_once() -> None:
    assert roles(policy(), ticket(requester="assignee"), "assignee") == {
        Role.REQUESTER,
        Role.ASSIGNEE,
        Role.TIER_MEMBER,
    }


def test_validators_count_only_where_they_are_asked() -> None:
    assert Role.VALIDATOR not in roles(policy(validation="requester"), ticket(), "validator")


@pytest.mark.parametrize("action", Action)
def test_strangers_do_not_learn_of_a_private_ticket(action: Action) -> None:
    for person in ("stranger", "operator", "stakeholder"):
        with pytest.raises(NotFound, match="no ticket 42") as refused:
            require(action, policy(), ticket(private=True), person)
        assert "IT" not in str(refused.value)


def test_a_private_title_is_for_those_who_may_view_the_ticket() -> None:
    see = {person for person in EXPECTED if may_see_title(policy(), ticket(private=True), person)}
    assert see == {"requester", "member", "assignee", "other_tier", "lead", "validator"}
    assert may_see_title(policy(), ticket(), "stranger")
    assert not may_see_title(policy(), ticket(), "stranger", is_guest=True)


def test_a_refusal_says_whom_to_ask() -> None:
    with pytest.raises(NotAllowed, match=r"Only members of L1 of IT help .* Ask <@lead>\."):
        require(Action.CLAIM, policy(), ticket(), "stranger")
    with pytest.raises(NotAllowed, match=r"thread of your request, or ask <@lead>"):
        require(Action.RESOLVE, policy(), ticket(), "requester")
    with pytest.raises(NotAllowed, match=r"<@requester>, who asked"):
        require(Action.CANCEL, policy(), ticket(), "member")
    with pytest.raises(NotAllowed, match="Claim it first"):
        require(Action.ASSIGN, policy(), ticket(), "member")


def test_agents_are_members_and_leads_of_any_queue() -> None:
    agents = {person for person in EXPECTED if is_agent(policy(), person)}
    assert agents == {"member", "assignee", "other_tier", "lead"}
