"""Tickets in every situation, and somebody in every role: where the rights table is measured.

Every ticket was handed up from L1 to L2, except a new one, which is urgent and therefore starts there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from slackdesk.database import Database
from slackdesk.policy.model import Queue, ResolvedPolicy, Tier, Validation
from slackdesk.tickets import service
from slackdesk.tickets.model import Person, Priority, Ticket, TicketMessage

REQUESTER, GUEST_REQUESTER = "requester", "requester who is a guest"
MEMBER, ASSIGNEE = "member of the tier", "assignee"
OTHER_TIER, WATCHER = "member of another tier", "watcher who left the queue"
LEAD, OTHER_LEAD = "lead of the tier", "lead of another tier"
FOREIGN_AGENT, FOREIGN_LEAD = "member of another queue", "lead of another queue"
VALIDATOR, OPERATOR, STAKEHOLDER = "validator", "operator", "stakeholder"
STRANGER, GUEST, LISTED_GUEST = "anybody else", "guest", "guest whom a tier lists"

PEOPLE = {
    REQUESTER: "U0ANI",
    GUEST_REQUESTER: "U0GUEST",
    MEMBER: "U0MILO",
    ASSIGNEE: "U0MIRA",
    OTHER_TIER: "U0LARS",
    WATCHER: "U0UMA",
    LEAD: "U0LEAD2",
    OTHER_LEAD: "U0LEAD1",
    FOREIGN_AGENT: "U0FOX",
    FOREIGN_LEAD: "U0FAY",
    VALIDATOR: "U0VERA",
    OPERATOR: "U0OPER",
    STAKEHOLDER: "U0BOSS",
    STRANGER: "U0BUDI",
    GUEST: "U0GAST",
    LISTED_GUEST: "U0GLEN",
}
"""Role → somebody who is that and nothing else."""

COLLEAGUE = "U0MAX"
"""Another member of the tier: whoever tickets are handed to, and the author of the replies that others try to undo."""

GUESTS = [PEOPLE[role] for role in (GUEST_REQUESTER, GUEST, LISTED_GUEST)]

PUBLIC, PRIVATE, VALIDATED = "it", "hr", "facilities"
"""Queues: a public one whose requesters confirm, a private one and a public one that ask a validator.

