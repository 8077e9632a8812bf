"""Subscriptions to missed targets: what is said, to whom, when, once, and nothing that a reader may not know."""

from pathlib import Path
from typing import Any

import pytest
from slackdesk_plugins.digest import declared
from sqlalchemy import func, select, update

from slackdesk.dispatch.model import Work, WorkState
from slackdesk.plugin.loading import load
from slackdesk.plugin.registry import Status
from slackdesk.testing.desk import PluginDesk
from slackdesk.tickets import service

from .conftest import DIGEST

WHEN_MISSED = "When a target is missed"
SECRET = "Salary of somebody"


def _misses(world: Any, ticket: int, clock: str = "first_response", cycle: int = 1, **about: Any) -> None:
    about = {"queue": "it", "tier": "L1", "missed_at": world.desk.now} | about
    world.do(service.record_missed_target, ticket, clock, cycle, **about)


def _subscribes(world: Any, handle: str, place: str = "#it-l1", **answers: Any) -> Any:
    person = world.desk.person(handle)
    person.slash("/desk subscribe", in_=place)
    labels = {"queues": "Of which queues?", "topic": "Only of one topic?", "channel": "Into a channel"}
    chosen = {labels[name]: value for name, value in answers.items()}
    person.modal.fill({"How often?": WHEN_MISSED} | chosen).submit()
    return person.modal


def _told(world: Any, handle: str = "helpdesk-lead", place: str = "dm") -> list[str]:
    seen = world.desk.person(handle).messages(place)
    return [one.text for one in seen if "missed this week" in one.text]


@pytest.fixture
def morning(world: Any) -> Any:
    """Monday, 09:01 in Jakarta; the lead wants to hear of missed targets of the IT queue."""
    world.desk.advance("9h")
    assert "within minutes after a target is missed" in _subscribes(world, "helpdesk-lead", queues=["IT help"]).text
    return world


def test_what_is_missed_within_minutes_is_one_message_with_what_became_of_it(morning: Any) -> None:
    for what in ("My VPN is down", "No sound <!here>", "Screen is black", "Old mouse"):
        morning.claim(morning.file(what=what))
    _misses(morning, 1)
    morning.desk.settle()
    morning.desk.advance("1m")
    for ticket in (2, 3, 4):
        _misses(morning, ticket, "resolution" if ticket == 4 else "first_response", tier="L2")
    morning.reply(2)
    morning.resolve(3)
    morning.reply(4)
    assert _told(morning) == []
    morning.desk.advance("3m")
    [text] = _told(morning)
    head, *lines = text.split("\n")
    assert head == "4 targets were missed"
    assert lines[0] == "IT-1 My VPN is down: first response, IT help, caused by L1. Still open in L1."
    assert lines[1].startswith("IT-2 No sound <!here>: first response, IT help, caused by L2. Answered Mon 09:")
    assert lines[2].startswith("IT-4 Old mouse: resolution, IT help, caused by L2. Still open in L1.")
    assert lines[3].startswith("IT-3 Screen is black: first response, IT help, caused by L2. Solved Mon 09:")
    assert lines[4] == "IT help: 4 missed this week, 0 by this time of the week before"
    _misses(morning, 1)
    morning.desk.advance("1h")
    assert len(_told(morning)) == 1, "each is told once"
    morning.desk.advance("7d")
    _misses(morning, 1, "resolution")
    morning.desk.settle()
    morning.desk.advance("5m")
    assert "IT help: 1 missed this week, 4 by this time of the week before" in _told(morning)[1]
    assert morning.desk.sandbox.journal.illegal() == []


def test_at_night_it_waits_for_the_morning(morning: Any) -> None:
    morning.file()
    morning.desk.advance("11h57m")  # 20:58: the minutes in which it gathers end at night
    _misses(morning, 1)
    morning.desk.advance("5h")
    _misses(morning, 1, "resolution")
    morning.desk.advance("3h50m")  # 05:48
    assert _told(morning) == []
    morning.desk.advance("20m")
    [text] = _told(morning)
    assert text.startswith("2 targets were missed")


def test_what_is_late_at_night_waits_for_the_morning(morning: Any) -> None:
    morning.file()
    _misses(morning, 1)
    morning.desk.settle()
    morning.passes(hours=13)  # nothing runs; then it is 22:01
    morning.desk.settle()
    morning.desk.advance("7h50m")  # 05:51
    assert _told(morning) == []
    morning.desk.advance("10m")
    assert len(_told(morning)) == 1


