"""Sending over real HTTP to the simulated workspace: what Slack and the network may do, and that it is seen once."""

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.model import WorkState
from slackdesk.dispatch.pacing import Pacing
from slackdesk.dispatch.retries import DRAWING_ATTEMPTS
from slackdesk.dispatch.runners import AfterRefusal, Drawing, Runners, SlackCall
from slackdesk.sandbox import Sandbox, faults
from slackdesk.settings import Settings
from slackdesk.slack.sender import SlackSender

Eventually = Callable[[Callable[[], bool], str], None]
Texts = Callable[[str], list[str]]


@pytest.fixture
def run_all(desk: Any, executor: Executor, eventually: Eventually) -> Callable[..., None]:
    """Runs the rows again and again until they are in one of the states."""

    def run(*ids: int | None, until: WorkState = WorkState.DONE) -> None:
        def settled() -> bool:
            executor.run([work_id for work_id in ids if work_id is not None])
            return all(desk.row(work_id).state == until for work_id in ids)

        eventually(settled, f"{ids} are {until}")

    return run


def posts_of(slack: Sandbox, channel: str) -> list[Any]:
    return [call for call in slack.journal.calls("chat.postMessage") if call.args.get("channel") == channel]


def to(channel: str) -> Callable[[Any], bool]:
    return lambda args: bool(args.get("channel") == channel)


def test_dispatch_send_posts_once_and_remembers_where(
    desk: Any, run_all: Any, slack: Sandbox, channel: str, texts_in: Texts
) -> None:
    work_id = desk.add(payload={"channel": channel, "text": "hello"})
    run_all(work_id)
    run_all(work_id)
    assert texts_in(channel) == ["hello"]
    row = desk.row(work_id)
    assert row.result["channel"] == channel
    assert row.result["ts"] in slack.workspace.channels[channel].messages
    assert row.attempted is None
    [call] = posts_of(slack, channel)
    assert call.args["metadata"] == {"event_type": "slackdesk_work", "event_payload": {"work_id": work_id}}


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        pytest.param(faults.dropped_after(), True, id="dropped after applying"),
        pytest.param(faults.dropped_before(), False, id="dropped before applying"),
        pytest.param(faults.no_answer(applied=True), True, id="no answer, applied"),
        pytest.param(faults.no_answer(applied=False), False, id="no answer, not applied"),
        pytest.param(faults.http_500(applied=True), True, id="500, applied"),
        pytest.param(faults.http_500(applied=False), False, id="500, not applied"),
        pytest.param(faults.slack_error("internal_error"), False, id="internal_error"),
    ],
)
def test_dispatch_ambiguous_send_is_seen_once(
    fault: faults.Fault, applied: bool, desk: Any, executor: Executor, run_all: Any, slack: Sandbox, channel: str,
    texts_in: Texts,
) -> None:  # fmt: skip
    injection = slack.faults.inject("chat.postMessage", fault, times=1, matching=to(channel))
    work_id = desk.add(payload={"channel": channel, "text": "once"})
    executor.run([work_id])
    assert injection.fired == 1
    row = desk.row(work_id)
    assert row.state == WorkState.AMBIGUOUS
    assert row.last_error.startswith("chat.postMessage: ")
    assert texts_in(channel) == (["once"] if applied else [])
    run_all(work_id)
    assert texts_in(channel) == ["once"]
    assert len(posts_of(slack, channel)) == (1 if applied else 2)
    assert desk.row(work_id).result["ts"] in slack.workspace.channels[channel].messages


def test_dispatch_ambiguous_reply_in_a_thread_is_found_there(
    desk: Any, runners: Runners, run_all: Any, slack: Sandbox, channel: str
) -> None:
    class Reply(Drawing):
        def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
            return SlackCall("chat.postMessage", {"channel": channel, "thread_ts": payload["root"], "text": "reply"})

    runners.drawings["reply"] = Reply()
    root = desk.add(payload={"channel": channel, "text": "root"})
    run_all(root)
    root_ts = desk.row(root).result["ts"]
    slack.faults.inject("chat.postMessage", faults.dropped_after(), times=1, matching=to(channel))
    reply = desk.add("reply", payload={"root": root_ts})
    run_all(reply)
    assert [message.text for message in slack.workspace.channels[channel].threads[root_ts]] == ["reply"]


