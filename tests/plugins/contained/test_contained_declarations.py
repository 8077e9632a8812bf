"""Declarations that cannot work: each is refused with what to write instead, before anybody has used it."""

from pathlib import Path

import pytest

from slackdesk.plugin import loading
from slackdesk.plugin.registry import Status

from .conftest import write_plugin

MISTAKES = {
    "no event": ("@plugin.on('closed')\ndef ff(e, c): pass", "name an event of slackdesk.api, such as TicketClosed"),
    "an abstract event": ("@plugin.on(Event)\ndef ff(e, c): pass", "name an event of slackdesk.api"),
    "too few parameters": (
        "@plugin.on(TicketClosed)\ndef ff(e): pass",
        "on: ff(e): docs/plugins.md shows what it takes",
    ),
    "too many parameters": ("@plugin.timer('tt')\ndef ff(a, b, c): pass", "timer: ff(a, b, c): docs/plugins.md"),
    "no function": ("plugin.timer('tt')(42)", "timer: 42: write a function below the decorator"),
    "a coroutine": ("@plugin.timer('tt')\nasync def ff(t, c): pass", "ff: write def, not async def"),
    "a generator": ("@plugin.ticket_card()\ndef ff(t, c): yield 1", "ff: return what there is, do not yield it"),
    "a wrong name": ("@plugin.timer('T!')\ndef ff(t, c): pass", "timer('T!'): write 2 to 30 small letters"),
    "no name": ("@plugin.timer(None)\ndef ff(t, c): pass", "timer(None): write 2 to 30 small letters"),
    "a name twice": (
        "@plugin.timer('tt')\ndef ff(t, c): pass\n@plugin.timer('tt')\ndef gg(t, c): pass",
        "declared twice",
    ),
    "no cron": ("@plugin.every('daily')\ndef ff(s, c): pass", "write a cron expression of five fields"),
    "cron with seconds": ("@plugin.every('* * * * * *')\ndef ff(s, c): pass", "write a cron expression of five fields"),
    "a day that never comes": ("@plugin.every('0 0 30 2 *')\ndef ff(s, c): pass", "that day never comes"),
    "no time zone": ("@plugin.every('0 8 * * *', timezone='Mars')\ndef ff(s, c): pass", "a time zone of the IANA"),
    "no label": (
        "@plugin.ticket_button('b1', label=None)\ndef ff(k, c): pass",
        "label = None: write a text of 1 to 75",
    ),
    "too long a label": ("@plugin.ticket_button('b1', label='x' * 76)\ndef ff(k, c): pass", "write a text of 1 to 75"),
    "a label with braces": ("@plugin.ticket_button('b1', label='{x}')\ndef ff(k, c): pass", "write it without braces"),
    "no right": ("@plugin.ticket_button('b1', label='B', right='all')\ndef ff(k, c): pass", "write one of Action"),
    "no order": (
        "@plugin.ticket_button('b1', label='B', order='1')\ndef ff(k, c): pass",
        "order = '1': write a number",
    ),
    "shown too much": ("@plugin.ticket_button('b1', label='B', shown=lambda: 1)\ndef ff(k, c): pass", "b1'): shown"),
    "a card without order": ("@plugin.ticket_card(order=None)\ndef ff(t, c): pass", "ticket_card: order = None"),
    "a Home without order": ("@plugin.home_section(order='x')\ndef ff(t, c): pass", "home_section: order = 'x'"),
    "a word of the desk": ("@plugin.command('queue', help='x')\ndef ff(w, c): pass", "the desk itself has this word"),
    "a verb of the desk": (
        "@plugin.ticket_verb('claim', help='x')\ndef ff(w, c): pass",
        "the desk itself has this word",
    ),
    "no help": ("@plugin.command('wo', help='')\ndef ff(w, c): pass", "help = '': write a text of 1 to 150"),
    "help with braces": (
        "@plugin.command('wo', help='{0}')\ndef ff(w, c): pass",
        "help = '{0}': write it without",
    ),
    "a command of the core": ("@plugin.cli('run')\ndef ff(c): pass", "slackdesk itself has this command"),
    "a command of one of its groups": (
        "@plugin.cli('check', under='policy')\ndef ff(c): pass",
        "cli('check', under='policy'): slackdesk itself has this command",
    ),
    "a command below nothing": (
        "@plugin.cli('check', under='csat')\ndef ff(c): pass",
        "under='csat'): write one of audit, clock, plugins, policy, or leave it out",
    ),
    "a command below one twice": (
        "@plugin.cli('again', under='clock')\n@plugin.cli('again', under='clock')\ndef ff(c): pass",
        "cli('again'): declared twice",
    ),
    "a card without a call": ("@plugin.ticket_card\ndef ff(t, c): pass", "TypeError"),
    "a badge with a call": ("@plugin.badge()\ndef ff(t, c): pass", "TypeError"),
}


@pytest.mark.parametrize(("source", "reason"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_a_declaration_is_told(tmp_path: Path, source: str, reason: str) -> None:
    write_plugin(tmp_path, "bad", source)
    (bad,) = (one for one in loading.load({}, [tmp_path]).found if one.name == "bad")
    assert bad.status is Status.QUARANTINED
    assert reason in bad.reason


def test_the_verb_that_a_plugin_may_better_is_free(tmp_path: Path) -> None:
    write_plugin(tmp_path, "good", "@plugin.ticket_verb('sla', help='shows clocks')\ndef sla(words, ctx): pass")
    assert "good" in loading.load({}, [tmp_path]).active
