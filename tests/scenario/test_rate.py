"""A rush of requests at Slack's own pace, one post a second in a channel: order, patience, and clicks in between."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from slackdesk.demo.actors import NUMBER
from slackdesk.sandbox.rates import POST_BURST_PER_CHANNEL

REQUESTS = 60
PEOPLE = ("maya", "prakash", "dewi", "bayu", "wei-ling", "ratna")
BACKLOG_SECONDS = 150


@pytest.mark.xdist_group("rate")
@pytest.mark.parametrize("transport", ["http"], indirect=True)
def test_rate_rush_of_requests_at_slacks_pace(fresh_stage: Any, probe: Any) -> None:
    stage = fresh_stage(rate_scale=1.0)
    assert stage.sandbox.rates.scale == 1.0
    texts = {handle: [f"Rush of {handle}, no. {n:02}" for n in range(REQUESTS // len(PEOPLE))] for handle in PEOPLE}

    def file(handle: str) -> list[str]:
        answers = [stage.person(handle).slash(f"/ticket {text}") for text in texts[handle]]
        return [found.group() for answer in answers if (found := NUMBER.search(answer.text))]

    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        numbers = [number for own in pool.map(file, PEOPLE) for number in own]
    assert len(set(numbers)) == REQUESTS

    rina = stage.person("rina")
    card = rina.sees(texts["maya"][0], in_="#it-l1", within_seconds=40)
    rina.click("Claim", in_=card)
    probe.eventually(lambda: "Assignee\n@rina" in probe.visible(stage, texts["maya"][0])[0].text, "the card is redrawn")
    waiting = REQUESTS - len(probe.visible(stage, "Rush of"))
    assert waiting > REQUESTS / 2, f"only {waiting} cards were still to come when the click was answered"
    words = [f"And another thing, no. {n}" for n in range(3)]
    root = stage.person("maya").sees(texts["maya"][0], in_="dm", within_seconds=BACKLOG_SECONDS)
    for word in words:
        stage.person("maya").says(word, in_=root)
        stage.sandbox.delivery.wait_until_answered()

    probe.eventually(lambda: len(probe.visible(stage, "Rush of")) == REQUESTS, "all cards are there", BACKLOG_SECONDS)
    probe.rest(stage)
    for text in [text for own in texts.values() for text in own]:
        assert len(probe.visible(stage, text)) == 1
    thread = [seen.text for seen in rina.messages(card)[1:]]
    assert [[word for word in words if word in text] for text in thread] == [[word] for word in words]

    assert stage.sandbox.journal.inside_retry_after() == []
    posted = sorted(call.monotonic for call in probe.posts(stage, "") if call.applied)
    assert len(posted) == REQUESTS + len(words)
    assert posted[-1] - posted[0] >= len(posted) - 1 - POST_BURST_PER_CHANNEL, "this was not Slack's pace"