def test_dispatch_ambiguous_direct_message_is_found(desk: Any, run_all: Any, slack: Sandbox, texts_in: Texts) -> None:
    person = slack.person("ayu")
    user_id = next(user.id for user in slack.workspace.users.values() if user.name == "ayu")
    slack.faults.inject("chat.postMessage", faults.dropped_after(), times=1, matching=to(user_id))
    work_id = desk.add(payload={"channel": user_id, "text": "a direct message that was lost"})
    run_all(work_id)
    assert [message.text for message in person.messages(in_="dm")].count("a direct message that was lost") == 1
    assert desk.row(work_id).result["channel"].startswith("D")


def test_dispatch_look_up_that_is_refused_for_now_is_made_again(
    desk: Any, executor: Executor, run_all: Any, slack: Sandbox, channel: str, texts_in: Texts
) -> None:
    slack.faults.inject("chat.postMessage", faults.dropped_after(), times=1, matching=to(channel))
    limited = slack.faults.inject("conversations.history", faults.rate_limited(1), times=1, matching=to(channel))
    work_id = desk.add(payload={"channel": channel, "text": "once"})
    run_all(work_id, until=WorkState.AMBIGUOUS)
    time.sleep(0.05)
    executor.run([work_id])
    assert limited.fired == 1
    assert desk.row(work_id).state == WorkState.AMBIGUOUS
    assert "ratelimited" in desk.row(work_id).last_error
    run_all(work_id)
    assert texts_in(channel) == ["once"]
    looked = [call for call in slack.journal.calls("conversations.history") if call.args["channel"] == channel]
    assert not any(call.inside_retry_after for call in looked)


def test_dispatch_429_holds_the_method_for_all_processes(
    desk: Any, executor: Executor, run_all: Any, slack: Sandbox, redis_url: str, channel: str, texts_in: Texts
) -> None:
    slack.faults.inject("chat.postMessage", faults.rate_limited(1), times=1, matching=to(channel))
    ids = [desk.add(payload={"channel": channel, "text": str(number)}, stream="ticket:1") for number in range(3)]
    executor.run([ids[0]])
    row = desk.row(ids[0])
    assert (row.state, row.attempts) == (WorkState.PENDING, 0)
    assert row.attempted is None, "429 says that it was not applied"
    assert Pacing(redis_url, 1000).reserve("chat.postMessage", "C-another", reserved=False) > 0.5
    run_all(*ids)
    assert texts_in(channel) == ["0", "1", "2"]
    assert not any(call.inside_retry_after for call in posts_of(slack, channel))


def test_dispatch_definite_error_ends_with_a_readable_reason_and_frees_the_stream(
    desk: Any, run_all: Any, channel: str, texts_in: Texts, caplog: pytest.LogCaptureFixture
) -> None:
    refused = desk.add(payload={"channel": channel, "text": ""}, stream="ticket:1")
    later = desk.add(payload={"channel": channel, "text": "later"}, stream="ticket:1")
    with caplog.at_level(logging.ERROR):
        run_all(refused, until=WorkState.DEAD)
    assert desk.row(refused).last_error == "Slack refused chat.postMessage: no_text"
    assert f"work {refused}" in caplog.text
    assert desk.row(later).state == WorkState.DONE, "it was run in the same job"
    assert texts_in(channel) == ["later"]


def test_dispatch_drawing_may_answer_a_definite_error_by_drawing_anew(
    desk: Any, runners: Runners, run_all: Any, channel: str, texts_in: Texts
) -> None:
    class Card(Drawing):
        posted_ts: str | None = "1.000001"

        def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
            if self.posted_ts is None:
                return SlackCall("chat.postMessage", {"channel": channel, "text": "the card"})
            return SlackCall("chat.update", {"channel": channel, "ts": self.posted_ts, "text": "the card"})

        def failed(self, tx: Any, payload: dict[str, Any], error: str) -> AfterRefusal:
            assert error == "message_not_found"
            self.posted_ts = None
            return AfterRefusal.DRAW_AGAIN

    runners.drawings["card"] = Card()
    run_all(desk.add("card", stream="ticket:1"))
    assert texts_in(channel) == ["the card"]


