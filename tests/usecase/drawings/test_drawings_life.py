"""What people read in Slack while a ticket lives, in the words and the place of each reader."""

import json
from datetime import timedelta
from typing import Any

import pytest

from slackdesk.slack import ids
from slackdesk.tickets import outgoing, service
from slackdesk.tickets.home_tab import remember_opened
from slackdesk.tickets.model import Posting, Source, Ticket
from slackdesk.tickets.transaction import Desk

AYU, BIMA, CITRA, DEWI, LEAD = "U0AYU", "U0BIMA", "U0CITRA", "U0DEWI", "U0LEAD"


def file(desk: Desk, text: str = "My VPN is down", queue: str = "it", **more: Any) -> Ticket:
    with desk.transaction() as tx:
        given = {"topic": "Laptop", "source": Source.QUICK, "requester": AYU, "filed_by": AYU} | more
        return service.file_ticket(tx, queue=queue, text=text, **given).ticket


def do(desk: Desk, use_case: Any, ticket: Ticket, actor: str, *more: Any, **values: Any) -> Any:
    with desk.transaction() as tx:
        return use_case(tx, ticket.id, actor, *more, **values)


def shown(message: dict[str, Any]) -> str:
    """Everything that the blocks say."""
    return json.dumps(message["blocks"], ensure_ascii=False)


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """Action name → label of the buttons, and of the menu's entries with ``None`` as style."""
    elements = [one for block in message["blocks"] for one in block.get("elements", []) if one.get("type") == "button"]
    return {ids.parse_action(one["action_id"]).name: one["text"]["text"] for one in elements}


def primary(message: dict[str, Any]) -> list[str]:
    elements = [one for block in message["blocks"] for one in block.get("elements", [])]
    return [ids.parse_action(one["action_id"]).name for one in elements if one.get("style") == "primary"]


def test_new_ticket_is_a_card_and_a_promise_in_the_requesters_words(drawing_desk: Desk, partner: Any) -> None:
    """The agents read English and everything they need; Ayu reads Indonesian and her own wall clock."""
    ticket = file(drawing_desk)
    partner.deliver()
    (card,) = partner.roots("C0ITL1")
    assert card["blocks"][0]["text"]["text"] == f"{ticket.number} · My VPN is down"
    for part in ("*Status*\\nNew", "*Priority*\\nNormal", f"<@{AYU}>", "nobody yet", "Laptop", "L1 of IT help"):
        assert part in shown(card)
    assert f"<!date^{int(ticket.created_at.timestamp())}^" in shown(card)
    assert buttons(card) == {"claim": "Claim", "reply": "Reply", "escalate": "Escalate", "resolve": "Resolve"}
    assert primary(card) == ["claim"]
    for part in (ticket.number, "My VPN is down", "Status: New", f"From <@{AYU}>", "Claim it"):
        assert part in card["text"]
    (root,) = partner.roots("D0AYU")
    assert "Meja bantuan sedang tutup" in root["text"]
    assert "Sen 13.00" in root["text"], "Monday 12:00 in Jakarta, where the office is, is 13:00 where Ayu is"
    assert set(buttons(root)) == {"add_details", "cancel"}
    assert not card["unfurl_links"]
    assert not card["link_names"]


def test_promise_while_the_office_is_open_names_no_closing(
    drawing_desk: Desk, partner: Any, hand_set_clock: Any
) -> None:
    """Later than promised, the requester reads an apology instead of a time that has passed."""
    hand_set_clock.at += timedelta(days=2, hours=15)  # Monday 10:00 in Jakarta
    ticket = file(drawing_desk, requester=CITRA, filed_by=CITRA)
    partner.deliver()
    assert "Next answer by Mon 14:00." in partner.roots("D0CITRA")[0]["text"]
    assert "closed" not in partner.roots("D0CITRA")[0]["text"]
    hand_set_clock.at += timedelta(hours=7)
    do(drawing_desk, service.set_priority, ticket, BIMA, "high")
    partner.deliver()
    assert "We promised an answer by Mon 14:00 and are late." in partner.roots("D0CITRA")[0]["text"]