def test_everybody_is_told_however_many_have_asked_for_it(start_world: Any) -> None:
    """One run schedules thirty timers: the others follow within ten minutes."""
    people = ("ayu", "budi", "citra", "dimas", "eka", "farhan", "gita", "hendra", "indah", "rina", "sari", "ratna")
    queues = (["it"], ["it", "hr"], ["hr", "it"])
    world = start_world(
        subscriptions=[{"to": f"@{who}", "queues": of, "every": "breach"} for who in people for of in queues]
    )
    world.until_monday()
    world.desk.advance("9h")
    world.desk.advance("20m")
    world.file()
    _misses(world, 1)
    world.desk.settle()

    def untold() -> int:
        with world.desk.desk.reading() as tx:
            return int(tx.session.scalar(select(func.count()).select_from(declared.Missed)))

    assert untold() == 36
    world.desk.advance("4m")
    assert untold() == 6
    world.desk.advance("10m")
    world.desk.advance("4m")
    assert untold() == 0
    for who in people:
        assert sum("My VPN is down" in seen.text for seen in world.desk.person(who).messages("dm")) == 3


def test_a_storm_is_one_message_that_names_ten(morning: Any) -> None:
    morning.file()
    for cycle in range(1, 201):
        _misses(morning, 1, "next_response", cycle)
    morning.desk.settle()
    morning.desk.advance("5m")
    [text] = _told(morning)
    assert text.startswith("200 targets were missed")
    assert text.count("IT-1") == 10
    assert "… and 190 more" in text
    assert morning.desk.sandbox.journal.illegal() == []
    with morning.desk.desk.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(declared.Missed)) == 0


def test_of_private_queues_and_tickets_only_numbers_are_told(world: Any) -> None:
    world.desk.advance("9h")
    _subscribes(world, "helpdesk-lead", queues=["IT help", "People team"])
    _subscribes(world, "helpdesk-lead", queues=["IT help", "People team"], channel="#leadership")
    for n in range(6):
        world.file(queue="hr", what=f"{SECRET} {n}", topic="Complaint")
    world.move(1, "it")
    for ticket in range(1, 3):
        _misses(world, ticket, queue="it" if ticket == 1 else "hr")
    world.desk.settle()
    world.desk.advance("5m")
    [text] = _told(world)
    assert text.startswith("Targets were missed\n")
    assert "People team (private): <5 missed this week, <5 by this time" in text
    assert "Of private tickets, which are not named: <5" in text
    [in_channel] = _told(world, "ratna", "#leadership")
    assert "People team" not in in_channel
    for ticket in range(3, 7):
        _misses(world, ticket, queue="hr")
    world.desk.settle()
    world.desk.advance("5m")
    assert "People team (private): 5 missed this week" in _told(world)[1]
    for said in [*_told(world), *_told(world, "ratna", "#leadership")]:
        assert not any(word in said for word in (SECRET, "Complaint", "HR-", "IT-"))
    assert len(_told(world, "ratna", "#leadership")) == 1


def test_only_what_the_reader_asked_for_and_may_still_see_is_told(world: Any) -> None:
    world.desk.advance("9h")
    _subscribes(world, "helpdesk-lead", queues=["IT help"], topic="Laptop")
    _subscribes(world, "dewi", "#it-l2", queues=["IT help"])
    world.file(topic="Laptop", what="Battery")
    world.file(topic="Other", what="Anything")
    for ticket in (1, 2):
        _misses(world, ticket)
    world.desk.settle()
    world.empties_tier("L2")
    world.desk.advance("5m")
    [text] = _told(world)
    assert "Battery" in text
    assert "Anything" not in text
    assert "IT help: 1 missed this week" in text
    assert _told(world, "dewi") == []


