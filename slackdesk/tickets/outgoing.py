"""Everything that tickets say in Slack, as rows of work; the only place that names these sends and their payloads.

A send is drawn when it leaves, from the ticket as it is then; the payload says which ticket, never what it looks like.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from slackdesk.dispatch.model import WorkKind
from slackdesk.tickets.home_tab import has_opened
from slackdesk.tickets.model import Ticket, TicketMessage
from slackdesk.tickets.transaction import Transaction

CARD_DESCRIPTION_CHARACTERS = 2_000
"""The card shows that much of a request; the whole of a longer one follows in the card's thread."""


class Notice(StrEnum):
    """Short lines. Who reads one follows from the send it comes with; ``values`` are ids, numbers, names and texts.

    People are user ids (``by`` did it), instants ISO texts, queues their names, tickets their numbers (``IT-42``).
    """

    CLAIMED = "claimed"
    """requester: ``by``"""
    ASSIGNED = "assigned"
    """person (the new assignee): ``by``"""
    TAKEN_OVER = "taken_over"
    """agents: ``by``, ``previous``; person (the previous assignee): ``by``"""
    PRIORITY_CHANGED = "priority_changed"
    """agents: ``by``, ``old``, ``new``"""
    DESCRIBED = "described"
    """agents: ``by``, ``text``"""
    MOVED = "moved"
    """agents: ``by``, ``queue`` (the former one), ``tier``; requester: ``queue`` (the new one)"""
    WAITING = "waiting"
    """requester: ``by``"""
    HELD = "held"
    """agents: ``by``, ``reason``"""
    HANDED_OFF = "handed_off"
    """agents (the hand-off packet): ``by``, ``from_tier``, ``reason``, ``tried``, ``asked``; requester: ``tier``"""
    HANDED_OFF_BY_RULE = "handed_off_by_rule"
    """agents: ``from_tier``, ``priority``"""
    ACCEPTED = "accepted"
    """person (a watcher): ``by``, ``tier``"""
    SENT_BACK = "sent_back"
    """agents and person (the sender, watchers): ``by``, ``from_tier``, ``reason``"""
    RESOLVED = "resolved"
    """agents and person (a watcher): ``by``, ``resolution``; requester (where others are asked): ``by``,
    ``resolution``"""
    VALIDATION_ASKED = "validation_asked"
    """person (a validator; with [Yes, close] and [No, reopen]): ``by``, ``resolution``"""
    CONFIRMED = "confirmed"
    """agents (one validator of several): ``by``, ``votes``, ``needed``"""
    REOPENED = "reopened"
    """agents, requester (when somebody else did it) and person (the assignee, watchers): ``by``, ``reason``"""
    CLOSED = "closed"
    """agents and requester: ``by``"""
    CLOSED_AUTOMATICALLY = "closed_automatically"
    """agents and requester (with the way back): ``hours`` of business time without an answer"""
    CANCELLED = "cancelled"
    """agents and person (the assignee): ``by``"""
    NOT_A_REQUEST = "not_a_request"
    """agents and requester: ``by``"""
    DUPLICATE = "duplicate"
    """agents: ``by``, ``of``; requester: ``by``, ``of`` (empty where the other ticket is private and another's)"""
    FOLLOW_UP = "follow_up"
    """requester, in the closed ticket's thread: ``number`` of the new, linked ticket"""
    MESSAGE_EDITED = "message_edited"
    """agents: ``author``, ``text``"""
    MESSAGE_DELETED = "message_deleted"
    """agents: ``author``"""


def card(
    tx: Transaction,
    ticket: Ticket,
    queue: str | None = None,
    tier: str | None = None,
    *,
    again: bool = False,
    rq_queue: str = "now",
    is_plain: bool = False,
) -> None:
    """Post or redraw the card of a tier, by default the current one.

    ``queue`` is the key of the queue the card belongs to: after a move, former cards are in another queue's channels.
    ``again`` draws it also when this version of the ticket was drawn before, since that card is lost. On the RQ queue
    ``slow`` it holds back nothing that a person waits for. ``is_plain`` leaves out what plugins show.
    """
    queue, tier = queue or ticket.queue, tier or ticket.tier
    _send(
        tx,
        "card",
        {"ticket_id": ticket.id, "queue": queue, "tier": tier} | ({"is_plain": True} if is_plain else {}),
        key=f"{ticket.id}:{queue}:{tier}:{uuid4().hex if again else ticket.version}",
        stream=_agents(ticket),
        coalesce_key=f"card:{ticket.id}:{queue}:{tier}:{rq_queue}",
        ticket_id=ticket.id,
        queue=rq_queue,
    )


def agents_message(tx: Transaction, ticket: Ticket, message: TicketMessage) -> None:
    """Show a message of the requester's side (or a request's long rest) in the current tier's card thread.

    When the ticket goes up before the message leaves, it goes with it, as soon as there is a card.
    """
    _send(
        tx,
        "agents_message",
        {"ticket_id": ticket.id, "queue": ticket.queue, "tier": ticket.tier, "message_id": message.id},
        key=f"{message.id}:{ticket.queue}:{ticket.tier}",  # a hand-off shows a long request once more, to the new tier
        stream=_agents(ticket),
        ticket_id=ticket.id,
    )


def agents_notice(tx: Transaction, ticket: Ticket, notice: Notice, **values: Any) -> None:
    """A short line in the card thread of the tier that has the ticket now, even if it leaves before the line does."""
    _send(
        tx,
        "agents_notice",
        {"ticket_id": ticket.id, "queue": ticket.queue, "tier": ticket.tier, "notice": notice, "values": values},
        key=f"{ticket.id}:{notice}:{ticket.version}",
        stream=_agents(ticket),
        ticket_id=ticket.id,
    )


