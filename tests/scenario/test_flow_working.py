"""Between claim and resolution: waiting, holding, snoozing, notes, replies, hand-offs, the tier ledger."""

import re
import uuid
from typing import Any

import pytest

from slackdesk.demo.actors import Actor
from slackdesk.demo.stage import Stage
from slackdesk.sandbox.seen import SeenMessage

L1, L2, L3 = "#it-l1", "#it-l2", "#it-l3"
REPLY_SECONDS = 30.0
"""A reply leaves ten seconds after it was written."""


def claimed(stage: Stage, by: str, text: str) -> tuple[str, SeenMessage]:
    """A request of ``by`` that Rina claimed: its number and its card."""
    rina = Actor(stage, "rina")
    number = Actor(stage, by).asks(f"{text} {uuid.uuid4().hex[:8]}")
    rina.presses("Claim", number, L1)
    return number, rina.card(number, L1, "@rina")


def test_waiting_ends_with_the_answer_of_the_requester(stage: Stage) -> None:
    number, card = claimed(stage, "maya", "Mouse pointer shakes")
    rina, maya = Actor(stage, "rina"), Actor(stage, "maya")
    rina.presses("Wait for the requester", number, L1)
    waiting = rina.card(number, L1, "Waiting for the requester")
    assert "Resume" in waiting.buttons
    maya.person.sees("@rina needs an answer from you to go on.", in_=maya.root(number, "Waiting for you"))
    maya.writes(number, "It shakes on glass only")
    rina.person.sees("It shakes on glass only", in_=card)
    assert "Resume" not in rina.card(number, L1, "In progress").buttons
    maya.root(number, "In progress")


def test_holding_needs_a_reason_which_stays_inside(stage: Stage) -> None:
    number, card = claimed(stage, "maya", "New chair please")
    rina, maya = Actor(stage, "rina"), Actor(stage, "maya")
    rina.presses("Put on hold", number, L1)
    rina.fills({"What does it wait for?": "The supplier Kursi Jaya answers on Friday"})
    rina.person.sees("Kursi Jaya", in_=card)
    assert "Kursi Jaya" not in maya.root(number, "On hold").text
    rina.presses("Resume", number, L1)
    rina.card(number, L1, "In progress")
    maya.root(number, "In progress")
    assert all("Kursi Jaya" not in seen.text for seen in maya.person.messages())


def test_a_snoozed_ticket_leaves_the_list_and_comes_back(stage: Stage) -> None:
    number, _ = claimed(stage, "maya", "Blinds rattle")
    agus, rina = Actor(stage, "agus"), Actor(stage, "rina")
    assert number in rina.person.slash("/desk queue").text
    assert number in rina.person.slash(f"/ticket snooze {number} 2h").text
    assert number not in rina.person.slash("/desk queue").text
    assert number in agus.person.slash("/desk queue").text or "…" in agus.person.slash("/desk queue").text
    stage.advance("3h")
    assert number in rina.person.slash("/desk queue").text
    rina.chooses("Snooze", number, L1)
    rina.fills({})
    assert number not in rina.person.slash("/desk queue").text


@pytest.mark.parametrize("transport", ["http"], indirect=True)
def test_notes_stay_inside_and_replies_leave_after_ten_seconds(fresh_stage: Any) -> None:
    stage = fresh_stage()
    number, card = claimed(stage, "maya", "Tablet forgets its pen")
    rina, agus, maya = Actor(stage, "rina"), Actor(stage, "agus"), Actor(stage, "maya")
    agus.person.says("Internal alpha: she drops it often", in_=card)
    rina.presses("Add a note", number, L1)
    rina.fills({"Your note": "Internal beta: pen is out of warranty"})
    agus.person.sees("Internal beta", in_=card)

    rina.replies(number, L1, "Mistaken gamma")
    pending = rina.person.sees("Mistaken gamma", in_=card)
    assert pending.ephemeral
    rina.person.click(rina.t("Undo"), in_=pending)
    rina.person.sees(rina.t("Nothing was sent: the reply of {number} is taken back.", number=number), in_=L1)

    rina.replies(number, L1, "Please charge the pen: https://wiki.acme.example/pen?a=1&b=2")
    written = agus.person.says("Or borrow mine until Friday", in_=card)
    agus.person.reacts(written, "outbox_tray")
    agus.person.sees("Or borrow mine", in_=card)
    by_shortcut = rina.person.says("A new pen is ordered", in_=card)
    assert stage.sandbox.delivery.wait_until_answered()
    rina.person.message_shortcut("Send to requester", by_shortcut)
    for words in ("charge the pen", "borrow mine", "new pen is ordered"):
        assert all(words not in seen.text for seen in maya.person.messages())
    root = maya.root(number)
    for words in ("@rina answers:", "https://wiki.acme.example/pen?a=1&b=2", "borrow mine", "new pen is ordered"):
        maya.person.sees(words, in_=root, within_seconds=REPLY_SECONDS)
    texts = [seen.text for seen in maya.person.messages()]
    assert not [text for text in texts if re.search(r"Internal|Mistaken gamma", text)]
    assert sum("borrow mine" in text for text in texts) == 1
    assert "Press Undo" not in " ".join(seen.text for seen in agus.person.messages(card))


