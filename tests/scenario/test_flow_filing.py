"""Every door by which a request comes in, and what its person and the agents then read."""

import uuid

import pytest

from slackdesk.demo.actors import NUMBER, Actor
from slackdesk.demo.requests import Door, Request, Story
from slackdesk.demo.stage import Stage

L1 = "#it-l1"


def some(text: str) -> str:
    """A request that nobody else makes."""
    return f"{text} {uuid.uuid4().hex[:8]}"


def request_through(door: Door, text: str, by: str, requester: str) -> Request:
    topic = None if door in (Door.QUICK, Door.MESSAGE, Door.CHANNEL) else "Laptop"
    return Request(0, by, requester, door, Story.SOLVED, text, topic, None, None)


@pytest.mark.parametrize("door", Door)
def test_every_door_leads_to_a_card_and_a_thread(stage: Stage, door: Door) -> None:
    by, requester = ("rina", "prakash") if door is Door.BEHALF else ("prakash", "prakash")
    text = some(f"Docking station has no power, {door.value}")
    number = Actor(stage, by).file(request_through(door, text, by, requester))

    card = Actor(stage, "rina").card(number, L1)
    assert text in card.text
    assert "nobody yet" in card.text
    assert ("@prakash (filed by @rina)" if door is Door.BEHALF else "@prakash") in card.text
    assert {"Claim", "Reply", "Escalate", "Resolve"} <= set(card.buttons)
    root = Actor(stage, requester).root(number)
    assert "answer by" in root.text
    assert {"Add details", "Cancel request"} <= set(root.buttons)
    assert root.channel == ("#help-it" if door is Door.CHANNEL else "dm")
    assert text in Actor(stage, requester).person.slash("/ticket mine").text


def test_the_form_asks_for_the_topic_first_and_keeps_what_was_typed(stage: Stage) -> None:
    maya = stage.person("maya")
    maya.slash("/ticket")
    assert maya.modal.labels[:2] == ("What is it about?", "What do you need?")
    assert "For" not in maya.modal.labels
    text = some("Badge does not open the garage")
    maya.modal.fill({"What do you need?": text}).submit()
    assert "What is it about?" in maya.modal.errors
    assert maya.modal.values["What do you need?"] == text
    maya.modal.fill({"What is it about?": "Other"}).submit()
    assert "answer by" in maya.modal.text
    maya.modal.close()
    assert not maya.has_modal


def test_a_quick_request_takes_details_afterwards(stage: Stage) -> None:
    maya, rina = Actor(stage, "maya"), Actor(stage, "rina")
    answer = maya.person.slash(f"/ticket {some('The beamer is dark')}", in_="#general")
    assert "answer by" in answer.text
    number = _number(answer.text)
    maya.person.click("Add details", in_=answer)
    maya.fills({"What is it about?": "Software", "What else should we know?": "Only with the blue cable"})
    card = rina.card(number, L1, "Software")
    rina.person.sees("Only with the blue cable", in_=card)


def test_a_text_that_begins_with_a_verb_is_a_request_and_a_slip_is_explained(stage: Stage) -> None:
    maya = Actor(stage, "maya")
    for begin in ("show me how to print", "close the window in room 5 please", "claim my expenses, how?"):
        text = some(begin)
        Actor(stage, "rina").card(maya.asks(text), L1, text)
    number = maya.asks(some("Numbers are typed in three ways"))
    digits = number.partition("-")[2]
    for written in (digits, f"#{digits}", number.lower()):
        assert f"{number} " in maya.person.slash(f"/ticket show {written}").text
    assert "low, normal, high or urgent" in maya.person.slash(f"/ticket priority {number} hihg").text
    assert "/ticket show 42" in maya.person.slash("/ticket show").text
    assert "no ticket" in maya.person.slash("/ticket show 99999999").text


def test_the_same_text_within_two_minutes_is_the_same_request(stage: Stage) -> None:
    maya, text = Actor(stage, "maya"), some("Mail is slow")
    number = maya.asks(text)
    again = maya.person.slash(f"/ticket {text}")
    assert f"You asked for this a moment ago: it is {number}" in again.text
    assert Actor(stage, "prakash").asks(text) != number
    Actor(stage, "rina").card(number, L1)
    assert sum(number in seen.text for seen in stage.person("rina").messages(L1)) == 1


def test_a_ticket_emoji_files_a_message_for_its_author(stage: Stage) -> None:
    agus, rina, text = stage.person("agus"), Actor(stage, "rina"), some("Good morning, my own phone bends")
    message = agus.says(text, in_=L1)
    rina.person.reacts(message, "tada")
    rina.person.reacts(message, "ticket")
    number = _number(agus.sees("answer by", in_=message).text)
    assert "@agus (filed by @rina)" in rina.card(number, L1).text
    agus.reacts(message, "ticket")
    assert "IT-" in stage.person("maya").slash("/ticket the second emoji was read by now").text
    assert sum(text in seen.text and seen.thread_ts is None for seen in rina.person.messages(L1)) == 2


def test_a_guest_files_and_has_a_thread(stage: Stage) -> None:
    lukas, text = Actor(stage, "lukas"), some("The badge printer is out of ink")
    number = lukas.asks(text, in_="#help-it")
    assert text in lukas.root(number).text
    lukas.writes(number, "It is the one in hall B")
    rina = Actor(stage, "rina")
    rina.person.sees("It is the one in hall B", in_=rina.card(number, L1))


def test_small_talk_is_no_request(stage: Stage) -> None:
    sari = Actor(stage, "sari")
    message = sari.person.says("selamat pagi 🙏", in_="#help-it")
    sari.person.says("halo", in_="dm")
    assert "/ticket" in sari.person.sees("/ticket help", in_="dm").text
    assert message.thread() == []


def _number(text: str) -> str:
    found = NUMBER.search(text)
    assert found is not None, text
    return found.group()