def test_claim_is_shown_on_the_card_and_told_the_requester(drawing_desk: Desk, partner: Any) -> None:
    """One card, changed in place; its buttons are those of an owned ticket, in a block of a new id."""
    ticket = file(drawing_desk)
    partner.deliver()
    (card,) = partner.roots("C0ITL1")
    old_ids = {block.get("block_id") for block in card["blocks"] if block["type"] == "actions"}
    do(drawing_desk, service.claim_ticket, ticket, BIMA)
    partner.deliver()
    (card,) = partner.roots("C0ITL1")
    assert f"*Assignee*\\n<@{BIMA}>" in shown(card)
    assert set(buttons(card)) == {"reply", "escalate", "resolve", "take_over"}
    assert primary(card) == []
    assert not old_ids & {block.get("block_id") for block in card["blocks"] if block["type"] == "actions"}
    (root,) = partner.roots("D0AYU")
    assert f"<@{BIMA}> sekarang menangani {ticket.number}." in partner.thread(root)[-1]["text"]


def test_hand_off_moves_the_card_up_and_leaves_a_summary(drawing_desk: Desk, partner: Any) -> None:
    """The packet is whole on the new card; the old one says where the ticket is; the requester reads none of it."""
    ticket = file(drawing_desk)
    do(drawing_desk, service.claim_ticket, ticket, BIMA)
    partner.deliver()
    packet = {"reason": "needs <admin> rights", "tried": "new profile", "asked": "reset the token"}
    do(drawing_desk, service.escalate_ticket, ticket, BIMA, **packet)
    partner.deliver()
    (card,) = partner.roots("C0ITL2")
    for part in (*packet.values(), f"*Handed up* by <@{BIMA}>", "Reason"):
        assert part in shown(card)
    assert list(buttons(card))[:2] == ["accept", "send_back"]
    assert primary(card) == ["accept"]
    (old,) = partner.roots("C0ITL1")
    assert "*Escalated to L2* of IT help" in shown(old)
    assert f"https://slack.com/archives/C0ITL2/p{card['ts'].replace('.', '')}" in shown(old)
    assert buttons(old) == {}
    (root,) = partner.roots("D0AYU")
    told = [root, *partner.thread(root)]
    assert not any("admin" in shown(one) or "C0ITL2" in shown(one) for one in told)
    do(drawing_desk, service.accept_ticket, ticket, DEWI)
    partner.deliver()
    assert f"Accepted by <@{DEWI}>." in shown(partner.roots("C0ITL2")[0])
    assert any("accepted" in one["text"] for one in partner.roots("D0BIMA"))


def test_resolution_asks_and_the_answer_takes_the_buttons_away(drawing_desk: Desk, partner: Any) -> None:
    """ "Did this solve it?" until it is answered; the closed card says who solved it and how."""
    ticket = file(drawing_desk)
    do(drawing_desk, service.claim_ticket, ticket, BIMA)
    do(drawing_desk, service.resolve_ticket, ticket, BIMA, topic="Laptop", resolution="Restarted the *gateway*")
    partner.deliver()
    (root,) = partner.roots("D0AYU")
    question = next(one for one in partner.thread(root) if "confirm" in buttons(one))
    assert "Restarted the *gateway*" in shown(question)
    assert primary(question) == ["confirm"]
    do(drawing_desk, service.confirm_ticket, ticket, AYU)
    partner.deliver()
    assert buttons(question) == {}
    assert "selesai dan ditutup" in question["text"]
    (card,) = partner.roots("C0ITL1")
    assert f"*Closed* by <@{AYU}>. Solved by <@{BIMA}>." in shown(card)
    assert "Restarted the *gateway*" in shown(card)
    assert set(buttons(card)) == {"reopen"}


def test_question_is_not_asked_about_a_ticket_that_was_reopened_before(drawing_desk: Desk, partner: Any) -> None:
    """What leaves late is drawn from what is true then."""
    ticket = file(drawing_desk)
    do(drawing_desk, service.claim_ticket, ticket, BIMA)
    do(drawing_desk, service.resolve_ticket, ticket, BIMA, topic="Laptop", resolution="done")
    do(drawing_desk, service.reopen_ticket, ticket, AYU)
    partner.deliver()
    (root,) = partner.roots("D0AYU")
    assert not any("confirm" in buttons(one) for one in partner.thread(root))


