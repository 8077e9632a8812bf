"""The transcript in README.md is what people really do and read; only times of day may differ."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from slackdesk.demo.actors import Actor
from slackdesk.demo.stage import Stage
from slackdesk.demo.tour import until_next_morning
from slackdesk.sandbox.seen import SeenMessage

README = Path(__file__).parents[2] / "README.md"
COLUMN = 14
WIDTH = 104


def test_docs_transcript_is_what_people_read(tmp_path: Path) -> None:
    with Stage(tmp_path / "stage", environment={"SLACKDESK_UNDO_SECONDS": "1"}) as stage:
        played = list(_lines(_story(stage)))
    shown = re.search(r"^```\n(maya types.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert shown is not None, "README.md has no transcript; this was played:\n" + "\n".join(played)
    # Where a line is broken depends on the day: one that is far away is said with its date.
    assert _timeless(" ".join(played)) == _timeless(shown[1]), "this was played:\n" + "\n".join(played)


def _story(stage: Stage) -> Iterator[tuple[str, str]]:
    """Who does or reads → what. One request from `/ticket` to closed, up a tier."""
    stage.advance(until_next_morning(datetime.now(UTC)))
    maya, rina, dewi, lead = (Actor(stage, handle) for handle in ("maya", "rina", "dewi", "helpdesk-lead"))
    text = "Calendar invitations from Jakarta arrive one hour late"
    yield "maya types", f"/ticket {text}"
    answer = maya.person.slash(f"/ticket {text}")
    number = "IT-1"
    yield "maya reads", f"{_flat(answer.text)} {_buttons(answer.buttons)}"
    card = lead.card(number, "#it-l1", shows="New")
    yield "in #it-l1", f"{_flat(card.text)} {_buttons(card.buttons[:3])} …"
    yield "rina clicks", "[Claim]"
    rina.presses("Claim", number, "#it-l1")
    yield "maya reads", _flat(_said(maya, number, "is working on").text)
    yield "rina replies", "Thank you. Is it all invitations, or only recurring ones?"
    rina.replies(number, "#it-l1", "Thank you. Is it all invitations, or only recurring ones?")
    yield "maya reads", _flat(_said(maya, number, "recurring ones").text)
    yield "maya writes", "Only recurring ones, since the clocks changed."
    maya.writes(number, "Only recurring ones, since the clocks changed.")
    yield "in #it-l1", _flat(lead.person.sees("since the clocks changed", in_=lead.card(number, "#it-l1")).text)
    yield "rina clicks", "[Escalate] and says why, what was tried and what is asked"
    rina.escalates(
        number,
        "#it-l1",
        reason="The time zone of the calendar server is wrong; I have no rights there.",
        tried="Two mailboxes, web and phone: all one hour late.",
        asked="Please correct the zone of recurring meetings.",
    )
    yield "in #it-l2", _flat(lead.person.sees("handed IT-1 up", in_="#it-l2", within_seconds=20).text)
    yield "maya reads", _flat(_said(maya, number, "was handed to L2").text)
    yield "dewi clicks", "[Accept], later [Resolve]"
    dewi.presses("Accept", number, "#it-l2")
    dewi.resolves(number, "#it-l2", "Software", "The server's zone data was old; it is updated.")
    question = _said(maya, number, "Did this solve it?")
    yield "maya reads", f"{_flat(question.text)} {_buttons(question.buttons)}"
    yield "maya clicks", "[Yes, close]"
    maya.answers_question(number, solved=True)
    yield "maya reads", _flat(_said(maya, number, "is solved and closed").text)


def _said(actor: Actor, number: str, words: str) -> SeenMessage:
    return actor.person.sees(words, in_=actor.root(number), within_seconds=20)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _buttons(labels: tuple[str, ...]) -> str:
    return " ".join(f"[{label}]" for label in labels)


def _lines(story: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Two columns; what is long goes on below."""
    for who, what in story:
        line = f"{who:<{COLUMN}}"
        for word in what.split(" "):
            if len(line) + 1 + len(word) > WIDTH:
                yield line.rstrip()
                line = " " * COLUMN
            line += f"{word} "
        yield line.rstrip()


def _timeless(text: str) -> str:
    return re.sub(
        r"\b[A-Z][a-z]{2} (?:\d{1,2} [A-Z][a-z]{2} (?:\d{4} )?)?\d\d:\d\d\b", "(time)", " ".join(text.split())
    )
