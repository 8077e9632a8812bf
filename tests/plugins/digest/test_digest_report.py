"""`/desk report`: who gets it, what stands in it, and what of private queues does not."""

import csv
import io
import json
import re
import sys
from datetime import timedelta
from typing import Any

import pytest

from slackdesk.errors import Refused


def _summary(world: Any, handle: str) -> Any:
    """The newest summary that the person has got."""
    messages = world.desk.person(handle).messages("dm")
    return [one for one in messages if re.search(r"compared with|dibandingkan", one.text)][-1]


def _asks(world: Any, handle: str, words: str = "") -> str:
    place = {"maya": "dm", "dewi": "#it-l2"}.get(handle, "#it-l1")
    answer: str = world.desk.person(handle).slash(f"/desk report {words}", in_=place).text
    return answer


def test_a_report_comes_at_once_to_whoever_asked(world: Any) -> None:
    world.passes(hours=9)
    for n in range(3):
        world.file(what=f"Request {n}")
    assert "in a moment" in _asks(world, "helpdesk-lead", "it today")
    text = _summary(world, "helpdesk-lead").text
    assert "IT help, " in text
    assert "Opened: 3, ▲ 3 more" in text
    assert "Open at the end: 3, ▲ 3 more, worse" in text
    assert "under 1 day: 3" in text
    assert world.desk.sandbox.journal.illegal() == []


def test_a_picture_and_a_table_stand_in_its_thread(world: Any) -> None:
    world.passes(hours=9)
    for n in range(3):
        world.file(what=f"Request {n}")
    _asks(world, "helpdesk-lead", "it today")
    [share] = _summary(world, "helpdesk-lead").thread()
    assert [name.rpartition(".")[2] for name in share.files] == ["png", "csv"]
    picture, table = (share.file(name) for name in share.files)
    assert picture.content.startswith(b"\x89PNG")
    assert "3 opened, 0 resolved; open at the end 3" in picture.alt_text
    rows = list(csv.DictReader(io.StringIO(table.content.decode())))
    assert [row["value"] for row in rows if row["key"] == "opened"] == ["3", "3"], "of the period, and of its only day"


