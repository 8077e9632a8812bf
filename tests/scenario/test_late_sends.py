"""What leaves late, after a card was deleted or the ticket went up: in the order of writing, and where it belongs."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from slackdesk.demo.actors import Actor
from slackdesk.demo.stage import Stage

TEXTS = ["First it was slow", "Then it stopped", "Now it smells"]


@contextmanager
def nothing_leaves(stage: Stage, probe: Any) -> Iterator[None]:
    workers = [process_id for name, process_id in stage.processes().items() if name.startswith("worker")]
    probe.freeze(stage, *workers)
    yield
    for process_id in workers:
        os.kill(process_id, signal.SIGCONT)


@pytest.mark.crossing
@pytest.mark.parametrize("transport", ["http"], indirect=True)
def test_messages_for_a_deleted_card_keep_their_order(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    gita, lead = Actor(stage, "gita"), Actor(stage, "helpdesk-lead")
    number = gita.asks("The mixer in the canteen is strange")
    card = lead.card(number, "#it-l1")
    gita.root(number)
    probe.rest(stage)
    with nothing_leaves(stage, probe):
        stage.sandbox.workspace.delete(card.message.channel_id, card.ts, stage.sandbox.workspace.bot)
        for text in TEXTS:
            gita.writes(number, text)
            stage.sandbox.delivery.wait_until_answered()
    for text in TEXTS:
        lead.person.sees(text, in_="#it-l1", within_seconds=30)
    probe.rest(stage)
    seen = [one for text in TEXTS for one in probe.visible(stage, text)]
    assert len(seen) == len(TEXTS)
    assert [one.ts for one in seen] == sorted(one.ts for one in seen)
    assert {one.thread_ts for one in seen} == {lead.card(number, "#it-l1").ts}


@pytest.mark.parametrize("transport", ["http"], indirect=True)
def test_undo_is_offered_where_the_reply_was_written(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage(SLACKDESK_UNDO_SECONDS="60")
    maya, rina = Actor(stage, "maya"), Actor(stage, "rina")
    number = maya.asks("The scanner eats paper")
    rina.card(number, "#it-l1")
    probe.rest(stage)
    with nothing_leaves(stage, probe):
        rina.replies(number, "#it-l1", "Please use the other one")
        rina.escalates(number, "#it-l1", reason="It is the motor", tried="Cleaned it", asked="Please replace it")
    rina.person.sees("Please use the other one", in_="#it-l1", within_seconds=30)
    rina.person.click("Urungkan", in_="#it-l1")
    rina.person.sees(rina.t("Nothing was sent: the reply of {number} is taken back.", number=number), in_="#it-l1")


@pytest.mark.parametrize("transport", ["http"], indirect=True)
def test_only_the_newest_question_can_be_answered(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage()
    maya, lead = Actor(stage, "maya"), Actor(stage, "helpdesk-lead")
    number = maya.asks("The blinds move by themselves")
    lead.presses("Claim", number, "#it-l1")
    lead.resolves(number, "#it-l1", "Other", "Took the batteries out")
    asked = maya.person.sees("Did this solve it?", in_="dm", within_seconds=30)
    probe.rest(stage)
    with nothing_leaves(stage, probe):
        maya.person.click("No, reopen", in_=asked)
        lead.person.slash(f"/ticket resolve {number}")
        lead.fills({"What was it about?": "Other", "What solved it?": "Put new batteries in"})
    maya.person.sees("Put new batteries in", in_="dm", within_seconds=30)
    probe.rest(stage)
    asking = [seen for seen in maya.person.messages("dm") if "Yes, close" in seen.buttons]
    assert ["Put new batteries in" in seen.text for seen in asking] == [True]
    maya.person.sees(f"{number} was not solved yet", in_="dm")
