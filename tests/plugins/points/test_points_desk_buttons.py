"""Buttons of the desk in a plugin's message: the core does what they say, for whoever may."""

from collections.abc import Callable
from pathlib import Path

import pytest

from slackdesk.api import Action, PluginError, desk_button
from slackdesk.plugin.desk_buttons import OFFERED
from slackdesk.testing.desk import DeskPerson, PluginDesk

FOLDER = Path(__file__).parent / "buttons"


@pytest.fixture
def desk(plugin_desk: Callable[..., PluginDesk]) -> PluginDesk:
    """A desk with the plugin, and one request, IT-1, by Maya."""
    desk = plugin_desk(FOLDER)
    desk.person("maya").slash("/ticket My VPN is down")
    return desk


@pytest.fixture
def lead(desk: PluginDesk) -> DeskPerson:
    return desk.person("helpdesk-lead")


def _press(person: DeskPerson, action: Action) -> None:
    person.click(action.name, in_="dm")


def test_desk_buttons_do_what_the_card_does(desk: PluginDesk, lead: DeskPerson) -> None:
    _press(lead, Action.CLAIM)
    lead.sees("Assignee\n@helpdesk-lead", in_="#it-l1")
    _press(lead, Action.RESOLVE)
    lead.modal.fill({"What was it about?": "Other", "What solved it?": "A restart"}).submit()
    desk.person("maya").sees("Did this solve it?", in_="dm")
    _press(lead, Action.REOPEN)
    lead.sees("In progress", in_="#it-l1")
    _press(lead, Action.VIEW)
    lead.modal.sees("My VPN is down")


def test_desk_buttons_say_why_not(lead: DeskPerson) -> None:
    _press(lead, Action.REOPEN)
    lead.sees("IT-1 is open: there is nothing to reopen.", in_="dm")


def test_desk_buttons_ask_the_core_who_may(desk: PluginDesk) -> None:
    maya = desk.person("maya")
    _press(maya, Action.CLAIM)
    maya.sees("Only L1 of IT help can do that with IT-1.", in_="dm")
    desk.person("rina").sees("nobody yet", in_="#it-l1")


@pytest.mark.parametrize("action", OFFERED, ids=lambda action: action.name)
def test_desk_buttons_are_answered_wherever_they_stand(desk: PluginDesk, lead: DeskPerson, action: Action) -> None:
    before, card = len(lead.messages("dm")), lead.sees("IT-1", in_="#it-l1").text
    _press(lead, action)
    desk.settle()
    assert not lead.errors
    changed = len(lead.messages("dm")) > before or lead.sees("IT-1", in_="#it-l1").text != card
    assert lead.has_modal or changed, "neither a window, nor a sentence, nor a change"


@pytest.mark.parametrize("action", sorted(set(Action) - set(OFFERED)), ids=lambda action: action.name)
def test_desk_buttons_that_are_not_offered_are_refused_to_the_author(action: Action) -> None:
    with pytest.raises(PluginError, match=r"write Action\. and one of ACCEPT, ASSIGN"):
        desk_button(action, 1, "Do it", about="Do it: IT-1")
