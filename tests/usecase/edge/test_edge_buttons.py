"""Buttons of cards, threads and the App Home: each works or says why."""

from typing import Any

from slackdesk.slack import ids
from slackdesk.tickets.home_tab import remember_opened
from slackdesk.tickets.model import Status

from .conftest import Door


def test_claim(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0LENA", ids.action("claim", 1))
    assert door.tickets()[0].assignee == "U0LENA"
    assert [row.payload["tier"] for row in door.work("card")] == ["L1"]


def test_second_claimer_reads_who_was_first(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0LENA", ids.action("claim", 1))
    door.press("U0LARS", ids.action("claim", 1))
    assert "already claimed by <@U0LENA>" in door.answers()[-1]
    answer = door.work("answer")[-1].payload
    assert (answer["person"], answer["response_url"]) == ("U0LARS", f"{door.api.url}/respond")


def test_double_click_has_one_effect(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0LENA", ids.action("claim", 1))
    door.press("U0LENA", ids.action("claim", 1))
    door.again()
    assert door.history(1).count("claimed") == 1


def test_refused_click_delivered_twice_is_answered_once(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0BUDI", ids.action("claim", 1))
    door.again()
    assert len(door.answers()) == 1


def test_entries_of_the_overflow_menu(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0LENA", ids.action("claim", 1))
    door.press("U0LENA", ids.action("more", 1), option="wait")
    assert door.tickets()[0].status is Status.WAITING
    door.press("U0LENA", ids.action("more", 1), option="priority")
    assert door.api.views()[-1]["callback_id"] == "priority"


def test_question_is_answered_yes_or_no(door: Door, helpdesk: Any) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    helpdesk.resolve(door.tickets()[0], "U0LENA")
    door.press("U0ANI", ids.action("reopen", 1), channel="D0ANI")
    assert door.tickets()[0].status is Status.IN_PROGRESS
    door.press("U0ANI", ids.action("confirm", 1), channel="D0ANI")
    assert "IT-1" in door.answers()[-1], "a stale button says what is the case now"
    helpdesk.resolve(door.tickets()[0], "U0LENA")
    door.press("U0ANI", ids.action("confirm", 1), channel="D0ANI")
    door.press("U0ANI", ids.action("confirm", 1), channel="D0ANI")
    assert door.tickets()[0].status is Status.CLOSED
    assert door.history(1).count("closed") == 1


def test_undo_takes_the_reply_back(door: Door, patient_desk: Any) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.slash("U0LENA", "/ticket reply 1 wrong person")
    message = door.messages(1)[-1]
    door.press("U0LENA", ids.action("undo", 1, message.id))
    assert door.messages(1)[-1].state == "undone"
    assert door.answers() == ["Nothing was sent: the reply of IT-1 is taken back."]


def test_cancel_button_has_been_confirmed_by_slack(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0ANI", ids.action("cancel", 1), channel="D0ANI")
    assert door.tickets()[0].status is Status.CANCELLED


def test_home_opens_tickets_and_the_form(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0ANI", ids.action("show", 1), view="home")
    door.press("U0ANI", ids.action("file"), view="home")
    shown, form = door.api.views()
    assert "my VPN is down" in str(shown)
    assert "submit" not in shown
    assert '"source": "home"' in form["private_metadata"]


def test_refusal_in_a_view_opens_a_window(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.press("U0BUDI", ids.action("claim", 1), view="home")
    assert "Only members of L1" in str(door.api.views()[-1])
    door.press("U0BUDI", ids.action("claim", 1), view="modal")
    assert "Only members of L1" in str(door.api.views("views.push")[-1])


def test_click_at_home_redraws_it(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    with door.desk.transaction() as tx:
        remember_opened(tx.session, "U0LENA", tx.now)
    door.press("U0LENA", ids.action("claim", 1), view="home")
    assert [row.payload["person"] for row in door.work("home")] == ["U0LENA"]


def test_window_that_slack_does_not_open_is_told(door: Door) -> None:
    door.slash("U0ANI", "/ticket my VPN is down")
    door.api.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    door.press("U0LENA", ids.action("resolve", 1))
    assert door.answers()[-1].startswith("Slack did not open the window in time.")


def test_link_buttons_need_nothing(door: Door) -> None:
    door.press("U0LENA", ids.action("link", 1))
    assert door.answers() == []


def test_ticket_that_does_not_exist(door: Door) -> None:
    door.press("U0LENA", ids.action("claim", 77))
    assert "There is no ticket 77" in door.answers()[-1]
