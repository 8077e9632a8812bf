"""Moving a ticket to another queue or up by rule: what several use cases end in."""

from sqlalchemy import select

from slackdesk.policy.model import Queue
from slackdesk.tickets import ledger, outgoing
from slackdesk.tickets.events import TicketEscalated, TicketMoved
from slackdesk.tickets.history import record
from slackdesk.tickets.model import MessageKind, StayBegin, Ticket, TicketMessage
from slackdesk.tickets.outgoing import CARD_DESCRIPTION_CHARACTERS, Notice
from slackdesk.tickets.rights import Action
from slackdesk.tickets.service.steps import assign, follow, move_to_tier, watch
from slackdesk.tickets.transaction import Transaction


def move_to_queue(tx: Transaction, ticket: Ticket, actor: str, queue: Queue, topic: str | None) -> None:
    """Take the ticket to the first tier of another queue, as a new one there. A private ticket stays private."""
    from_queue, from_tier = ticket.queue, ticket.tier
    ledger.leave(tx, ticket, StayBegin.MOVED)
    ticket.queue, ticket.prefix, ticket.topic = queue.key, queue.prefix, topic
    ticket.tier = queue.first_tier(ticket.priority).name
    ticket.private = ticket.private or queue.private
    follow(ticket, Action.MOVE)
    assign(tx, ticket, None)
    ledger.enter(tx, ticket, StayBegin.MOVED, handed_by=actor)
    event = TicketMoved(
        ticket.id,
        tx.now,
        actor,
        from_queue=from_queue,
        from_tier=from_tier,
        queue=queue.key,
        tier=ticket.tier,
        topic=topic,
    )
    record(tx, ticket, event)
    outgoing.card(tx, ticket)
    show_request(tx, ticket)
    outgoing.agents_notice(tx, ticket, Notice.MOVED, by=actor, queue=tx.policy.queue(from_queue).name, tier=from_tier)
    outgoing.requester_notice(tx, ticket, Notice.MOVED, queue=queue.name)


def escalate_by_rule(tx: Transaction, ticket: Ticket) -> None:
    """Take the ticket to the tier at which its priority starts, when that is above the current one."""
    queue = tx.policy.queue(ticket.queue)
    start = queue.first_tier(ticket.priority)
    names = [tier.name for tier in queue.tiers]
    if names.index(start.name) <= names.index(ticket.tier):
        return
    from_tier, assignee = ticket.tier, ticket.assignee
    follow(ticket, Action.ESCALATE)
    move_to_tier(tx, ticket, start.name, StayBegin.ESCALATED, handed_by=assignee)
    if assignee:
        watch(tx, ticket, assignee)
    record(tx, ticket, TicketEscalated(ticket.id, tx.now, None, from_tier=from_tier, to_tier=start.name, by_rule=True))
    announce_hand_off(tx, ticket)
    outgoing.agents_notice(tx, ticket, Notice.HANDED_OFF_BY_RULE, from_tier=from_tier, priority=str(ticket.priority))


def announce_hand_off(tx: Transaction, ticket: Ticket) -> None:
    """Show the request to the new tier, and tell the requester who has the ticket now and until when."""
    outgoing.card(tx, ticket)
    show_request(tx, ticket)
    outgoing.requester_notice(tx, ticket, Notice.HANDED_OFF, tier=ticket.tier)


def show_request(tx: Transaction, ticket: Ticket, request: TicketMessage | None = None) -> None:
    """Put the whole request into the current card's thread where the card itself does not show all of it."""
    request = (
        request
        or tx.session.scalars(
            select(TicketMessage).where(TicketMessage.ticket_id == ticket.id, TicketMessage.kind == MessageKind.REQUEST)
        ).first()
    )
    if request is not None and (request.files or len(request.text or "") > CARD_DESCRIPTION_CHARACTERS):
        outgoing.agents_message(tx, ticket, request)
