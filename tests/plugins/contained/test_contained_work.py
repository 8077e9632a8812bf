"""Handlers, timers and recurring work that break: tried again, given up, paused; and the desk goes on meanwhile."""

import pytest

from slackdesk.dispatch.model import WorkState
from slackdesk.dispatch.retries import pause_after
from slackdesk.plugin.running import ATTEMPTS, KILLS_MAX
from slackdesk.plugin.states import FAILURES_MAX

from .conftest import BadDesk, StartDesk

HANDLER = "@plugin.on(TicketFiled)\ndef handle(event, ctx):\n    {}\n"
ONCE = "@plugin.on(TicketFiled)\ndef handle(event, ctx):\n    if event.ticket_id > 1: return\n    {}\n"

FAILURES = {
    "raises": "raise ValueError('no such thing')",
    "ends the process": "sys.exit(0)",
    "raises what nobody catches": "raise BaseException('all')",
    "refuses": "raise WrongState('not now')",
    "does as if it were done": "from slackdesk.errors import AlreadyAccepted; raise AlreadyAccepted('work', None)",
    "writes by hand": "from sqlalchemy import text; ctx.session.execute(text('DELETE FROM ticket'))",
    "has no such table": "from sqlalchemy import text; ctx.session.execute(text('SELECT * FROM nowhere'))",
    "writes what is the desk's": "from slackdesk.tickets.model import Ticket; ctx.session.get(Ticket, 1).title = 'x'",
    "asks for too much": "[ctx.redraw(1) for _ in range(101)]",
    "says what slack refuses": "ctx.say(ChannelPost('C1'), Message('Hello', [section('x' * 3001)]), key='k')",
    "misses a target of no clock": "ctx.record_missed_target(1, '', queue='it', tier='L1', missed_at=ctx.now)",
    "misses a target before it began": (
        "ctx.record_missed_target(1, 'claim', 0, queue='it', tier='L1', missed_at=ctx.now)"
    ),
    "misses a target of no ticket": "ctx.record_missed_target(9, 'claim', queue='it', tier='L1', missed_at=ctx.now)",
    "names a ticket that is not there": "ctx.say(AgentsThread(99), Message('Hello'), key='k')",
}


@pytest.mark.parametrize("body", FAILURES.values(), ids=FAILURES.keys())
def test_a_handler_that_fails_is_tried_again_and_given_up(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=HANDLER.format(body))
    number = desk.files()
    desk.settle()
    (row,) = desk.rows("bad.handle")
    assert (row.state, row.attempts) == (WorkState.PENDING, 1)
    assert row.not_before > row.created_at
    desk.exhaust()
    (row,) = desk.rows("bad.handle")
    assert (row.state, row.attempts) == (WorkState.DEAD, ATTEMPTS)
    assert str(row.last_error).startswith("bad.handle: ")
    assert desk.paused() == {}, "one piece of work is no series"
    desk.can_be_claimed(number)


def test_five_failures_in_a_row_pause_the_plugin_and_keep_the_rest(start_desk: StartDesk) -> None:
    desk = start_desk(bad=HANDLER.format("raise ValueError('no such thing')"))
    for number in range(FAILURES_MAX + 2):
        desk.files(f"Request {number}")
    desk.exhaust()
    reason = desk.paused()["bad"]
    assert reason.startswith("5 pieces of its work failed one after the other, the last with: bad.handle: ValueError")
    assert len(desk.rows("bad.handle", WorkState.DEAD)) == FAILURES_MAX
    assert len(desk.rows("bad.handle", WorkState.PENDING)) == 2, "what is left waits for when it is mended"
    desk.operators_read("The plugin bad is paused: 5 pieces of its work failed one after the other")
    desk.goes_on()


def test_five_failures_take_minutes() -> None:
    assert 120 < sum(pause_after(attempts).total_seconds() for attempts in range(1, ATTEMPTS)) < 300


def test_what_ends_well_begins_the_count_anew(start_desk: StartDesk) -> None:
    desk = start_desk(bad=HANDLER.format("if event.ticket_id % 3: raise ValueError"))
    for number in range(9):
        desk.files(f"Request {number}")
        desk.exhaust()
    assert len(desk.rows("bad.handle", WorkState.DEAD)) == 6
    assert desk.paused() == {}


