"""What different people read: languages, private requests, App Home, and texts that would like to be more than text."""

import uuid

import pytest

from slackdesk.demo.actors import NUMBER, Actor
from slackdesk.demo.stage import Stage

L1, HR = "#it-l1", "#hr-private"


def some(text: str) -> str:
    """A text that nobody else writes."""
    return f"{text} {uuid.uuid4().hex[:8]}"


def test_everybody_reads_the_own_language_and_channels_read_english(stage: Stage) -> None:
    ayu, rina = Actor(stage, "ayu"), Actor(stage, "rina")
    answer = ayu.person.slash(f"/ticket {some('Layar saya berkedip')}")
    found = NUMBER.search(answer.text)
    assert found is not None
    number = found.group()
    assert answer.text.startswith(ayu.t("Filed as *{number}*.", number=number).replace("*", ""))
    assert not answer.text.startswith("Filed")
    root = ayu.root(number)
    assert "Next answer" not in root.text
    assert ayu.t("New") in root.text
    assert set(root.buttons) == {ayu.t("Add details"), ayu.t("Cancel request")}
    rina.presses("Claim", number, L1)
    card = rina.card(number, L1, "In progress")
    assert "nobody yet" not in card.text
    ayu.person.sees(ayu.t("{by} is working on {number} now.", by="@rina", number=number), in_=root)
    rina.presses("Escalate", number, L1)
    assert rina.person.modal.title == rina.t("Escalate")
    assert rina.t("Why does it go up?") in rina.person.modal.labels
    assert rina.t("Why does it go up?") != "Why does it go up?"
    rina.person.modal.close()
    in_channel = ayu.person.says(some("Wi-Fi lambat di lantai 3"), in_="#help-it")
    assert "answer by" in ayu.person.sees("Status: New", in_=in_channel).text


def test_somebody_of_a_language_without_a_catalogue_reads_english_throughout(stage: Stage) -> None:
    jonas = Actor(stage, "jonas")
    text = jonas.person.slash(f"/ticket {some('Tastatur klemmt')}").text
    assert "Filed as" in text
    days = ("Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So.")
    assert not any(day in text for day in days), text


def test_a_private_request_is_read_by_its_people_only(stage: Stage) -> None:
    ayu, lead, text = Actor(stage, "ayu"), Actor(stage, "helpdesk-lead"), some("Gaji saya kurang")
    ayu.person.slash("/ticket")
    ayu.fills({"What is it about?": "Payroll", "What do you need?": text})
    number = ayu.person.modal.title
    ayu.person.modal.close()
    assert number.startswith("HR-")
    assert text in lead.card(number, HR).text
    assert text in ayu.root(number).text
    digits = number.partition("-")[2]
    for handle in ("maya", "rina", "dewi", "ratna", "lukas"):
        person = stage.person(handle)
        person.sees_not(text)
        for words in (f"show {number}", f"show {digits}", f"sla {number}", f"claim {number}", f"note {number} hello"):
            answer = person.slash(f"/ticket {words}", in_="#help-it").text
            assert text not in answer
            assert "HR-" not in answer, answer
        assert number not in person.slash("/desk queue", in_="#help-it").text
    lead.replies(number, HR, "We look into it")
    ayu.person.sees("We look into it", in_=ayu.root(number), within_seconds=30)


def test_home_shows_an_employee_the_own_requests_and_an_agent_the_work(stage: Stage) -> None:
    wei_ling, lead, text = Actor(stage, "wei-ling"), Actor(stage, "helpdesk-lead"), some("Binder machine is loud")
    wei_ling.person.opens_home()
    home = wei_ling.person.home
    assert "File a request" in home.buttons
    lead.person.opens_home()
    number = wei_ling.asks(text)
    home.sees(number).sees("Nobody has taken it yet.")
    lead.person.home.sees("Nobody has it yet")
    lead.presses("Claim", number, L1)
    lead.person.home.sees("Assigned to you").sees(number)
    home.sees("In progress with @helpdesk-lead.")
    home.click("Open")
    assert number in wei_ling.person.modal.text
    assert text in wei_ling.person.modal.text
    wei_ling.person.modal.close()
    assert "Assigned to you" not in home.text


@pytest.mark.parametrize(
    "text",
    [
        "<!channel> <!here> @channel @everyone please <https://evil.example|click here>",
        "*bold* _italic_ ~gone~ `code` ```block``` > quote & <b>html</b> :tada:",
        "مرحبا بالعالم \u202e evil txt.exe \u202c שלום",
        "a\u0000b\u0007c \u200b zero width \ufeff and 👩‍👩‍👧‍👦 and 视频会议",
    ],
)
def test_what_people_write_arrives_inert(stage: Stage, text: str) -> None:
    mark = uuid.uuid4().hex[:8]
    maya, rina = Actor(stage, "maya"), Actor(stage, "rina")
    number = maya.asks(f"{text} {mark}")
    card, root = rina.card(number, L1), maya.root(number)
    maya.writes(number, f"again: {text} {mark}b")
    copy = rina.person.sees(f"{mark}b", in_=card)
    for seen in (card, root, copy):
        raw = f"{seen.message.text} {seen.message.blocks}"
        assert "<!channel>" not in seen.message.text
        assert "<!here>" not in seen.message.text
        assert "<https://evil.example|click here>" not in seen.message.text
        for block in seen.message.blocks or []:
            marked = block.get("text") or {}
            assert marked.get("type") != "mrkdwn" or "evil.example" not in marked["text"]
        assert mark in raw
    for words in ("please", "click here", "bold", "html", "evil", "zero width", "视频会议"):
        assert (words in text) == (words in card.text.partition("Request")[2]), words


def test_a_very_long_text_arrives_whole_and_in_order(stage: Stage) -> None:
    maya, rina = Actor(stage, "maya"), Actor(stage, "rina")
    mark = uuid.uuid4().hex[:8]
    lines = [f"{mark} line {n:05d} of the log" for n in range(1_270)]
    text = "\n".join(lines)
    assert 35_000 < len(text) < 40_000
    message = maya.person.says(text, in_="dm")
    maya.person.sees("answer by", in_=message)
    card = rina.person.sees(f"· {mark} line 00000", in_=L1)
    rina.person.sees(lines[-1], in_=card, within_seconds=20)
    copied = "\n".join(seen.text for seen in card.thread())
    found = [line for line in copied.splitlines() if line in set(lines)]
    assert found == lines
