"""A box for criticism and suggestions, quoted only as its author allows."""

from typing import Any

TEXT = "What was bad, what could be better?"


def _writes(world: Any, handle: str, text: str, **answers: str) -> str:
    person = world.desk.person(handle)
    person.slash(f"/ticket feedback {text}", in_="dm")
    questions = {"about": "What is it about?", "quote": "May it be quoted?"}
    person.modal.fill({questions[name]: value for name, value in answers.items()}).submit()
    shown: str = person.modal.text
    return shown


def _summary(world: Any, words: str = "this week") -> str:
    lead = world.desk.person("helpdesk-lead")
    lead.slash(f"/desk report {words}", in_="#it-l1")
    found: str = [one for one in lead.messages("dm") if "compared with" in one.text][-1].text
    return found


def test_only_what_may_be_quoted_is_quoted(world: Any) -> None:
    assert "Thank you" in _writes(world, "maya", "The form is long")
    _writes(world, "wei-ling", "Answers are quick", quote="Quoted in summaries without my name")
    _writes(world, "prakash", "More emoji <!channel>", quote="Quoted in summaries with my name")
    summary = _summary(world)
    assert "3 people wrote." in summary
    assert "The form is long" not in summary
    assert "“Answers are quick”" in summary
    assert "@wei-ling" not in summary
    assert "More emoji" in summary
    assert "@prakash" in summary
    assert world.desk.sandbox.journal.illegal() == []


def test_nothing_about_a_private_queue_is_quoted(world: Any) -> None:
    _writes(world, "maya", "The people team", about="People team", quote="Quoted in summaries with my name")
    summary = _summary(world)
    assert "The people team" not in summary
    assert "Criticism" not in summary, "nor counted: one person is a small number"


def test_feedback_of_another_period_is_not_shown(world: Any) -> None:
    _writes(world, "maya", "The form is long", quote="Quoted in summaries without my name")
    assert "The form is long" in _summary(world)
    world.passes(days=8)
    assert "The form is long" not in _summary(world)


def test_operators_and_leads_read_all_of_it_and_agents_do_not(world: Any) -> None:
    _writes(world, "maya", "The form is long")
    lead = world.desk.person("helpdesk-lead")
    lead.slash("/desk feedback", in_="#it-l1")
    assert "The form is long" in lead.modal.text
    assert "@maya" not in lead.modal.text, "not named, as it was not allowed"
    answer = world.desk.person("dewi").slash("/desk feedback", in_="#it-l2").text
    assert "read by operators and leads" in answer


def test_what_was_typed_stands_in_the_window_and_nothing_is_asked_for_twice(world: Any) -> None:
    maya = world.desk.person("maya")
    maya.slash("/ticket feedback The form is long", in_="dm")
    maya.modal.fill({TEXT: "It is far too long"}).submit()
    assert "Thank you" in maya.modal.text
