"""Where nothing passes, rows wait; one tries now and then, and when it passes all leave, in order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from slackdesk.dispatch import blockages
from slackdesk.dispatch.beat import Beat
from slackdesk.dispatch.execution import Executor
from slackdesk.dispatch.model import Blockage, Work, WorkKind, WorkState
from slackdesk.dispatch.runners import AfterRefusal, Drawing, OutcomeKind, Runners, SlackCall
from slackdesk.errors import Blocked
from slackdesk.sandbox import Sandbox, faults
from slackdesk.slack.sender import SlackSender

Texts = Callable[[str], list[str]]


@pytest.fixture
def told(runners: Runners) -> list[tuple[str, str]]:
    """What whoever can mend it was told."""
    told: list[tuple[str, str]] = []
    runners.blocked = lambda _tx, place, error: told.append((place, error))
    return told


@pytest.fixture
def try_now(desk: Any, redis_url: str, quick: Any) -> Callable[[], None]:
    """The beat makes a round when the pause of every blockage is over."""
    beat = Beat(database=desk.database, clock=desk.clock, redis_url=redis_url, settings=quick)

    def sweep() -> None:
        with desk.transaction() as tx:
            tx.session.execute(update(Blockage).values(try_at=tx.real_now))
        beat.sweep()

    return sweep


def posts_to(slack: Sandbox, channel: str) -> list[Any]:
    return [call for call in slack.journal.calls("chat.postMessage") if call.args.get("channel") == channel]


def archive(slack: Sandbox, channel: str, *, archived: bool = True) -> None:
    (slack.workspace.archive if archived else slack.workspace.unarchive)(channel, slack.workspace.bot)


def states(desk: Any, ids: list[int]) -> list[tuple[WorkState, str | None, int]]:
    return [(row.state, row.held_for, row.attempts) for row in map(desk.row, ids)]


def test_blockage_holds_all_asks_once_and_lets_all_go_in_order(
    desk: Any, executor: Executor, slack: Sandbox, channel: str, texts_in: Texts, told: list[Any], try_now: Any
) -> None:
    archive(slack, channel)
    ids = [desk.add(payload={"channel": channel, "text": str(n)}, stream=f"ticket:{n // 2}") for n in range(6)]
    executor.run(ids)
    assert states(desk, ids) == [(WorkState.PENDING, channel, 0)] * 6
    assert len(posts_to(slack, channel)) == 1, "the others did not have to ask"
    assert told == [(channel, "is_archived")]
    for tries in (2, 3):
        try_now()
        executor.run(ids)
        assert len(posts_to(slack, channel)) == tries, "one tries"
    assert states(desk, ids) == [(WorkState.PENDING, channel, 0)] * 6
    archive(slack, channel, archived=False)
    try_now()
    executor.run(ids)
    assert texts_in(channel) == [str(n) for n in range(6)]
    assert [row.state for row in map(desk.row, ids)] == [WorkState.DONE] * 6
    assert told == [(channel, "is_archived")]
    with desk.transaction() as tx:
        assert blockages.standing(tx.session) == {}


def test_blockage_pauses_grow_and_another_reason_is_news(desk: Any, slack: Sandbox, channel: str) -> None:
    with desk.transaction() as tx:
        assert blockages.begin(tx.session, channel, "is_archived", tx.real_now)
        assert not blockages.begin(tx.session, channel, "is_archived", tx.real_now)
        assert blockages.begin(tx.session, channel, "not_in_channel", tx.real_now)
        now = tx.real_now
    held = desk.add(payload={"channel": channel, "text": "waits"})
    pauses = []
    for _ in range(8):
        with desk.transaction() as tx:
            tx.session.execute(update(Work).where(Work.id == held).values(held_for=channel))
            now = tx.session.scalars(select(Blockage.try_at)).one()
            assert not blockages.may_try(tx.session, now - timedelta(microseconds=1))
            assert blockages.may_try(tx.session, now)
            blockages.let_one_try(tx.session, now)
            pauses.append((tx.session.scalars(select(Blockage.try_at)).one() - now).total_seconds())
    assert pauses == [4, 8, 16, 32, 60, 60, 60, 60]


def test_blockage_lets_pass_what_goes_elsewhere(
    desk: Any, executor: Executor, slack: Sandbox, channel: str, texts_in: Texts, told: list[Any]
) -> None:
    archive(slack, channel)
    general = slack.workspace.channel_by_name("#general").id
    slack.workspace.join(general, slack.workspace.bot)
    first = desk.add(payload={"channel": channel, "text": "waits"}, stream="ticket:1")
    second = desk.add(payload={"channel": general, "text": f"passes {channel}"}, stream="ticket:1")
    third = desk.add(payload={"channel": channel, "text": "waits, too"}, stream="ticket:1")
    executor.run([first])
    assert [row.state for row in map(desk.row, (first, second, third))] == ["pending", "done", "pending"]
    assert f"passes {channel}" in texts_in(general)
    assert [desk.row(work_id).held_for for work_id in (first, third)] == [channel, channel]


def test_blockage_is_avoided_by_a_drawing_that_knows_another_place(
    desk: Any, executor: Executor, runners: Runners, slack: Sandbox, channel: str, told: list[Any]
) -> None:
    class Detour(Drawing):
        place = channel

        def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
            return SlackCall("chat.postMessage", {"channel": self.place, "text": "by a detour"})

        def failed(self, tx: Any, payload: dict[str, Any], error: str) -> AfterRefusal:
            assert error == "is_archived"
            self.place = slack.workspace.user_by_handle("maya").id
            return AfterRefusal.DRAW_AGAIN

    archive(slack, channel)
    runners.drawings["detour"] = Detour()
    work_id = desk.add("detour", stream="ticket:1")
    executor.run([work_id])
    assert desk.row(work_id).state == WorkState.DONE
    assert told == []


def test_blockage_of_the_token_holds_everything_but_response_urls(
    desk: Any, executor: Executor, runners: Runners, slack: Sandbox, channel: str, texts_in: Texts, try_now: Any,
    told: list[Any], sender: SlackSender,
) -> None:  # fmt: skip
    def ask(_desk: Any, _row: Work) -> None:
        outcome = runners.sender.send(SlackCall("auth.test", {}), 0)
        if outcome.kind is OutcomeKind.BLOCKED:
            raise Blocked(outcome.place, outcome.error)

    runners.timers["ask"] = ask
    runners.sender = SlackSender("xoxb-revoked", slack.api_url, 1)
    posts = [desk.add(payload={"channel": channel, "text": str(n)}) for n in range(3)]
    asked = desk.add("ask", WorkKind.TIMER)
    executor.run([*posts, asked])
    assert states(desk, [*posts, asked]) == [(WorkState.PENDING, "token", 0)] * 4
    assert told == [("token", "invalid_auth")]
    runners.sender = sender
    try_now()
    executor.run([*posts, asked])
    executor.run([*posts, asked])
    assert texts_in(channel) == ["0", "1", "2"]
    assert desk.row(asked).state == WorkState.DONE


def test_blockage_of_the_token_ends_when_a_timer_got_through(
    desk: Any, executor: Executor, runners: Runners, try_now: Any, told: list[Any]
) -> None:
    is_refused = True

    def ask(_desk: Any, _row: Work) -> None:
        if is_refused:
            raise Blocked("token", "invalid_auth")

    runners.timers["ask"] = ask
    asked = desk.add("ask", WorkKind.TIMER)
    executor.run([asked])
    assert states(desk, [asked]) == [(WorkState.PENDING, "token", 0)]
    is_refused = False
    try_now()
    executor.run([asked])
    with desk.transaction() as tx:
        assert blockages.standing(tx.session) == {}


def test_blockage_stands_when_the_one_that_tried_went_elsewhere(
    desk: Any, executor: Executor, runners: Runners, slack: Sandbox, channel: str, try_now: Any, told: list[Any]
) -> None:
    class Moving(Drawing):
        def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
            return SlackCall("chat.postMessage", {"channel": places[payload["number"]], "text": "on the move"})

    archive(slack, channel)
    places = [channel, channel]
    runners.drawings["moving"] = Moving()
    ids = [desk.add("moving", payload={"number": number}) for number in (0, 1)]
    executor.run(ids)
    places[0] = slack.workspace.user_by_handle("maya").id
    try_now()
    executor.run(ids)
    assert [(row.state, row.held_for) for row in map(desk.row, ids)] == [("done", None), ("pending", channel)]
    assert told == [(channel, "is_archived")], "nobody is told twice"
    with desk.transaction() as tx:
        assert blockages.may_try(tx.session, tx.real_now), "the next one tries at once"


def test_blockage_of_a_look_up_leaves_the_post_ambiguous(
    desk: Any, executor: Executor, slack: Sandbox, channel: str, texts_in: Texts, eventually: Any, try_now: Any
) -> None:
    slack.faults.inject("chat.postMessage", faults.dropped_after(), matching=lambda args: args["channel"] == channel)
    work_id = desk.add(payload={"channel": channel, "text": "once"})
    executor.run([work_id])
    assert desk.row(work_id).state == WorkState.AMBIGUOUS
    kept_out = faults.slack_error("not_in_channel")
    slack.faults.inject("conversations.history", kept_out, matching=lambda args: args["channel"] == channel)

    def is_held() -> bool:
        executor.run([work_id])
        return desk.row(work_id).held_for == channel

    eventually(is_held, "the look-up waits")
    assert desk.row(work_id).state == WorkState.AMBIGUOUS
    try_now()
    executor.run([work_id])
    assert desk.row(work_id).state == WorkState.DONE
    assert texts_in(channel) == ["once"]


def test_blockage_is_left_when_the_policy_names_another_channel(
    desk: Any, executor: Executor, slack: Sandbox, channel: str, told: list[Any]
) -> None:
    archive(slack, channel)
    ids = [desk.add(payload={"channel": channel, "text": str(n)}) for n in range(3)]
    executor.run(ids)
    with desk.transaction() as tx:
        blockages.end_all(tx.session, tx.real_now)
    assert [(row.held_for, row.state) for row in map(desk.row, ids)] == [(None, WorkState.PENDING)] * 3
