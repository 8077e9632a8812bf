"""Buttons, forms and words of plugins that break: the person is told where she is, and nothing is held up."""

import pytest
from sqlalchemy import select

from slackdesk.dispatch.model import Work
from slackdesk.sandbox.faults import slack_error
from slackdesk.tickets import service
from slackdesk.tickets.model import Source

from .conftest import BadDesk, StartDesk

FAILED = "bad could not do this; the operators can see why. Nothing was changed."
TOO_SLOW = "bad did not answer in time and is switched off until its operators start it again. Nothing was changed."

FAILURES = {
    "raises": "raise ValueError('no such thing')",
    "ends the process": "sys.exit(0)",
    "raises what nobody catches": "raise BaseException('all')",
    "answers a number": "return 42",
    "answers bytes": "return b'text'",
    "answers blocks": "return [DividerBlock()]",
    "answers without end": "return iter(int, 1)",
    "answers too long a text": "return 'x' * 40001",
    "opens a window without a form": "return Modal('nowhere', title='T', blocks=[], submit='Go')",
    "opens a window of no blocks": "return Modal('nowhere', title='T', blocks=None)",
    "opens too large a window": "return Modal('nowhere', title='T' * 99, blocks=[DividerBlock()] * 101)",
    "asks for too much": "[ctx.redraw(1) for _ in range(101)]",
    "schedules what is not there": "ctx.schedule('nothing', {}, due_at=ctx.now, key='k')",
    "keeps what cannot be kept": "ctx.schedule('tick', {'x': object()}, due_at=ctx.now, key='k')",
    "says nothing": "ctx.say(ChannelPost('C1'), Message(''), key='k')",
    "says it nowhere": "ctx.say('C1', Message('Hello'), key='k')",
    "writes by hand": "from sqlalchemy import text; ctx.session.execute(text('DELETE FROM ticket'))",
    "writes by hand for good": (
        "from sqlalchemy import text; ctx.session.execute(text(\"UPDATE ticket SET title = 'x'\"));ctx.session.commit()"
    ),
    "writes what is the desk's": "from slackdesk.tickets.model import Ticket; ctx.session.get(Ticket, 1).title = 'x'",
    "writes a table that it may read": "ctx.session.execute(ticket_table.update().values(title='x'))",
    "adds to a table that it may read": (
        "ctx.session.execute(history_table.insert().values(ticket_id=1, sequence=99, at=ctx.now, kind='filed', data={},"
        " digest='', hash='')); ctx.session.commit()"
    ),
    "maps a table that it may read": (
        "from sqlalchemy.orm import registry; Own = type('Own', (), {}); "
        "registry().map_imperatively(Own, ticket_table); ctx.session.get(Own, 1).title = 'x'"
    ),
    "has no such table": "from sqlalchemy import text; ctx.session.execute(text('SELECT * FROM nowhere'))",
}

EVERYWHERE = """
@plugin.timer("tick")
def tick(timer, ctx): pass

@plugin.ticket_button("press", label="Press")
def press(click, ctx):
    {body}

@plugin.command("bad", help="breaks")
def word(words, ctx):
    {body}

@plugin.ticket_verb("break", help="breaks")
def verb(words, ctx):
    {body}
"""


def changed_nothing(desk: BadDesk, number: str) -> bool:
    with desk.desk.reading() as tx:
        asked = tx.session.scalars(select(Work.name).where(Work.name.in_(["bad.tick", "plugin_message"]))).all()
    return asked == [] and "My VPN is down" in desk.card(number).partition("\n")[0]


@pytest.mark.parametrize("body", FAILURES.values(), ids=FAILURES.keys())
def test_what_fails_is_told_where_the_person_is(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=EVERYWHERE.format(body=body))
    number, agent = desk.files(), desk.person("helpdesk-lead")
    agent.click("Press", in_=number)
    agent.sees(FAILED, in_="#it-l1")
    assert agent.slash("/desk bad").text == FAILED
    assert agent.slash(f"/ticket break {number}").text == FAILED
    assert desk.paused() == {}
    desk.can_be_claimed(number)
    assert changed_nothing(desk, number)


HANGING = {"sleeps": "time.sleep(3)", "computes": "[0 for _ in iter(int, 1)]"}


@pytest.mark.parametrize("body", HANGING.values(), ids=HANGING.keys())
def test_what_hangs_is_told_in_time_and_switched_off(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=EVERYWHERE.format(body=body))
    number, agent = desk.files(), desk.person("helpdesk-lead")
    answer = agent.slash("/desk bad")
    assert answer.text == TOO_SLOW
    assert not answer.error, "Slack was answered before it gave up"
    assert desk.paused() == {"bad": "an answer of bad took longer than 1 s"}
    desk.operators_read("The plugin bad is paused: an answer of bad took longer than 1 s")
    assert agent.slash(f"/ticket break {number}").text == (
        "This belongs to bad, which is not running just now. Nothing was changed."
    )
    assert changed_nothing(desk, number)
    desk.goes_on()