def test_without_matplotlib_it_comes_without_a_picture_and_says_so(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as Python sees a package that is not there
    _asks(world, "helpdesk-lead", "it today")
    summary = _summary(world, "helpdesk-lead")
    assert summary.text.count("There is no chart") == 1
    [share] = summary.thread()
    assert [name.rpartition(".")[2] for name in share.files] == ["csv"]


def test_it_speaks_the_readers_language(world: Any) -> None:
    world.file()
    _asks(world, "rina", "this week")
    text = _summary(world, "rina").text
    assert "Dibuka: 1" in text
    assert "Opened" not in text


def test_a_change_is_told_for_better_or_worse(world: Any) -> None:
    slow, quick = world.file(what="Slow"), world.file(what="Quick")
    world.passes(hours=10)
    world.claim(slow)
    world.reply(slow)
    world.resolve(slow)
    world.passes(days=7)
    world.claim(quick)
    next_one = world.file(what="Next")
    world.claim(next_one)
    world.reply(next_one)
    world.resolve(next_one)
    _asks(world, "helpdesk-lead", "it this week")
    text = _summary(world, "helpdesk-lead").text
    assert "Open at the end: 1, as before" in text
    assert "shorter, better" in text


def test_employees_get_none_and_are_told_whom_to_ask(world: Any) -> None:
    assert "for agents, leads and stakeholders" in _asks(world, "maya")
    world.desk.settle()
    world.desk.person("maya").sees_not("compared with", in_="dm")


def test_what_is_no_period_is_told_at_once(world: Any) -> None:
    assert "“some day” is no period" in _asks(world, "helpdesk-lead", "it some day")


def test_an_agent_sees_only_own_queues(world: Any) -> None:
    world.file(queue="hr", what="My salary", topic="Payroll")
    _asks(world, "dewi", "this week")
    text = _summary(world, "dewi").text
    assert "People team" not in text
    assert "Opened: 0" in text
    assert "is no period" in _asks(world, "dewi", "hr this week"), "as if there were no such queue"


def test_a_private_queue_is_only_counted_and_small_numbers_are_not_told(world: Any) -> None:
    for n in range(6):
        ticket = world.file(queue="hr", what=f"Secret {n}", topic="Complaint")
        if n < 2:
            world.claim(ticket, "helpdesk-lead")
            world.resolve(ticket, "helpdesk-lead", "Complaint")
    world.file(what="A public one")
    _asks(world, "helpdesk-lead", "this week")
    summary = _summary(world, "helpdesk-lead")
    private = summary.text.partition("People team (private)")[2]
    assert "Opened: 6" in private
    assert "Resolved: <5" in private
    assert "Opened: 1" in summary.text.partition("People team (private)")[0], "never in one number with public ones"
    assert "Secret" not in summary.text
    assert "Complaint" not in summary.text
    for words in (("--format", "csv"), ("--format", "json"), ()):
        printed = world.desk.command_line("report", *words)
        assert "Secret" not in printed
        assert "Complaint" not in printed
        assert "hr.opened" in printed


def test_the_command_line_prints_the_same_numbers_in_three_forms(world: Any) -> None:
    since = world.passes(hours=9)
    for n in range(3):
        world.claim(world.file(what=f"Request {n}"))
    world.passes(days=1)
    day = f"{since + timedelta(hours=7):%Y-%m-%d}"
    printed = world.desk.command_line("report", "--from", day, "--to", day, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert list(rows[0]) == ["date", "key", "label", "unit", "value", "before", "change", "n"]
    [opened] = [row for row in rows if row["key"] == "opened" and not row["date"]]
    assert (opened["value"], opened["before"], opened["change"]) == ("3", "0", "3")
    [of_day] = [row for row in rows if row["date"] == day and row["key"] == "opened"]
    assert of_day["value"] == "3"
    found = json.loads(world.desk.command_line("report", "--from", day, "--to", day, "--format", "json"))
    values = {row["key"]: row["value"] for row in found["figures"]}
    assert values["opened"] == values["backlog"] == 3
    assert found["days"] == [{"day": day, "opened": 3, "resolved": 0, "backlog": 3}]
    table = world.desk.command_line("report", "--from", day, "--to", day)
    assert re.search(r"Opened\s+│ 3 ", table)


def test_every_number_has_its_tickets(world: Any) -> None:
    world.passes(hours=9)
    tickets = [world.file(what=f"Request {n}", topic="Laptop") for n in range(4)]
    for ticket in tickets[:3]:
        world.claim(ticket)
        world.reply(ticket)
    world.passes(hours=1)
    world.escalate(tickets[0])
    world.accept(tickets[0])
    world.resolve(tickets[1], topic="Laptop")
    world.close(tickets[1])
    world.reopen(tickets[1])
    world.passes(minutes=1)
    found = json.loads(world.desk.command_line("report", "--queue", "it", "--format", "json"))
    explained = 0
    for row in found["figures"]:
        lines = world.desk.command_line("report", "--queue", "it", "--explain", row["key"]).split("\n")
        behind = [line for line in lines if line.startswith("IT-")]
        if row["unit"] == "count":
            assert len(behind) == row["value"], row["key"]
        elif row["unit"] == "minutes":
            assert len(behind) == row["n"], row["key"]
        else:
            assert len(behind) == round((row["value"] or 0) * row["n"] / 100), row["key"]
        explained += len(behind)
    assert explained > 30
    assert f"IT-{tickets[3]}\tRequest 3" in world.desk.command_line("report", "--explain", "unassigned")


def test_private_tickets_are_listed_without_titles(world: Any) -> None:
    ticket = world.file(queue="hr", what="Secret", topic="Payroll")
    world.passes(minutes=1)
    printed = world.desk.command_line("report", "--explain", "hr.opened")
    assert printed.split("\n")[0] == f"HR-{ticket}"


@pytest.mark.parametrize("words", [("--explain", "nonsense"), ("--queue", "nowhere"), ("--from", "yesterdays")])
def test_what_there_is_not_is_told(world: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        world.desk.command_line("report", *words)
    assert words[1] in str(refused.value)
