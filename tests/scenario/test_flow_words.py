"""Every word of `/ticket` and `/desk`, in the mouth of an agent, a requester and somebody who mistypes."""

import uuid

from slackdesk.demo.actors import Actor
from slackdesk.demo.stage import Stage
from slackdesk.slack.help import VERB_HELP
from slackdesk.slack.words import VERBS

L1, L2 = "#it-l1", "#it-l2"


def filed(stage: Stage, text: str) -> str:
    """Number of a request of Maya's that nobody else makes."""
    return Actor(stage, "maya").asks(f"{text} {uuid.uuid4().hex[:8]}")


def test_an_agent_works_a_ticket_by_words_alone(stage: Stage) -> None:
    number = filed(stage, "Stapler jams")
    lead, agus, maya = Actor(stage, "helpdesk-lead"), Actor(stage, "agus"), Actor(stage, "maya")

    def says(verb: str, rest: str = "") -> str:
        answer = lead.person.slash(f"/ticket {verb} {number} {rest}".strip(), in_="#general")
        assert answer.error == ""
        return answer.text

    assert says("claim") == f"{number} is yours."
    assert "@helpdesk-lead" in agus.person.slash(f"/ticket claim {number}").text
    assert says("priority", "high") == f"The priority of {number} is changed."
    assert says("wait") == f"{number} waits for its requester."
    assert f"{number} already waits" in says("wait")
    assert says("hold", "the staples come on Monday") == f"{number} is on hold."
    assert says("resume") == f"{number} goes on."
    assert "Only agents read it" in says("note", "Internal omega: third time this year")
    assert "leaves in 2 s" in says("reply", "We order new ones")
    assert f"{number} is hidden from your list until" in says("snooze", "2h")
    assert says("assign", "@agus") == f"{number} is assigned."
    agus.card(number, L1, "@agus")
    assert says("escalate", "Needs a locksmith") == ""
    lead.fills({"What was tried so far?": "Oil", "What is the next tier asked to do?": "Open it"})
    assert Actor(stage, "dewi").card(number, L2).text.count("Needs a locksmith") == 1
    assert says("accept") == f"You accepted the hand-off: {number} is yours."
    assert says("resolve", "A new one stands there") == ""
    lead.fills({"What was it about?": "Other"})
    maya.person.sees("A new one stands there", in_=maya.root(number))
    assert says("close") == f"{number} is closed."
    assert f"{number} is already closed" in says("close")
    assert says("reopen", "It jams again") == f"{number} is open again."
    shown = says("show")
    assert all(words in shown for words in (number, "Stapler jams", "In progress", "High", "L2", "@maya"))
    assert "Internal omega" not in shown
    assert "handed up" in says("sla")
    maya.person.sees("We order new ones", in_=maya.root(number), within_seconds=30)
    assert all("Internal omega" not in seen.text for seen in maya.person.messages())


def test_a_requester_has_words_for_the_own_request(stage: Stage) -> None:
    number, maya = filed(stage, "Window does not close"), stage.person("maya")
    assert number in maya.slash("/ticket mine").text
    assert "nobody yet" in maya.slash(f"/ticket show {number}").text
    assert maya.slash(f"/ticket cancel {number}").text == f"{number} is cancelled."
    assert f"{number} is already cancelled." in maya.slash(f"/ticket cancel {number}").text
    assert maya.slash(f"/ticket reopen {number}").text == f"{number} is open again."
    assert "nothing to reopen" in maya.slash(f"/ticket reopen {number}").text


def test_every_word_without_its_number_or_with_a_wrong_one_is_explained(stage: Stage) -> None:
    maya = stage.person("maya")
    for verb in VERBS:
        arguments, does = VERB_HELP[verb]
        assert maya.slash(f"/ticket {verb}").text == f"Type /ticket {verb} {arguments}: {does}."
        assert "no ticket “99999999”" in maya.slash(f"/ticket {verb} 99999999").text


def test_help_names_every_word(stage: Stage) -> None:
    maya = stage.person("maya")
    text = maya.slash("/ticket help").text
    for verb in VERBS:
        assert f"/ticket {verb} 42" in text
    assert "/desk queue" in maya.slash("/desk help").text
    assert maya.slash("/desk").text == maya.slash("/desk help").text
    unknown = maya.slash("/desk dance").text
    assert "“dance”" in unknown
    assert "/desk queue" in unknown


def test_the_queue_is_for_agents(stage: Stage) -> None:
    number = filed(stage, "Whiteboard is grey")
    dewi, maya, lead = stage.person("dewi"), stage.person("maya"), Actor(stage, "helpdesk-lead")
    assert "You belong to no tier" in maya.slash("/desk queue").text
    assert number not in dewi.slash("/desk queue").text
    lead.person.slash(f"/ticket claim {number}")
    first = lead.person.slash("/desk queue").text.splitlines()[1:]
    assert any(number in line for line in first)


def test_ticket_actions_offer_what_is_possible_and_nothing_else(stage: Stage) -> None:
    number = filed(stage, "Lamp hums")
    lead, maya = Actor(stage, "helpdesk-lead"), Actor(stage, "maya")
    lead.person.message_shortcut("Ticket actions", lead.card(number, L1))
    offered = lead.person.modal.options("What do you want to do?")
    assert {"Claim", "Reply", "Escalate", "Resolve", "Not a request", "Mark as a duplicate"} <= set(offered)
    assert not {"Reopen", "Resume", "Close", "Accept", "Send back"} & set(offered)
    lead.fills({"What do you want to do?": "Claim"})
    lead.card(number, L1, "@helpdesk-lead")
    maya.person.message_shortcut("Ticket actions", maya.root(number))
    assert set(maya.person.modal.options("What do you want to do?")) == {"Add details", "Cancel the request"}
    maya.person.modal.close()
    aside = maya.person.says("lunch?", in_="#general")
    maya.person.message_shortcut("Ticket actions", aside)
    assert maya.person.sees("There is no ticket in this thread.").ephemeral