def test_a_form_that_breaks_keeps_what_was_typed(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.command("bad", help="opens a form")
        def word(words, ctx):
            return Modal("form", title="A form", blocks=[text_input("why", "Why?")], submit="Send")

        @plugin.modal("form")
        def take(form, ctx):
            if form.values["why"] == "exit":
                sys.exit(1)
            if form.values["why"] == "wrong":
                raise InvalidInput("why", "That is no reason.")
            return 42
        """
    )
    maya = desk.person("maya")
    assert not maya.slash("/desk bad").error
    for typed, complaint in (("exit", FAILED), ("number", FAILED), ("wrong", "That is no reason.")):
        maya.modal.fill({"Why?": typed}).submit()
        assert complaint in str(maya.modal.errors), typed
    maya.modal.close()
    desk.goes_on()


def test_refusals_of_a_plugin_are_told_as_they_are(start_desk: StartDesk) -> None:
    body = "raise WrongState('Not before {day}, <@{who}>.', day='*Monday* <!here>', who=words.person)"
    desk = start_desk(bad=f"@plugin.command('bad', help='refuses')\ndef word(words, ctx):\n    {body}\n")
    answer = desk.person("maya").slash("/desk bad")
    assert answer.text == "Not before \u2060\u2060Monday\u2060\u2060 <!here>, @maya."
    assert "&lt;!here&gt;" in str(answer.body), "as words"


def test_a_button_is_only_for_whoever_has_the_right(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.ticket_button("assign", label="Press", right=Action.ASSIGN)
        def press(click, ctx): return f"done for {click.ticket.number}"
        """
    )
    number = desk.files()
    agent, lead = desk.person("rina"), desk.person("helpdesk-lead")
    agent.click("Press", in_=number)
    desk.settle()
    assert not any("done for" in seen.text for seen in agent.messages("#it-l1"))
    lead.click("Press", in_=number)
    lead.sees(f"done for {number}", in_="#it-l1")


def test_a_button_without_its_ticket_is_left_alone(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.ticket_button("press", label="Press")
        def press(click, ctx): return "pressed"

        @plugin.home_section()
        def forged(person, ctx):
            return actions("forged", 1, [button("Forged", "bad.press", about="Forged")])
        """
    )
    maya = desk.person("maya")
    desk.files()
    maya.opens_home()
    maya.home.click("Forged")
    desk.settle()
    assert not maya.has_modal
    desk.goes_on()


def test_a_private_ticket_is_not_for_everybody(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.ticket_verb("peek", help="shows a ticket")
        def peek(words, ctx): return f"title: {words.ticket.title}"
        """
    )
    maya = desk.person("maya")
    with desk.desk.transaction() as tx:
        about = {"queue": "hr", "topic": None, "text": "A secret", "source": Source.FORM}
        filed = service.file_ticket(tx, requester=maya.user.id, filed_by=maya.user.id, **about)
        number = filed.ticket.number
    assert maya.slash(f"/ticket peek {number}").text == "title: A secret"
    for handle in ("sari", "rina"):
        assert "secret" not in desk.person(handle).slash(f"/ticket peek {number}").text


def test_busy_threads_are_told_and_nothing_is_switched_off(start_desk: StartDesk) -> None:
    desk = start_desk(bad="@plugin.command('bad', help='answers')\ndef word(words, ctx): return 'here I am'\n")
    bulkhead = desk.registry.bulkheads["bad"]
    for _ in range(4):
        bulkhead.enter()
    answer = desk.person("maya").slash("/desk bad").text
    assert answer == "bad is busy just now. Nothing was changed; please try again in a minute."
    assert desk.paused() == {}
    for _ in range(4):
        bulkhead.leave()
    assert desk.person("maya").slash("/desk bad").text == "here I am"


def test_interrupted_threads_come_back(start_desk: StartDesk) -> None:
    """Code that computes for ever is ended, so that the app is not slow for everybody until it is started again."""
    desk = start_desk(bad="@plugin.command('bad', help='hangs')\ndef word(words, ctx):\n    while True: pass\n")
    assert desk.person("maya").slash("/desk bad").text == TOO_SLOW
    bulkhead = desk.registry.bulkheads["bad"]
    for _ in range(4):
        bulkhead.enter()


def test_a_window_that_slack_does_not_open_is_told(start_desk: StartDesk) -> None:
    desk = start_desk(
        bad="""
        @plugin.timer("tick")
        def tick(timer, ctx): pass

        @plugin.ticket_button("press", label="Press")
        def press(click, ctx):
            ctx.schedule("tick", {}, due_at=ctx.now, key="k")
            return Modal("form", title="A form", blocks=[section("Hello")])
        """
    )
    number, agent = desk.files(), desk.person("helpdesk-lead")
    desk.sandbox.faults.inject("views.open", slack_error("internal_error"))
    agent.click("Press", in_=number)
    agent.sees("Slack did not open the window in time.", in_="#it-l1")
