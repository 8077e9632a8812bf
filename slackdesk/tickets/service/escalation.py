"""Handing a ticket up through the tiers, and back."""

from slackdesk.errors import InvalidInput, WrongState
from slackdesk.tickets import ledger, outgoing
from slackdesk.tickets.events import TicketAccepted, TicketEscalated, TicketSentBack
from slackdesk.tickets.history import record
from slackdesk.tickets.model import StayBegin, Ticket
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.rights import Action, is_agent_of
from slackdesk.tickets.service.moving import announce_hand_off
from slackdesk.tickets.service.steps import (
    already_claimed,
    assign,
    check,
    follow,
    locked,
    move_to_tier,
    redraw,
    stays,
    tell_watchers,
    ticket_for,
    watch,
)
from slackdesk.tickets.text import required
from slackdesk.tickets.transaction import Transaction


def escalate_ticket(
    tx: Transaction, ticket_id: int, actor: str, *, reason: str, tried: str, asked: str, to_tier: str | None = None
) -> Ticket:
    """Hand the ticket up, by default to the next tier. It has no assignee until somebody there accepts it.

    The actor watches it from now on. Raises InvalidInput (reason, tried, asked, to_tier), WrongState at the top and
    for a second try, NotAllowed, NotFound.
    """
    reason = required("reason", reason, "Say why this goes up.")
    tried = required("tried", tried, "Say what was tried so far, so that nobody tries it again.")
    asked = required("asked", asked, "Say what you ask of the next tier.")
    ticket = locked(tx, ticket_id)
    stay = ledger.current_stay(tx.session, ticket)
    if stay is not None and ledger.awaits_acceptance(stay) and stay.handed_by == actor:
        raise WrongState("{number} was already escalated to {tier}.", number=ticket.number, tier=ticket.tier)
    check(tx, ticket, actor, Action.ESCALATE)
    from_tier, assignee = ticket.tier, ticket.assignee
    target = _target(tx, ticket, to_tier)
    follow(ticket, Action.ESCALATE)
    move_to_tier(tx, ticket, target, StayBegin.ESCALATED, handed_by=actor, reason=reason, tried=tried, asked=asked)
    watch(tx, ticket, actor)
    event = TicketEscalated(ticket.id, tx.now, actor, from_tier=from_tier, to_tier=target, by_rule=False)
    record(tx, ticket, event, f"{reason}\n\n{tried}\n\n{asked}")
    announce_hand_off(tx, ticket)
    outgoing.agents_notice(
        tx, ticket, Notice.HANDED_OFF, by=actor, from_tier=from_tier, reason=reason, tried=tried, asked=asked
    )
    redraw(tx, ticket, assignee)
    return ticket


def accept_ticket(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """Accept a hand-off, which claims the ticket. The watchers are told.

    Raises AlreadyClaimed when somebody else accepted it, WrongState when nothing was handed up, NotAllowed, NotFound.
    """
    ticket = ticket_for(tx, ticket_id, actor, Action.ACCEPT)
    if ticket.assignee == actor:
        return ticket
    if ticket.assignee is not None:
        raise already_claimed(tx, ticket)
    stay = ledger.current_stay(tx.session, ticket)
    if stay is None or not ledger.awaits_acceptance(stay):
        raise WrongState("{number} was not handed up. Claim it instead.", number=ticket.number)
    follow(ticket, Action.ACCEPT)
    assign(tx, ticket, actor)
    stay.accepted_by, stay.accepted_at = actor, tx.now
    record(tx, ticket, TicketAccepted(ticket.id, tx.now, actor, tier=ticket.tier, handed_by=stay.handed_by))
    redraw(tx, ticket)
    tell_watchers(tx, ticket, Notice.ACCEPTED, but=actor, by=actor, tier=ticket.tier)
    outgoing.requester_notice(tx, ticket, Notice.CLAIMED, by=actor)
    return ticket


def send_back_ticket(tx: Transaction, ticket_id: int, actor: str, reason: str) -> Ticket:
    """Return the ticket to the tier from which it was handed up, and to whoever handed it up.

    Raises InvalidInput (reason), WrongState when it was not handed up, NotAllowed, NotFound.
    """
    reason = required("reason", reason, "Say why it goes back and what is missing.")
    ticket = ticket_for(tx, ticket_id, actor, Action.SEND_BACK)
    origin = ledger.origin_of(stays(tx, ticket))
    names = {tier.name for tier in tx.policy.queue(ticket.queue).tiers}
    if origin is None or origin[0].tier not in names:
        raise WrongState(
            "{number} was not handed up to {tier}: there is nobody to send it back to.",
            number=ticket.number,
            tier=ticket.tier,
        )
    sender_stay, hand_off = origin
    from_tier, assignee, sender = ticket.tier, ticket.assignee, hand_off.handed_by
    follow(ticket, Action.SEND_BACK)
    move_to_tier(tx, ticket, sender_stay.tier, StayBegin.SENT_BACK, handed_by=actor, reason=reason)
    if sender is not None and is_agent_of(tx.policy.queue(ticket.queue), sender):
        assign(tx, ticket, sender)
    event = TicketSentBack(ticket.id, tx.now, actor, from_tier=from_tier, to_tier=ticket.tier, assignee=ticket.assignee)
    record(tx, ticket, event, reason)
    redraw(tx, ticket, assignee)
    outgoing.agents_notice(tx, ticket, Notice.SENT_BACK, by=actor, from_tier=from_tier, reason=reason)
    tell_watchers(tx, ticket, Notice.SENT_BACK, but=actor, also=[sender], by=actor, from_tier=from_tier, reason=reason)
    return ticket


def _target(tx: Transaction, ticket: Ticket, to_tier: str | None) -> str:
    queue = tx.policy.queue(ticket.queue)
    names = [tier.name for tier in queue.tiers]
    above = names[names.index(ticket.tier) + 1 :]
    if not above:
        raise WrongState(
            "{number} is already in {tier}, the last tier of {queue}. Ask <@{lead}>.",
            number=ticket.number,
            tier=ticket.tier,
            queue=queue.name,
            lead=queue.tier(ticket.tier).lead,
        )
    if to_tier is not None and to_tier not in above:
        raise InvalidInput(
            "to_tier", "“{tier}” is not above {current}. Choose one of: {tiers}.",
            tier=to_tier, current=ticket.tier, tiers=", ".join(above),
        )  # fmt: skip
    return to_tier or above[0]
