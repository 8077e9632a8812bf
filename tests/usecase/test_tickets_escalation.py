"""Up through the tiers and back, with the ledger."""

from typing import Any

import pytest

from slackdesk.errors import AlreadyClaimed, InvalidInput, NotAllowed, WrongState
from slackdesk.tickets import service
from slackdesk.tickets.model import Status
from slackdesk.tickets.queries import messages_of, stays_of, watchers_of


def test_a_hand_off_reaches_the_next_tier_whole(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file(text="x" * 3000)
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.escalate(ticket, cast.lena)
    handed = helpdesk.ticket(ticket.id)
    assert (handed.tier, handed.assignee, handed.status) == ("L2", None, Status.IN_PROGRESS)
    packet = helpdesk.work("agents_notice", "handed_off")[0].payload["values"]
    assert packet == {
        "by": cast.lena,
        "from_tier": "L1",
        "reason": "Needs the firewall",
        "tried": "Restarted the client",
        "asked": "Open port 443",
    }
    assert {row.payload["tier"] for row in helpdesk.work("card")} == {"L1", "L2"}
    assert len(helpdesk.work("agents_message")) == 2  # the long request, once for each tier
    told = helpdesk.work("requester_notice", "handed_off")[0].payload["values"]
    assert told["tier"] == "L2"
    with helpdesk.database.read() as session:
        assert watchers_of(session, ticket.id) == [cast.lena]


@pytest.mark.parametrize("field", ["reason", "tried", "asked"])
def test_the_packet_has_to_be_complete(helpdesk: Any, cast: Any, field: str) -> None:
    ticket = helpdesk.file()
    packet = {"reason": "a", "tried": "b", "asked": "c"}
    for bad in (" \n", "x" * 3001):
        with pytest.raises(InvalidInput) as refused:
            helpdesk.do(service.escalate_ticket, ticket.id, cast.lena, **(packet | {field: bad}))
        assert refused.value.field == field


def test_accepting_claims_and_tells_the_sender(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.escalate(ticket, cast.lena)
    helpdesk.do(service.accept_ticket, ticket.id, cast.mira)
    assert helpdesk.ticket(ticket.id).assignee == cast.mira
    told = helpdesk.work("person_notice", "accepted")
    assert [(row.payload["person"], row.payload["values"]["by"]) for row in told] == [(cast.lena, cast.mira)]
    with pytest.raises(AlreadyClaimed):
        helpdesk.do(service.accept_ticket, ticket.id, cast.lead)
    with helpdesk.database.read() as session:
        assert stays_of(session, ticket.id)[-1].accepted_by == cast.mira


def test_claiming_a_hand_off_accepts_it(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.escalate(ticket, cast.lena)
    helpdesk.do(service.claim_ticket, ticket.id, cast.mira)
    with helpdesk.database.read() as session:
        assert stays_of(session, ticket.id)[-1].accepted_by == cast.mira


def test_nothing_to_accept_says_what_to_do(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    with pytest.raises(WrongState, match="Claim it first"):
        helpdesk.do(service.accept_ticket, ticket.id, cast.lena)
    with pytest.raises(WrongState, match="Claim it first"):
        helpdesk.do(service.send_back_ticket, ticket.id, cast.lena, "why")
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    with pytest.raises(WrongState, match="not handed up"):
        helpdesk.do(service.send_back_ticket, ticket.id, cast.lena, "why")


def test_sending_back_returns_it_to_the_sender_who_is_told(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.escalate(ticket, cast.lena)
    with pytest.raises(InvalidInput) as refused:
        helpdesk.do(service.send_back_ticket, ticket.id, cast.mira, " ")
    assert refused.value.field == "reason"
    helpdesk.do(service.send_back_ticket, ticket.id, cast.mira, "Try the other client first")
    back = helpdesk.ticket(ticket.id)
    assert (back.tier, back.assignee, back.status) == ("L1", cast.lena, Status.IN_PROGRESS)
    told = helpdesk.work("person_notice", "sent_back")
    assert [row.payload["person"] for row in told] == [cast.lena]
    assert told[0].payload["values"]["reason"] == "Try the other client first"


def test_a_ticket_sent_down_twice_finds_both_senders(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.escalate(ticket, cast.lena)
    helpdesk.do(service.accept_ticket, ticket.id, cast.mira)
    helpdesk.escalate(ticket, cast.mira)
    helpdesk.do(service.send_back_ticket, ticket.id, cast.theo, "Not ours")
    assert helpdesk.ticket(ticket.id).assignee == cast.mira
    helpdesk.do(service.send_back_ticket, ticket.id, cast.mira, "Then not ours either")
    back = helpdesk.ticket(ticket.id)
    assert (back.tier, back.assignee) == ("L1", cast.lena)


def test_a_second_try_and_the_top_are_refused(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.escalate(ticket, cast.lena)
    with pytest.raises(WrongState, match="already escalated to L2"):
        helpdesk.escalate(ticket, cast.lena)
    with pytest.raises(NotAllowed):
        helpdesk.escalate(ticket, cast.lars)
    with pytest.raises(InvalidInput, match="“L1” is not above L2"):
        helpdesk.escalate(ticket, cast.mira, to_tier="L1")
    helpdesk.escalate(ticket, cast.mira, to_tier="L3")
    with pytest.raises(WrongState, match="the last tier of IT help"):
        helpdesk.escalate(ticket, cast.theo)


def test_a_tier_can_be_skipped_and_sends_back_to_where_it_came_from(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.escalate(ticket, cast.lena, to_tier="L3")
    helpdesk.do(service.send_back_ticket, ticket.id, cast.theo, "L2 can do this")
    assert helpdesk.ticket(ticket.id).tier == "L1"


def test_watchers_are_told_of_the_resolution(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.escalate(ticket, cast.lena)
    helpdesk.do(service.accept_ticket, ticket.id, cast.mira)
    helpdesk.resolve(ticket, cast.mira)
    told = helpdesk.work("person_notice", "resolved")
    assert [(row.payload["person"], row.payload["values"]["resolution"]) for row in told] == [
        (cast.lena, "New battery")
    ]


def test_the_ledger_counts_business_time_without_pauses(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()  # Monday 09:00
    helpdesk.do(service.claim_ticket, ticket.id, cast.lena)
    helpdesk.advance(hours=1)
    helpdesk.do(service.wait_for_requester, ticket.id, cast.lena)
    helpdesk.advance(hours=1)
    helpdesk.says(ticket, cast.ani, "It is a ThinkPad")
    helpdesk.advance(hours=3)  # 11:00 to 14:00, lunch from 12:00 to 13:00
    helpdesk.escalate(ticket, cast.lena)
    helpdesk.advance(hours=22)  # Tuesday 12:00; three hours on Monday, four on Tuesday
    helpdesk.do(service.hold_ticket, ticket.id, cast.mira, "Part ordered")
    helpdesk.advance(days=7)
    helpdesk.resolve(ticket, cast.mira)
    with helpdesk.database.read() as session:
        stays = stays_of(session, ticket.id)
    hours = [(stay.business_seconds or 0) / 3600 for stay in stays]
    assert hours == pytest.approx([3, 7], abs=0.01)
    assert [stay.budget_seconds / 3600 for stay in stays] == [4, 8]
    assert [stay.left_how for stay in stays] == ["escalated", "resolved"]


def test_other_tiers_read_and_note(helpdesk: Any, cast: Any) -> None:
    ticket = helpdesk.file()
    helpdesk.escalate(ticket, cast.lena)
    helpdesk.do(service.add_note, ticket.id, cast.lena, "The user leaves at noon")
    with helpdesk.database.read() as session:
        assert messages_of(session, ticket.id)[-1].text == "The user leaves at noon"
    with pytest.raises(NotAllowed):
        helpdesk.do(service.reply_to_requester, ticket.id, cast.lena, "Hello")