These list the guest as a validator, too: it is of no avail.
"""

FOREIGN = "sales"

NEW, IN_PROGRESS, HANDED_UP, WAITING, ON_HOLD = "new", "in progress", "handed up", "waiting", "on hold"
RESOLVED, CLOSED = "resolved", "closed"
NOT_A_REQUEST, DUPLICATE, CANCELLED = "not a request", "duplicate", "cancelled"


@dataclass
class World:
    """The desk, and the tickets by queue, situation and whether the requester is a guest."""

    helpdesk: Any
    tickets: dict[tuple[str, str, bool], Ticket] = field(default_factory=dict)
    replies: dict[int, int] = field(default_factory=dict)
    """Ticket → a reply of ``COLLEAGUE`` that has not left yet."""
    others: dict[str, int] = field(default_factory=dict)
    """Queue → another ticket of it, of which one may be a duplicate."""


def _queue(template: Queue, key: str, *, with_leaver: bool, **changes: Any) -> Queue:
    def tier(name: str, lead: str, *members: str) -> Tier:
        return template.tiers[0].model_copy(
            update={"name": name, "channel": f"C0{key.upper()}{name}", "lead": lead, "members": frozenset(members)}
        )

    first = [PEOPLE[OTHER_TIER], *([PEOPLE[WATCHER]] if with_leaver else [])]
    tiers = (
        tier("L1", PEOPLE[OTHER_LEAD], *first),
        tier("L2", PEOPLE[LEAD], PEOPLE[MEMBER], PEOPLE[ASSIGNEE], COLLEAGUE, PEOPLE[LISTED_GUEST]),
        tier("L3", PEOPLE[OTHER_LEAD], "U0THEO"),
    )
    if key == FOREIGN:
        tiers = (tier("L1", PEOPLE[FOREIGN_LEAD], PEOPLE[FOREIGN_AGENT]),)
    start = {"start_tier": {} if key == FOREIGN else {"urgent": "L2"}}
    return template.model_copy(update={"key": key, "prefix": key.upper()[:3], "tiers": tiers, **start, **changes})


def make_policy(template: ResolvedPolicy, *, with_leaver: bool) -> ResolvedPolicy:
    """Four queues with the same people; ``with_leaver``: whoever hands the tickets up still belongs to L1."""
    one = template.queue("it")
    asked = Validation(by="any", people=(PEOPLE[VALIDATOR], PEOPLE[GUEST_REQUESTER]))
    changes: dict[str, dict[str, Any]] = {
        PUBLIC: {},
        PRIVATE: {"private": True, "validation": asked},
        VALIDATED: {"validation": asked},
        FOREIGN: {},
    }
    queues = {key: _queue(one, key, with_leaver=with_leaver, **changes[key]) for key in changes}
    return template.model_copy(update={"queues": queues})


def build_world(
    database: Database, helpdesk_on: Callable[..., Any], policy: ResolvedPolicy, *, queues: tuple[str, ...]
) -> World:
    """Bring tickets into every situation by what people do; then the one who handed them up leaves the queue."""
    helpdesk = helpdesk_on(database, timedelta(hours=1))
    with database.begin() as session:
        for guest in GUESTS[1:]:
            now = helpdesk.desk.clock.now(session).desk
            session.add(Person(id=guest, name=guest, handle=guest.lower(), is_guest=True, refreshed_at=now))
    helpdesk.apply(make_policy(policy, with_leaver=True))
    helpdesk.advance_to_monday()
    world = World(helpdesk)
    for queue in queues:
        world.others[queue] = helpdesk.file(PEOPLE[STRANGER], "Another one", queue=queue).id
        for situation, steps in SITUATIONS.items():
            for is_guest in (False, True):
                _bring(world, queue, situation, steps, is_guest)
    helpdesk.apply(make_policy(policy, with_leaver=False))
    return world


def _bring(world: World, queue: str, situation: str, steps: tuple[Callable[..., object], ...], is_guest: bool) -> None:
    do, requester = world.helpdesk.do, PEOPLE[GUEST_REQUESTER if is_guest else REQUESTER]
    priority = Priority.URGENT if situation == NEW else Priority.NORMAL
    text = f"Something about {situation}"
    ticket: Ticket = world.helpdesk.file(requester, text, queue=queue, priority=priority)
    confirms = requester if queue == PUBLIC else PEOPLE[VALIDATOR]
    reply: TicketMessage = do(service.reply_to_requester, ticket.id, PEOPLE[LEAD], "to be replaced")
    for step in steps:
        step(world, ticket.id, {"requester": requester, "confirms": confirms})
        if step in (_hand_up, _accept):
            reply = do(service.reply_to_requester, ticket.id, COLLEAGUE, "We look into it")
    if situation == NEW:
        reply = do(service.reply_to_requester, ticket.id, COLLEAGUE, "We look into it")
    world.tickets[queue, situation, is_guest] = world.helpdesk.ticket(ticket.id)
    world.replies[ticket.id] = reply.id


def _hand_up(world: World, ticket_id: int, _who: dict[str, str]) -> None:
    world.helpdesk.do(service.claim_ticket, ticket_id, PEOPLE[WATCHER])
    world.helpdesk.escalate(world.helpdesk.ticket(ticket_id), PEOPLE[WATCHER])


def _accept(world: World, ticket_id: int, _who: dict[str, str]) -> None:
    world.helpdesk.do(service.accept_ticket, ticket_id, PEOPLE[ASSIGNEE])


def _wait(world: World, ticket_id: int, _who: dict[str, str]) -> None:
    world.helpdesk.do(service.wait_for_requester, ticket_id, PEOPLE[ASSIGNEE])


def _hold(world: World, ticket_id: int, _who: dict[str, str]) -> None:
    world.helpdesk.do(service.hold_ticket, ticket_id, PEOPLE[ASSIGNEE], "for a cable")


def _resolve(world: World, ticket_id: int, _who: dict[str, str]) -> None:
    world.helpdesk.resolve(world.helpdesk.ticket(ticket_id), PEOPLE[ASSIGNEE])


def _confirm(world: World, ticket_id: int, who: dict[str, str]) -> None:
    world.helpdesk.do(service.confirm_ticket, ticket_id, who["confirms"])


def _dismiss(world: World, ticket_id: int, _who: dict[str, str]) -> None:
    world.helpdesk.do(service.mark_not_a_request, ticket_id, PEOPLE[ASSIGNEE])


def _merge(world: World, ticket_id: int, _who: dict[str, str]) -> None:
    of = world.others[world.helpdesk.ticket(ticket_id).queue]
    world.helpdesk.do(service.mark_duplicate, ticket_id, PEOPLE[ASSIGNEE], of)


def _cancel(world: World, ticket_id: int, who: dict[str, str]) -> None:
    world.helpdesk.do(service.cancel_ticket, ticket_id, who["requester"])


SITUATIONS: dict[str, tuple[Callable[..., object], ...]] = {
    NEW: (),
    IN_PROGRESS: (_hand_up, _accept),
    HANDED_UP: (_hand_up,),
    WAITING: (_hand_up, _accept, _wait),
    ON_HOLD: (_hand_up, _accept, _hold),
    RESOLVED: (_hand_up, _accept, _resolve),
    CLOSED: (_hand_up, _accept, _resolve, _confirm),
    NOT_A_REQUEST: (_hand_up, _accept, _dismiss),
    DUPLICATE: (_hand_up, _accept, _merge),
    CANCELLED: (_hand_up, _accept, _cancel),
}
"""Every status, and one more: handed up to the tier, and not accepted yet."""
