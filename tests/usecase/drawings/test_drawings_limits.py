"""Whatever people write and wherever a ticket stands: every message is legal, complete, and obeys nobody."""

import contextlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from slackdesk.dispatch.runners import AfterRefusal
from slackdesk.slack.drawings import DRAWINGS
from slackdesk.slack.drawings.sentences import AGENTS, PERSON, REQUESTER
from slackdesk.tickets import outgoing, service
from slackdesk.tickets.home_tab import remember_opened
from slackdesk.tickets.model import (
    MessageKind,
    MessageState,
    Side,
    Source,
    Status,
    StayBegin,
    Ticket,
    TicketMessage,
    TierStay,
)
from slackdesk.tickets.outgoing import Notice
from slackdesk.tickets.transaction import Desk, Transaction

AYU, BIMA, DEWI = "U0AYU", "U0BIMA", "U0DEWI"

NASTY = st.lists(
    st.sampled_from(
        [
            *("<!channel>", "<!here|x>", "<@U0LEAD>", "<#C0HR>", "<https://evil.test|bank>", "mailto:a@b.c"),
            *("*bold*", "_it_", "~no~", "`code`", "```", "> quote", ":fire:", "&amp;", "&", "<", ">", "|", "{number}"),
            *(
                "\u202e",
                "\u2066",
                "\u200f",
                "\x00",
                "\x1b",
                "\u2028",
                "\r",
                "\n",
                " ",
                "\t",
                "שלום",
                "🔥",
                "é",
                "A" * 40,
            ),
            *("https://wiki.test/a_b~c", "%s", "\\", '"', "'", "\u200b"),
        ]
    ),
    min_size=0,
    max_size=30,
).map("".join)

numbers = count(1)


def blocks_of(call: Any) -> list[dict[str, Any]]:
    body = call.arguments.get("body") or call.arguments.get("view") or call.arguments
    blocks: list[dict[str, Any]] = body["blocks"]
    return blocks


