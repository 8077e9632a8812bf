"""Sections, buttons and badges that break: the card is there, says whose part is missing, and everything else works."""

import pytest

from .conftest import BadDesk, StartDesk

SECTIONS = {
    "raises": "raise ValueError('no such thing')",
    "ends the process": "sys.exit(0)",
    "raises what nobody catches": "raise BaseException('all')",
    "raises what cannot be said": "class E(Exception):\n        __str__ = None\n    raise E",
    "returns nothing": "return None",
    "returns a word": "return 'hello'",
    "returns words": "return ['hello', 'you']",
    "returns too much": "return [DividerBlock()] * 1000",
    "returns without end": "return (DividerBlock() for _ in iter(int, 1))",
    "returns too long a text": "return [section('x' * 3001)]",
    "returns too much text": "return [section('x' * 3000)] * 10",
    "has no such table": "ctx.session.execute(text('SELECT * FROM nowhere')); return []",
    "writes by hand": "ctx.session.execute(text('DELETE FROM ticket')); return []",
    "writes an object": "ctx.session.get(Ticket, ticket.id).title = 'x'; return []",
    "writes by hand for good": "ctx.session.execute(text(\"UPDATE ticket SET title = 'x'\")); ctx.session.commit()",
    "ends the transaction": "ctx.session.commit(); ctx.session.close(); raise ValueError",
    "closes the connection": "ctx.session.connection().close(); ctx.session.connection().connection.close(); return []",
}


def section_that(body: str) -> str:
    imports = "from sqlalchemy import text\nfrom slackdesk.tickets.model import Ticket\n"
    return f"{imports}@plugin.ticket_card()\ndef part(ticket, ctx):\n    {body}\n"


@pytest.mark.parametrize("body", SECTIONS.values(), ids=SECTIONS.keys())
def test_a_section_that_breaks_is_one_line(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=section_that(body), good=section_that("return [section('All is well')]"))
    number = desk.files()
    card = desk.card(number)
    assert "(bad could not show its part.)" in card
    assert "All is well" in card
    assert "My VPN is down" in card.partition("\n")[0]
    assert desk.paused() == {}
    desk.can_be_claimed(number)
    assert desk.lawful()


@pytest.mark.parametrize("body", ["time.sleep(60)", "while True: pass"], ids=["sleeps", "computes"])
def test_a_section_that_hangs_is_one_line_and_pauses_its_plugin(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=section_that(body), good=section_that("return [section('All is well')]"))
    card = desk.card(desk.files())
    assert "(bad could not show its part.)" in card
    assert "All is well" in card
    assert desk.paused() == {"bad": "a section of bad took longer than 0.5 s"}
    desk.operators_read("The plugin bad is paused: a section of bad took longer than 0.5 s")
    assert "could not show" not in desk.card(desk.files("Another")), "a paused plugin shows nothing"
    desk.goes_on()


def test_a_section_that_was_slow_once_is_asked_again(start_desk: StartDesk) -> None:
    """A machine that stands still for a moment pauses nobody."""
    slow_once = "looks.append(1); time.sleep(60 if len(looks) == 1 else 0); return [section('Seen twice')]"
    desk = start_desk(bad="looks = []\n" + section_that(slow_once))
    assert "Seen twice" in desk.card(desk.files())
    assert desk.paused() == {}


def test_a_section_that_swallows_its_alarm_does_not_outlast_it(start_desk: StartDesk) -> None:
    body = "\n".join(
        ["while True:", "        try:", "            time.sleep(60)", "        except Exception:", "            pass"]
    )
    desk = start_desk(bad=section_that(body))
    assert "(bad could not show its part.)" in desk.card(desk.files())
    assert list(desk.paused()) == ["bad"]
    desk.goes_on()


def test_many_slow_sections_leave_each_other_out_and_are_not_blamed(start_desk: StartDesk) -> None:
    desk = start_desk(bad="\n".join(section_that("time.sleep(0.25); return [section('Slow')]") for _ in range(6)))
    card = desk.card(desk.files())
    assert 1 <= card.count("Slow") <= 3
    assert card.count("(bad could not show its part.)") == 6 - card.count("Slow")
    assert desk.paused() == {}


def test_a_section_that_slack_refuses_is_left_out_of_the_card(start_desk: StartDesk) -> None:
    refused = "return [SectionBlock(text='Twice', block_id='same'), SectionBlock(text='Twice', block_id='same')]"
    desk = start_desk(bad=section_that(refused))
    card = desk.card(desk.files())
    assert "Twice" not in card
    desk.operators_read("Slack refuses what plugins show (bad, csat, sla)")
    desk.goes_on()
    dead = [row for row in desk.rows("card") if row.state == "dead"]
    assert dead == []


