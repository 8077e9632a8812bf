"""A ticket that goes on before the desk has said everything about where it was."""

from typing import Any

from slackdesk.tickets import service
from slackdesk.tickets.model import Source
from slackdesk.tickets.transaction import Desk, Transaction

AYU, BIMA, DEWI = "U0AYU", "U0BIMA", "U0DEWI"


def test_a_hand_off_is_read_in_the_tier_that_it_was_written_for(drawing_desk: Desk, partner: Any) -> None:
    with drawing_desk.transaction() as tx:
        ticket = service.file_ticket(
            tx, requester=AYU, filed_by=AYU, queue="it", topic="Laptop", text="VPN is down", source=Source.QUICK
        ).ticket
    partner.deliver()
    with drawing_desk.transaction() as tx:
        service.escalate_ticket(tx, ticket.id, BIMA, reason="Needs rights", tried="Restart", asked="Look")
    with drawing_desk.transaction() as tx:
        service.send_back_ticket(tx, ticket.id, DEWI, reason="See the wiki")
    partner.deliver()
    (card,) = partner.roots("C0ITL1")
    assert not any("Needs rights" in said["text"] for said in partner.thread(card))
    assert any("See the wiki" in said["text"] for said in partner.thread(card))
    assert sum("Needs rights" in said["text"] for said in partner.messages.values() if said["channel"] == "C0ITL2") == 1
    assert partner.given_up == []


def test_a_message_is_never_said_beside_a_card_that_is_still_to_come(drawing_desk: Desk, partner: Any) -> None:
    with drawing_desk.transaction() as tx:
        ticket = service.file_ticket(
            tx, requester=AYU, filed_by=AYU, queue="it", topic="Laptop", text="VPN is down", source=Source.QUICK
        ).ticket
    partner.deliver()
    (root,) = partner.roots(f"D{AYU[1:]}")
    with drawing_desk.transaction() as tx:
        _write(tx, ticket.id, root, "It says error 42", "1.1")
        service.escalate_ticket(tx, ticket.id, BIMA, reason="Needs rights", tried="Restart", asked="Look")
    partner.deliver()
    with drawing_desk.transaction() as tx:
        _write(tx, ticket.id, root, "Now it says error 43", "1.2")
    partner.deliver()
    (first,), (second,) = partner.roots("C0ITL1"), partner.roots("C0ITL2")
    assert any("error 42" in said["text"] for said in partner.thread(first))
    assert any("error 43" in said["text"] for said in partner.thread(second))


def _write(tx: Transaction, ticket_id: int, root: dict[str, Any], text: str, ts: str) -> None:
    service.record_requester_message(
        tx, ticket_id=ticket_id, author=AYU, text=text, files=(), channel=root["channel"], ts=ts
    )
