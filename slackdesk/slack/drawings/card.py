"""The card: a ticket as the agents of a tier see it, with everything that can be done about it."""

from typing import Any

from slack_sdk.models.blocks import Block, MarkdownTextObject, SectionBlock
from sqlalchemy import select

from slackdesk.dispatch import streams
from slackdesk.dispatch.runners import AfterRefusal, Drawing, SlackCall
from slackdesk.i18n import Translate
from slackdesk.policy.model import Tier
from slackdesk.slack import escape
from slackdesk.slack.drawings import card_actions, parts, places
from slackdesk.slack.drawings.parts import Reader, mention
from slackdesk.slack.extensions import NONE, Extensions
from slackdesk.slack.trouble import tell_content_refused
from slackdesk.tickets import outgoing
from slackdesk.tickets.ledger import awaits_acceptance, current_stay
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import Posting, Status, StayBegin, Ticket, TierStay
from slackdesk.tickets.outgoing import CARD_DESCRIPTION_CHARACTERS
from slackdesk.tickets.transaction import Transaction

FACTS_END = 2
"""The card begins with its title and its facts."""

MESSAGE_BLOCKS = 50
"""Blocks in a message (https://docs.slack.dev/reference/block-kit/blocks)."""


class CardDrawing(Drawing):
    """Post the card of a tier, or bring the posted one up to date. A tier that the ticket left keeps a summary."""

    def __init__(self, extensions: Extensions = NONE) -> None:
        self.extensions = extensions

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when the policy no longer has the tier, or when a tier that the ticket left has no card."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        tier = places.tier_of(tx.policy, payload["queue"], payload["tier"])
        if tier is None:
            return None
        posting = places.card_posting(tx, ticket.id, tier)
        reader = parts.channel_reader(tx)
        if _is_current(ticket, payload):
            text, blocks = _card(tx, reader, ticket, tier)
            if not payload.get("is_plain"):
                blocks = self._extended(tx, reader, ticket, blocks)
            return parts.update(posting, text, blocks) if posting else parts.post(tier.channel, None, text, blocks)
        return parts.update(posting, *_summary(tx, reader, ticket, payload["queue"])) if posting else None

    def _extended(self, tx: Transaction, reader: Reader, ticket: Ticket, blocks: list[Block]) -> list[Block]:
        """Badges below the facts, what plugins add at the end; what would not fit any more is left out."""
        badges = self.extensions.badges(tx, reader, [ticket])
        head, rest = blocks[:FACTS_END], blocks[FACTS_END:]
        shown = [*head, *(parts.context(badges[one]) for one in badges), *rest]
        return [*shown, *self.extensions.card(tx, ticket)][:MESSAGE_BLOCKS]

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember a new card."""
        places.remember(tx, payload["ticket_id"], "card", response, tier=payload["tier"])

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """A card that somebody deleted is posted anew; one that Slack refuses is drawn without what plugins add."""
        plugins = () if payload.get("is_plain") else self.extensions.shown_on_cards(tx)
        if plugins and places.is_one_of(error, places.CONTENT_REFUSED):
            tell_content_refused(tx, plugins, error)
            ticket = tx.session.get_one(Ticket, payload["ticket_id"])
            with streams.ahead(tx.session, f"ticket:{ticket.id}:agents", but="card", real_now=tx.real_now):
                outgoing.card(tx, ticket, payload["queue"], payload["tier"], again=True, is_plain=True)
            return AfterRefusal.ASKED_ANEW
        tier = places.tier_of(tx.policy, payload["queue"], payload["tier"])
        card = places.card_posting(tx, payload["ticket_id"], tier) if tier else None
        return places.forget_lost(tx, card, error, places.MESSAGE_GONE)


def _is_current(ticket: Ticket, payload: dict[str, Any]) -> bool:
    return (ticket.queue, ticket.tier) == (payload["queue"], payload["tier"])


def _card(tx: Transaction, reader: Reader, ticket: Ticket, tier: Tier) -> tuple[str, list[Block]]:
    t, stay = reader.t, current_stay(tx.session, ticket)
    awaits_accept = awaits_acceptance(stay) and ticket.assignee is None
    blocks: list[Block] = [parts.header(f"{ticket.number} · {parts.title_of(t, ticket)}"), _facts(tx, reader, ticket)]
    if stay is not None and stay.entered_how in (StayBegin.ESCALATED, StayBegin.SENT_BACK):
        blocks += _hand_off(reader, stay)
    blocks += _request(t, ticket)
    if ticket.status not in OPEN:
        blocks += _outcome(reader, ticket)
    has_tier_above = tx.policy.queue(ticket.queue).tier_after(tier.name) is not None
    blocks += card_actions.row(t, ticket, awaits_accept=awaits_accept, has_tier_above=has_tier_above)
    return _text(reader, ticket, awaits_accept=awaits_accept), blocks


def _facts(tx: Transaction, reader: Reader, ticket: Ticket) -> SectionBlock:
    t = reader.t
    queue = escape.inline(places.queue_name(tx.policy, ticket.queue), 75)
    requester = mention(ticket.requester)
    if ticket.filed_by != ticket.requester:
        requester = t("{person} (filed by {filed_by})", person=requester, filed_by=mention(ticket.filed_by))
    where = t("{tier} of {queue}", tier=escape.inline(ticket.tier, 75), queue=queue)
    facts = [
        (t("Status"), t(parts.STATUS_WORDS[ticket.status])),
        (t("Priority"), t(parts.PRIORITY_WORDS[ticket.priority])),
        (t("Requester"), requester),
        (t("Assignee"), mention(ticket.assignee) if ticket.assignee else t("nobody yet")),
        (t("Topic"), escape.inline(ticket.topic, 150) if ticket.topic else t("none")),
        (t("Tier"), where),
        (t("Filed"), parts.date_token(reader, ticket.created_at)),
    ]
    if ticket.reopened_count:
        facts.append((t("Reopened"), t.plural("{count} time", "{count} times", ticket.reopened_count)))
    return SectionBlock(fields=[MarkdownTextObject(text=f"*{name}*\n{value}", verbatim=True) for name, value in facts])


def labelled(label: str, text: str | None) -> list[Block]:
    """A label of ours and under it what a person wrote, up to what one message carries; nothing without a text."""
    shown = escape.block(text or "", parts.MESSAGE_CHARACTERS)
    sections = [parts.quoted(piece) for piece in escape.pieces(shown, parts.SECTION_CHARACTERS)]
    return [parts.context(f"*{label}*"), *sections] if shown else []


def _hand_off(reader: Reader, stay: TierStay) -> list[Block]:
    t, at = reader.t, parts.date_token(reader, stay.entered_at)
    by = mention(stay.handed_by) if stay.handed_by else t("the desk")
    if stay.entered_how == StayBegin.SENT_BACK:
        heading = t("*Sent back* by {by}, {at}.", by=by, at=at)
    else:
        heading = t("*Handed up* by {by}, {at}.", by=by, at=at)
    if stay.accepted_by:
        heading += " " + t("Accepted by {by}.", by=mention(stay.accepted_by))
    return [
        parts.section(heading),
        *labelled(t("Reason"), stay.reason),
        *labelled(t("Tried so far"), stay.tried),
        *labelled(t("What is asked"), stay.asked),
    ]


def _request(t: Translate, ticket: Ticket) -> list[Block]:
    if ticket.description is None:
        return [parts.context(t("The text of this request was erased."))]
    whole = escape.clean(ticket.description).strip()
    blocks = labelled(t("Request"), escape.block(whole, CARD_DESCRIPTION_CHARACTERS))
    if len(ticket.description) > CARD_DESCRIPTION_CHARACTERS:
        blocks.append(parts.context(t("The whole request is in the thread.")))
    return blocks


def _outcome(reader: Reader, ticket: Ticket) -> list[Block]:
    blocks: list[Block] = [parts.section(outcome(reader, ticket))]
    return blocks + labelled(reader.t("What solved it"), ticket.resolution)


def outcome(reader: Reader, ticket: Ticket) -> str:
    """How a ticket ended, or where it is on the way there, as one sentence; for mrkdwn."""
    t = reader.t
    if ticket.status == Status.DUPLICATE and ticket.duplicate_of is not None:
        return t("*Duplicate* of ticket {number}.", number=ticket.duplicate_of)
    if ticket.status == Status.NOT_A_REQUEST:
        return t("*Not a request*: nothing has to be done.")
    if ticket.status == Status.CANCELLED:
        return t("*Cancelled* by the requester.")
    solved_by = mention(ticket.resolved_by) if ticket.resolved_by else t("nobody")
    if ticket.status == Status.RESOLVED:
        return t("*Resolved* by {by}; waiting for the requester to confirm.", by=solved_by)
    if ticket.closed_by is None:
        return t("*Closed* automatically, without an answer. Solved by {by}.", by=solved_by)
    return t("*Closed* by {closed_by}. Solved by {by}.", closed_by=mention(ticket.closed_by), by=solved_by)


def _text(reader: Reader, ticket: Ticket, *, awaits_accept: bool) -> str:
    t = reader.t
    values = {
        "number": ticket.number,
        "title": escape.inline(ticket.title or t("(no title)"), 300),
        "status": t(parts.STATUS_WORDS[ticket.status]),
        "priority": t(parts.PRIORITY_WORDS[ticket.priority]),
        "requester": mention(ticket.requester),
        "assignee": mention(ticket.assignee) if ticket.assignee else t("nobody yet"),
        "tier": escape.inline(ticket.tier, 75),
    }
    facts = t(
        "{number} {title}. Status: {status}. Priority: {priority}. From {requester}. Assignee: {assignee}. "
        "Tier: {tier}.",
        **values,
    )
    if awaits_accept:
        next_step = t("Handed up: accept it or send it back with the buttons on the card.")
    elif ticket.status not in OPEN:
        next_step = outcome(reader, ticket).replace("*", "")
    elif ticket.assignee is None:
        next_step = t("Claim it with the button on the card.")
    else:
        next_step = t("Reply, resolve or escalate with the buttons on the card.")
    room = parts.FALLBACK_CHARACTERS - len(facts) - len(next_step) - 2
    return f"{facts} {next_step} {escape.mrkdwn(ticket.description or '', min(room, 1500))}".strip()


def _summary(tx: Transaction, reader: Reader, ticket: Ticket, queue: str) -> tuple[str, list[Block]]:
    t = reader.t
    stay = tx.session.scalars(
        select(TierStay).where(TierStay.ticket_id == ticket.id).order_by(TierStay.id.desc()).limit(1)
    ).first()
    hides_title = ticket.private and queue != ticket.queue
    title = t("(private)") if hides_title else parts.title_of(t, ticket)
    where = places.tier_of(tx.policy, ticket.queue, ticket.tier)
    values = {
        "tier": escape.inline(ticket.tier, 75),
        "queue": escape.inline(places.queue_name(tx.policy, ticket.queue), 75),
        "by": mention(stay.handed_by) if stay and stay.handed_by else t("the desk"),
    }
    if stay is not None and stay.entered_how == StayBegin.ESCALATED:
        sentence = t("*Escalated to {tier}* of {queue} by {by}.", **values)
    elif stay is not None and stay.entered_how == StayBegin.SENT_BACK:
        sentence = t("*Sent back to {tier}* of {queue} by {by}.", **values)
    else:
        sentence = t("*Now with {tier}* of {queue}.", **values)
    sentence += " " + t(
        "Status: {status}. Assignee: {assignee}.",
        status=t(parts.STATUS_WORDS[ticket.status]),
        assignee=mention(ticket.assignee) if ticket.assignee else t("nobody yet"),
    )
    if where is not None:
        sentence += " " + _way(t, places.card_posting(tx, ticket.id, where), where)
    text = f"{ticket.number} {escape.inline(title, 300)}. {sentence.replace('*', '')}"
    return text, [parts.header(f"{ticket.number} · {title}"), parts.section(sentence)]


def _way(t: Translate, card: Posting | None, tier: Tier) -> str:
    if card is None:
        return t("Its card is in {channel}.", channel=f"<#{tier.channel}>")
    address, label = f"https://slack.com/archives/{card.channel}/p{card.ts.replace('.', '')}", t("open it")
    return t("Its card is in {channel}: {link}", channel=f"<#{tier.channel}>", link=f"<{address}|{label}>")
