"""Filing: what is kept, what is refused, what is the same request."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from slackdesk.errors import AlreadyAccepted, InvalidInput, NotAllowed, WrongState
from slackdesk.tickets import service
from slackdesk.tickets.model import Priority, Source, Status, StayBegin, Ticket
from slackdesk.tickets.promise import promise_for
from slackdesk.tickets.queries import history_of, messages_of, stays_of, ticket_at
from slackdesk.tickets.text import cleaned


def test_a_filed_ticket_is_kept_whole_and_shown(helpdesk: Any) -> None:
    ticket = helpdesk.file(text="My VPN is down\nsince this morning", topic="network and vpn")
    assert (ticket.number, ticket.title, ticket.topic) == (f"IT-{ticket.id}", "My VPN is down", "Network and VPN")
    assert (ticket.status, ticket.tier, ticket.description) == (
        Status.NEW,
        "L1",
        "My VPN is down\nsince this morning",
    )
    with helpdesk.database.read() as session:
        assert [stay.entered_how for stay in stays_of(session, ticket.id)] == [StayBegin.FILED]
        assert [entry.kind for entry in history_of(session, ticket.id)] == ["filed"]
        assert [message.text for message in messages_of(session, ticket.id)] == [ticket.description]
    assert [row.payload for row in helpdesk.work("card")] == [{"ticket_id": ticket.id, "queue": "it", "tier": "L1"}]
    assert [row.payload for row in helpdesk.work("root")] == [{"ticket_id": ticket.id}]
    assert helpdesk.work("agents_message") == []


def test_forty_thousand_characters_are_kept_and_shown_to_the_agents(helpdesk: Any) -> None:
    ticket = helpdesk.file(text="x" * 40_000)
    assert len(helpdesk.ticket(ticket.id).description) == 40_000
    assert len(ticket.title) == 150
    assert len(helpdesk.work("agents_message")) == 1
    with pytest.raises(InvalidInput, match="40001 characters") as refused:
        helpdesk.file(text="x" * 40_001)
    assert refused.value.field == "text"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " \x00\x07\n "}, "text"),
        ({"queue": "legal"}, "queue"),
        ({"topic": "Payroll"}, "topic"),
        ({"priority": "whenever"}, "priority"),
    ],
)
def test_wrong_input_is_named(helpdesk: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        helpdesk.file(**changes)
    assert refused.value.field == field


def test_control_characters_are_cleaned(helpdesk: Any) -> None:
    ticket = helpdesk.file(text="Printer\x00 \x1b[31mjams\r\non \u202etray 2\ud800")
    assert helpdesk.ticket(ticket.id).description == "Printer [31mjams\non tray 2"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), min_size=1, max_size=300))
def test_any_text_is_filed_or_refused_by_name(helpdesk: Any, text: str) -> None:
    if not cleaned(text):
        with pytest.raises(InvalidInput):
            helpdesk.file(text=text)
        return
    stored = helpdesk.ticket(helpdesk.file(text=text).id)
    assert stored.description
    assert stored.title
    assert "\n" not in stored.title


def test_files_alone_are_a_request(helpdesk: Any) -> None:
    file = {"id": "F1", "name": "screen.png", "mimetype": "image/png", "size_bytes": 5, "permalink": "https://x"}
    ticket = helpdesk.file(text="", files=[file])
    assert ticket.title == "screen.png"
    assert len(helpdesk.work("agents_message")) == 1


def test_urgent_starts_where_the_rule_says(helpdesk: Any) -> None:
    assert helpdesk.file(priority=Priority.URGENT).tier == "L2"


def test_the_same_text_within_two_minutes_is_the_same_ticket(helpdesk: Any, cast: Any) -> None:
    first = helpdesk.file(text="My VPN is  down")
    assert helpdesk.file(text="my vpn is down\n").id == first.id
    assert helpdesk.file(cast.budi, text="my vpn is down").id != first.id
    helpdesk.advance(minutes=2, seconds=1)
    assert helpdesk.file(text="my vpn is down").id != first.id


def test_a_cancelled_request_may_be_filed_again_at_once(helpdesk: Any, cast: Any) -> None:
    first = helpdesk.file()
    helpdesk.do(service.cancel_ticket, first.id, cast.ani)
    assert helpdesk.file().id != first.id


def test_one_ticket_for_one_message(helpdesk: Any, cast: Any) -> None:
    place = {"source": Source.CHANNEL, "source_channel": "C0HELP", "source_ts": "1700000000.000100"}
    first = helpdesk.file(**place)
    assert helpdesk.file(text="edited", **place).id == first.id
    with helpdesk.database.read() as session:
        found = ticket_at(session, "C0HELP", "1700000000.000100")
    assert found is not None
    assert (found[0].id, found[1].kind) == (first.id, "source")


def test_the_same_delivery_enters_once(helpdesk: Any, cast: Any) -> None:
    with helpdesk.desk.transaction("view:V1") as tx:
        filed = service.file_ticket(
            tx, requester=cast.ani, filed_by=cast.ani, queue="it", topic=None, text="One", source=Source.FORM
        )
        tx.answer({"number": filed.ticket.number})
    with pytest.raises(AlreadyAccepted) as repeated, helpdesk.desk.transaction("view:V1"):
        pytest.fail("entered twice")
    assert repeated.value.answer == {"number": filed.ticket.number}
    with helpdesk.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1


def test_only_agents_file_for_somebody_else(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file(cast.ani, filed_by=cast.lena)
    assert (ticket.requester, ticket.filed_by) == (cast.ani, cast.lena)
    for outsider in (cast.budi, cast.guest, cast.operator):
        with pytest.raises(NotAllowed, match="Only agents"):
            helpdesk.file(cast.ani, text="other", filed_by=outsider)


def test_a_private_queue_makes_private_tickets(helpdesk: Any) -> None:
    ticket = helpdesk.file(queue="hr", topic="Payroll")
    assert (ticket.private, ticket.number) == (True, f"HR-{ticket.id}")


def test_details_are_added_by_the_requester_alone(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.describe_ticket, ticket.id, cast.ani, topic="Laptop", text="It says error 42")
    stored = helpdesk.ticket(ticket.id)
    assert (stored.topic, stored.description) == ("Laptop", "My VPN is down\n\nIt says error 42")
    assert helpdesk.work("agents_notice", "described")[0].payload["values"]["text"] == "It says error 42"
    with pytest.raises(NotAllowed, match="who asked for it"):
        helpdesk.do(service.describe_ticket, ticket.id, cast.lena, topic=None, text="x")
    with pytest.raises(InvalidInput):
        helpdesk.do(service.describe_ticket, ticket.id, cast.ani, topic="Laptop", text=" ")


def test_details_may_name_another_queues_topic_until_somebody_works_on_it(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file(text="My salary is wrong")
    helpdesk.do(service.describe_ticket, ticket.id, cast.ani, topic="Payroll", text="", queue="hr")
    moved = helpdesk.ticket(ticket.id)
    assert (moved.queue, moved.tier, moved.topic, moved.private) == ("hr", "L1", "Payroll", True)
    helpdesk.do(service.claim_ticket, ticket.id, cast.hana)
    with pytest.raises(WrongState, match="already works"):
        helpdesk.do(service.describe_ticket, ticket.id, cast.ani, topic="Laptop", text="", queue="it")


def test_the_promise_counts_business_time_and_does_not_slide(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    with helpdesk.desk.reading() as tx:
        promise = promise_for(tx.policy, ticket, tx.now)
    assert promise.closed_until is None
    assert promise.answer_by == ticket.created_at + timedelta(hours=5)  # four hours of work and the lunch break
    helpdesk.advance(hours=9)
    with helpdesk.desk.reading() as tx:
        later = promise_for(tx.policy, helpdesk.ticket(ticket.id), tx.now)
    assert later.answer_by == promise.answer_by
    assert later.closed_until is not None
    assert later.closed_until > tx.now


@pytest.mark.parametrize("keys", [("view:V1", "view:V1"), ("command:1", "command:2")])
def test_filing_twice_at_once_makes_one_ticket(helpdesk: Any, cast: Any, keys: tuple[str, str]) -> None:
    """The same delivery twice, and the same text in two deliveries."""
    start = threading.Barrier(2)
    numbers: list[str] = []

    def file(key: str) -> None:
        start.wait()
        try:
            with helpdesk.desk.transaction(key) as tx:
                filed = service.file_ticket(
                    tx, requester=cast.ani, filed_by=cast.ani, queue="it", topic=None, text="One", source=Source.QUICK
                )
                tx.answer({"number": filed.ticket.number})
            numbers.append(filed.ticket.number)
        except AlreadyAccepted as accepted:
            numbers.append(str((accepted.answer or {})["number"]))

    threads = [threading.Thread(target=file, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 2
    assert len(set(numbers)) == 1
    with helpdesk.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1
