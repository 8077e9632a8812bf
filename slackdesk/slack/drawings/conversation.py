"""What people write, on the other side: the requester's words in the card's thread, replies in the requester's."""

import re
from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block, RichTextBlock, RichTextElementParts, RichTextSectionElement
from sqlalchemy import select

from slackdesk.dispatch.runners import AfterRefusal, Drawing, SlackCall
from slackdesk.i18n import Translate, later
from slackdesk.slack import escape, ids
from slackdesk.slack.drawings import parts, places
from slackdesk.slack.drawings.parts import Reader, mention
from slackdesk.slack.ids import Click
from slackdesk.tickets.model import MessageKind, MessageState, Posting, Ticket, TicketMessage
from slackdesk.tickets.transaction import Transaction

ADDRESS_CHARACTERS = 1000
"""A longer address of a file is left out."""

_ADDRESS = re.compile(r"https?://[^\s<>\"|/:][^\s<>\"|]*[^\s<>\"|.,;:!?)\]}]")


_SAID = {
    MessageKind.REQUEST: later("{author} wrote:"),
    MessageKind.MESSAGE: later("{author} wrote:"),
    MessageKind.REPLY: later("{author} answered the requester:"),
    MessageKind.NOTE: later("{author} notes:"),
}
"""What agents wrote is told apart: what left, and what stays inside."""


class AgentsMessageDrawing(Drawing):
    """What was written, into the thread of the current card. Links in it are text only."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when the text was deleted or erased, or the policy no longer has the tier."""
        ticket, message = _read(tx, payload)
        place = _agents_side(tx, ticket, message, payload)
        if place is None or _is_gone(message):
            return None
        reader = parts.channel_reader(tx)
        who = reader.t(_SAID[message.kind], author=mention(message.author))
        piece = _piece(message, payload)
        blocks = [parts.quoted(one) for one in escape.pieces(piece, parts.SECTION_CHARACTERS)] if piece.strip() else []
        text, drawn = _message(reader, ticket, message, payload, who, blocks)
        return parts.post(place.channel, place.thread_ts, text, drawn)

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember the copy, and go on with the rest of a long text."""
        ticket, message = _read(tx, payload)
        places.remember(tx, ticket.id, "copy", response, message_id=message.id)
        _go_on(tx, "agents_message", message, payload, response["ts"], f"ticket:{ticket.id}:agents")

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """Below a new card when the card is gone."""
        return places.say_below_new_card(tx, "agents_message", payload, error)


def _agents_side(
    tx: Transaction, ticket: Ticket, message: TicketMessage, payload: dict[str, Any]
) -> places.Place | None:
    """With whoever has the ticket now, as soon as there is a card; else with the tier that it was written to.

    The rest of a long text follows its beginning. A request itself was asked to be shown in each of its tiers.
    """
    begun = select(Posting).where(Posting.ticket_id == ticket.id, Posting.ts == payload.get("first", ""))
    if (beginning := tx.session.scalars(begun).first()) is not None:
        return places.Place(beginning.channel, beginning.thread_ts)
    current = None if message.kind is MessageKind.REQUEST else places.agents_place(tx, ticket, {})
    return current if current and current.thread_ts else places.agents_place(tx, ticket, payload)


class RequesterMessageDrawing(Drawing):
    """An agent's reply, into the requester's thread. Web addresses in it can be opened."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when the reply was taken back, or its text was erased."""
        ticket, message = _read(tx, payload)
        if message.state != MessageState.SENT or _is_gone(message):
            return None
        place = places.requester_place(tx, ticket)
        reader = places.requester_reader(tx, ticket, place)
        who = reader.t("{author} answers:", author=mention(message.author))
        piece = _piece(message, payload)
        blocks = [_linked(one) for one in escape.pieces(piece, parts.SECTION_CHARACTERS)] if piece.strip() else []
        text, drawn = _message(reader, ticket, message, payload, who, blocks)
        return parts.post(place.channel, place.thread_ts, text, drawn)

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember the reply, and go on with the rest of a long text."""
        ticket, message = _read(tx, payload)
        places.remember(tx, ticket.id, "reply", response, message_id=message.id)
        _go_on(tx, "requester_message", message, payload, response["ts"], f"ticket:{ticket.id}:requester")

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """Into the DM itself when the thread is gone."""
        return places.forget_root(tx, payload["ticket_id"], error)


class ReplyPendingDrawing(Drawing):
    """To the agent who replied: when the reply leaves, and [Undo]."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None once the reply left or was taken back."""
        ticket, message = _read(tx, payload)
        place = places.agents_place(tx, ticket, payload)
        if message.state != MessageState.PENDING or place is None:
            return None
        t = parts.person_reader(tx, payload["person"]).t
        requester = mention(ticket.requester)
        values = {"number": ticket.number, "requester": requester, "delay": t.duration(tx.undo)}
        sentence = t("Your reply to {requester} about {number} leaves in {delay}.", **values)
        undo = parts.button(
            t("Undo"),
            ids.action(Click.UNDO, ticket.id, message.id),
            about=t("Undo the reply to {number}", number=ticket.number),
        )
        blocks = [
            parts.section(sentence),
            parts.quoted(escape.block(message.text or "", 500) or t("(no text)")),
            *parts.actions("undo", message.id, [undo]),
        ]
        said = escape.mrkdwn(message.text or "", 500)
        text = " ".join((sentence, t("Press Undo to take it back."), said)).strip()
        return parts.whisper(place.channel, payload["person"], place.thread_ts, text, blocks)


