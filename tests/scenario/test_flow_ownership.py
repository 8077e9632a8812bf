"""Whose ticket it is: claiming, taking over, assigning, priority and topic, and who may not."""

import uuid

from slackdesk.demo.actors import Actor
from slackdesk.demo.stage import Stage

L1, L2, HR = "#it-l1", "#it-l2", "#hr-private"


def filed(stage: Stage, by: str, text: str) -> tuple[str, str]:
    """Number and text of a request that nobody else makes."""
    text = f"{text} {uuid.uuid4().hex[:8]}"
    return Actor(stage, by).asks(text), text


def test_the_first_to_claim_has_it_and_the_second_may_take_over(stage: Stage) -> None:
    number, _ = filed(stage, "maya", "The lift display is frozen")
    maya, rina, agus = (Actor(stage, handle) for handle in ("maya", "rina", "agus"))
    stale = agus.card(number, L1)
    rina.presses("Claim", number, L1)
    card = rina.card(number, L1, "@rina")
    assert "In progress" in card.text
    assert "Claim" not in card.buttons
    maya.person.sees(f"@rina is working on {number} now.", in_=maya.root(number, "In progress with @rina."))

    agus.person.reacts(stale, "eyes")
    template = "{number} was already claimed by <@{assignee}>, {seconds} s ago."
    already = agus.t(template, number=number, assignee="", seconds=0).partition("<@")[0]
    refusal = agus.person.sees(already, in_=stale)
    assert refusal.ephemeral
    assert "@rina" in refusal.text
    agus.person.click(agus.t("Take over"), in_=refusal)
    agus.card(number, L1, "@agus")
    rina.person.sees(agus_took(rina, number), in_="dm")
    agus.person.sees(f"@agus took {number} over from @rina.", in_=agus.card(number, L1))


def agus_took(reader: Actor, number: str) -> str:
    return reader.t("{by} took {number} over from you.", by="@agus", number=number)


def test_taking_over_asks_first(stage: Stage) -> None:
    number, _ = filed(stage, "maya", "The kettle trips the fuse")
    rina, agus = Actor(stage, "rina"), Actor(stage, "agus")
    rina.presses("Claim", number, L1)
    card = rina.card(number, L1, "@rina")
    agus.person.click("Take over", in_=card, confirm=False)
    assert "@rina" in agus.card(number, L1).text
    agus.person.click("Take over", in_=card)
    agus.card(number, L1, "@agus")


def test_a_lead_gives_a_ticket_to_somebody_who_hands_it_to_a_colleague(stage: Stage) -> None:
    number, _ = filed(stage, "maya", "The phone book is empty")
    lead, agus, rina = Actor(stage, "helpdesk-lead"), Actor(stage, "agus"), Actor(stage, "rina")
    lead.presses("Assign", number, L1)
    lead.fills({f"Who takes {number}?": "agus"})
    lead.card(number, L1, "@agus")
    assigned = "{by} assigned {number} to you."
    agus.person.sees(agus.t(assigned, by="@helpdesk-lead", number=number), in_="dm")
    agus.chooses("Assign", number, L1)
    question = agus.t("Who takes {number}?", number=number)
    agus.person.modal.fill({question: "bayu"}).submit()
    assert agus.person.modal.errors[question]
    agus.person.modal.fill({question: "rina"}).submit()
    assert not agus.person.has_modal
    rina.person.sees(rina.t(assigned, by="@agus", number=number), in_="dm")
    rina.card(number, L1, "@rina")


def test_priority_is_changed_and_urgent_skips_to_the_second_tier(stage: Stage) -> None:
    number, text = filed(stage, "maya", "The cold store is warm")
    rina, dewi, maya = Actor(stage, "rina"), Actor(stage, "dewi"), Actor(stage, "maya")
    rina.presses("Change the priority", number, L1)
    label = rina.t("How soon does {number} have to be solved?", number=number)
    assert rina.person.modal.values[label] == rina.t("Normal")
    rina.fills({label: rina.t("High")})
    rina.person.sees("changed the priority from Normal to High", in_=rina.card(number, L1, "High"))
    rina.person.slash(f"/ticket priority {number} urgent")
    up = dewi.card(number, L2)
    assert text in up.text
    assert "Urgent" in up.text
    dewi.person.sees(f"{number} came up from L1", in_=up)
    assert "Escalated to L2" in rina.card(number, L1, "Escalated").text
    maya.person.sees("was handed to L2", in_=maya.root(number))


