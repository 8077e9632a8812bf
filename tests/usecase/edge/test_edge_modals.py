"""Forms: opened, submitted, refused with the text still in them."""

from typing import Any

import pytest

from slackdesk.slack import ids
from slackdesk.tickets.model import Priority, Source, Status

from .conftest import Door, Json, unique


@pytest.fixture
def filed(door: Door) -> Door:
    """IT-1 is Ani's and Lena works on it."""
    door.slash("U0ANI", "/ticket my VPN is down")
    door.slash("U0LENA", "/ticket claim 1")
    return door


def opened(door: Door, person: str, name: str, ticket_id: int | None = 1) -> Json:
    """The form that a button opens."""
    door.press(person, ids.action(name, ticket_id))
    return door.api.views()[-1] | {"id": unique("V")}


def test_form_files_and_says_the_number_and_the_promise(door: Door) -> None:
    view = opened(door, "U0ANI", "file", None)
    ack = door.submit("U0ANI", view, topic="it:Laptop", text="Screen <b>flickers</b> & hums", priority="high")
    [ticket] = door.tickets()
    assert (ticket.topic, ticket.priority, ticket.source) == ("Laptop", Priority.HIGH, Source.FORM)
    assert ticket.description == "Screen <b>flickers</b> & hums"
    assert ack["response_action"] == "update"
    assert "Filed as *IT-1*. Next answer by Mon 14:00." in str(ack)


def test_form_goes_to_the_queue_of_its_topic(door: Door) -> None:
    view = opened(door, "U0ANI", "file", None)
    door.submit("U0ANI", view, topic="hr:Payroll", text="My payslip")
    assert door.tickets()[0].queue == "hr"


def test_form_twice_is_one_ticket_and_the_same_answer(door: Door) -> None:
    view = opened(door, "U0ANI", "file", None)
    door.submit("U0ANI", view, topic="it:Laptop", text="Screen flickers")
    first, again = door.again(), door.again()
    assert first == again
    assert "IT-1" in first
    assert len(door.tickets()) == 1


def test_agent_files_for_somebody(door: Door) -> None:
    view = opened(door, "U0LENA", "file", None)
    door.submit("U0LENA", view, topic="it:Laptop", text="Called in", requester="U0BUDI")
    [ticket] = door.tickets()
    assert (ticket.requester, ticket.filed_by) == ("U0BUDI", "U0LENA")


def test_empty_text_is_an_error_at_its_input(door: Door) -> None:
    view = opened(door, "U0ANI", "file", None)
    ack = door.submit("U0ANI", view, topic="it:Laptop", text="   ")
    assert ack == {"response_action": "errors", "errors": {"text": "Write what you need help with."}}
    ack = door.submit("U0ANI", view, topic="it:Laptop", text="Screen flickers")
    assert ack["response_action"] == "update", "the same form is accepted once it is right"


@pytest.mark.parametrize("missing", ["reason", "tried", "asked"])
def test_hand_off_needs_every_field(filed: Door, missing: str) -> None:
    view = opened(filed, "U0LENA", "escalate")
    values = {"reason": "firewall", "tried": "restart", "asked": "open a port", missing: " "}
    ack = filed.submit("U0LENA", view, **values)
    assert list(ack["errors"]) == [missing]
    assert filed.tickets()[0].tier == "L1"


def test_hand_off_to_a_chosen_tier_and_back(filed: Door) -> None:
    view = opened(filed, "U0LENA", "escalate")
    values = {"reason": "firewall", "tried": "restart", "asked": "open a port"}
    assert filed.submit("U0LENA", view, to_tier="L3", **values) == {"response_action": "clear"}
    assert filed.tickets()[0].tier == "L3"
    filed.press("U0THEO", ids.action("accept", 1))
    assert filed.tickets()[0].assignee == "U0THEO"
    filed.submit("U0THEO", opened(filed, "U0THEO", "send_back"), reason="not ours")
    assert (filed.tickets()[0].tier, filed.tickets()[0].assignee) == ("L1", "U0LENA")


SUBMITTED: list[tuple[str, str, dict[str, Any], str]] = [
    ("U0LENA", "resolve", {"topic": "Laptop", "resolution": "New battery"}, "resolved"),
    ("U0LENA", "reply", {"text": "Please restart"}, "reply_written"),
    ("U0LENA", "note", {"text": "Router was off"}, "note_added"),
    ("U0LENA", "hold", {"reason": "Waiting for a cable"}, "held"),
    ("U0LENA", "snooze", {"duration": "4h"}, "snoozed"),
    ("U0LENA", "assign", {"assignee": "U0LARS"}, "assigned"),
    ("U0LENA", "priority", {"priority": "high"}, "priority_changed"),
    ("U0LENA", "topic", {"topic": "it:Network and VPN"}, "topic_changed"),
    ("U0LENA", "topic", {"topic": "hr:Payroll"}, "moved"),
    ("U0ANI", "add_details", {"text": "Since Friday"}, "described"),
]


