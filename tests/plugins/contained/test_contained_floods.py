"""Plugins that ask for too much: stopped at a limit per hour, and never in the way of what people wait for."""

from sqlalchemy import func, select

from slackdesk.dispatch.model import Work, WorkState

from .conftest import BadDesk, StartDesk

CHAIN = """
@plugin.on(TicketFiled)
def handle(event, ctx):
    ctx.schedule("flood", {{"n": 0}}, due_at=ctx.now, key="0")

@plugin.timer("flood")
def flood(timer, ctx):
    n = timer.payload["n"]
    for step in range({steps}):
        {ask}
    ctx.schedule("flood", {{"n": n + 1}}, due_at=ctx.now, key=str(n + 1))
"""


def count(desk: BadDesk, name: str, *states: WorkState) -> int:
    with desk.desk.reading() as tx:
        named = select(func.count()).where(Work.name == name)
        return tx.session.scalar(named.where(Work.state.in_(states)) if states else named) or 0


def test_messages_stop_at_the_limit_and_the_operators_hear_of_it(start_desk: StartDesk) -> None:
    ask = "ctx.say(DirectMessage(ctx.policy.desk.operators[0]), Message(f'Buy {n}-{step}'), key=f'{n}-{step}')"
    desk = start_desk({"bad": {"messages_per_hour": 50}}, bad=CHAIN.format(steps=20, ask=ask))
    number = desk.files()
    desk.exhaust()
    assert desk.paused() == {
        "bad": "it asked for more than 50 messages within an hour (plugins.bad.messages_per_hour says how many it may)"
    }
    desk.operators_read("The plugin bad is paused: it asked for more than 50 messages within an hour")
    assert count(desk, "plugin_message") == 40, "a call that asks for too much asks for nothing"
    assert count(desk, "bad.flood", WorkState.PENDING) == 1, "what asked for it waits, too"
    desk.can_be_claimed(number)
    desk.goes_on()


def test_timers_stop_at_the_limit(start_desk: StartDesk) -> None:
    ask = "ctx.schedule('flood', {'n': n}, due_at=ctx.now, key=f'{n}-{step}-{timer.key}')"
    desk = start_desk({"bad": {"timers_per_hour": 100}}, bad=CHAIN.format(steps=3, ask=ask))
    desk.files()
    desk.exhaust()
    assert "more than 100 timers within an hour" in desk.paused()["bad"]
    assert count(desk, "bad.flood") <= 100
    desk.goes_on()


def test_redrawn_tickets_count_as_messages(start_desk: StartDesk) -> None:
    desk = start_desk({"bad": {"messages_per_hour": 30}}, bad=CHAIN.format(steps=10, ask="ctx.redraw(1)"))
    desk.files()
    desk.exhaust()
    assert "more than 30 messages within an hour" in desk.paused()["bad"]
    desk.goes_on()


def test_a_click_that_floods_is_told_and_switches_off(start_desk: StartDesk) -> None:
    desk = start_desk(
        {"bad": {"messages_per_hour": 9}},
        bad="""
        @plugin.command("bad", help="floods")
        def word(words, ctx):
            for step in range(10):
                ctx.say(DirectMessage(words.person), Message(f"Buy {step}"), key=str(step))
            return "done"
        """,
    )
    answer = desk.person("maya").slash("/desk bad")
    assert answer.text == (
        "bad asked for too much and is switched off until its operators start it again. Nothing was changed."
    )
    assert count(desk, "plugin_message") == 0
    desk.goes_on()


def test_a_new_hour_begins_anew_and_so_does_a_resumed_plugin(start_desk: StartDesk) -> None:
    word = "@plugin.command('bad', help='says')\ndef word(words, ctx):\n    "
    say = "ctx.say(DirectMessage(words.person), Message('Hello'), key=str(time.time()))\n    return 'done'\n"
    desk = start_desk({"bad": {"messages_per_hour": 2}}, bad=word + say)
    maya = desk.person("maya")
    assert [maya.slash("/desk bad").text for _ in range(2)] == ["done", "done"]
    desk.make_older("bad", hours=1)
    assert [maya.slash("/desk bad").text for _ in range(2)] == ["done", "done"]
    assert "asked for too much" in maya.slash("/desk bad").text
    desk.resume("bad")
    assert maya.slash("/desk bad").text == "done"


def test_messages_of_a_paused_plugin_wait(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.on(TicketFiled)
        def handle(event, ctx):
            ctx.say(RequesterThread(event.ticket_id), Message("Hello again"), key="k")
        """
    )
    desk.has_a_request()
    while not count(desk, "plugin_message"):
        desk.run_only("bad.handle")
    desk.pause("bad", "a test")
    desk.settle()
    assert count(desk, "plugin_message", WorkState.PENDING) == 1
    desk.resume("bad")
    desk.person("maya").sees("Hello again", in_="dm")
