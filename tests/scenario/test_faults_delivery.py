"""Slack does not answer as it should, or a worker dies in the middle: every message is visible exactly once."""

import os
import signal
from typing import Any

import pytest

from slackdesk.demo.stage import Stage
from slackdesk.sandbox import faults
from slackdesk.sandbox.faults import Fault, Injection

both_transports = pytest.mark.parametrize("transport", ["socket", "http"], indirect=True)
SHORT_TIMES = {
    "SLACKDESK_SLACK_TIMEOUT_SECONDS": "1.5",
    "SLACKDESK_JOB_TIMEOUT_SECONDS": "5",
    "SLACKDESK_LEASE_SECONDS": "6",
    "SLACKDESK_AMBIGUOUS_SECONDS": "1",
}
BREAKS = {
    "dropped before it was applied": faults.dropped_before(),
    "dropped after it was applied": faults.dropped_after(),
    "500 before it was applied": faults.http_500(),
    "500 after it was applied": faults.http_500(applied=True),
    "no answer after it was applied": faults.no_answer(applied=True),
}


def inject(stage: Stage, fault: Fault, text: str, channel: str = "#it-l1") -> Injection:
    """The next post of this text in a channel or its threads meets the fault."""
    channel_id = stage.sandbox.workspace.channel_by_name(channel).id
    return stage.sandbox.faults.inject(
        "chat.postMessage", fault, matching=lambda args: args.get("channel") == channel_id and text in str(args)
    )


@pytest.mark.crossing
@both_transports
def test_faults_broken_posts_are_visible_once(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage(**SHORT_TIMES)
    maya, rina = stage.person("maya"), stage.person("rina")
    injected = {text: inject(stage, fault, text) for text, fault in BREAKS.items()}
    for text in BREAKS:
        assert "IT-" in maya.slash(f"/ticket {text}").text
    cards = {text: rina.sees(text, in_="#it-l1", within_seconds=15) for text in BREAKS}
    for card in cards.values():
        rina.click("Claim", in_=card)
    probe.rest(stage)
    for text, fault in BREAKS.items():
        assert injected[text].fired == 1
        attempts = probe.posts(stage, text)
        assert sum(attempt.applied for attempt in attempts) == 1, text
        assert len(attempts) == (1 if fault.applied else 2), text
        (seen,) = probe.visible(stage, text)
        assert seen.ts == cards[text].ts
        assert "Assignee\n@rina" in seen.text, "the card that is visible is the one that is redrawn"


@pytest.mark.parametrize("transport", ["http"], indirect=True)
def test_faults_broken_copies_are_found_in_their_thread(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage(**SHORT_TIMES)
    maya = stage.person("maya")
    maya.slash("/ticket The door does not open")
    root = maya.sees("The door does not open", in_="dm")
    card = stage.person("rina").sees("The door does not open", in_="#it-l1")
    probe.rest(stage)
    texts = ["It is the one at the back", "Now it makes a noise", "It is hot, too"]
    injected = inject(stage, faults.dropped_after(), texts[0])
    for text in texts:
        maya.says(text, in_=root)
        stage.sandbox.delivery.wait_until_answered()
    probe.rest(stage)
    assert injected.fired == 1
    assert [len(probe.posts(stage, text)) for text in texts] == [1, 1, 1]
    thread = [seen.text for seen in stage.person("rina").messages(card)[1:]]
    assert [next(text for text in texts if text in seen) for seen in thread] == texts


@pytest.mark.parametrize(
    ("transport", "victims"),
    [("socket", "the job's process"), ("http", "the worker and the job's process")],
    indirect=["transport"],
)
def test_faults_kill_between_post_and_record_leaves_one_card(fresh_stage: Any, probe: Any, victims: str) -> None:
    stage = fresh_stage(**SHORT_TIMES)
    maya, rina = stage.person("maya"), stage.person("rina")
    injected = inject(stage, faults.no_answer(applied=True), "The screen stays black")
    maya.slash("/ticket The screen stays black")
    card = rina.sees("The screen stays black", in_="#it-l1")
    worker, *jobs = probe.descendants(stage.processes()["worker-now-1"])
    assert jobs, "no job is under way"
    for process_id in jobs if victims == "the job's process" else [worker, *jobs]:
        os.kill(process_id, signal.SIGKILL)
    rina.click("Claim", in_=card)
    probe.eventually(lambda: "Assignee\n@rina" in probe.visible(stage, "screen stays")[0].text, "the card is redrawn")
    probe.rest(stage)
    assert injected.fired == 1
    assert [attempt.applied for attempt in probe.posts(stage, "The screen stays black")] == [True]
    assert [seen.ts for seen in probe.visible(stage, "The screen stays black")] == [card.ts]
    assert "was killed" in stage.log.read_text() or worker != stage.processes()["worker-now-1"]


@pytest.mark.parametrize("transport", ["socket"], indirect=True)
def test_faults_retry_after_is_waited_for_and_order_is_kept(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage(**SHORT_TIMES)
    people = [stage.person(handle) for handle in ("maya", "prakash", "wei-ling")]
    for person in people:
        person.slash(f"/ticket Need a new badge, {person.handle}")
    roots = {person.handle: person.sees("Need a new badge", in_="dm") for person in people}
    cards = [stage.person("rina").sees(f"Need a new badge, {p.handle}", in_="#it-l1") for p in people]
    probe.rest(stage)
    injected = inject(stage, faults.rate_limited(3), "Word 0 of maya")
    for number in range(4):
        for person in people:
            person.says(f"Word {number} of {person.handle}", in_=roots[person.handle])
        stage.sandbox.delivery.wait_until_answered()
    probe.rest(stage)
    assert injected.fired == 1
    calls = stage.sandbox.journal.calls("chat.postMessage")
    refused = next(call for call in calls if call.outcome == "ratelimited")
    assert [call for call in calls if 0 < call.monotonic - refused.monotonic < 3] == []
    assert stage.sandbox.journal.inside_retry_after() == []
    for person, card in zip(people, cards, strict=True):
        words = [seen.text for seen in stage.person("rina").messages(card) if f"of {person.handle}" in seen.text]
        assert [f"Word {number} of {person.handle}" in text for number, text in enumerate(words)] == [True] * 4
