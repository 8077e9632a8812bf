"""Short lines: one calm sentence for each notice and reader, and under it what somebody wrote."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import Block

from slackdesk.dispatch.runners import AfterRefusal, Drawing, SlackCall
from slackdesk.slack import escape
from slackdesk.slack.drawings import parts, places
from slackdesk.slack.drawings.card import labelled
from slackdesk.slack.drawings.parts import Reader
from slackdesk.slack.drawings.requester import promise_sentence, question_buttons
from slackdesk.slack.drawings.sentences import (
    AGENTS,
    PERSON,
    PROMISING,
    QUOTED,
    REQUESTER,
    REQUESTER_WITHOUT_NUMBER_OF_OTHER,
    UNKNOWN,
)
from slackdesk.slack.extensions import NONE, Extensions
from slackdesk.tickets.model import Priority, Status, Ticket
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.transaction import Transaction

_PEOPLE = frozenset({"by", "previous", "author"})
_PRIORITIES = frozenset({"old", "new", "priority"})

VALUE_CHARACTERS = 150
"""As much of a name as a sentence quotes."""

QUOTED_CHARACTERS = 600
"""As much of what somebody wrote as the fallback text repeats; all of it is in the blocks."""


class AgentsNoticeDrawing(Drawing):
    """Into the thread of the card of the tier that it was written for.

    A text that one message does not carry goes on in the next one.
    """

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when the policy no longer has the tier."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        place = places.agents_place(tx, ticket, payload)
        if place is None:
            return None
        reader, values, part = parts.channel_reader(tx), payload["values"], payload.get("part", 0)
        sentence = say(reader, AGENTS.get(payload["notice"], UNKNOWN), ticket, values)
        pieces = _pieces(payload)
        if len(pieces) > 1:
            sentence += " " + reader.t("(part {part} of {count})", part=part + 1, count=len(pieces))
            values = values | {"text": pieces[part]}
        text, blocks = _message(reader, ticket, sentence, values)
        return parts.post(place.channel, place.thread_ts, text, blocks)

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Go on with the rest of a long text."""
        part, ticket_id = payload.get("part", 0) + 1, payload["ticket_id"]
        if part < len(_pieces(payload)):
            first = payload.get("first") or response["ts"]
            places.send_also(
                tx,
                "agents_notice",
                payload | {"part": part, "first": first},
                key=f"{ticket_id}:{first}:part:{part}",
                stream=f"ticket:{ticket_id}:agents",
                ticket_id=ticket_id,
            )

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """Below a new card when the card is gone."""
        return places.say_below_new_card(tx, "agents_notice", payload, error)


class RequesterNoticeDrawing(Drawing):
    """Into the requester's thread. Of what agents wrote, only what solved the request is quoted."""

    def __init__(self, extensions: Extensions = NONE) -> None:
        self.extensions = extensions

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """Always something to say."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        place = places.requester_place(tx, ticket)
        reader = places.requester_reader(tx, ticket, place)
        notice, values = payload["notice"], payload["values"]
        sentences = REQUESTER
        if notice == Notice.DUPLICATE and not values.get("of"):
            sentences = REQUESTER_WITHOUT_NUMBER_OF_OTHER
        sentence = say(reader, sentences.get(notice, UNKNOWN), ticket, values)
        if notice in PROMISING:
            sentence += " " + promise_sentence(tx, reader, ticket, self.extensions)
        quoted = {key: value for key, value in values.items() if key == "resolution"}
        text, blocks = _message(reader, ticket, sentence, quoted)
        return parts.post(place.channel, place.thread_ts, text, blocks)

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """Into the DM itself when the thread is gone."""
        return places.forget_root(tx, payload["ticket_id"], error)


class PersonNoticeDrawing(Drawing):
    """To one person, by direct message; a validator gets the two buttons."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when a validator is asked about a ticket that is not resolved any more."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        asks = payload["notice"] == Notice.VALIDATION_ASKED
        if asks and ticket.status != Status.RESOLVED:
            return None
        reader = parts.person_reader(tx, payload["person"])
        sentence = say(reader, PERSON.get(payload["notice"], UNKNOWN), ticket, payload["values"])
        text, blocks = _message(reader, ticket, sentence, payload["values"])
        blocks.insert(1, parts.quoted(parts.title_of(reader.t, ticket)))
        if asks:
            blocks += parts.actions("question", ticket.version, question_buttons(reader.t, ticket))
        return parts.post(payload["person"], None, text, blocks)


def _pieces(payload: dict[str, Any]) -> list[str]:
    return escape.pieces(payload["values"].get("text") or "", parts.MESSAGE_CHARACTERS)


def say(reader: Reader, template: str, ticket: Ticket, values: Mapping[str, Any]) -> str:
    """The sentence, for mrkdwn: people as mentions, instants by the reader's clock, everything else inert."""
    return reader.t(template, **{"number": ticket.number, **_shown(reader, values)})


def _shown(reader: Reader, values: Mapping[str, Any]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for key, value in values.items():
        if key in _PEOPLE:
            shown[key] = parts.mention(value) if value else reader.t("the desk")
        elif key in _PRIORITIES:
            shown[key] = reader.t(parts.PRIORITY_WORDS[Priority(value)])
        elif isinstance(value, float):
            shown[key] = f"{value:g}"
        else:
            shown[key] = escape.inline(value, VALUE_CHARACTERS) if isinstance(value, str) else value
    return shown


def _message(reader: Reader, ticket: Ticket, sentence: str, values: Mapping[str, Any]) -> tuple[str, list[Block]]:
    blocks: list[Block] = [parts.section(sentence)]
    text = sentence if ticket.number in sentence else f"{ticket.number}: {sentence}"
    for key, label in QUOTED.items():
        said = values.get(key)
        if said:
            blocks += labelled(reader.t(label), said)
            text += f" {reader.t(label)}: {escape.mrkdwn(said, QUOTED_CHARACTERS)}"
    return text, blocks