HANGING = {
    "sleeps": "time.sleep(60)",
    "computes": "while True: pass",
    "asks the database for ever": (
        "from sqlalchemy import text; ctx.session.execute(text('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 FROM n) SELECT max(i) FROM n')).all()"
    ),
    "swallows everything": "while True:\n        try: time.sleep(60)\n        except BaseException: pass",
}


@pytest.mark.parametrize("body", HANGING.values(), ids=HANGING.keys())
def test_a_handler_that_hangs_is_given_up_at_once(start_desk: StartDesk, body: str) -> None:
    """Under RQ's own alarm, which still rings for whatever comes afterwards."""
    desk = start_desk(bad=ONCE.format(body))
    desk.has_a_request()
    while not desk.rows("bad.handle", WorkState.DEAD):
        desk.work_in_jobs()
    (row,) = desk.rows("bad.handle")
    assert row.attempts == 1
    assert str(row.last_error).startswith("bad.handle took longer than")
    desk.goes_on()


def kill_in_the_middle(desk: BadDesk) -> None:
    """A worker's process is forked, ends in the middle of the plugin's work, and its lease runs out."""
    desk.run_in_a_process_that_ends()
    desk.take_back()


def test_work_that_kills_its_process_is_given_up(start_desk: StartDesk) -> None:
    desk = start_desk(bad=ONCE.format("os._exit(3)"))
    desk.has_a_request()
    for attempt in range(1, KILLS_MAX + 1):
        kill_in_the_middle(desk)
        (row,) = desk.rows("bad.handle")
        assert (row.state, row.attempts) == (WorkState.PENDING, attempt)
    desk.exhaust()
    (row,) = desk.rows("bad.handle")
    assert row.state == WorkState.DEAD
    assert "its worker ended in the middle of it, 3 times" in str(row.last_error)
    state = desk.state("bad")
    assert state is not None
    assert state.failures == 1
    desk.goes_on()


def test_a_timer_that_fails_and_one_that_does_not(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.on(TicketFiled)
        def handle(event, ctx):
            for name in ("good", "bad"):
                ctx.schedule(name, {"n": 1}, due_at=ctx.now, key=f"{event.ticket_id}", ticket_id=event.ticket_id)

        @plugin.timer("good")
        def good(timer, ctx):
            ctx.say(RequesterThread(timer.ticket_id), Message(f"Timer {timer.key}: {timer.payload['n']}"), key="k")

        @plugin.timer("bad")
        def bad(timer, ctx): raise ValueError("no such thing")
        """
    )
    desk.files()
    desk.exhaust()
    desk.person("maya").sees("Timer 1: 1", in_="dm")
    assert [row.state for row in desk.rows("bad.bad")] == [WorkState.DEAD]
    desk.goes_on()


def test_recurring_work_that_fails_does_not_stop_the_next_slot(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.every("0 3 * * *")
        def nightly(slot, ctx): raise ValueError("no such thing")
        """
    )
    desk.advance("25h")
    desk.exhaust()
    assert [row.state for row in desk.rows("bad.every.nightly")] == [WorkState.DEAD]
    desk.do_chores()
    assert [row.state for row in desk.rows("bad.every.nightly")] == [WorkState.DEAD, WorkState.PENDING]
    desk.goes_on()


def test_work_of_a_plugin_that_does_not_run_waits_for_it(start_desk: StartDesk) -> None:
    desk = start_desk(bad=HANDLER.format("ctx.say(RequesterThread(event.ticket_id), Message('Hello again'), key='k')"))
    desk.has_a_request()
    desk.quarantine("bad", "its config is wrong")
    desk.exhaust()
    (row,) = desk.rows("bad.handle")
    assert (row.state, row.attempts) == (WorkState.PENDING, 0)
    assert row.last_error == "the plugin bad does not run: its config is wrong"
    desk.mend("bad")
    desk.person("maya").sees("Hello again", in_="dm")


def test_a_plugin_that_is_switched_off_in_the_policy_stops_at_once(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad=HANDLER.format("ctx.say(RequesterThread(event.ticket_id), Message('Hello'), key='k')")
        + "@plugin.ticket_card()\ndef part(ticket, ctx): return [section('Shown')]\n"
    )
    desk.switch_off("bad")
    number = desk.files()
    desk.exhaust()
    assert "Shown" not in desk.card(number)
    (row,) = desk.rows("bad.handle")
    assert (row.state, row.attempts) == (WorkState.PENDING, 0)
    desk.goes_on()