def mrkdwn_of(value: Any) -> list[str]:
    """All texts in which Slack looks for something to obey."""
    if isinstance(value, list):
        return [text for one in value for text in mrkdwn_of(one)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("type") == "mrkdwn" else []
    return own + [text for one in value.values() for text in mrkdwn_of(one)]


OURS = re.compile(
    r"<@U0[A-Z]+>|<#C0[A-Z0-9]+>|<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>|]+>"
    r"|<https://slack\.com/archives/C0[A-Z0-9]+/p\d+\|[^<>|]+>|<https://files\.test/1\|[^<>|]*>"
)
"""Tokens that the desk itself puts into a message."""


def check(partner: Any, call: Any) -> None:
    """Legal for Slack, with a text, and without a token, a mention or a link that a person smuggled in."""
    assert partner.take(call)["ok"]
    body = call.arguments.get("body") or call.arguments
    texts = [*mrkdwn_of(blocks_of(call)), *([body["text"]] if "text" in body else [])]
    for text in texts:
        rest = OURS.sub("", text)
        assert not set("<>") & set(rest), rest
        assert "U0LEAD" not in text or "<@U0LEAD>" not in text
        assert not re.search("[\u202a-\u202e\u2066\u2067\x00-\x08\x0b-\x1f]", text)
    assert "<@U0LEAD>" not in body.get("text", "")


def draw_all(tx: Transaction, partner: Any, ticket: Ticket, messages: list[TicketMessage], text: str) -> None:
    """Every send there is for this ticket, as it is."""
    one = {"ticket_id": ticket.id}
    resolved_at = (ticket.resolved_at or tx.now).isoformat()
    payloads: list[tuple[str, dict[str, Any]]] = [
        *(("card", one | {"queue": "it", "tier": name}) for name in ("L1", "L2")),
        ("root", one),
        ("question", one | {"resolved_at": resolved_at}),
        ("question_answered", one),
        ("home", {"person": AYU}),
        ("home", {"person": BIMA}),
    ]
    for message in messages:
        part = one | {"message_id": message.id}
        payloads += [("agents_message", part), ("requester_message", part), ("reply_pending", part | {"person": BIMA})]
    for notice in Notice:
        values = notice_values(notice, text)
        payloads += [
            *([("agents_notice", one | {"notice": notice, "values": values})] if notice in AGENTS else []),
            *([("requester_notice", one | {"notice": notice, "values": values})] if notice in REQUESTER else []),
            *(
                [("person_notice", one | {"notice": notice, "values": values, "person": DEWI})]
                if notice in PERSON
                else []
            ),
        ]
    for name, payload in payloads:
        call = DRAWINGS[name].draw(tx, json.loads(json.dumps(payload)))
        if call is not None:
            check(partner, call)


def notice_values(notice: Notice, text: str) -> dict[str, Any]:
    """Values for every sentence, with the nasty text wherever a text can be."""
    quoted = dict.fromkeys(("reason", "tried", "asked", "resolution", "text"), text[:3000])
    named = dict.fromkeys(("queue", "tier", "from_tier", "of"), text[:200])
    people = {"by": BIMA, "previous": DEWI, "author": AYU}
    rest = {"old": "low", "new": "urgent", "priority": "high", "votes": 1, "needed": 2, "hours": 24}
    return {**quoted, **named, **people, **rest, "answer_by": "2026-11-30T04:00:00+00:00"}


def in_state(tx: Transaction, status: Status, text: str, *, handed_up: bool, assignee: str | None) -> Ticket:
    """A ticket as the tables may hold it."""
    filed = service.file_ticket(
        tx,
        requester=AYU,
        filed_by=BIMA,
        queue="it",
        topic="Laptop",
        text=f"{next(numbers)} {text}"[:40_000],
        title=text[:150],
        source=Source.FORM,
    )
    ticket = filed.ticket
    ticket.title, ticket.description = text[:150], text
    ticket.status, ticket.assignee, ticket.tier = status, assignee, "L2" if handed_up else "L1"
    ticket.resolution, ticket.resolved_by, ticket.resolved_at = text[:3000], BIMA, tx.now
    ticket.closed_by = assignee
    stay = tx.session.query(TierStay).filter_by(ticket_id=ticket.id).one()
    if handed_up:
        stay.tier, stay.entered_how, stay.handed_by = "L2", StayBegin.ESCALATED, BIMA
        stay.reason = stay.tried = stay.asked = text[:3000]
    tx.session.flush()
    return ticket


def two_messages(tx: Transaction, ticket: Ticket, text: str) -> list[TicketMessage]:
    files = [{"name": text[:255], "permalink": "https://files.test/1", "size_bytes": 3}] * 12
    made = [
        TicketMessage(
            ticket_id=ticket.id,
            side=side,
            kind=kind,
            author=author,
            text=text,
            files=files if kind is MessageKind.MESSAGE else [],
            state=state,
            created_at=tx.now,
        )
        for side, kind, author, state in (
            (Side.REQUESTER, MessageKind.MESSAGE, AYU, MessageState.SENT),
            (Side.AGENTS, MessageKind.REPLY, BIMA, MessageState.SENT),
            (Side.AGENTS, MessageKind.REPLY, BIMA, MessageState.PENDING),
        )
    ]
    tx.session.add_all(made)
    tx.session.flush()
    return made


class Undone(Exception):
    """Ends a transaction without a trace."""


def rolled_back(desk: Desk, act: Callable[[Transaction], None]) -> None:
    with contextlib.suppress(Undone), desk.transaction() as tx:
        act(tx)
        raise Undone


def test_every_message_is_legal_whatever_was_written(drawing_desk: Desk, partner: Any) -> None:
    """All sends, all states, hostile texts up to 40,000 characters; held against Block Kit's rules."""

    @settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
    @given(
        text=NASTY,
        times=st.sampled_from([1, 1, 3000]),
        status=st.sampled_from(Status),
        handed_up=st.booleans(),
        assignee=st.sampled_from([None, BIMA]),
    )
    def holds(text: str, times: int, status: Status, handed_up: bool, assignee: str | None) -> None:
        partner.messages.clear()

        def act(tx: Transaction) -> None:
            stored = (text * times)[:40_000].replace("\x00", "")  # PostgreSQL keeps none
            for person in (AYU, BIMA):
                remember_opened(tx.session, person, tx.now)
            ticket = in_state(tx, status, stored, handed_up=handed_up, assignee=assignee)
            draw_all(tx, partner, ticket, two_messages(tx, ticket, stored), stored)

        rolled_back(drawing_desk, act)

    holds()


def test_every_state_has_its_card_and_root_in_words(drawing_desk: Desk, partner: Any) -> None:
    """The status is a word of its own in card, root and fallback texts; at most one button is primary."""
    words = {
        Status.NEW: "New",
        Status.IN_PROGRESS: "In progress",
        Status.WAITING: "Waiting for the requester",
        Status.ON_HOLD: "On hold",
        Status.RESOLVED: "Resolved",
        Status.CLOSED: "Closed",
        Status.NOT_A_REQUEST: "Not a request",
        Status.DUPLICATE: "Duplicate",
        Status.CANCELLED: "Cancelled",
    }
    assert set(words) == set(Status)

    def act(tx: Transaction) -> None:
        for status, word in words.items():
            ticket = in_state(tx, status, f"help {status}", handed_up=False, assignee=BIMA)
            call = DRAWINGS["card"].draw(tx, {"ticket_id": ticket.id, "queue": "it", "tier": "L1"})
            assert call is not None
            assert f"*Status*\n{word}" in mrkdwn_of(call.arguments["blocks"])
            assert f"Status: {word}." in call.arguments["text"]
            assert json.dumps(call.arguments).count('"style": "primary"') <= 1

    rolled_back(drawing_desk, act)


def test_lists_say_how_many_more_there_are_and_stay_within_a_view(drawing_desk: Desk, partner: Any) -> None:
    """A lead with a full queue still gets a legal Home."""

    def act(tx: Transaction) -> None:
        remember_opened(tx.session, BIMA, tx.now)
        for number in range(60):
            who = BIMA if number % 2 else None
            ticket = in_state(tx, Status.IN_PROGRESS, "x" * 150, handed_up=False, assignee=who)
            ticket.requester = BIMA
        tx.session.flush()
        call = DRAWINGS["home"].draw(tx, {"person": BIMA})
        assert call is not None
        check(partner, call)
        shown = json.dumps(call.arguments)
        assert "Assigned to you (30)" in shown
        assert "and 22 more" in shown
        assert "Your requests (60)" in shown

    rolled_back(drawing_desk, act)


def test_deleted_or_erased_words_are_not_drawn(drawing_desk: Desk, hand_set_clock: Any) -> None:
    """What its author deleted before it left never leaves; an erased request says so."""

    def act(tx: Transaction) -> None:
        ticket = in_state(tx, Status.NEW, "secret", handed_up=False, assignee=None)
        message, reply, _ = two_messages(tx, ticket, "secret")
        message.deleted_at, reply.text = tx.now, None
        ticket.title = ticket.description = None
        tx.session.flush()
        for name, one in (("agents_message", message), ("requester_message", reply)):
            assert DRAWINGS[name].draw(tx, {"ticket_id": ticket.id, "message_id": one.id}) is None
        card = DRAWINGS["card"].draw(tx, {"ticket_id": ticket.id, "queue": "it", "tier": "L1"})
        assert card is not None
        assert "was erased" in json.dumps(card.arguments)

    rolled_back(drawing_desk, act)


def test_tier_that_left_the_policy_is_not_drawn(drawing_desk: Desk, hand_set_clock: Any) -> None:
    """Old work for a queue or a tier that is gone ends quietly."""
    hand_set_clock.at += timedelta(minutes=1)

    def act(tx: Transaction) -> None:
        ticket = in_state(tx, Status.NEW, "x", handed_up=False, assignee=None)
        for queue, tier in (("gone", "L1"), ("it", "L9")):
            assert DRAWINGS["card"].draw(tx, {"ticket_id": ticket.id, "queue": queue, "tier": tier}) is None

    rolled_back(drawing_desk, act)


def test_unreachable_answer_goes_by_direct_message(drawing_desk: Desk, partner: Any) -> None:
    """The app is no member of the channel: the person is told all the same, once."""
    with drawing_desk.transaction() as tx:
        payload: dict[str, Any] = {
            "channel": "C0ANY",
            "person": BIMA,
            "template": "{number} is yours.",
            "values": {"number": "IT-1"},
        }
        outgoing.answer(tx, **payload)
        assert DRAWINGS["answer"].failed(tx, payload, "user_not_in_channel") is AfterRefusal.ASKED_ANEW
    partner.deliver()
    assert [one["text"] for one in partner.roots("D0BIMA")] == ["IT-1 is yours."]