def _read(tx: Transaction, payload: dict[str, Any]) -> tuple[Ticket, TicketMessage]:
    return tx.session.get_one(Ticket, payload["ticket_id"]), tx.session.get_one(TicketMessage, payload["message_id"])


def _is_gone(message: TicketMessage) -> bool:
    return message.text is None or message.deleted_at is not None


def _piece(message: TicketMessage, payload: dict[str, Any]) -> str:
    found = escape.pieces(message.text or "", parts.MESSAGE_CHARACTERS)
    part: int = payload.get("part", 0)
    return found[min(part, len(found) - 1)]


def _message(
    reader: Reader,
    ticket: Ticket,
    message: TicketMessage,
    payload: dict[str, Any],
    who: str,
    blocks: Sequence[Block],
) -> tuple[str, list[Block]]:
    t, part = reader.t, payload.get("part", 0)
    count = len(escape.pieces(message.text or "", parts.MESSAGE_CHARACTERS))
    if count > 1:
        who += " " + t("(part {part} of {count})", part=part + 1, count=count)
    files = _files(t, message) if part == 0 else []
    drawn: list[Block] = [parts.section(who), *(blocks or ([] if files else [parts.quoted(t("(no text)"))]))]
    drawn += [parts.context(line) for line in files]
    room = parts.FALLBACK_CHARACTERS - len(who) - 50
    said = escape.mrkdwn(_piece(message, payload), 2500)
    attached = t.plural("{count} file is attached.", "{count} files are attached.", len(files)) if files else ""
    return f"{ticket.number}: {who} {said[:room]} {attached}".strip(), drawn


def _files(t: Translate, message: TicketMessage) -> list[str]:
    """One line for each file; Slack refuses messages of more than 50 blocks, so ten of them are named."""
    lines, opens = [], t("open it")
    for file in message.files[:10]:
        name = escape.inline(str(file.get("name") or ""), 200) or t("a file")
        size = max(1, round(int(file.get("size_bytes") or 0) / 1024))
        line, address = t("File: {file} ({size} kB)", file=name, size=size), str(file.get("permalink") or "")
        can_be_opened = _ADDRESS.fullmatch(address) and len(address) <= ADDRESS_CHARACTERS
        lines.append(f"{line} <{address}|{opens}>" if can_be_opened else line)
    more = len(message.files) - len(lines)
    return [*lines, t.plural("and {count} more file", "and {count} more files", more)] if more > 0 else lines


def _linked(text: str) -> RichTextBlock:
    elements: list[RichTextElementParts.Text | RichTextElementParts.Link] = []
    position = 0
    for match in _ADDRESS.finditer(text):
        if match.start() > position:
            elements.append(RichTextElementParts.Text(text=text[position : match.start()]))
        elements.append(RichTextElementParts.Link(url=match[0]))
        position = match.end()
    if position < len(text):
        elements.append(RichTextElementParts.Text(text=text[position:]))
    return RichTextBlock(elements=[RichTextSectionElement(elements=elements)])


def _go_on(tx: Transaction, name: str, message: TicketMessage, payload: dict[str, Any], ts: str, stream: str) -> None:
    part = payload.get("part", 0) + 1
    if part >= len(escape.pieces(message.text or "", parts.MESSAGE_CHARACTERS)):
        return
    first = payload.get("first") or ts  # the copies of one request in two tiers go on each by itself
    places.send_also(
        tx,
        name,
        payload | {"part": part, "first": first},
        key=f"{message.id}:{first}:part:{part}",
        stream=stream,
        ticket_id=message.ticket_id,
    )
