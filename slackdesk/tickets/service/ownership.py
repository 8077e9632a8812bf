"""Whose ticket it is, how soon, and what it is about."""

from slackdesk.errors import InvalidInput, NotAllowed
from slackdesk.tickets import ledger, outgoing
from slackdesk.tickets.events import PriorityChanged, TicketAssigned, TicketClaimed, TicketTakenOver, TopicChanged
from slackdesk.tickets.history import record
from slackdesk.tickets.model import Priority, Ticket
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.people import is_guest
from slackdesk.tickets.rights import Action, Role, is_agent_of, roles
from slackdesk.tickets.service.escalation import accept_ticket
from slackdesk.tickets.service.filing import priority_named
from slackdesk.tickets.service.moving import escalate_by_rule, move_to_queue
from slackdesk.tickets.service.steps import (
    already_claimed,
    assign,
    check,
    follow,
    locked,
    queue_named,
    redraw,
    ticket_for,
    topic_named,
)
from slackdesk.tickets.transaction import Transaction


def claim_ticket(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Make the ticket the actor's own; claiming a hand-off accepts it, claiming one's own changes nothing.

    Raises AlreadyClaimed, which names who was first and how long ago, NotAllowed, WrongState, NotFound.
    """
    ticket = ticket_for(tx, ticket_id, actor, Action.CLAIM)
    if ticket.assignee == actor:
        return ticket
    if ticket.assignee is not None:
        raise already_claimed(tx, ticket)
    if ledger.awaits_acceptance(ledger.current_stay(tx.session, ticket)):
        return accept_ticket(tx, ticket_id, actor)
    follow(ticket, Action.CLAIM)
    assign(tx, ticket, actor)
    record(tx, ticket, TicketClaimed(ticket.id, tx.now, actor))
    redraw(tx, ticket)
    outgoing.requester_notice(tx, ticket, Notice.CLAIMED, by=actor)
    return ticket


def take_over_ticket(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Make somebody else's ticket the actor's own; that person is told. Without an assignee, claims it.

    Raises NotAllowed, WrongState, NotFound.
    """
    ticket = locked(tx, ticket_id)
    if ticket.assignee is None:
        return claim_ticket(tx, ticket_id, actor)
    check(tx, ticket, actor, Action.TAKE_OVER)
    previous = ticket.assignee
    if previous == actor:
        return ticket
    follow(ticket, Action.TAKE_OVER)
    assign(tx, ticket, actor)
    record(tx, ticket, TicketTakenOver(ticket.id, tx.now, actor, previous=previous))
    redraw(tx, ticket, previous)
    outgoing.agents_notice(tx, ticket, Notice.TAKEN_OVER, by=actor, previous=previous)
    outgoing.person_notice(tx, ticket, previous, Notice.TAKEN_OVER, by=actor)
    outgoing.requester_notice(tx, ticket, Notice.CLAIMED, by=actor)
    return ticket


def assign_ticket(tx: Transaction, ticket_id: int, actor: str, assignee: str) -> Ticket:
    """Hand the ticket to somebody: the assignee within the tier, the lead to anybody of the queue's tiers.

    Raises InvalidInput (assignee), NotAllowed, WrongState, NotFound.
    """
    if assignee == actor:
        return claim_ticket(tx, ticket_id, actor)
    ticket = ticket_for(tx, ticket_id, actor, Action.ASSIGN)
    _check_assignee(tx, ticket, actor, assignee)
    previous = ticket.assignee
    if previous == assignee:
        return ticket
    follow(ticket, Action.ASSIGN)
    assign(tx, ticket, assignee)
    stay = ledger.current_stay(tx.session, ticket)
    if stay is not None and ledger.awaits_acceptance(stay):
        stay.accepted_by, stay.accepted_at = assignee, tx.now
    record(tx, ticket, TicketAssigned(ticket.id, tx.now, actor, assignee=assignee, previous=previous))
    redraw(tx, ticket, previous)
    outgoing.person_notice(tx, ticket, assignee, Notice.ASSIGNED, by=actor)
    if previous is not None and previous != actor:
        outgoing.person_notice(tx, ticket, previous, Notice.TAKEN_OVER, by=assignee)
    outgoing.requester_notice(tx, ticket, Notice.CLAIMED, by=assignee)
    return ticket


def set_priority(tx: Transaction, ticket_id: int, actor: str, priority: Priority | str) -> Ticket:
    """Change the priority; one that starts at a higher tier takes the ticket there, by rule.

    Raises InvalidInput (priority), NotAllowed, WrongState, NotFound.
    """
    new = priority_named(priority)
    ticket = ticket_for(tx, ticket_id, actor, Action.PRIORITY)
    old, assignee = ticket.priority, ticket.assignee
    if old == new:
        return ticket
    ticket.priority = new
    record(tx, ticket, PriorityChanged(ticket.id, tx.now, actor, old=old, new=new))
    outgoing.agents_notice(tx, ticket, Notice.PRIORITY_CHANGED, by=actor, old=str(old), new=str(new))
    if list(Priority).index(new) > list(Priority).index(old):
        escalate_by_rule(tx, ticket)
    redraw(tx, ticket, assignee)
    return ticket


def set_topic(tx: Transaction, ticket_id: int, actor: str, queue: str, topic: str | None) -> Ticket:
    """Change the topic; a topic of another queue takes the ticket there, to its first tier.

    Raises InvalidInput (queue, topic), NotAllowed, WrongState, NotFound.
    """
    rules = queue_named(tx, queue)
    new = topic_named(rules, topic)
    ticket = ticket_for(tx, ticket_id, actor, Action.TOPIC)
    old, assignee = ticket.topic, ticket.assignee
    if rules.key != ticket.queue:
        check(tx, ticket, actor, Action.MOVE)
        move_to_queue(tx, ticket, actor, rules, new)
    elif old == new:
        return ticket
    else:
        ticket.topic = new
        record(tx, ticket, TopicChanged(ticket.id, tx.now, actor, old=old, new=new))
    redraw(tx, ticket, assignee)
    return ticket


def _check_assignee(tx: Transaction, ticket: Ticket, actor: str, assignee: str) -> None:
    queue = tx.policy.queue(ticket.queue)
    tier = queue.tier(ticket.tier)
    if not is_agent_of(queue, assignee) or is_guest(tx.session, assignee):
        raise InvalidInput(
            "assignee",
            "<@{assignee}> is in no tier of {queue}. Choose somebody of: {tiers}.",
            assignee=assignee,
            queue=queue.name,
            tiers=", ".join(tier.name for tier in queue.tiers),
        )
    if Role.LEAD not in roles(tx.policy, ticket, actor) and assignee not in tier.members:
        raise NotAllowed(
            "<@{assignee}> is not in {tier}. Escalate {number} instead, or ask <@{lead}>.",
            assignee=assignee,
            tier=tier.name,
            number=ticket.number,
            lead=tier.lead,
        )
