"""Events that come before what they are about: accepted at once, and done as soon as that is there."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from slackdesk.dispatch import work
from slackdesk.dispatch.model import InboxEntry, Work, WorkState
from slackdesk.dispatch.runners import Later
from slackdesk.slack.people_sync import timers
from slackdesk.slack.too_early import EXPECTED, wait
from slackdesk.tickets import outgoing, service
from slackdesk.tickets.erasing_work import ERASED
from slackdesk.tickets.erasure import erase_person
from slackdesk.tickets.model import Posting, Status, Ticket

from .conftest import GENERAL, HELP, Door, Json


@pytest.fixture
def ticket(door: Door) -> Ticket:
    """IT-1, whose head and card Slack has not got yet."""
    door.slash("U0ANI", "/ticket my VPN is down")
    return door.tickets()[0]


def written_now() -> str:
    return f"{time.time():.6f}"


def being_posted(door: Door, name: str, state: WorkState = WorkState.RUNNING) -> None:
    """A post of that name may have reached Slack already."""
    with door.desk.transaction() as tx:
        tx.session.execute(update(Work).where(Work.name == name).values(state=state, attempted={}))


def looks_again(door: Door) -> None:
    """A worker looks at the only event that came too early, and finds what it waited for."""
    [row] = door.work("event")
    timers(door.client)["event"](door.desk, row)


def looks_in_vain(door: Door) -> None:
    with pytest.raises(Later):
        looks_again(door)


def nothing_waits(door: Door) -> None:
    """Every event that came too early was taken."""
    with door.desk.transaction() as tx:
        tx.session.execute(update(Work).where(Work.name == "event").values(state=WorkState.DONE))


def has_waited(door: Door) -> None:
    """The only event that came too early was waited with for as long as it ever is."""
    with door.desk.transaction() as tx:
        created_at = tx.real_now - EXPECTED - timedelta(seconds=1)
        tx.session.execute(update(Work).where(Work.name == "event").values(created_at=created_at))


def posting(ts: str, kind: str = "root", channel: str = "D0ANI") -> Posting:
    return Posting(ticket_id=1, kind=kind, tier="L1" if kind == "card" else None, channel=channel, ts=ts)


def reaction(person: str, emoji: str, channel: str, ts: str) -> Json:
    item = {"type": "message", "channel": channel, "ts": ts}
    return {"type": "reaction_added", "user": person, "reaction": emoji, "item": item}


def message(person: str, text: str, channel: str, ts: str, thread_ts: str) -> Json:
    return {"type": "message", "user": person, "text": text, "ts": ts, "channel": channel, "thread_ts": thread_ts}


def test_outbox_waits_for_its_message(door: Door, ticket: Ticket) -> None:
    card, ts = door.posted(1, "card", "C0L1", "L1"), written_now()
    assert door.event(reaction("U0LENA", "outbox_tray", "C0L1", ts)) == 200
    looks_in_vain(door)
    assert door.event(message("U0LENA", "restart", "C0L1", ts, card)) == 200
    looks_again(door)
    looks_again(door)
    assert [(one.kind, one.text) for one in door.messages(1)][1:] == [("note", "restart"), ("reply", "restart")]


def test_what_is_refused_late_is_told_once(door: Door, ticket: Ticket) -> None:
    card, ts = door.posted(1, "card", "C0L1", "L1"), written_now()
    assert door.event(reaction("U0LARS", "outbox_tray", "C0L1", ts)) == 200
    assert door.event(message("U0LENA", "restart", "C0L1", ts, card)) == 200
    looks_again(door)
    looks_again(door)
    assert [answer for answer in door.answers() if "can send this message on" in answer] == [
        "Only <@U0LENA>, who wrote it, can send this message on."
    ]


def test_a_redelivery_asks_for_one_more_look_only(door: Door, ticket: Ticket) -> None:
    card, ts = door.posted(1, "card", "C0L1", "L1"), written_now()
    assert door.event(reaction("U0LENA", "outbox_tray", "C0L1", ts)) == 200
    redelivered = door.sent[-1]
    door.post(*redelivered)
    assert (door.last_status, len(door.work("event"))) == (200, 1)
    assert door.event(message("U0LENA", "restart", "C0L1", ts, card)) == 200
    door.post(*redelivered)
    looks_again(door)
    assert [one.kind for one in door.messages(1)] == ["request", "note", "reply"]


def test_what_never_arrives_is_not_waited_for_without_an_end(door: Door) -> None:
    assert door.event(reaction("U0LENA", "outbox_tray", "C0L1", written_now())) == 200
    looks_in_vain(door)
    has_waited(door)
    looks_again(door)
    assert door.answers() == []


@pytest.mark.parametrize(("channel", "ts"), [("C0L1", "1700000000.000001"), (GENERAL, None), ("C0L1", "99999999999.1")])
def test_messages_of_no_ticket_are_not_waited_for(door: Door, channel: str, ts: str | None) -> None:
    assert door.event(reaction("U0LENA", "outbox_tray", channel, ts or written_now())) == 200
    assert door.work("event") == []


@pytest.mark.parametrize("channel", ["D0ANI", HELP])
def test_an_edit_waits_for_its_message(door: Door, channel: str) -> None:
    ts = written_now()
    now = {"user": "U0ANI", "text": "VPN is down", "ts": ts, "edited": {"user": "U0ANI", "ts": ts}}
    changed = {"type": "message", "subtype": "message_changed", "channel": channel, "message": now, "ts": ts}
    assert door.event(changed) == 200
    looks_in_vain(door)
    assert door.event({"type": "message", "user": "U0ANI", "text": "VPN is dwon", "ts": ts, "channel": channel}) == 200
    looks_again(door)
    assert door.tickets()[0].description == "VPN is down"


def test_a_deletion_waits_for_its_message(door: Door, ticket: Ticket) -> None:
    card, ts = door.posted(1, "card", "C0L1", "L1"), written_now()
    deleted: Json = {"type": "message", "subtype": "message_deleted", "channel": "C0L1", "deleted_ts": ts, "ts": ts}
    assert door.event({**deleted, "previous_message": {"bot_id": "B1", "ts": ts}}) == 200
    assert door.work("event") == [], "what an app posted is nobody's message"
    assert door.event(deleted) == 200
    looks_in_vain(door)
    assert door.event(message("U0LENA", "his password is 1234", "C0L1", ts, card)) == 200
    looks_again(door)
    assert (door.messages(1)[-1].text, door.messages(1)[-1].deleted_at is None) == (None, False)


@pytest.mark.parametrize("state", [WorkState.RUNNING, WorkState.AMBIGUOUS, WorkState.QUEUED])
def test_an_answer_below_a_head_that_is_being_posted_belongs_to_its_ticket(
    door: Door, ticket: Ticket, state: WorkState
) -> None:
    being_posted(door, "root", state)
    root = written_now()
    assert door.event(message("U0ANI", "since noon", "D0ANI", written_now(), root)) == 200
    looks_in_vain(door)
    being_posted(door, "root", WorkState.DONE)
    with door.desk.transaction() as tx:
        tx.session.add(posting(root))
    looks_again(door)
    assert [one.text for one in door.messages(1)] == ["my VPN is down", "since noon"]
    assert door.event(message("U0ANI", "since noon", GENERAL, written_now(), written_now())) == 200
    assert len(door.work("event")) == 1, "elsewhere the desk posts no heads"
    assert len(door.tickets()) == 1


def test_answers_that_wait_for_a_head_are_taken_in_the_order_in_which_they_came(door: Door, ticket: Ticket) -> None:
    being_posted(door, "root")
    root = written_now()
    for text in ("since noon", "and now it beeps"):
        assert door.event(message("U0ANI", text, "D0ANI", written_now(), root)) == 200
    first, second = door.work("event")
    with door.desk.transaction() as tx:
        assert first.stream == second.stream is not None
        assert work.head_of_stream(tx.session, first.stream, "now") == first.id
        claimed = {"queue": "now", "holder": "w", "now": tx.now, "real_now": tx.real_now, "lease": timedelta(seconds=9)}
        assert work.claim(tx.session, second.id, **claimed) is None
        assert work.claim(tx.session, first.id, **claimed) is not None
    assert door.event(message("U0ANI", "elsewhere", "D0ANI", written_now(), written_now())) == 200
    assert door.work("event")[-1].stream != first.stream


def test_an_answer_that_comes_when_its_head_is_known_does_not_overtake_those_that_wait_for_it(
    door: Door, ticket: Ticket
) -> None:
    being_posted(door, "root")
    root = written_now()
    assert door.event(message("U0ANI", "since noon", "D0ANI", written_now(), root)) == 200
    with door.desk.transaction() as tx:
        tx.session.add(posting(root))
    late = message("U0ANI", "and now it beeps", "D0ANI", written_now(), root)
    assert door.event(late) == door.event(late) == 200, "Slack may deliver it twice"
    assert [one.text for one in door.messages(1)] == ["my VPN is down"]
    for row in door.work("event"):
        timers(door.client)["event"](door.desk, row)
    assert [one.text for one in door.messages(1)] == ["my VPN is down", "since noon", "and now it beeps"]
    nothing_waits(door)
    assert door.event(message("U0ANI", "and it smells", "D0ANI", written_now(), root)) == 200
    assert door.messages(1)[-1].text == "and it smells"


def test_an_answer_that_came_before_the_solution_does_not_reopen(door: Door, ticket: Ticket) -> None:
    being_posted(door, "root")
    root = written_now()
    assert door.event(message("U0ANI", "since noon", "D0ANI", written_now(), root)) == 200
    looks_in_vain(door)
    being_posted(door, "root", WorkState.DONE)
    with door.desk.transaction() as tx:
        tx.session.add(posting(root))
        service.resolve_ticket(tx, 1, "U0LENA", topic="Other", resolution="The cable was loose")
    looks_again(door)
    assert door.messages(1)[-1].text == "since noon"
    assert door.tickets()[0].status is Status.RESOLVED
    nothing_waits(door)
    assert door.event(message("U0ANI", "still down", "D0ANI", written_now(), root)) == 200
    assert door.tickets()[0].status is Status.IN_PROGRESS


def test_an_answer_below_nothing_known_becomes_a_request_in_the_end(door: Door, ticket: Ticket) -> None:
    being_posted(door, "root")
    assert door.event(message("U0ANI", "Printer jams", "D0ANI", written_now(), written_now())) == 200
    looks_in_vain(door)
    has_waited(door)
    looks_again(door)
    assert [one.description for one in door.tickets()] == ["my VPN is down", "Printer jams"]


def test_eyes_wait_for_a_card_that_is_being_posted(door: Door, ticket: Ticket) -> None:
    being_posted(door, "card")
    ts = "1764000000.900000"
    assert door.event(reaction("U0LENA", "eyes", "C0L1", ts)) == 200
    looks_in_vain(door)
    assert door.tickets()[0].assignee is None
    with door.desk.transaction() as tx:
        tx.session.add(posting(ts, "card", "C0L1"))
    looks_again(door)
    assert door.tickets()[0].assignee == "U0LENA"


def test_who_looks_at_the_screen_is_asked_to_try_again(door: Door, ticket: Ticket) -> None:
    being_posted(door, "card")
    unknown = {"type": "message", "user": "U0LENA", "text": "hm", "ts": written_now()}
    door.shortcut("U0LENA", "ticket_actions", unknown, channel="C0L1")
    method, body = door.api.calls[-1]
    assert (method, body["text"]) == (
        "respond",
        "The helpdesk is just posting something here. Nothing was changed; please try again soon.",
    )


def test_waits_grow_with_what_was_waited() -> None:
    waits, age = [], timedelta()
    while age <= EXPECTED:
        waits.append(wait(age))
        age += waits[-1]
    assert waits[:2] == [timedelta(seconds=1), timedelta(seconds=1)]
    assert len(waits) < 20


def test_what_somebody_wrote_is_erased_while_it_waits_to_be_taken(door: Door, ticket: Ticket) -> None:
    being_posted(door, "card")
    for person in ("U0LENA", "U0MIRA"):
        assert door.event(message(person, f"{person} wrote", "C0L1", written_now(), written_now())) == 200
    with door.desk.transaction() as tx:
        erase_person(tx, "U0LENA")
    hers, other = door.work("event")
    assert hers.payload == {}
    assert "U0MIRA wrote" in str(other.payload)
    timers(door.client)["event"](door.desk, hers)
    assert [one.kind for one in door.messages(1)] == ["request"]


def test_answers_that_wait_or_may_come_again_say_nothing_that_was_erased(door: Door, ticket: Ticket) -> None:
    with door.desk.transaction() as tx:
        for person, values in (("U0ANI", {"words": "my VPN"}), ("U0LENA", {"words": "my mouse"})):
            outgoing.answer(tx, channel=GENERAL, person=person, template="“{words}”", values=values)
        outgoing.answer(tx, channel=GENERAL, person="U0LENA", said="IT-1 my VPN is down")
        erase_person(tx, "U0ANI")
    assert door.answers() == [ERASED, "“my mouse”", ERASED]
    with door.desk.reading() as tx:
        assert tx.session.scalars(select(InboxEntry.answer)).all() == [None]