def test_long_request_arrives_whole_in_the_thread(drawing_desk: Desk, partner: Any) -> None:
    """40,000 characters that all would be markup: a pointer on the card, every character in the thread, in order."""
    text = "".join(f"<!channel> *{number}* & `x`\n" for number in range(1700))[:40_000].strip()
    file(drawing_desk, text)
    partner.deliver()
    (card,) = partner.roots("C0ITL1")
    assert "The whole request is in the thread." in shown(card)
    copies = partner.thread(card)
    quoted = [
        block["text"]["text"]
        for copy in copies
        for block in copy["blocks"]
        if block["type"] == "section" and block["text"]["type"] == "plain_text"
    ]
    assert "".join(quoted) == text
    assert [f"(part {part} of {len(copies)})" in copy["text"] for part, copy in enumerate(copies, 1)]
    assert not any("<!channel>" in one["text"] for one in partner.messages.values())


def test_long_details_arrive_whole_in_the_thread(drawing_desk: Desk, partner: Any) -> None:
    """What is added later is as whole as the request, in as many messages as it takes."""
    ticket = file(drawing_desk)
    text = "".join(f"line {number}\n" for number in range(2500)).strip()
    do(drawing_desk, service.describe_ticket, ticket, AYU, topic=None, text=text)
    partner.deliver()
    (card,) = partner.roots("C0ITL1")
    quoted = [
        block["text"]["text"]
        for one in partner.thread(card)
        if "added details" in one["text"]
        for block in one["blocks"]
        if block["type"] == "section" and block["text"]["type"] == "plain_text"
    ]
    assert "\n".join(quoted).split() == text.split()


def test_deleted_card_is_posted_anew(drawing_desk: Desk, partner: Any) -> None:
    """The next change finds it gone; its thread goes on under the new one, nothing is lost on the way."""
    ticket = file(drawing_desk)
    partner.deliver()
    (card,) = partner.roots("C0ITL1")
    del partner.messages[card["channel"], card["ts"]]
    with drawing_desk.transaction() as tx:
        service.record_requester_message(
            tx, ticket_id=ticket.id, author=AYU, text="still down", files=(), channel="D0AYU", ts="1700000001.1"
        )
    do(drawing_desk, service.claim_ticket, ticket, BIMA)
    partner.deliver()
    new = [one for one in partner.roots("C0ITL1") if buttons(one)]
    assert len(new) == 1
    assert any("still down" in one["text"] for one in partner.messages.values() if one["channel"] == "C0ITL1")
    with drawing_desk.reading() as tx:
        assert tx.session.query(Posting).filter_by(ticket_id=ticket.id, kind="card").count() == 1


def test_reply_waits_with_undo_and_then_reaches_the_requester(drawing_desk: Desk, partner: Any) -> None:
    """Only the author reads the pending one; what is undone is never drawn."""
    ticket = file(drawing_desk)
    do(drawing_desk, service.claim_ticket, ticket, BIMA)
    partner.deliver()
    sent = do(drawing_desk, service.reply_to_requester, ticket, BIMA, "See https://wiki.test/vpn_setup. *Then* restart")
    undone = do(drawing_desk, service.reply_to_requester, ticket, BIMA, "wrong window")
    partner.deliver()
    pending = partner.whispers[0]
    assert pending["user"] == BIMA
    assert "leaves in 10 s" in pending["text"]
    assert ids.parse_action(pending["blocks"][-1]["elements"][0]["action_id"]) == ids.ActionId(
        "undo", ticket.id, str(sent.id)
    )
    with drawing_desk.transaction() as tx:
        service.undo_reply(tx, undone.id, BIMA)
        service.send_reply_now(tx, sent.id, shown_to_agents=False)
    partner.deliver()
    (root,) = partner.roots("D0AYU")
    reply = partner.thread(root)[-1]
    assert {"type": "link", "url": "https://wiki.test/vpn_setup"} in reply["blocks"][1]["elements"][0]["elements"]
    assert not any("wrong window" in shown(one) for one in partner.thread(root))


def test_note_never_reaches_the_requester(drawing_desk: Desk, partner: Any) -> None:
    """Internal means internal."""
    ticket = file(drawing_desk)
    do(drawing_desk, service.add_note, ticket, BIMA, "he always breaks it")
    partner.deliver()
    assert not any("always breaks" in shown(one) for one in partner.messages.values() if one["channel"] == "D0AYU")


def test_request_in_a_channel_is_answered_in_its_thread(drawing_desk: Desk, partner: Any) -> None:
    """The channel reads the desk's language, and the request is not repeated under itself."""
    file(drawing_desk, source=Source.CHANNEL, source_channel="C0HELP", source_ts="1700000000.1")
    partner.deliver()
    (root,) = [one for one in partner.messages.values() if one["channel"] == "C0HELP"]
    assert root["thread_ts"] == "1700000000.1"
    assert "The help desk is closed now" in root["text"]
    assert not any(block.get("text", {}).get("type") == "plain_text" for block in root["blocks"])


