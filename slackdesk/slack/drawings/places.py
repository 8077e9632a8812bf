"""Where the messages of a ticket are, and where the next one goes."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select

from slackdesk.dispatch import streams
from slackdesk.dispatch.model import WorkKind
from slackdesk.dispatch.runners import AfterRefusal
from slackdesk.policy.model import ResolvedPolicy, Tier
from slackdesk.slack.drawings.parts import Reader, channel_reader, person_reader
from slackdesk.slack.sender import CHANNEL_ERRORS
from slackdesk.tickets import outgoing
from slackdesk.tickets.model import Posting, Ticket
from slackdesk.tickets.transaction import Transaction

MESSAGE_GONE = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "block_mismatch"}
)
"""``chat.update`` can never reach that message again (https://docs.slack.dev/reference/methods/chat.update#errors)."""

CONTENT_REFUSED = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "invalid_arguments",
        "view_too_large",
    }
)
"""Slack takes no such blocks: errors of chat.postMessage, chat.update and views.publish in its reference of methods."""

THREAD_GONE = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
"""Nothing can be posted into that thread any more."""


@dataclass(frozen=True)
class Place:
    """A thread; without ``thread_ts`` the conversation itself. ``channel`` may be a user id: Slack opens the DM."""

    channel: str
    thread_ts: str | None = None

    @property
    def is_shared(self) -> bool:
        """Whether more people than one read it."""
        return self.channel.startswith(("C", "G"))


def tier_of(policy: ResolvedPolicy, queue: str, name: str) -> Tier | None:
    """The tier as the policy has it now; None once the policy no longer has it."""
    known = policy.queues.get(queue)
    return next((tier for tier in known.tiers if tier.name == name), None) if known else None


def queue_name(policy: ResolvedPolicy, key: str) -> str:
    """What people call the queue; its key once the policy no longer has it."""
    return policy.queues[key].name if key in policy.queues else key


def postings(tx: Transaction, ticket_id: int, kind: str) -> list[Posting]:
    """The messages of one kind, oldest first."""
    query = select(Posting).where(Posting.ticket_id == ticket_id, Posting.kind == kind).order_by(Posting.id)
    return list(tx.session.scalars(query))


def card_posting(tx: Transaction, ticket_id: int, tier: Tier) -> Posting | None:
    """The card in the tier's channel. A ticket that moved may have cards in tiers of the same name elsewhere."""
    cards = postings(tx, ticket_id, "card")
    return next((one for one in reversed(cards) if (one.tier, one.channel) == (tier.name, tier.channel)), None)


def agents_place(tx: Transaction, ticket: Ticket, payload: dict[str, Any]) -> Place | None:
    """The thread of the card of the tier that the payload names, by default the current one.

    The tier's channel while there is no card; None without such a tier.
    """
    tier = tier_of(tx.policy, *_tier_named(ticket, payload))
    if tier is None:
        return None
    card = card_posting(tx, ticket.id, tier)
    return Place(tier.channel, card.ts if card else None)


def _tier_named(ticket: Ticket, payload: dict[str, Any]) -> tuple[str, str]:
    return payload.get("queue", ticket.queue), payload.get("tier", ticket.tier)


def source_thread(ticket: Ticket) -> Place | None:
    """The thread of the message that was made a ticket, where it is the requester's side."""
    if not ticket.source_channel or not ticket.source_ts:
        return None
    place = Place(ticket.source_channel, ticket.source_ts)
    return None if ticket.private and place.is_shared else place


def public_source(ticket: Ticket) -> Place | None:
    """The thread in a channel that a private ticket left behind."""
    if not ticket.private or not ticket.source_channel or not ticket.source_ts:
        return None
    place = Place(ticket.source_channel, ticket.source_ts)
    return place if place.is_shared else None


def requester_place(tx: Transaction, ticket: Ticket) -> Place:
    """The requester's thread, which our root began or is in; the DM itself while there is no root, or none any more."""
    roots = postings(tx, ticket.id, "root")
    if not roots:
        return Place(ticket.requester)
    source = source_thread(ticket)
    return source if source and source.channel == roots[-1].channel else Place(roots[-1].channel, roots[-1].ts)


def requester_reader(tx: Transaction, ticket: Ticket, place: Place) -> Reader:
    """The requester, or whoever reads the channel in which the request was made."""
    return channel_reader(tx) if place.is_shared else person_reader(tx, ticket.requester)


def remember(
    tx: Transaction,
    ticket_id: int,
    kind: str,
    response: dict[str, Any],
    *,
    tier: str | None = None,
    message_id: int | None = None,
) -> bool:
    """Keep where a message is; False when it was known, as after an update."""
    channel, ts = response["channel"], response["ts"]
    known = select(Posting.id).where(Posting.channel == channel, Posting.ts == ts)
    if tx.session.scalar(known) is not None:
        return False
    thread_ts = (response.get("message") or {}).get("thread_ts")
    tx.session.add(
        Posting(
            ticket_id=ticket_id,
            kind=kind,
            tier=tier,
            message_id=message_id,
            channel=channel,
            ts=ts,
            thread_ts=None if thread_ts == ts else thread_ts,
        )
    )
    return True


def is_one_of(error: str, names: frozenset[str]) -> bool:
    """Whether Slack's error is one of these; details may follow its name."""
    return error.partition(" ")[0] in names


def forget_lost(tx: Transaction, posting: Posting | None, error: str, lost: frozenset[str]) -> AfterRefusal:
    """Forget a message of ours when ``error`` says that it is gone, so that what is drawn again goes elsewhere."""
    if posting is None or not is_one_of(error, lost):
        return AfterRefusal.GIVE_UP
    tx.session.execute(delete(Posting).where(Posting.id == posting.id))
    return AfterRefusal.DRAW_AGAIN


def forget_root(tx: Transaction, ticket_id: int, error: str) -> AfterRefusal:
    """When a thread is gone, or the app may not write in its channel any more: forget the root that began it.

    The next message then goes into the DM itself.
    """
    roots = postings(tx, ticket_id, "root")
    is_shared = bool(roots) and Place(roots[-1].channel).is_shared
    return forget_lost(tx, roots[-1] if roots else None, error, THREAD_GONE | (CHANNEL_ERRORS if is_shared else set()))


def say_below_new_card(tx: Transaction, name: str, payload: dict[str, Any], error: str) -> AfterRefusal:
    """When a card's thread is gone: post the card anew, and below it, by a row of its own, what was to be said.

    What was to be said after that still comes after it.
    """
    ticket = tx.session.get_one(Ticket, payload["ticket_id"])
    queue, name_of_tier = _tier_named(ticket, payload)
    tier = tier_of(tx.policy, queue, name_of_tier)
    card = card_posting(tx, ticket.id, tier) if tier else None
    if forget_lost(tx, card, error, THREAD_GONE) is AfterRefusal.GIVE_UP:
        return AfterRefusal.GIVE_UP
    outgoing.card(tx, ticket, queue, name_of_tier, again=True)
    stream, key = f"ticket:{ticket.id}:agents", f"again:{uuid4().hex}"
    with streams.ahead(tx.session, stream, but="card", real_now=tx.real_now):
        send_also(tx, name, payload, key=key, stream=stream, ticket_id=ticket.id)
    return AfterRefusal.ASKED_ANEW


def send_also(
    tx: Transaction, name: str, payload: dict[str, Any], *, key: str, stream: str | None, ticket_id: int
) -> None:
    """A send that follows from another one, once for each ``key``."""
    tx.add_work(WorkKind.SEND, name, payload, dedupe_key=f"{name}:{key}", stream=stream, ticket_id=ticket_id)
