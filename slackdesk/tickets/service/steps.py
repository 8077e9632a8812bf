"""The steps that use cases share: lock, check, change, and show what changed."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from slackdesk.errors import AlreadyClaimed, InvalidInput, NotFound, WrongState
from slackdesk.i18n import later
from slackdesk.policy.model import Queue
from slackdesk.tickets import ledger, outgoing
from slackdesk.tickets.lifecycle import TRANSITIONS, why_not
from slackdesk.tickets.model import StayBegin, Ticket, TierStay, Watcher
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.people import is_guest
from slackdesk.tickets.rights import Action, require
from slackdesk.tickets.transaction import Transaction


def locked(tx: Transaction, ticket_id: int) -> Ticket:
    """The ticket, locked until the transaction ends.

    Raises NotFound; WrongState when the policy no longer has the ticket's queue or tier.
    """
    tx.session.flush()  # what an earlier use case of this transaction changed must not be read over
    ticket = tx.session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise NotFound("There is no ticket {id}. Type /ticket mine for your own.", id=ticket_id)
    queue = tx.policy.queues.get(ticket.queue)
    if queue is None or ticket.tier not in {tier.name for tier in queue.tiers}:
        raise WrongState(
            "{number} is in {queue} {tier}, which the policy no longer has. Ask an operator to put it back.",
            number=ticket.number,
            queue=ticket.queue,
            tier=ticket.tier,
        )
    return ticket


def ticket_for(tx: Transaction, ticket_id: int, actor: str, action: Action) -> Ticket:
    """The locked ticket, once it is sure that the actor has the right and that the status allows the action.

    Raises NotFound, NotAllowed, WrongState.
    """
    ticket = locked(tx, ticket_id)
    check(tx, ticket, actor, action)
    return ticket


def check(tx: Transaction, ticket: Ticket, actor: str, action: Action) -> None:
    """Raises NotAllowed (NotFound for a private ticket) without the right, WrongState where the status forbids it."""
    require(action, tx.policy, ticket, actor, is_guest=is_guest(tx.session, actor))
    if (ticket.status, action) not in TRANSITIONS:
        raise WrongState(why_not(ticket.status, action), number=ticket.number)


def follow(ticket: Ticket, action: Action) -> None:
    """Put the ticket into the status to which the action leads."""
    ticket.status = TRANSITIONS[ticket.status, action]


def queue_named(tx: Transaction, key: str) -> Queue:
    """The queue of that key; raises InvalidInput."""
    queue = tx.policy.queues.get(key)
    if queue is None:
        raise InvalidInput(
            "queue",
            "There is no queue “{queue}”. Choose one of: {queues}.",
            queue=key,
            queues=", ".join(tx.policy.queues),
        )
    return queue


def topic_named(queue: Queue, topic: str | None) -> str | None:
    """The queue's topic of that name, in the policy's spelling; raises InvalidInput."""
    if not topic:
        return None
    for known in queue.topics:
        if known.casefold() == topic.strip().casefold():
            return known
    raise InvalidInput(
        "topic",
        "{queue} has no topic “{topic}”. Choose one of: {topics}.",
        queue=queue.name,
        topic=topic,
        topics=", ".join(queue.topics),
    )


def assign(tx: Transaction, ticket: Ticket, person: str | None) -> None:
    """Make the person the assignee; None leaves the ticket without one."""
    ticket.assignee = person
    ticket.assigned_at = tx.now if person else None


def stays(tx: Transaction, ticket: Ticket) -> list[TierStay]:
    """All stays of the ticket, oldest first."""
    return list(tx.session.scalars(select(TierStay).where(TierStay.ticket_id == ticket.id).order_by(TierStay.id)))


def move_to_tier(
    tx: Transaction,
    ticket: Ticket,
    tier: str,
    how: StayBegin,
    *,
    handed_by: str | None,
    reason: str | None = None,
    tried: str | None = None,
    asked: str | None = None,
) -> None:
    """End the stay and begin another in ``tier`` of the ticket's queue, without an assignee."""
    ledger.leave(tx, ticket, how)
    ticket.tier = tier
    assign(tx, ticket, None)
    ledger.enter(tx, ticket, how, handed_by=handed_by, reason=reason, tried=tried, asked=asked)


def watch(tx: Transaction, ticket: Ticket, person: str) -> None:
    """From now on the person is told what becomes of the ticket."""
    if tx.session.get(Watcher, (ticket.id, person)) is None:
        tx.session.add(Watcher(ticket_id=ticket.id, person=person, since=tx.now))
        tx.session.flush()


def tell_watchers(
    tx: Transaction,
    ticket: Ticket,
    notice: Notice,
    *,
    but: str | None,
    also: Iterable[str | None] = (),
    **values: object,
) -> None:
    """Tell those who watch the ticket, and ``also``, each once and never the one who did it."""
    watchers = tx.session.scalars(select(Watcher.person).where(Watcher.ticket_id == ticket.id))
    told = {person for person in (*watchers, *also) if person} - {but}
    for person in sorted(told):
        outgoing.person_notice(tx, ticket, person, notice, **values)


def redraw(tx: Transaction, ticket: Ticket, *people: str | None) -> None:
    """Redraw all that shows the ticket: its cards, the head of the requester's thread, the Homes of those concerned.

    ``people`` are others whose Home shows it (a former assignee).
    """
    shown = {(stay.queue, stay.tier) for stay in stays(tx, ticket)} | {(ticket.queue, ticket.tier)}
    for queue, tier in sorted(shown):
        outgoing.card(tx, ticket, queue, tier)
    outgoing.root(tx, ticket)
    # In one order everywhere: two transactions that touch the same Homes must not wait for each other.
    for person in sorted({person for person in (ticket.requester, ticket.assignee, *people) if person}):
        outgoing.home(tx, person)


def already_claimed(tx: Transaction, ticket: Ticket) -> AlreadyClaimed:
    """The refusal that the loser of a race reads: who was first, and how long ago."""
    age = tx.now - (ticket.assigned_at or tx.now)
    template = next(sentence for limit, sentence in _CLAIMED_AGO if limit is None or age < limit)
    seconds = max(int(age.total_seconds()), 0)
    return AlreadyClaimed(
        template,
        assignee=ticket.assignee or "",
        number=ticket.number,
        seconds=seconds,
        minutes=seconds // 60,
        hours=seconds // 3600,
        days=seconds // 86400,
    )


_CLAIMED_AGO: tuple[tuple[timedelta | None, str], ...] = (
    (timedelta(minutes=1), later("{number} was already claimed by <@{assignee}>, {seconds} s ago.")),
    (timedelta(hours=1), later("{number} was already claimed by <@{assignee}>, {minutes} min ago.")),
    (timedelta(days=1), later("{number} was already claimed by <@{assignee}>, {hours} h ago.")),
    (None, later("{number} was already claimed by <@{assignee}>, {days} d ago.")),
)
