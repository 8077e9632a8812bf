"""/ticket and /desk, through the signed HTTP door."""

import json

import pytest

from slackdesk.slack import ids, words
from slackdesk.slack.help import VERB_HELP
from slackdesk.tickets.model import Priority, Source, Status

from .conftest import HELP, Door


def test_text_is_filed_at_once_and_promises(door: Door) -> None:
    answer = door.slash("U0ANI", "/ticket my VPN is down &amp; <@U0BUDI|budi> waits")
    [ticket] = door.tickets()
    assert ticket.description == "my VPN is down & @budi waits"
    assert (ticket.requester, ticket.source, ticket.queue) == ("U0ANI", Source.QUICK, "it")
    assert answer == f"Filed as *{ticket.number}*. Next answer by Mon 14:00."


def test_answer_offers_details(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    ack = json.loads(door.again())
    buttons = [element for block in ack["blocks"] for element in block.get("elements", ())]
    assert [button["action_id"] for button in buttons] == [ids.action("add_details", door.tickets()[0].id)]


def test_same_delivery_twice_is_one_ticket_and_one_answer(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    first = door.again()
    assert first == door.again()
    assert len(door.tickets()) == 1


def test_retyped_request_answers_with_the_open_ticket(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    assert "You asked for this a moment ago: it is *IT-1*" in door.slash("U0ANI", "/ticket My VPN is down")
    assert len(door.tickets()) == 1


def test_bare_command_opens_the_form(door: Door) -> None:
    assert door.slash("U0ANI", "/ticket") == ""
    [view] = door.api.views()
    assert view["callback_id"] == ids.Modal.FILE
    assert [block["block_id"] for block in view["blocks"]] == ["topic", "text", "priority"]


def test_agents_may_file_for_somebody(door: Door) -> None:
    door.slash("U0LENA", "/ticket")
    [view] = door.api.views()
    assert view["blocks"][-1]["block_id"] == "requester"


@pytest.mark.parametrize("number", ["1", "IT-1", "#1", "it-1"])
def test_show_by_any_form_of_the_number(door: Door, number: str) -> None:
    door.slash("U0ANI", "/ticket printer *jams* <!channel>")
    shown = door.slash("U0ANI", f"/ticket show {number}")
    assert "*IT-1*" in shown
    assert "Status: New" in shown
    assert "<!channel>" not in shown


def test_a_stranger_is_shown_nothing(door: Door) -> None:
    door.slash("U0ANI", "/ticket my payslip is wrong")
    assert "payslip" not in door.slash("U0BUDI", "/ticket show 1")


def test_unknown_number_names_it(door: Door) -> None:
    assert "“IT-99”" in door.slash("U0LENA", "/ticket claim IT-99")


def test_text_that_begins_with_a_verb_is_a_request(door: Door) -> None:
    assert "Filed as *IT-1*" in door.slash("U0ANI", "/ticket show me how to print")
    assert door.tickets()[0].title == "show me how to print"


def test_bare_verb_answers_with_its_usage(door: Door) -> None:
    assert door.slash("U0LENA", "/ticket claim") == "Type `/ticket claim 42`: makes it yours."
    assert door.tickets() == []


def test_verbs_of_an_agent(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    assert door.slash("U0LENA", "/ticket claim 1") == "IT-1 is yours."
    assert door.tickets()[0].assignee == "U0LENA"
    door.slash("U0LENA", "/ticket priority 1 high")
    assert door.tickets()[0].priority is Priority.HIGH
    assert "Only agents read it" in door.slash("U0LENA", "/ticket note 1 router was off")
    assert door.messages(1)[-1].text == "router was off"
    assert "Mon 11:00" in door.slash("U0LENA", "/ticket snooze 1 2h")
    door.slash("U0LENA", "/ticket wait 1")
    assert door.tickets()[0].status is Status.WAITING
    door.slash("U0LENA", "/ticket resume 1")
    door.slash("U0LENA", "/ticket hold 1 waiting for a cable")
    assert door.tickets()[0].status is Status.ON_HOLD
    assert door.slash("U0LENA", "/ticket assign 1 <@U0LARS|lars>") == "IT-1 is assigned."
    assert door.tickets()[0].assignee == "U0LARS"


def test_reply_by_command_leaves_through_the_undo(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    assert "Your reply about IT-1 leaves" in door.slash("U0LENA", "/ticket reply 1 please restart it")
    assert door.work("send_reply")


def test_verbs_with_missing_words_open_their_forms(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.slash("U0LENA", "/ticket claim 1")
    for text in (
        "escalate 1 needs the firewall",
        "resolve 1",
        "note 1",
        "reply 1",
        "assign 1",
        "priority 1",
        "snooze 1",
        "hold 1",
    ):
        assert door.slash("U0LENA", f"/ticket {text}") == ""
    views = door.api.views()
    opened = [view["callback_id"] for view in views]
    assert opened == ["escalate", "resolve", "note", "reply", "assign", "priority", "snooze", "hold"]
    reason = next(block for block in views[0]["blocks"] if block.get("block_id") == "reason")
    assert reason["element"]["initial_value"] == "needs the firewall"


def test_refusal_is_said_in_the_answer(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    assert "Only members of L1 of IT help can do that" in door.slash("U0BUDI", "/ticket claim 1")
    assert door.tickets()[0].assignee is None
    door.slash("U0LENA", "/ticket claim 1")
    assert "already claimed by <@U0LENA>" in door.slash("U0LARS", "/ticket claim 1")


def test_requester_closes_cancels_and_reopens(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    assert door.slash("U0ANI", "/ticket cancel 1") == "IT-1 is cancelled."
    assert door.slash("U0ANI", "/ticket reopen 1") == "IT-1 is open again."


def test_requester_who_closes_a_resolved_ticket_confirms_it(door: Door, helpdesk: object) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    helpdesk.resolve(door.tickets()[0], "U0LENA")  # type: ignore[attr-defined]
    assert door.slash("U0ANI", "/ticket close 1") == "IT-1 is closed."
    assert door.tickets()[0].closed_by == "U0ANI"


def test_lists(door: Door) -> None:
    assert "You have no requests" in door.slash("U0ANI", "/ticket mine")
    door.slash("U0ANI", "/ticket first")
    door.slash("U0ANI", "/ticket second")
    mine = door.slash("U0ANI", "/ticket mine")
    assert [line.split()[1] for line in mine.splitlines()[1:]] == ["*IT-2*", "*IT-1*"]
    assert "*IT-1*" in door.slash("U0LENA", "/desk queue")
    assert "You belong to no tier" in door.slash("U0ANI", "/desk queue")
    assert "Nothing is waiting" in door.slash("U0MIRA", "/desk queue")


def test_ledger_adds_up(door: Door, helpdesk: object) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    helpdesk.advance(hours=1)  # type: ignore[attr-defined]
    helpdesk.escalate(door.tickets()[0], "U0LENA")  # type: ignore[attr-defined]
    helpdesk.advance(minutes=30)  # type: ignore[attr-defined]
    text = door.slash("U0ANI", "/ticket sla 1")
    assert "calendar “office” (Asia/Jakarta)" in text
    assert "L1, filed: Mon 09:00 to Mon 10:00: 1 h − 0 s paused = 1 h of 4 h" in text
    assert "L2, handed up: Mon 10:00 to now: 30 min" in text
    assert text.endswith("Sum: 1 h + 30 min = 1 h 30 min")


def test_help_names_every_verb(door: Door) -> None:
    text = door.slash("U0ANI", "/ticket help")
    assert set(VERB_HELP) == set(words.VERBS)
    assert all(f"`/ticket {verb} " in text for verb in words.VERBS)
    assert "queue" in door.slash("U0ANI", "/desk")
    assert "does not know “dance”" in door.slash("U0ANI", "/desk dance")


def test_person_reads_her_own_language(door: Door) -> None:
    user = {"id": "U0ANI", "name": "ani", "profile": {"real_name": "Ani"}, "locale": "id-ID", "tz": "Asia/Makassar"}
    assert door.event({"type": "user_change", "user": user}) == 200
    answer = door.slash("U0ANI", "/ticket VPN mati")
    assert "Sen 15.00" in answer


def test_in_a_request_channel_its_queue_takes_the_request(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down", channel=HELP)
    assert door.tickets()[0].queue == "it"


def test_unknown_person_is_looked_up_once(door: Door) -> None:
    door.slash("U0ANI", "/ticket first")
    door.slash("U0ANI", "/ticket second")
    assert [row.payload for row in door.work("refresh_person")] == [{"person": "U0ANI"}]
    door.api.answers["users.info"] = {
        "ok": True,
        "user": {"id": "U0ANI", "name": "ani", "profile": {"real_name": "Ani"}, "locale": "id-ID"},
    }
    door.run_timer("refresh_person")
    assert door.api.calls[-1] == ("users.info", {"user": "U0ANI", "include_locale": "1"})
