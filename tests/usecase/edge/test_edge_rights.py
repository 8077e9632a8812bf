"""Whoever lacks the right reads so, whatever the door, and nothing changes: buttons, menus, forms, verbs, emoji."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from slackdesk.dispatch.model import Work
from slackdesk.slack import ids
from slackdesk.slack.ids import Click, Modal, Shortcut
from slackdesk.slack.modals import TICKET_FORMS
from slackdesk.slack.words import VERBS

from .conftest import Door, Json, new_ts, unique

OUTSIDERS = ["U0BUDI", "U0OPER", "U0BOSS", "U0GUEST", "U0HANA"]
"""Another employee, an operator, a stakeholder of the queue, a guest, a member of another queue."""

MAY = {
    **{outsider: set[str]() for outsider in OUTSIDERS},
    "U0ANI": {"show", "sla", "actions", "add_details", "cancel", "confirm", "reopen"},
    "U0MIRA": {"show", "sla", "actions", "note"},
}
"""Person → what she or he may do with IT-1: nothing, or what its requester, or the next tier, may."""

NO_TICKET = {Click.FILE, Click.LINK, Click.MORE}
CLICKS = [click for click in Click if click not in NO_TICKET]

FORMS: dict[Modal, tuple[str, Json]] = {
    Modal.ADD_DETAILS: ("U0ANI", {"text": "Since Friday"}),
    Modal.CANCEL: ("U0ANI", {}),
    Modal.ESCALATE: ("U0LENA", {"reason": "firewall", "tried": "restart", "asked": "open a port"}),
    Modal.RESOLVE: ("U0LENA", {"topic": "Laptop", "resolution": "New battery"}),
    Modal.REPLY: ("U0LENA", {"text": "Please restart"}),
    Modal.NOTE: ("U0LENA", {"text": "The router was off"}),
    Modal.SEND_BACK: ("U0LENA", {"reason": "not ours"}),
    Modal.HOLD: ("U0LENA", {"reason": "for a cable"}),
    Modal.SNOOZE: ("U0LENA", {"duration": "4h"}),
    Modal.ASSIGN: ("U0LENA", {"assignee": "U0LARS"}),
    Modal.PRIORITY: ("U0LENA", {"priority": "high"}),
    Modal.TOPIC: ("U0LENA", {"topic": "it:Network and VPN"}),
    Modal.DUPLICATE: ("U0LENA", {"of": "IT-2"}),
}
"""Form about a ticket → who may open it, and what she or he would write."""

WORDS = {"assign": "me", "priority": "high", "note": "x", "reply": "x", "hold": "x", "snooze": "2h"}


@pytest.fixture
def busy(door: Door, patient_desk: Any) -> Door:
    """IT-1 is Ani's, Lena works on it, and her reply can still be undone; IT-2 is another one, HR-3 a private one."""
    door.slash("U0ANI", "/ticket my VPN is down")
    door.slash("U0LENA", "/ticket claim 1")
    door.slash("U0LENA", "/ticket reply 1 please restart")
    door.slash("U0BUDI", "/ticket the printer is on fire")
    patient_desk.file("U0ANI", "My payslip", queue="hr")
    door.slash("U0HANA", "/ticket claim 3")
    return door


def written(door: Door) -> tuple[object, ...]:
    """Everything that a click could change: tickets, histories, messages, and what is on its way to anybody."""
    tickets = [(ticket.id, ticket.version, ticket.status, ticket.assignee, ticket.tier) for ticket in door.tickets()]
    messages = [(one.id, one.state, one.text) for ticket in tickets for one in door.messages(ticket[0])]
    with door.desk.reading() as tx:
        asked = Work.name.not_in(("answer", "refresh_person"))  # the refusal itself, and who it is that asks
        work = [(row.id, row.state, row.due_at) for row in tx.session.scalars(select(Work).where(asked))]
    return (tickets, [door.history(ticket[0]) for ticket in tickets], messages, sorted(work))


def refused(door: Door, act: Callable[[], object], words: str = "Only ") -> str:
    """What the person reads when it is refused and nothing has changed."""
    before, answers, views = written(door), len(door.answers()), len(door.api.views())
    answered = act()
    assert written(door) == before
    assert len(door.api.views()) == views, "a form was opened in vain"
    told = door.answers()[answers:] or [str(answered)]
    assert len(told) == 1
    assert words in told[0], told
    return told[0]


def pressed(door: Door, person: str, click: Click, ticket_id: int) -> Callable[[], object]:
    extra = door.messages(ticket_id)[-1].id if click is Click.UNDO else None
    return partial(door.press, person, ids.action(click, ticket_id, extra))


@pytest.mark.parametrize("person", MAY)
def test_a_button_without_the_right_does_nothing_but_say_so(busy: Door, person: str) -> None:
    for click in CLICKS:
        if click not in MAY[person]:
            told = refused(busy, pressed(busy, person, click, 1))
            assert "IT-1" in told or click is Click.UNDO, told