def test_a_request_filed_as_urgent_starts_at_the_second_tier(stage: Stage) -> None:
    maya, text = Actor(stage, "maya"), f"All tills are offline {uuid.uuid4().hex[:8]}"
    maya.person.slash("/ticket")
    maya.person.modal.fill(
        {"What is it about?": "Software", "What do you need?": text, "How urgent is it?": "Urgent"}
    ).submit()
    number = maya.person.modal.title
    maya.person.modal.close()
    assert text in Actor(stage, "dewi").card(number, L2).text
    stage.person("rina").sees_not(text, in_=L1)


def test_a_topic_of_another_team_moves_the_ticket_there(stage: Stage) -> None:
    number, text = filed(stage, "maya", "My overtime of October is missing")
    rina, lead, maya = Actor(stage, "rina"), Actor(stage, "helpdesk-lead"), Actor(stage, "maya")
    rina.presses("Change the topic", number, L1)
    rina.fills({rina.t("What is {number} about?", number=number): "Payroll"})
    moved = lead.person.sees(text, in_=HR)
    assert "People team" in moved.text
    assert "Payroll" in moved.text
    assert "Claim" in moved.buttons
    stub = rina.person.sees("Now with L1 of People team", in_=L1)
    assert text not in stub.text
    assert stub.buttons == ()
    maya.person.sees("is with People team now.", in_="dm")


def test_nobody_else_can_work_on_a_ticket_and_is_told_whom_to_ask(stage: Stage) -> None:
    number, _ = filed(stage, "maya", "The fax beeps at night")
    card = Actor(stage, "rina").card(number, L1)
    maya, prakash, dewi = stage.person("maya"), stage.person("prakash"), stage.person("dewi")
    for verb in ("claim", "wait", "resume", "accept", "close", "priority", "assign", "snooze", "note", "reply", "hold"):
        for outsider in (prakash, maya):
            answer = outsider.slash(f"/ticket {verb} {number}")
            assert number in answer.text, (verb, answer)
            assert "@helpdesk-lead" in answer.text, (verb, answer)
            assert not outsider.has_modal
    for verb in ("escalate", "resolve"):
        assert "Only L1 of IT help can do that" in maya.slash(f"/ticket {verb} {number} done").text
        assert "Only members of L1 of IT help can do that" in dewi.slash(f"/ticket {verb} {number} done").text
    assert "Only @maya" in prakash.slash(f"/ticket cancel {number}").text
    assert "Only" in prakash.slash(f"/ticket reopen {number}").text
    assert "New" in maya.slash(f"/ticket show {number}").text
    assert Actor(stage, "rina").card(number, L1).text == card.text


def test_a_button_under_the_wrong_hand_says_so_and_does_nothing(stage: Stage) -> None:
    number, _ = filed(stage, "maya", "The door camera sees nothing")
    lead = Actor(stage, "helpdesk-lead")
    stage.person("helpdesk-lead").invites("dewi", L1)
    dewi = Actor(stage, "dewi")
    dewi.presses("Claim", number, L1)
    sentence = f"Only members of L1 of IT help can do that with {number}. Ask @helpdesk-lead."
    assert dewi.person.sees(sentence, in_=L1).ephemeral
    dewi.person.deletes(dewi.person.sees(sentence, in_=L1))
    dewi.presses("Resolve", number, L1)
    assert dewi.person.sees(sentence, in_=L1).ephemeral
    assert not dewi.person.has_modal
    assert "nobody yet" in lead.card(number, L1).text
    dewi.person.leaves(L1)