def test_private_request_in_a_channel_leaves_a_stub_only(drawing_desk: Desk, partner: Any) -> None:
    """The channel learns a number; the talk goes on in a direct message and in the private channel."""
    file(
        drawing_desk,
        "My payslip is wrong",
        queue="hr",
        topic=None,
        source=Source.CHANNEL,
        source_channel="C0HELP",
        source_ts="1700000000.1",
    )
    partner.deliver()
    public = [one for one in partner.messages.values() if one["channel"] not in ("C0HR", "D0AYU")]
    assert len(public) == 1
    assert "payslip" not in public[0]["text"] + shown(public[0])
    assert "payslip" in shown(partner.roots("D0AYU")[0])


def test_card_of_a_ticket_that_became_private_loses_its_title(drawing_desk: Desk, partner: Any) -> None:
    """A change of topic into a private queue wipes what the former channel read on the card."""
    ticket = file(drawing_desk, "Complaint about my manager")
    partner.deliver()
    do(drawing_desk, service.set_topic, ticket, BIMA, "hr", "Other")
    partner.deliver()
    (old,) = partner.roots("C0ITL1")
    assert "manager" not in shown(old) + old["text"]
    assert "*Now with L1* of People team" in shown(old)
    assert len(partner.roots("C0HR")) == 1


def test_home_shows_work_first_and_only_to_those_who_opened_it(drawing_desk: Desk, partner: Any) -> None:
    """Mine, handed up, unassigned, then one's own requests; long lists say how many more there are."""
    with drawing_desk.transaction() as tx:
        for person in (BIMA, DEWI, AYU):
            remember_opened(tx.session, person, tx.now)
    tickets = [file(drawing_desk, f"Request number {number}") for number in range(12)]
    do(drawing_desk, service.claim_ticket, tickets[0], BIMA)
    do(drawing_desk, service.escalate_ticket, tickets[1], BIMA, reason="r", tried="t", asked="a")
    with drawing_desk.transaction() as tx:
        for person in (BIMA, DEWI, AYU, CITRA):
            outgoing.home(tx, person)
    partner.deliver()
    headers = {
        person: [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]
        for person, view in partner.homes.items()
    }
    assert headers[BIMA] == ["Acme helpdesk", "Assigned to you (1)", "Nobody has it yet (10)"]
    assert headers[DEWI] == ["Acme helpdesk", "Handed up, to accept (1)"]
    assert headers[AYU] == ["Acme helpdesk", "Permintaan Anda (12)"]
    assert "and 2 more" in json.dumps(partner.homes[BIMA])
    assert CITRA not in partner.homes


@pytest.mark.parametrize("response_url", [None, "https://hooks.test/1"])
def test_answer_is_whispered_where_the_person_asked(drawing_desk: Desk, partner: Any, response_url: str | None) -> None:
    """In the person's language, values inert, through the response URL where the app may be no member."""
    with drawing_desk.transaction() as tx:
        outgoing.answer(
            tx,
            channel="C0ANY",
            person=AYU,
            template="{number} is already on hold.",
            values={"number": "<!channel>"},
            response_url=response_url,
        )
    partner.deliver()
    (answer,) = partner.answered if response_url else partner.whispers
    assert answer["text"] == "&lt;!channel&gt; sudah ditunda."


def test_loser_of_a_claim_is_offered_to_take_over(drawing_desk: Desk, partner: Any) -> None:
    """The refusal comes with the button that does what the person wanted."""
    with drawing_desk.transaction() as tx:
        values = {"number": "IT-42", "assignee": CITRA, "seconds": 3}
        template = "{number} was already claimed by <@{assignee}>, {seconds} s ago."
        outgoing.answer(tx, channel="C0ITL1", person=BIMA, template=template, values=values, blocks="take_over")
    partner.deliver()
    (answer,) = partner.whispers
    assert answer["text"] == f"IT-42 was already claimed by <@{CITRA}>, 3 s ago."
    button = answer["blocks"][-1]["elements"][0]
    assert ids.parse_action(button["action_id"]) == ids.ActionId("take_over", 42)
    assert button["accessibility_label"] == "Take over: IT-42"