@pytest.mark.parametrize("person", ["U0BUDI", "U0OPER", "U0BOSS", "U0GUEST", "U0LENA"])
def test_a_button_of_a_private_ticket_tells_an_outsider_nothing(busy: Door, person: str) -> None:
    busy.slash("U0HANA", "/ticket reply 3 please wait")
    for click in CLICKS:
        told = refused(busy, pressed(busy, person, click, 3), "There is no ticket 3 that you can see.")
        assert not {"HR", "U0HANA", "payslip"} & set(told.replace(".", " ").split())


def test_entries_of_the_overflow_menu_ask_for_the_right(busy: Door) -> None:
    for click in CLICKS:
        if click is not Click.UNDO:
            refused(busy, partial(busy.press, "U0BUDI", ids.action(Click.MORE, 1), option=click.value))


def test_forms_of_tickets_are_all_tried() -> None:
    assert set(FORMS) == set(TICKET_FORMS)


def opened(door: Door, modal: Modal) -> Json:
    """The form as somebody with the right opened it."""
    person = FORMS[modal][0]
    if modal is Modal.CANCEL:  # asks once more what was chosen from the list
        door.press(person, ids.action(Click.ACTIONS, 1))
        chosen = door.submit(person, door.api.views()[-1], click=modal.value)
        return dict(chosen["view"]) | {"id": unique("V")}
    door.press(person, ids.action(modal, 1))
    return door.api.views()[-1] | {"id": unique("V")}


@pytest.mark.parametrize("modal", FORMS)
def test_a_form_submitted_by_somebody_without_the_right(busy: Door, modal: Modal) -> None:
    view = opened(busy, modal)
    for person in OUTSIDERS:
        refused(busy, partial(busy.submit, person, view, **FORMS[modal][1]))
        view["id"] = unique("V")


@pytest.mark.parametrize("modal", [modal for modal, (person, _) in FORMS.items() if person == "U0LENA"])
def test_a_form_submitted_by_somebody_who_has_left_the_tier(busy: Door, helpdesk: Any, modal: Modal) -> None:
    view = opened(busy, modal)
    with helpdesk.desk.reading() as tx:
        first, *others = tx.policy.queue("it").tiers
        tiers = (first.model_copy(update={"members": first.members - {"U0LENA"}}), *others)
        queue = tx.policy.queue("it").model_copy(update={"tiers": tiers})
        policy = tx.policy.model_copy(update={"queues": {**tx.policy.queues, "it": queue}})
    with helpdesk.desk.transaction() as tx:
        tx.session.get_one(type(busy.tickets()[0]), 1).assignee = None
    helpdesk.apply(policy)
    refused(busy, partial(busy.submit, "U0LENA", view, **FORMS[modal][1]))


def test_a_choice_in_the_list_of_actions_asks_for_the_right(busy: Door) -> None:
    busy.press("U0LENA", ids.action(Click.ACTIONS, 1))
    view = busy.api.views()[-1]
    offered = [option["value"] for option in view["blocks"][-1]["element"]["options"]]
    assert len(offered) > 10
    for choice in offered:
        refused(busy, partial(busy.submit, "U0BUDI", view | {"id": unique("V")}, click=choice))


def test_filing_for_somebody_else_asks_for_the_right(busy: Door) -> None:
    busy.press("U0LENA", ids.action(Click.FILE))
    view = busy.api.views()[-1] | {"id": unique("V")}
    values = {"topic": "it:Laptop", "text": "Called in", "requester": "U0ANI"}
    refused(busy, partial(busy.submit, "U0BUDI", view, **values), "Only agents file on behalf of somebody.")


@pytest.mark.parametrize("person", MAY)
def test_a_verb_without_the_right_does_nothing_but_say_so(busy: Door, person: str) -> None:
    for verb in VERBS:
        if verb not in MAY[person]:
            refused(busy, partial(busy.slash, person, f"/ticket {verb} 1 {WORDS.get(verb, '')}"))


@pytest.mark.parametrize("person", OUTSIDERS)
def test_emoji_and_shortcuts_ask_for_the_right(busy: Door, person: str) -> None:
    card = busy.posted(1, "card", "C0L1", "L1")
    note = busy.says("U0LARS", "It is the router", "C0L1", thread_ts=card)
    own = busy.says(person, "Let me try", "C0L1", thread_ts=card)
    message = {"ts": own, "thread_ts": card, "user": person, "text": "Let me try"}
    refused(busy, partial(busy.reacts, person, "eyes", "C0L1", card))
    refused(busy, partial(busy.reacts, person, "outbox_tray", "C0L1", note))
    refused(busy, partial(busy.reacts, person, "outbox_tray", "C0L1", own))
    refused(busy, partial(busy.shortcut, person, Shortcut.SEND_TO_REQUESTER, message, "C0L1"))
    refused(busy, partial(busy.shortcut, person, Shortcut.TICKET_ACTIONS, message, "C0L1"))
    others = message | {"ts": new_ts(), "user": "U0LARS"}
    refused(busy, partial(busy.shortcut, person, Shortcut.SEND_TO_REQUESTER, others, "C0L1"))
