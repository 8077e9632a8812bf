"""How requests end, and every way back."""

import uuid

from slackdesk.demo.actors import NUMBER, Actor
from slackdesk.demo.stage import Stage

L1 = "#it-l1"


def resolved(stage: Stage, by: str, text: str) -> str:
    """A request of ``by``, claimed and resolved by Rina; returns its number once the question was asked."""
    actor, rina = Actor(stage, by), Actor(stage, "rina")
    number = actor.asks(f"{text} {uuid.uuid4().hex[:8]}")
    rina.presses("Claim", number, L1)
    rina.card(number, L1, "@rina")
    rina.resolves(number, L1, "Other", "Turned it off and on again.")
    actor.person.sees(f"@rina resolved {number}. Did this solve it?", in_=actor.root(number))
    return number


def test_what_is_confirmed_is_closed_and_can_be_reopened(stage: Stage) -> None:
    number = resolved(stage, "maya", "Screen is green")
    maya, rina = Actor(stage, "maya"), Actor(stage, "rina")
    question = maya.person.sees("Did this solve it?", in_=maya.root(number))
    assert "Turned it off and on again." in question.text
    assert question.buttons == ("Yes, close", "No, reopen")
    maya.answers_question(number, solved=True)
    answered = maya.person.sees(f"{number} is solved and closed: @maya said so. Thank you.", in_=maya.root(number))
    assert answered.ts == question.ts
    assert answered.buttons == ()
    root = maya.root(number, "Closed")
    assert root.buttons == ("Reopen",)
    card = rina.card(number, L1, "Closed by @maya. Solved by @rina.")
    assert "Reopen" in card.buttons
    assert "Resolve" not in card.buttons
    maya.person.click("Reopen", in_=root)
    rina.person.sees(f"@maya reopened {number}.", in_=rina.card(number, L1, "In progress"))
    assert "Cancel request" in maya.root(number, "In progress").buttons
    told = rina.t("{by} reopened {number}. It needs work again.", by="@maya", number=number)
    rina.person.sees(told, in_="dm")


def test_not_solved_by_button_or_by_writing_goes_on_and_thanks_do_not(stage: Stage) -> None:
    rina, maya = Actor(stage, "rina"), Actor(stage, "maya")
    by_button, by_writing = resolved(stage, "maya", "Pointer jumps"), resolved(stage, "maya", "Scroll wheel sticks")
    maya.answers_question(by_button, solved=False)
    rina.card(by_button, L1, "Reopened\n1 time")
    maya.person.sees(f"{by_button} was not solved yet: it is open again.", in_=maya.root(by_button))

    maya.writes(by_writing, "thanks a lot! 🙏")
    rina.person.sees("thanks a lot!", in_=rina.card(by_writing, L1))
    assert "Resolved" in rina.card(by_writing, L1).text
    maya.writes(by_writing, "It still sticks when I scroll up")
    rina.person.sees("It still sticks", in_=rina.card(by_writing, L1, "In progress"))
    assert maya.person.messages(maya.root(by_writing))[-1].buttons == ()


def test_a_message_on_a_closed_request_opens_a_linked_one(stage: Stage) -> None:
    number = resolved(stage, "prakash", "Label maker eats labels")
    prakash, rina = Actor(stage, "prakash"), Actor(stage, "rina")
    prakash.answers_question(number, solved=True)
    prakash.root(number, "Closed")
    word = uuid.uuid4().hex[:8]
    prakash.writes(number, f"It eats the yellow ones again {word}")
    follow_up = prakash.person.sees("so your message became a new one:", in_=prakash.root(number))
    new = [found for found in NUMBER.findall(follow_up.text) if found != number]
    assert len(set(new)) == 1
    assert word in rina.card(new[0], L1).text
    assert "Closed" in rina.card(number, L1).text
    assert word in prakash.root(new[0]).text


def test_what_nobody_answers_is_closed_with_a_reason_and_a_way_back(stage: Stage) -> None:
    number = resolved(stage, "maya", "Badge holder is broken")
    maya, rina = Actor(stage, "maya"), Actor(stage, "rina")
    stage.advance("7d")
    notice = maya.person.sees(f"{number} was closed because there was no answer", in_=maya.root(number))
    assert "for 24 business hours" in notice.text
    assert "Write in this thread" in notice.text
    assert "Closed automatically, without an answer" in rina.card(number, L1, "Closed").text
    maya.person.click("Reopen", in_=maya.root(number, "Closed"))
    rina.card(number, L1, "In progress")


def test_a_requester_cancels_and_may_come_back(stage: Stage) -> None:
    maya, rina = Actor(stage, "maya"), Actor(stage, "rina")
    number = maya.asks(f"The bell rings twice {uuid.uuid4().hex[:8]}")
    root = maya.root(number)
    maya.person.click("Cancel request", in_=root, confirm=False)
    assert "Cancelled" not in maya.root(number).text
    maya.person.click("Cancel request", in_=root)
    rina.person.sees(f"@maya cancelled {number}.", in_=rina.card(number, L1, "Cancelled"))
    assert "Claim" not in rina.card(number, L1).buttons
    maya.person.click("Reopen", in_=maya.root(number, "Cancelled"))
    maya.root(number, "answer by")


def test_not_a_request_and_duplicate_end_with_a_word_to_the_requester(stage: Stage) -> None:
    maya, prakash, rina = Actor(stage, "maya"), Actor(stage, "prakash"), Actor(stage, "rina")
    first = maya.asks(f"The gate is stuck {uuid.uuid4().hex[:8]}")
    second = prakash.asks(f"Gate does not move {uuid.uuid4().hex[:8]}")
    nothing = prakash.asks(f"never mind, wrong window {uuid.uuid4().hex[:8]}")
    rina.chooses("Not a request", nothing, L1)
    prakash.person.sees("sees nothing to do about", in_=prakash.root(nothing, "Not a request"))

    rina.chooses("Mark as a duplicate", second, L1)
    label = rina.t("Which ticket does {number} repeat?", number=second)
    for wrong in ("the first one", "99999999", second):
        rina.person.modal.fill({label: wrong}).submit()
        assert rina.person.modal.errors[label], wrong
    rina.fills({label: first})
    told = prakash.person.sees("being worked on there", in_=prakash.root(second, "Duplicate"))
    assert "The gate is stuck" not in told.text
    rina.card(second, L1, "Duplicate of ticket")
