"""Filing a ticket, and adding to it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from slackdesk.errors import InvalidInput, NotAllowed, WrongState
from slackdesk.policy.model import Queue
from slackdesk.tickets import ledger, outgoing
from slackdesk.tickets.events import TicketDescribed, TicketFiled
from slackdesk.tickets.history import record
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import (
    MessageKind,
    Posting,
    Priority,
    Side,
    Source,
    Status,
    StayBegin,
    Ticket,
    TicketMessage,
)
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.people import is_guest, person
from slackdesk.tickets.rights import Action, is_agent
from slackdesk.tickets.service.moving import move_to_queue, show_request
from slackdesk.tickets.service.steps import queue_named, redraw, ticket_for, topic_named
from slackdesk.tickets.text import MAX_TEXT_CHARACTERS, cleaned, optional, required, same_request, title_of
from slackdesk.tickets.transaction import Transaction

RETYPED_WITHIN = timedelta(minutes=2)
"""The same text by the same person within this time means the same request."""


_RECENT = (
    select(Ticket.id, Ticket.description)
    .where(
        Ticket.requester == bindparam("requester"),
        Ticket.filed_by == bindparam("filed_by"),
        Ticket.queue == bindparam("queue"),
        Ticket.status.in_(OPEN),
        Ticket.created_at >= bindparam("since"),
    )
    .order_by(Ticket.id.desc())
)


@dataclass(frozen=True)
class Filed:
    """``existing``: nothing new was filed, the person had filed the same already."""

    ticket: Ticket
    existing: bool


def file_ticket(
    tx: Transaction,
    *,
    requester: str,
    filed_by: str,
    queue: str,
    topic: str | None,
    text: str,
    title: str | None = None,
    priority: Priority | str = Priority.NORMAL,
    source: Source,
    source_channel: str | None = None,
    source_ts: str | None = None,
    files: Sequence[dict[str, Any]] = (),
    follows: int | None = None,
) -> Filed:
    """File a request. ``files`` are shaped like ``TicketMessage.files``, ``follows`` is a closed ticket's id.

    The same text by the same person to the same queue within two minutes, or the same source message, answers with the
    ticket there is.
    Raises InvalidInput (queue, topic, priority, text, requester); NotAllowed unless an agent files for somebody else.
    """
    rules = queue_named(tx, queue)
    topic = topic_named(rules, topic)
    priority = priority_named(priority)
    text = _request_text(text, files)
    title = title_of(cleaned(title or "")) or title_of(text) or str(files[0].get("name") or rules.name)
    _check_people(tx, requester, filed_by)
    existing = _existing(tx, rules, requester, filed_by, text, source_channel, source_ts, follows)
    if existing is not None:
        return Filed(existing, existing=True)
    ticket = Ticket(
        prefix=rules.prefix,
        queue=rules.key,
        tier=rules.first_tier(priority).name,
        status=Status.NEW,
        priority=priority,
        topic=topic,
        title=title,
        description=text,
        requester=requester,
        filed_by=filed_by,
        private=rules.private,
        source=source,
        source_channel=source_channel,
        source_ts=source_ts,
        created_at=tx.now,
        promised_from=tx.now,
        follows=follows,
        version=1,
        history_count=0,
        history_head="",
        reopened_count=0,
    )
    tx.yields = True
    tx.session.add(ticket)
    tx.session.flush()
    _begin(tx, ticket, rules, files)
    return Filed(ticket, existing=False)


def describe_ticket(
    tx: Transaction, ticket_id: int, actor: str, *, topic: str | None, text: str, queue: str | None = None
) -> Ticket:
    """Add text or a topic to one's own open ticket; either may be missing, not both.

    A topic of another ``queue`` takes the ticket there, as long as nobody works on it. Raises InvalidInput (text,
    topic, queue), WrongState, NotAllowed, NotFound.
    """
    ticket = ticket_for(tx, ticket_id, actor, Action.DESCRIBE)
    rules = queue_named(tx, queue or ticket.queue)
    topic = topic_named(rules, topic)
    text = optional("text", text, MAX_TEXT_CHARACTERS)
    if not text and (topic is None or (topic == ticket.topic and rules.key == ticket.queue)):
        raise InvalidInput("text", "Add a description or choose another topic.")
    description = "\n\n".join(part for part in (ticket.description, text) if part)
    ticket.description = optional("text", description, MAX_TEXT_CHARACTERS)
    if rules.key != ticket.queue:
        if ticket.status is not Status.NEW:
            raise WrongState("Somebody already works on {number}. Ask in its thread to move it.", number=ticket.number)
        move_to_queue(tx, ticket, actor, rules, topic)
    elif topic is not None:
        ticket.topic = topic
    record(tx, ticket, TicketDescribed(ticket.id, tx.now, actor, topic=ticket.topic), text or None)
    if text:
        outgoing.agents_notice(tx, ticket, Notice.DESCRIBED, by=actor, text=text)
    redraw(tx, ticket)
    return ticket


def priority_named(name: Priority | str) -> Priority:
    """The priority of that name; raises InvalidInput."""
    try:
        return Priority(name.strip().casefold())
    except ValueError:
        raise InvalidInput(
            "priority",
            "There is no priority “{priority}”. Choose one of: {priorities}.",
            priority=name,
            priorities=", ".join(Priority),
        ) from None


def _request_text(text: str, files: Sequence[dict[str, Any]]) -> str:
    if files:
        return optional("text", text, MAX_TEXT_CHARACTERS)
    return required("text", text, "Write what you need help with.", MAX_TEXT_CHARACTERS)


def _check_people(tx: Transaction, requester: str, filed_by: str) -> None:
    if requester == filed_by:
        return
    if is_guest(tx.session, filed_by) or not is_agent(tx.policy, filed_by):
        raise NotAllowed(
            "Only agents file on behalf of somebody. Ask <@{requester}> to type /ticket.", requester=requester
        )
    known = person(tx.session, requester)
    if known is not None and (known.is_bot or known.is_deleted):
        raise InvalidInput(
            "requester", "<@{requester}> cannot be answered: choose a person of this workspace.", requester=requester
        )


def _existing(
    tx: Transaction,
    queue: Queue,
    requester: str,
    filed_by: str,
    text: str,
    source_channel: str | None,
    source_ts: str | None,
    follows: int | None,
) -> Ticket | None:
    if tx.session.get_bind().dialect.name == "postgresql":
        # One filing of a person at a time: a retyped request has to see the first one. SQLite has one writer anyway.
        tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"slackdesk:file:{requester}", 0))))
    if follows is None and source_channel is not None and source_ts is not None:
        of_message = tx.session.scalars(
            select(Ticket)
            .join(Posting, Posting.ticket_id == Ticket.id)
            .where(Posting.channel == source_channel, Posting.ts == source_ts)
        ).first()
        if of_message is not None:
            return of_message
    if not text:
        return None
    asked = {"requester": requester, "filed_by": filed_by, "queue": queue.key, "since": tx.now - RETYPED_WITHIN}
    recent = tx.session.execute(_RECENT, asked)
    same = next((id_ for id_, description in recent if same_request(description or "", text)), None)
    return None if same is None else tx.session.get_one(Ticket, same)


def _begin(tx: Transaction, ticket: Ticket, rules: Queue, files: Sequence[dict[str, Any]]) -> None:
    request = TicketMessage(
        ticket_id=ticket.id,
        side=Side.REQUESTER,
        kind=MessageKind.REQUEST,
        author=ticket.requester,
        text=ticket.description,
        files=list(files),
        source_channel=ticket.source_channel if ticket.follows is None else None,
        source_ts=ticket.source_ts if ticket.follows is None else None,
        created_at=tx.now,
        sent_at=tx.now,
    )
    tx.session.add(request)
    if ticket.source_channel is not None and ticket.source_ts is not None:
        _place_source(tx, ticket, ticket.source_channel, ticket.source_ts)
    ledger.enter(tx, ticket, StayBegin.FILED)
    event = TicketFiled(
        ticket.id,
        tx.now,
        ticket.filed_by,
        queue=rules.key,
        tier=ticket.tier,
        topic=ticket.topic,
        priority=ticket.priority,
        source=ticket.source,
        requester=ticket.requester,
        follows=ticket.follows,
    )
    record(tx, ticket, event, ticket.description)
    outgoing.card(tx, ticket)
    show_request(tx, ticket, request)
    outgoing.root(tx, ticket)
    outgoing.home(tx, ticket.requester)


def _place_source(tx: Transaction, ticket: Ticket, channel: str, ts: str) -> None:
    """The thread of the source message belongs to this ticket now; a follow-up takes it over from the closed one."""
    place = tx.session.scalars(select(Posting).where(Posting.channel == channel, Posting.ts == ts)).one_or_none()
    if place is None:
        place = Posting(kind="source", tier=None, message_id=None, channel=channel, ts=ts, thread_ts=None)
        tx.session.add(place)
    place.ticket_id = ticket.id
    tx.session.flush()