@pytest.mark.parametrize("is_ordered", [False, True], ids=["asked for", "ordered by the policy file"])
def test_who_has_left_the_company_is_written_to_no_more(start_world: Any, is_ordered: bool) -> None:
    ordered = [{"to": "@helpdesk-lead", "queues": ["it"], "every": "breach"}] if is_ordered else []
    world = start_world(subscriptions=ordered)
    world.until_monday()
    world.desk.advance("9h")
    if not is_ordered:
        _subscribes(world, "helpdesk-lead", queues=["IT help"])
    world.file()
    _misses(world, 1)
    world.desk.settle()
    world.desk.sandbox.workspace.update_user(world.id_of("helpdesk-lead"), deleted=True)
    world.desk.advance("1h")
    with world.desk.desk.reading() as tx:
        assert tx.session.scalars(select(declared.Missed)).all() == []
        assert tx.session.scalars(select(Work.id).where(Work.name == "plugin_message")).all() == []


def test_it_is_listed_and_can_be_stopped(morning: Any) -> None:
    morning.file()
    _misses(morning, 1)
    morning.desk.settle()
    lead = morning.desk.person("helpdesk-lead")
    lead.slash("/desk subscriptions", in_="#it-l1")
    lead.modal.fill({"Which ones shall stop?": ["IT help · when a target is missed"]}).submit()
    assert "1 subscription was stopped" in lead.modal.text
    morning.desk.advance("1h")
    assert _told(morning) == []
    with morning.desk.desk.reading() as tx:
        assert tx.session.scalars(select(declared.Missed)).all() == []


def test_what_was_given_up_is_told_later(morning: Any) -> None:
    morning.file()
    _misses(morning, 1)
    morning.desk.settle()
    with morning.desk.desk.transaction() as tx:
        given_up = update(Work).where(Work.name == "digest.summary").values(state=WorkState.DEAD)
        tx.session.execute(given_up)
    morning.desk.advance("50m")
    assert _told(morning) == []
    morning.desk.advance("30m")
    assert len(_told(morning)) == 1


def test_the_policy_file_orders_it_for_a_channel(start_world: Any) -> None:
    world = start_world(subscriptions=[{"to": "#leadership", "queues": ["it"], "every": "breach"}])
    world.until_monday()
    world.desk.advance("9h")
    world.file()
    _misses(world, 1)
    world.desk.settle()
    world.desk.advance("5m")
    [text] = _told(world, "ratna", "#leadership")
    assert "My VPN is down" in text


def test_an_instant_for_missed_targets_is_refused() -> None:
    ordered = {"to": "#leadership", "queues": ["it"], "every": "breach", "at": "08:00"}
    [found] = [one for one in load({"digest": {"subscriptions": [ordered]}}).found if one.name == "digest"]
    assert found.status is Status.QUARANTINED
    assert "at = '08:00': leave it out; a missed target is told within minutes" in found.reason


class _WholeDesk(PluginDesk):
    """A desk with every bundled plugin: what one tells the others hear."""

    def __init__(self, folder: Path, database_url: str, sections: dict[str, dict[str, Any]]) -> None:
        super().__init__(DIGEST, folder, sections["digest"], database_url=database_url)
        self.registry = load(sections)
        self._policy += '[plugins.sla.targets.it]\nnormal = { first_response = "1h" }\n'


def test_a_target_that_is_missed_is_told_and_explained(tmp_path: Path, database_url: str) -> None:
    """From the clock to the message, the summary and the tickets behind its number."""
    sections: dict[str, dict[str, Any]] = {
        "sla": {"targets": {"it": {"normal": {"first_response": "1h"}}}},
        "digest": {"subscriptions": [{"to": "#leadership", "queues": ["it"], "every": "breach"}]},
    }
    with _WholeDesk(tmp_path, database_url, sections) as desk:
        desk.advance("11m")
        desk.person("maya").slash("/ticket My VPN is down", in_="dm")
        for _ in range(30):  # until the hours of the queue have been open for one, and it is day
            desk.advance("4h")
        told = [one.text for one in desk.person("ratna").messages("#leadership") if "missed this week" in one.text]
        assert len(told) == 1
        assert "IT-1 My VPN is down: first response, IT help, caused by L1. Still open in L1." in told[0]
        table = desk.command_line("report", "--period", "30d", "--format", "csv")
        assert ",sla_caused.it.L1,Missed targets caused in L1,count,1,0,1," in table
        behind = desk.command_line("report", "--period", "30d", "--explain", "sla_caused.it.L1")
        assert behind == "IT-1\tMy VPN is down\n"
        assert desk.sandbox.journal.illegal() == []