def root(tx: Transaction, ticket: Ticket, *, again: bool = False, rq_queue: str = "now") -> None:
    """Post or redraw the head of the requester's thread; ``again`` and ``rq_queue`` as for ``card``."""
    _send(
        tx,
        "root",
        {"ticket_id": ticket.id},
        key=f"{ticket.id}:{uuid4().hex if again else ticket.version}",
        stream=_requester(ticket),
        coalesce_key=f"root:{ticket.id}:{rq_queue}",
        ticket_id=ticket.id,
        queue=rq_queue,
    )


def requester_message(tx: Transaction, ticket: Ticket, message: TicketMessage) -> None:
    """Deliver an agent's reply into the requester's thread."""
    _send(
        tx,
        "requester_message",
        {"ticket_id": ticket.id, "message_id": message.id},
        key=f"{message.id}",
        stream=_requester(ticket),
        ticket_id=ticket.id,
    )


def requester_notice(tx: Transaction, ticket: Ticket, notice: Notice, **values: Any) -> None:
    """A short line in the requester's thread."""
    _send(
        tx,
        "requester_notice",
        {"ticket_id": ticket.id, "notice": notice, "values": values},
        key=f"{ticket.id}:{notice}:{ticket.version}",
        stream=_requester(ticket),
        ticket_id=ticket.id,
    )


def question(tx: Transaction, ticket: Ticket, resolved_at: datetime) -> None:
    """Ask the requester "Did this solve it?"."""
    _send(
        tx,
        "question",
        {"ticket_id": ticket.id, "resolved_at": resolved_at.isoformat()},
        key=f"{ticket.id}:{resolved_at.isoformat()}",
        stream=_requester(ticket),
        ticket_id=ticket.id,
    )


def question_answered(tx: Transaction, ticket: Ticket) -> None:
    """Take the buttons off the question."""
    _send(
        tx,
        "question_answered",
        {"ticket_id": ticket.id},
        key=f"{ticket.id}:{ticket.version}",
        stream=_requester(ticket),
        coalesce_key=f"question:{ticket.id}",
        ticket_id=ticket.id,
    )


def person_notice(tx: Transaction, ticket: Ticket, person: str, notice: Notice, **values: Any) -> None:
    """A short line to one person, by direct message."""
    _send(
        tx,
        "person_notice",
        {"person": person, "ticket_id": ticket.id, "notice": notice, "values": values},
        key=f"{person}:{ticket.id}:{notice}:{ticket.version}",
        stream=f"person:{person}",
        ticket_id=ticket.id,
    )


def reply_pending(tx: Transaction, ticket: Ticket, message: TicketMessage) -> None:
    """Tell the author that the reply leaves soon, with [Undo], where it was written: the ticket may go up meanwhile."""
    where = {"queue": ticket.queue, "tier": ticket.tier}
    _send(
        tx,
        "reply_pending",
        {"ticket_id": ticket.id, "message_id": message.id, "person": message.author} | where,
        key=f"{message.id}",
        stream=f"ticket:{ticket.id}:undo:{message.id}",
        ticket_id=ticket.id,
    )


def home(tx: Transaction, person: str, *, rq_queue: str = "now", is_plain: bool = False) -> None:
    """Redraw a person's App Home, if that person has ever opened it; ``rq_queue`` and ``is_plain`` as for ``card``."""
    if not has_opened(tx.session, person):
        return
    _send(
        tx,
        "home",
        {"person": person} | ({"is_plain": True} if is_plain else {}),
        key=f"{person}:{uuid4().hex}",
        stream=f"home:{person}",
        coalesce_key=f"home:{person}:{rq_queue}",
        queue=rq_queue,
    )


def answer(
    tx: Transaction,
    *,
    channel: str,
    person: str,
    template: str = "",
    values: dict[str, Any] | None = None,
    thread_ts: str | None = None,
    response_url: str | None = None,
    blocks: str | None = None,
    said: str | None = None,
) -> None:
    """Answer something that a person did, visible to that person only.

    ``template`` is an English sentence filled from ``values`` in the person's language; ``blocks`` names a richer form.
    ``said`` stands in its place: mrkdwn that is ready, in that language.
    """
    payload: dict[str, Any] = {"channel": channel, "person": person, "template": template, "values": values or {}}
    optional = {"thread_ts": thread_ts, "response_url": response_url, "blocks": blocks, "said": said}
    payload |= {key: value for key, value in optional.items() if value is not None}
    _send(tx, "answer", payload, key=uuid4().hex)


def plugin_message(tx: Transaction, payload: dict[str, Any], *, stream: str, ticket_id: int | None, queue: str) -> None:
    """Post or change a message of a plugin (``slackdesk.plugin.messages`` draws it)."""
    _send(tx, "plugin_message", payload, key=uuid4().hex, stream=stream, ticket_id=ticket_id, queue=queue)


def operators(tx: Transaction, template: str, values: dict[str, Any], *, key: str) -> None:
    """Tell each operator, by direct message, what is wrong with the desk itself; once for each ``key``."""
    for person in tx.policy.desk.operators:
        payload = {"channel": person, "person": person, "template": template, "values": values}
        _send(tx, "answer", payload, key=f"operators:{key}:{person}")


def _agents(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}:agents"


def _requester(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}:requester"


def _send(
    tx: Transaction,
    name: str,
    payload: dict[str, Any],
    *,
    key: str,
    stream: str | None = None,
    coalesce_key: str | None = None,
    ticket_id: int | None = None,
    queue: str = "now",
) -> None:
    tx.add_work(
        WorkKind.SEND,
        name,
        payload,
        dedupe_key=f"{name}:{key}",
        queue=queue,
        stream=stream,
        coalesce_key=coalesce_key,
        ticket_id=ticket_id,
    )
