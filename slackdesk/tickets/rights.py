"""Who may do what with a ticket. Pure: the use cases ask, the drawings only follow."""

from enum import StrEnum

from slackdesk.errors import NotAllowed, NotFound
from slackdesk.policy.model import Queue, ResolvedPolicy
from slackdesk.tickets.model import Ticket


class Action(StrEnum):
    """Everything that a person can do with a ticket."""

    VIEW = "view"
    MESSAGE = "message"
    DESCRIBE = "describe"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    CANCEL = "cancel"
    CLAIM = "claim"
    TAKE_OVER = "take_over"
    ASSIGN = "assign"
    REPLY = "reply"
    NOTE = "note"
    PRIORITY = "priority"
    TOPIC = "topic"
    MOVE = "move"
    """To another queue, by giving it a topic of that queue."""
    WAIT = "wait"
    HOLD = "hold"
    RESUME = "resume"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    RESOLVE = "resolve"
    CLOSE = "close"
    NOT_A_REQUEST = "not_a_request"
    DUPLICATE = "duplicate"


class Role(StrEnum):
    """What a person is to a ticket; somebody may be several things at once."""

    REQUESTER = "requester"
    VALIDATOR = "validator"
    """One of the people whom the queue asks whether a request is solved."""
    TIER_MEMBER = "tier_member"
    """Of the current tier."""
    ASSIGNEE = "assignee"
    QUEUE_MEMBER = "queue_member"
    """Of another tier of the same queue."""
    LEAD = "lead"
    """Of a tier of the queue."""
    OPERATOR = "operator"
    STAKEHOLDER = "stakeholder"


_REQUESTER = frozenset(
    {Action.VIEW, Action.MESSAGE, Action.DESCRIBE, Action.CONFIRM, Action.REOPEN, Action.CANCEL},
)
_TIER_MEMBER = frozenset(Action) - {Action.MESSAGE, Action.DESCRIBE, Action.CONFIRM, Action.CANCEL, Action.ASSIGN}

RIGHTS: dict[Role, frozenset[Action]] = {
    Role.REQUESTER: _REQUESTER,
    Role.VALIDATOR: frozenset({Action.VIEW, Action.CONFIRM, Action.REOPEN}),
    Role.TIER_MEMBER: _TIER_MEMBER,
    Role.ASSIGNEE: _TIER_MEMBER | {Action.ASSIGN},
    Role.QUEUE_MEMBER: frozenset({Action.VIEW, Action.NOTE}),
    Role.LEAD: frozenset(Action),
    Role.OPERATOR: frozenset(),
    Role.STAKEHOLDER: frozenset(),
}
"""What each role may do. Members may also reopen: a mistaken "resolved" needs a way back for whoever made it."""

_REQUESTERS_OWN = frozenset({Action.MESSAGE, Action.DESCRIBE, Action.CONFIRM, Action.CANCEL})


def roles(policy: ResolvedPolicy, ticket: Ticket, person: str, *, is_guest: bool = False) -> frozenset[Role]:
    """What ``person`` is to ``ticket``. A guest is at most its requester, whatever lists name the guest."""
    queue = policy.queue(ticket.queue)
    found = {Role.REQUESTER} if person == ticket.requester else set()
    if is_guest:
        return frozenset(found)
    if queue.validation.by != "requester" and person in queue.validation.people:
        found.add(Role.VALIDATOR)
    if person == ticket.assignee:
        found.add(Role.ASSIGNEE)
    for tier in queue.tiers:
        if person in tier.members:
            found.add(Role.TIER_MEMBER if tier.name == ticket.tier else Role.QUEUE_MEMBER)
        if person == tier.lead:
            found.add(Role.LEAD)
    if person in queue.stakeholders:
        found.add(Role.STAKEHOLDER)
    if person in policy.desk.operators:
        found.add(Role.OPERATOR)
    return frozenset(found)


def allowed(action: Action, policy: ResolvedPolicy, ticket: Ticket, person: str, *, is_guest: bool = False) -> bool:
    """Whether one of the person's roles has the right."""
    return any(action in RIGHTS[role] for role in roles(policy, ticket, person, is_guest=is_guest))


def require(action: Action, policy: ResolvedPolicy, ticket: Ticket, person: str, *, is_guest: bool = False) -> None:
    """Raises NotAllowed, which says whom to ask; NotFound where the person may not even know of a private ticket."""
    if allowed(action, policy, ticket, person, is_guest=is_guest):
        return
    if ticket.private and not may_see_title(policy, ticket, person, is_guest=is_guest):
        raise NotFound("There is no ticket {id} that you can see. Type /ticket mine for your own.", id=ticket.id)
    if action in _REQUESTERS_OWN:
        raise NotAllowed(
            "Only <@{requester}>, who asked for it, can do that with {number}.",
            requester=ticket.requester,
            number=ticket.number,
        )
    queue = policy.queue(ticket.queue)
    values = {"number": ticket.number, "queue": queue.name, "tier": ticket.tier, "lead": queue.tier(ticket.tier).lead}
    if action is Action.ASSIGN:
        raise NotAllowed(
            "Only its assignee or the lead can hand {number} to somebody. Claim it first, or ask <@{lead}>.", **values
        )
    if person == ticket.requester:
        raise NotAllowed(
            "Only {tier} of {queue} can do that with {number}. Write in the thread of your request, or ask <@{lead}>.",
            **values,
        )
    raise NotAllowed("Only members of {tier} of {queue} can do that with {number}. Ask <@{lead}>.", **values)


def may_see_title(policy: ResolvedPolicy, ticket: Ticket, person: str, *, is_guest: bool = False) -> bool:
    """Whether the title may be shown to this person away from the ticket's own threads.

    A private ticket's only to those who may view the ticket; any other's to everybody but foreign guests.
    """
    if allowed(Action.VIEW, policy, ticket, person, is_guest=is_guest):
        return True
    return not ticket.private and not is_guest


def is_agent_of(queue: Queue, person: str) -> bool:
    """Whether the person is a member or the lead of a tier of the queue."""
    return any(person in tier.members or person == tier.lead for tier in queue.tiers)


def is_agent(policy: ResolvedPolicy, person: str) -> bool:
    """Whether the person is an agent of any queue; agents may file on behalf of somebody."""
    return any(is_agent_of(queue, person) for queue in policy.queues.values())