BUTTONS = {
    "shown raises": ("def shown(ticket, ctx): raise ValueError", "'Press'"),
    "shown is no answer": (
        "class No:\n    def __bool__(self): raise ValueError\ndef shown(t, c): return No()",
        "'Press'",
    ),
    "shown hangs": ("def shown(ticket, ctx): time.sleep(60)", "'Press'"),
}


@pytest.mark.parametrize(("shown", "label"), BUTTONS.values(), ids=BUTTONS.keys())
def test_a_button_that_breaks_is_not_there(start_desk: StartDesk, shown: str, label: str) -> None:
    button = f"{shown}\n@plugin.ticket_button('press', label={label}, shown=shown)\ndef press(click, ctx): pass\n"
    desk = start_desk(bad=button)
    number = desk.files()
    assert "[Press]" not in desk.card(number)
    desk.can_be_claimed(number)


def test_no_more_than_five_buttons_of_plugins_are_shown(start_desk: StartDesk) -> None:
    button = "@plugin.ticket_button('b{0}', label='Button {0}')\ndef b{0}(click, ctx): pass\n"
    desk = start_desk(bad="".join(button.format(number) for number in range(9)))
    assert desk.card(desk.files()).count("[Button ") == 5


BADGES = {
    "raises": "raise ValueError",
    "is a word": "return 'star'",
    "has braces": "return Badge('*', 'Rated {score}')",
    "is a number": "return Badge(1, 2)",
}


@pytest.mark.parametrize("body", BADGES.values(), ids=BADGES.keys())
def test_a_badge_that_breaks_is_not_there(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=f"@plugin.badge\ndef sign(ticket, ctx):\n    {body}\n")
    number = desk.files()
    assert number in desk.card(number)
    assert number in desk.person("maya").slash("/ticket mine").text
    desk.can_be_claimed(number)


def test_a_badge_is_cut_and_inert(start_desk: StartDesk) -> None:
    desk = start_desk(bad="@plugin.badge\ndef sign(t, c): return Badge('<!channel>' * 9, '*bold* <@U1> ' * 999)\n")
    number = desk.files()
    card = desk.card(number)
    assert "<!channel>" in card, "as words"
    assert len(card) < 3000
    assert desk.lawful()
    pings = [call for call in desk.sandbox.journal.calls("chat.postMessage") if "<!channel>" in str(call.args)]
    assert pings == []


HOMES = {
    "raises": "raise ValueError",
    "exits": "sys.exit()",
    "returns nothing": "return None",
    "hangs": "time.sleep(60)",
}


@pytest.mark.parametrize("body", HOMES.values(), ids=HOMES.keys())
def test_a_home_section_that_breaks_is_one_line(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=f"@plugin.home_section()\ndef part(person, ctx):\n    {body}\n")
    number, maya = desk.files(), desk.person("maya")
    maya.opens_home()
    desk.settle()
    maya.home.sees("(bad could not show its part.)").sees("My VPN is down")
    desk.can_be_claimed(number)


def test_slow_lists_pause_the_plugin_and_are_answered(start_desk: StartDesk) -> None:
    """A list is drawn at the edge, in a thread; the same limit holds there."""
    desk: BadDesk = start_desk(
        bad="@plugin.badge\ndef sign(t, c):\n    import threading\n"
        "    if threading.current_thread() is not threading.main_thread(): time.sleep(60)\n"
    )
    number = desk.files()
    answer = desk.person("maya").slash("/ticket mine")
    assert not answer.error
    assert number in answer.text
    assert list(desk.paused()) == ["bad"]
    desk.goes_on()


PROMISES = {
    "raises": "raise ValueError('no such thing')",
    "promises a word": "return 'soon'",
    "promises by no zone": "return ctx.now.replace(tzinfo=None)",
    "promises nothing": "return None",
}


@pytest.mark.parametrize("body", PROMISES.values(), ids=PROMISES.keys())
def test_where_a_promise_breaks_the_desk_makes_its_own(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=f"@plugin.promise\ndef answer_by(ticket, ctx):\n    {body}\n")
    own = desk.person("maya").slash("/ticket My VPN is down").text
    assert "answer by" in own
    assert desk.paused() == {}


def test_a_promise_that_hangs_is_made_by_the_desk_and_pauses_its_plugin(start_desk: StartDesk) -> None:
    desk = start_desk(bad="@plugin.promise\ndef answer_by(ticket, ctx):\n    time.sleep(60)\n")
    assert "answer by" in desk.person("maya").slash("/ticket My VPN is down").text
    assert desk.paused() == {"bad": "a promise of bad took longer than 0.5 s"}