def test_dispatch_broken_drawing_dies_soon_and_lets_others_pass(
    desk: Any, executor: Executor, run_all: Any, channel: str, texts_in: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slackdesk.dispatch.retries.FIRST_PAUSE_SECONDS", 0.001)
    broken = desk.add(payload={"broken": True}, stream="ticket:1")
    later = desk.add(payload={"channel": channel, "text": "later"}, stream="ticket:1")
    run_all(broken, until=WorkState.DEAD)
    row = desk.row(broken)
    assert row.attempts == DRAWING_ATTEMPTS
    assert "this cannot be drawn" in row.last_error
    run_all(later)
    assert texts_in(channel) == ["later"]


def test_dispatch_nothing_to_say_is_done(desk: Any, run_all: Any, channel: str, texts_in: Texts) -> None:
    silent = desk.add(payload={"nothing": True}, stream="ticket:1")
    later = desk.add(payload={"channel": channel, "text": "later"}, stream="ticket:1")
    run_all(silent)
    assert desk.row(later).state == WorkState.DONE
    assert texts_in(channel) == ["later"]


def test_dispatch_paced_row_waits_in_sql_and_still_stands_for_later_redraws(
    desk: Any, runners: Runners, redis_url: str, quick: Settings, channel: str, texts_in: Texts
) -> None:
    slow = Executor(desk=desk, runners=runners, pacing=Pacing(redis_url, 1.0), settings=quick, queue="now")
    first = desk.add(payload={"channel": channel, "text": "first"})
    second = desk.add(payload={"channel": channel, "text": "second"}, coalesce_key="card:1")
    started = time.monotonic()
    slow.run([first, second])
    assert time.monotonic() - started < 0.9, "nobody sleeps for a slot"
    row = desk.row(second)
    assert (row.state, row.slot_reserved, row.attempts) == (WorkState.PENDING, True, 0)
    assert desk.add(dedupe_key="redraw", coalesce_key="card:1") is None
    assert texts_in(channel) == ["first"]


def test_dispatch_send_goes_on_without_redis(
    desk: Any, runners: Runners, quick: Settings, channel: str, texts_in: Texts, unused_port: int
) -> None:
    pacing = Pacing(f"redis://127.0.0.1:{unused_port}/0")
    executor = Executor(desk=desk, runners=runners, pacing=pacing, settings=quick, queue="now")
    executor.run([desk.add(payload={"channel": channel, "text": "no pacing"})])
    assert texts_in(channel) == ["no pacing"]


def test_dispatch_update_that_got_no_answer_is_repeated_without_a_look_up(
    desk: Any, runners: Runners, run_all: Any, slack: Sandbox, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slackdesk.dispatch.retries.FIRST_PAUSE_SECONDS", 0.001)
    posted = desk.add(payload={"channel": channel, "text": "before"})
    run_all(posted)
    place = desk.row(posted).result

    class Update(Drawing):
        def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
            return SlackCall("chat.update", {**place, "text": "after"})

    runners.drawings["update"] = Update()
    injection = slack.faults.inject("chat.update", faults.dropped_after(), times=1, matching=to(channel))
    run_all(desk.add("update"))
    assert injection.fired == 1
    assert slack.workspace.channels[channel].messages[place["ts"]].text == "after"
    assert not [call for call in slack.journal.calls("conversations.history") if call.args["channel"] == channel]


def test_dispatch_slack_that_cannot_be_reached_is_tried_again(
    desk: Any, runners: Runners, executor: Executor, quick: Settings, unused_port: int
) -> None:
    runners.sender = SlackSender("xoxb-test", f"http://127.0.0.1:{unused_port}/api/", 0.5)
    work_id = desk.add(payload={"channel": "C1", "text": "hello"})
    executor.run([work_id])
    row = desk.row(work_id)
    assert (row.state, row.attempted) == (WorkState.PENDING, None), "it surely was not applied"
    assert "Slack cannot be reached" in row.last_error
    assert row.not_before > row.created_at