def test_up_to_the_third_tier_and_solved_there(stage: Stage) -> None:
    number, card = claimed(stage, "maya", "Backup tape squeals")
    maya, rina, dewi, bayu = (Actor(stage, handle) for handle in ("maya", "rina", "dewi", "bayu"))
    rina.escalates(number, L1, reason="Needs root", tried="Cleaned the heads", asked="Look at the changer")
    up = dewi.card(number, L2)
    for words in ("Handed up by @rina", "Needs root", "Cleaned the heads", "Look at the changer", "nobody yet"):
        assert words in up.text
    assert up.buttons[:2] == ("Accept", "Send back")
    old = rina.card(number, L1, "Escalated to L2")
    assert old.ts == card.ts
    assert old.buttons == ()
    maya.person.sees(f"{number} was handed to L2, who know more about it.", in_=maya.root(number))

    dewi.presses("Accept", number, L2)
    accepted = "{by} accepted {number} in {tier}. You are told what becomes of it."
    rina.person.sees(rina.t(accepted, by="@dewi", number=number, tier="L2"), in_="dm")
    assert "Accepted by @dewi." in dewi.card(number, L2, "@dewi").text
    dewi.escalates(number, L2, reason="Hardware", tried="New firmware", asked="Replace the changer")
    bayu.presses("Accept", number, L3)
    dewi.person.sees(f"@bayu accepted {number} in L3.", in_="dm")
    assert "Escalate" not in bayu.card(number, L3, "@bayu").buttons
    bayu.person.says("Internal delta: serial 4711", in_=bayu.card(number, L3))
    bayu.resolves(number, L3, "Other", "The changer is new.")
    rina.person.sees("The changer is new.", in_="dm")
    dewi.person.sees(f"@bayu resolved {number}, which you handed up.", in_="dm")
    maya.answers_question(number, solved=True)
    maya.root(number, "Closed")
    told = " ".join(seen.text for seen in maya.thread(number))
    for inside in ("Needs root", "Cleaned the heads", "Internal delta", "4711"):
        assert inside not in told


def test_a_hand_off_comes_back_with_a_reason(stage: Stage) -> None:
    number, card = claimed(stage, "maya", "Scanner scans upside down")
    rina, dewi, maya = Actor(stage, "rina"), Actor(stage, "dewi"), Actor(stage, "maya")
    rina.escalates(number, L1, reason="No idea", tried="Nothing", asked="Anything")
    dewi.presses("Send back", number, L2)
    dewi.person.modal.submit()
    assert dewi.person.modal.errors
    dewi.fills({"Why does it go back?": "Turn the paper around, see wiki 12"})
    back = rina.card(number, L1, "Sent back by @dewi")
    assert back.ts == card.ts
    assert "wiki 12" in back.text
    assert "Resolve" in back.buttons
    told = rina.t("{by} sent {number} back from {from_tier}.", by="@dewi", number=number, from_tier="L2")
    assert "wiki 12" in rina.person.sees(told, in_="dm").text
    dewi.card(number, L2, "Sent back to L1")
    assert all("wiki 12" not in seen.text for seen in maya.person.messages())


def test_the_ledger_adds_up_and_the_history_holds(stage: Stage) -> None:
    number, _ = claimed(stage, "maya", "Turnstile counts double")
    rina, dewi = Actor(stage, "rina"), Actor(stage, "dewi")
    stage.advance("26h")
    rina.presses("Put on hold", number, L1)
    rina.fills({"What does it wait for?": "a part"})
    rina.card(number, L1, "On hold")
    stage.advance("24h")
    rina.presses("Resume", number, L1)
    rina.card(number, L1, "In progress")
    stage.advance("24h")
    rina.escalates(number, L1, reason="x", tried="y", asked="z")
    dewi.presses("Accept", number, L2)
    dewi.card(number, L2, "@dewi")
    stage.advance("24h")
    text = dewi.person.slash(f"/ticket sla {number}").text
    lines = text.splitlines()
    assert lines[0] == f"{number}: its clocks"
    assert "office" in lines[1]
    tiers = lines[lines.index("Time in each tier") + 1 :]
    spent = [_minutes(re.findall(r": ([^:]+) of ", line)[-1]) for line in tiers]
    assert len(spent) == 2
    resolution = lines[next(n for n, line in enumerate(lines) if line.startswith("Resolution: ")) :]
    total = next(line for line in resolution if line.startswith("= "))
    assert any(line.startswith("− paused ") for line in resolution)
    assert sum(spent) == pytest.approx(_minutes(total.partition(" of ")[0]), abs=2)
    assert "its clocks" in stage.person("maya").slash(f"/ticket sla {number}").text

    done = stage.command("audit", "verify")
    assert done.returncode == 0, done.stdout + done.stderr


def _minutes(text: str) -> int:
    """``2 h 30 min`` in minutes."""
    units = {"h": 60, "min": 1, "s": 0}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+) (h|min|s)\b", text))