@pytest.mark.parametrize(("person", "name", "values", "kind"), SUBMITTED)
def test_every_form_leads_to_its_use_case(
    filed: Door, person: str, name: str, values: dict[str, Any], kind: str
) -> None:
    view = opened(filed, person, name)
    assert view["callback_id"] == name
    assert filed.submit(person, view, **values) == {"response_action": "clear"}
    assert kind in filed.history(1)


def test_duplicate_names_another_ticket(filed: Door) -> None:
    filed.slash("U0BUDI", "/ticket VPN does not work")
    view = opened(filed, "U0LENA", "duplicate", 2)
    ack = filed.submit("U0LENA", view, of="the other one")
    assert ack["errors"] == {"of": "“the other one” is no ticket number; write it like 42 or IT-42."}
    ack = filed.submit("U0LENA", view, of="IT-77")
    assert "IT-77" in ack["errors"]["of"]
    filed.submit("U0LENA", view, of="IT-1")
    assert filed.tickets()[1].status is Status.DUPLICATE


def test_snooze_until_an_instant(filed: Door, helpdesk: Any) -> None:
    until = int(helpdesk.now().timestamp()) + 7200
    filed.submit("U0LENA", opened(filed, "U0LENA", "snooze"), until=until)
    assert "snoozed" in filed.history(1)


def test_form_is_not_opened_in_vain(filed: Door) -> None:
    filed.press("U0BUDI", ids.action("resolve", 1))
    assert filed.api.views() == []
    assert "Only members of L1" in filed.answers()[-1]


def test_what_changed_meanwhile_is_said_in_the_form(filed: Door, helpdesk: Any) -> None:
    view = opened(filed, "U0LENA", "resolve")
    helpdesk.resolve(filed.tickets()[0], "U0LARS")
    ack = filed.submit("U0LENA", view, topic="Laptop", resolution="New battery")
    assert ack["response_action"] == "errors"
    assert "IT-1" in ack["errors"]["topic"]


def test_names_stand_in_errors_instead_of_mentions(filed: Door) -> None:
    user = {"id": "U0MIRA", "name": "mira", "profile": {"real_name": "Mira"}}
    filed.event({"type": "user_change", "user": user})
    ack = filed.submit("U0LENA", opened(filed, "U0LENA", "assign"), assignee="U0MIRA")
    assert ack["errors"]["assignee"].startswith("@Mira is not in L1")


def test_list_of_actions_does_what_was_chosen(filed: Door) -> None:
    view = opened(filed, "U0LENA", "actions")
    assert filed.submit("U0LENA", view, click="wait") == {"response_action": "clear"}
    assert filed.tickets()[0].status is Status.WAITING


def test_list_of_actions_goes_on_to_the_form(filed: Door) -> None:
    view = opened(filed, "U0LENA", "actions")
    ack = filed.submit("U0LENA", view, click="resolve")
    assert (ack["response_action"], ack["view"]["callback_id"]) == ("update", "resolve")
    following = ack["view"] | {"id": view["id"]}
    assert filed.submit("U0LENA", following, topic="Laptop", resolution="Done") == {"response_action": "clear"}
    assert filed.tickets()[0].status is Status.RESOLVED


def test_list_of_actions_offers_what_this_person_can_do(filed: Door) -> None:
    def offered(person: str) -> set[str]:
        view = opened(filed, person, "actions")
        options = view["blocks"][-1]["element"]["options"]
        return {option["value"] for option in options}

    assert offered("U0ANI") == {"add_details", "cancel"}
    assert offered("U0MIRA") == {"note"}
    assert {"resolve", "escalate", "reply", "hold"} <= offered("U0LENA")


def test_confirming_window_cancels(filed: Door) -> None:
    view = opened(filed, "U0ANI", "actions")
    ack = filed.submit("U0ANI", view, click="cancel")
    assert ack["view"]["callback_id"] == "cancel"
    filed.submit("U0ANI", ack["view"] | {"id": view["id"]})
    assert filed.tickets()[0].status is Status.CANCELLED


def test_window_without_inputs_says_why_not(filed: Door) -> None:
    view = opened(filed, "U0ANI", "actions")
    ack = filed.submit("U0ANI", view, click="cancel")
    filed.slash("U0ANI", "/ticket cancel 1")
    told = filed.submit("U0ANI", ack["view"] | {"id": view["id"]})
    assert told["response_action"] == "update"
    assert told["view"]["callback_id"] == "told"
    assert "submit" not in told["view"]
