"""Sections of summaries that break: the summary is made all the same, and says whose part is missing."""

import pytest

from slackdesk.plugin import reporting

from .conftest import BadDesk, StartDesk

MISSING = "(bad could not show its part.)"

SUMMARY = """
from datetime import timedelta

def told(ctx):
    period = Period(ctx.now - timedelta(days=1), ctx.now, tuple(ctx.policy.queues))
    return [
        line
        for part in ctx.report_sections(period, ctx.reader())
        for line in (part.title, *(f"{one.key} {one.label} {one.value} {one.unit} {one.n}" for one in part.figures))
    ]

@plugin.command("summary", help="sums up")
def word(words, ctx):
    return "\\n".join(told(ctx)) or "nothing"

@plugin.on(TicketClaimed)
def handle(event, ctx):
    ctx.say(AgentsThread(event.ticket_id), Message("Summed up: " + "; ".join(told(ctx))), key="k")
"""

GOOD = """
@plugin.report_section(order=10)
def part(period, ctx):
    return ReportSection("All is well", [Figure("good_share", "Share", 12.5, "percent", 8)])
"""


def section_that(body: str) -> str:
    return f"from slackdesk.tickets.model import Ticket\n@plugin.report_section()\ndef part(period, ctx):\n    {body}\n"


FAILURES = {
    "raises": "raise ValueError('no such thing')",
    "refuses": "raise Refused('not today')",
    "ends the process": "sys.exit(0)",
    "raises what nobody catches": "raise BaseException('all')",
    "returns a number": "return 42",
    "returns no figures": "return ReportSection('T', [1, 2])",
    "has no title": "return ReportSection('', [Figure('bad_a', 'A', 1, 'count')])",
    "has a label with braces": "return ReportSection('T', [Figure('bad_a', '{a}', 1, 'count')])",
    "has a label with other values": (
        "return ReportSection('T', [Figure('bad_a', '{a}', 1, 'count', values={'b': 'B'})])"
    ),
    "fills a label with a number": "return ReportSection('T', [Figure('bad_a', '{a}', 1, 'count', values={'a': 1})])",
    "takes the key of another": "return ReportSection('T', [Figure('good_a', 'A', 1, 'count')])",
    "has a key twice": "return ReportSection('T', [Figure('bad_a', 'A', 1, 'count')] * 2)",
    "has figures without end": "return ReportSection('T', (Figure('bad_a', 'A', 1, 'count') for _ in iter(int, 1)))",
    "has another unit": "return ReportSection('T', [Figure('bad_a', 'A', 1, 'hours')])",
    "has no number": "return ReportSection('T', [Figure('bad_a', 'A', float('nan'), 'count')])",
    "has a word for a number": "return ReportSection('T', [Figure('bad_a', 'A', '1', 'count')])",
    "is measured on less than nothing": "return ReportSection('T', [Figure('bad_a', 'A', 1, 'count', -1)])",
    "wants neither more nor less": "return ReportSection('T', [Figure('bad_a', 'A', 1, 'count', wanted='better')])",
    "has tickets that cannot be asked": "return ReportSection('T', [Figure('bad_a', 'A', 1, 'count', 1, [1])])",
    "writes by hand": "ctx.session.execute(ticket_table.delete())",
    "writes an object": "ctx.session.add(Ticket())",
    "asks for the others": "return ctx.report_sections(period, ctx.reader())[0]",
    "hangs": "time.sleep(60)",
}


@pytest.mark.parametrize("body", FAILURES.values(), ids=FAILURES.keys())
def test_a_report_section_that_breaks_is_one_line(start_desk: StartDesk, body: str) -> None:
    desk = start_desk(bad=section_that(body), good=GOOD, other=SUMMARY)
    answer = desk.person("helpdesk-lead").slash("/desk summary").text
    assert answer == f"All is well\ngood_share Share 12.5 percent 8\n{MISSING}"
    assert desk.paused() == {}, "neither is blamed"
    desk.can_be_claimed(desk.files())


def test_a_report_section_that_hangs_in_a_worker_leaves_time_for_the_rest(
    start_desk: StartDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "REPORT_SECONDS", 0.4)
    monkeypatch.setattr(reporting, "REPORTS_SECONDS", 0.7)
    desk = start_desk(bad="\n".join([section_that("time.sleep(60)")] * 3), good=GOOD, other=SUMMARY)
    number = desk.files()
    desk.can_be_claimed(number)
    desk.person("helpdesk-lead").sees("Summed up: All is well; good_share Share 12.5 percent 8", in_="#it-l1")
    desk.person("helpdesk-lead").sees("; ".join([MISSING] * 3), in_="#it-l1")
    assert desk.paused() == {}


def test_no_report_section_of_a_paused_plugin(start_desk: StartDesk) -> None:
    desk = start_desk(good=GOOD, other=SUMMARY)
    desk.pause("good", "it was slow")
    assert desk.person("helpdesk-lead").slash("/desk summary").text == "nothing"


EXPLAINED = """
from datetime import timedelta

@plugin.command("explain", help="explains")
def word(words, ctx):
    period = Period(ctx.now - timedelta(days=1), ctx.now + timedelta(days=1), tuple(ctx.policy.queues))
    figures = [one for part in ctx.report_sections(period, ctx.reader()) for one in part.figures]
    return str([list(one.tickets()) for one in figures if one.tickets])
"""

TICKETS = {
    "tells": (
        "return ReportSection('T', [Figure('bad_a', 'A', 1, 'count', tickets=lambda: "
        "ctx.session.scalars(ticket_table.select()).all())])",
        "[[1, 2]]",
    ),
    "raises": ("return ReportSection('T', [Figure('bad_a', 'A', 1, 'count', tickets=lambda: 1 / 0)])", MISSING),
    "is no list": ("return ReportSection('T', [Figure('bad_a', 'A', 1, 'count', tickets=lambda: 'IT-1')])", MISSING),
    "hangs": ("return ReportSection('T', [Figure('bad_a', 'A', 1, 'count', tickets=lambda: time.sleep(9))])", MISSING),
}


@pytest.mark.parametrize(("body", "answer"), TICKETS.values(), ids=TICKETS.keys())
def test_the_tickets_behind_a_figure_are_asked_for_anew(start_desk: StartDesk, body: str, answer: str) -> None:
    desk: BadDesk = start_desk(bad=section_that(body), other=EXPLAINED)
    desk.files()
    desk.files("Another")
    assert desk.person("helpdesk-lead").slash("/desk explain").text == answer
    assert desk.paused() == {}
