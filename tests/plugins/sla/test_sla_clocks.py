"""Each rule of the clocks on its own, and all of them together against counting minutes."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slackdesk_plugins.sla.breaches import breaches, cause
from slackdesk_plugins.sla.clocks import Clock, ClockName, read

from slackdesk.businesstime import BusinessCalendar
from slackdesk.plugin.values import StayView

from .conftest import OFFICE, REQUESTER, History, PlainRules, at

HOUR = timedelta(hours=1)
FIRST, NEXT, RESOLUTION = ClockName
Rules = Callable[..., PlainRules]


def clock_of(history: History, rules: PlainRules, name: ClockName, cycle: int = 1) -> Clock:
    """One clock of a history."""
    return {clock.key: clock for clock in read(history.entries).clocks(rules)}[name, cycle]


def test_a_target_that_is_used_up_at_closing_is_due_at_closing_and_late_from_the_next_opening(rules: Rules) -> None:
    clock = clock_of(History().filed("Mon 16:00"), rules(normal={"first_response": 1}), FIRST)
    assert clock.due_at == at("Mon 17:00")
    assert clock.late_from == at("Tue 08:00")
    assert not clock.is_late(at("Tue 08:00"))
    assert clock.is_late(at("Tue 08:01"))


def test_an_answer_after_closing_has_used_no_more(rules: Rules) -> None:
    history = History().filed("Mon 16:00").answered("Mon 20:00", first=True)
    clock = clock_of(history, rules(normal={"first_response": 1}), FIRST)
    assert clock.used(at("Fri 12:00")) == HOUR
    assert not clock.is_late(at("Fri 12:00"))


def test_a_missing_clock_has_no_target(rules: Rules) -> None:
    clocks = read(History().filed("Mon 08:00", priority="low").entries).clocks(rules(normal={"resolution": 4}))
    assert clocks == []


def test_the_first_response_is_not_paused_by_waiting_and_hold(rules: Rules) -> None:
    history = History().filed("Mon 08:00").add("Mon 09:00", "waiting", status="waiting")
    both = rules(normal={"first_response": 4, "resolution": 4})
    assert clock_of(history, both, FIRST).used(at("Mon 11:00")) == 3 * HOUR
    assert clock_of(history, both, RESOLUTION).used(at("Mon 11:00")) == HOUR


def test_a_note_is_no_answer_and_a_solution_is_one(rules: Rules) -> None:
    both = rules(normal={"first_response": 4, "resolution": 8})
    history = History().filed("Mon 08:00").add("Mon 09:00", "note_added", message_id=1)
    assert clock_of(history, both, FIRST).stopped_at is None
    history.add("Mon 10:00", "resolved", status="resolved", topic=None)
    assert clock_of(history, both, FIRST).stopped_at == at("Mon 10:00")
    assert clock_of(history, both, RESOLUTION).stopped_at == at("Mon 10:00")


def test_who_solves_an_own_request_has_answered_nobody(rules: Rules) -> None:
    history = History().filed("Mon 08:00").add("Mon 10:00", "resolved", REQUESTER, "resolved", topic=None)
    clock = clock_of(history, rules(normal={"first_response": 4}), FIRST)
    assert clock.stopped_at is None
    assert clock.is_void


def test_the_next_response_begins_with_the_earliest_unanswered_message(rules: Rules) -> None:
    history = History().filed("Mon 08:00").wrote("Mon 08:30").answered("Mon 09:00", first=True)
    history.wrote("Mon 10:00").wrote("Mon 11:00")
    both = rules(normal={"first_response": 4, "next_response": 2})
    assert clock_of(history, both, NEXT).started_at == at("Mon 10:00")
    history.answered("Mon 11:30").answered("Mon 11:40").wrote("Mon 14:00")
    assert clock_of(history, both, NEXT).stopped_at == at("Mon 11:30")
    assert clock_of(history, both, NEXT, 2).started_at == at("Mon 14:00")
    assert [clock.key for clock in read(history.entries).clocks(both)] == [(FIRST, 1), (NEXT, 1), (NEXT, 2)]


def test_thanks_asks_for_nothing(rules: Rules) -> None:
    history = History().filed("Mon 08:00").answered("Mon 09:00", first=True).wrote("Mon 10:00", thanks=True)
    assert read(history.entries).clocks(rules(normal={"next_response": 2})) == []


def test_the_next_response_is_paused_while_the_ticket_is_held(rules: Rules) -> None:
    history = History().filed("Mon 08:00").answered("Mon 09:00", first=True).add("Mon 09:30", "held", status="on_hold")
    history.wrote("Mon 10:00").add("Mon 11:00", "resumed", status="in_progress")
    assert clock_of(history, rules(normal={"next_response": 2}), NEXT).used(at("Mon 12:00")) == HOUR


def test_a_reopened_ticket_goes_on_with_the_same_clock(rules: Rules) -> None:
    both = rules(normal={"first_response": 4, "resolution": 8})
    history = History().filed("Mon 08:00").answered("Mon 09:00", first=True)
    history.add("Mon 10:00", "resolved", status="resolved", topic=None).add("Mon 11:00", "closed", status="closed")
    assert clock_of(history, both, RESOLUTION).stopped_at == at("Mon 10:00")
    history.add("Tue 08:00", "reopened", REQUESTER, "in_progress", was="closed")
    clock = clock_of(history, both, RESOLUTION)
    assert clock.stopped_at is None
    assert clock.used(at("Tue 09:00")) == 3 * HOUR
    assert clock_of(history, both, FIRST).stopped_at == at("Mon 09:00")


def test_a_change_of_priority_counts_from_the_filing_and_keeps_pauses(rules: Rules) -> None:
    both = rules(normal={"resolution": 8}, high={"resolution": 4})
    history = History().filed("Mon 08:00").add("Mon 09:00", "waiting", status="waiting")
    history.wrote("Mon 10:00", status="in_progress").add("Mon 11:00", "priority_changed", old="normal", new="high")
    assert clock_of(history, both, RESOLUTION).due_at == at("Mon 14:00")


def test_a_stopped_clock_keeps_the_priority_of_its_stop(rules: Rules) -> None:
    both = rules(normal={"first_response": 4}, high={"first_response": 1})
    history = History().filed("Mon 08:00").answered("Mon 10:00", first=True)
    history.add("Mon 11:00", "priority_changed", old="normal", new="high")
    assert clock_of(history, both, FIRST).target == 4 * HOUR


@pytest.mark.parametrize("end", ["cancelled", "not_a_request", "duplicate"])
def test_what_was_nothing_to_be_done_does_not_count(rules: Rules, end: str) -> None:
    both = rules(normal={"first_response": 1, "resolution": 8})
    history = History().filed("Mon 08:00").answered("Mon 08:30", first=True).add("Mon 09:00", end, status=end)
    assert all(clock.is_void for clock in read(history.entries).clocks(both))
    assert breaches(history.entries, both, since=at("Mon 08:00"), until=at("Fri 12:00")) == []


def test_a_breach_stands_whatever_comes_later(rules: Rules) -> None:
    both = rules(normal={"first_response": 4}, urgent={"first_response": 1})
    history = History().filed("Mon 08:00", priority="urgent")
    history.add("Mon 10:00", "priority_changed", old="urgent", new="normal").answered("Mon 11:00", first=True)
    [breach] = breaches(history.entries, both, since=at("Mon 08:00"), until=at("Mon 12:00"))
    assert (breach.at, breach.clock.target) == (at("Mon 09:00"), HOUR)
    assert not clock_of(history, both, FIRST).is_late(at("Mon 12:00"))
    assert breaches(history.entries, both, since=at("Mon 10:00"), until=at("Mon 12:00")) == [], "it was judged then"


def test_an_answer_in_the_middle_of_a_wait_used_no_time_of_it(rules: Rules) -> None:
    plain = rules(normal={"next_response": 4})
    history = History().filed("Mon 08:00").answered("Mon 08:00", first=True).wrote("Mon 09:00")
    history.add("Mon 10:00", "waiting", status="waiting").answered("Tue 09:00")
    assert clock_of(history, plain, ClockName.NEXT_RESPONSE).used(at("Tue 10:00")) == HOUR
    history.add("Tue 11:00", "resumed", status="in_progress")
    assert clock_of(history, plain, ClockName.NEXT_RESPONSE).used(at("Tue 12:00")) == HOUR


def test_what_is_overdue_by_a_new_priority_is_so_from_then_on(rules: Rules) -> None:
    both = rules(normal={"resolution": 8}, urgent={"resolution": 1})
    history = History().filed("Mon 08:00").add("Mon 11:00", "priority_changed", old="normal", new="urgent")
    [breach] = breaches(history.entries, both, since=at("Mon 08:00"), until=at("Mon 11:30"))
    assert (breach.at, breach.clock.due_at) == (at("Mon 11:00"), at("Mon 09:00"))
    at_once = breaches(history.entries, both, since=at("Mon 10:00"), until=at("Mon 11:00"))
    assert [one.at for one in at_once] == [at("Mon 11:00")], "looked at in the same instant"


def test_the_tier_that_exceeded_its_budget_most_caused_it(rules: Rules) -> None:
    def stay(tier: str, entered: str, left: str | None, budget_hours: int) -> StayView:
        left_at = at(left) if left else None
        budget = budget_hours * HOUR
        return StayView("it", tier, at(entered), "filed", left_at, None, None, None, budget, timedelta())

    plain = rules(normal={"resolution": 8})
    stays = [stay("L1", "Mon 08:00", "Mon 11:00", 1), stay("L2", "Mon 11:00", None, 4)]
    assert cause(stays, [], at("Tue 08:00"), plain) == "L1"
    assert cause(stays, [(at("Mon 08:00"), at("Mon 10:30"))], at("Tue 08:00"), plain) == "L2"
    assert cause(stays, [(at("Mon 08:00"), at("Mon 10:30"))], at("Tue 10:00"), plain) == "L2"
    assert cause([], [], at("Tue 08:00"), plain) is None


STEPS = ("note", "answer", "ask", "thanks", "wait", "hold", "resume", "resolve", "reopen", "urgent", "normal", "cancel")


@st.composite
def _histories(draw: st.DrawFn) -> History:
    """A ticket's life by steps that the lifecycle allows, minutes apart."""
    start = at("Mon 06:00") + draw(st.integers(0, 3000)) * timedelta(minutes=1)
    history, now, answered = History().filed(start), start, False
    for step in draw(st.lists(st.sampled_from(STEPS), max_size=14)):
        now += draw(st.integers(0, 400)) * timedelta(minutes=1)
        is_open = history.status not in ("resolved", "cancelled")
        if step == "reopen" and not is_open:
            history.add(now, "reopened", status="in_progress", was=history.status)
        elif step == "note":
            history.add(now, "note_added", message_id=1)
        elif not is_open:
            continue
        elif step == "answer":
            history.answered(now, first=not answered)
            answered = True
        elif step in ("ask", "thanks"):
            history.wrote(now, status="in_progress" if history.status == "waiting" else "", thanks=step == "thanks")
        elif step in ("wait", "hold", "resume"):
            status = {"wait": "waiting", "hold": "on_hold", "resume": "in_progress"}[step]
            history.add(now, {"wait": "waiting", "hold": "held", "resume": "resumed"}[step], status=status)
        elif step == "resolve":
            history.add(now, "resolved", status="resolved", topic=None)
        elif step == "cancel":
            history.add(now, "cancelled", REQUESTER, "cancelled")
        elif step in ("urgent", "normal"):
            history.add(now, "priority_changed", old="", new=step)
    return history


def _counted(history: History, end: datetime) -> dict[tuple[ClockName, int], tuple[int, bool]]:
    """Clock → minutes used by ``end`` and whether it was stopped, counted minute by minute."""
    minutes: dict[tuple[ClockName, int], int] = {(FIRST, 1): 0, (RESOLUTION, 1): 0}
    stopped: dict[tuple[ClockName, int], bool] = {(FIRST, 1): False, (RESOLUTION, 1): False}
    status, cycle, minute = "new", 0, history.entries[0].at
    waiting = list(history.entries)
    while minute < end or waiting:
        while waiting and waiting[0].at <= minute:
            entry = waiting.pop(0)
            is_answer = entry.kind in ("reply_sent", "resolved")
            if is_answer:
                stopped[FIRST, 1] = True
                stopped.update({(NEXT, cycle): True} if cycle else {})
            asks = entry.kind == "requester_wrote" and not entry.data["is_thanks"]
            if asks and stopped[FIRST, 1] and (not cycle or stopped[NEXT, cycle]):
                cycle += 1
                minutes[NEXT, cycle], stopped[NEXT, cycle] = 0, False
            status = entry.data["status"]
            stopped[RESOLUTION, 1] = status == "resolved"
        if minute < end and OFFICE.is_open(minute) and status not in ("resolved", "cancelled"):
            for key in minutes:
                if not stopped[key] and (key[0] is FIRST or status not in ("waiting", "on_hold")):
                    minutes[key] += 1
        minute += timedelta(minutes=1)
    return {key: (minutes[key], stopped[key]) for key in minutes}


@settings(max_examples=150)
@given(_histories(), st.integers(0, 600))
def test_clocks_agree_with_counting_minutes(history: History, more: int) -> None:
    end = history.entries[-1].at + more * timedelta(minutes=1)
    targets = {("it", priority, clock.value): HOUR for priority in ("normal", "urgent") for clock in ClockName}
    counted: dict[Any, Any] = {
        clock.key: (int(clock.used(end) / timedelta(minutes=1)), clock.stopped_at is not None)
        for clock in read(history.entries).clocks(PlainRules(targets))
    }
    assert counted == _counted(history, end)


@settings(max_examples=100)
@given(_histories(), st.lists(st.integers(0, 6000), max_size=4))
def test_breaches_are_the_same_however_often_somebody_looks(history: History, looks: list[int]) -> None:
    targets = {("it", "normal", clock.value): 4 * HOUR for clock in ClockName}
    targets |= {("it", "urgent", clock.value): HOUR for clock in ClockName}
    rules, start = PlainRules(targets), history.entries[0].at
    end = start + 6000 * timedelta(minutes=1)
    entries = [entry for entry in history.entries if entry.at <= end]
    whole = {one.key: one.at for one in breaches(entries, rules, since=start, until=end)}
    pieces: dict[Any, datetime] = {}
    since = start
    for until in [*sorted(start + look * timedelta(minutes=1) for look in looks), end]:
        seen = [entry for entry in entries if entry.at <= until]
        for one in breaches(seen, rules, since=since, until=until):
            pieces.setdefault(one.key, one.at)
        since = until
    assert pieces == whole


@settings(max_examples=100)
@given(_histories())
def test_a_stopped_clock_that_is_late_was_breached_before(history: History) -> None:
    targets = {("it", priority, clock.value): 2 * HOUR for priority in ("normal", "urgent") for clock in ClockName}
    rules, end = PlainRules(targets), history.entries[-1].at
    late = {clock.key for clock in read(history.entries).clocks(rules) if clock.is_late(end)}
    assert late <= {one.key for one in breaches(history.entries, rules, since=history.entries[0].at, until=end)}


def _vectors() -> list[dict[str, Any]]:
    """Those of due dates whose pauses begin after the filing, one after the other."""
    path = Path(__file__).parents[2] / "unit" / "data" / "business_time_vectors.json"
    found = []
    for vector in json.loads(path.read_text("utf-8"))["due"]:
        instants = [vector["start"], *(instant for pause in vector["pauses"] for instant in pause)]
        times = [datetime.fromisoformat(instant) for instant in instants]
        if vector["target_seconds"] and times == sorted(times):
            found.append(vector)
    return found


def test_there_are_vectors_with_pauses() -> None:
    assert sum(bool(vector["pauses"]) for vector in _vectors()) >= 5


@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: vector["id"])
def test_a_resolution_is_due_as_the_vectors_say(vector: dict[str, Any]) -> None:
    calendar = BusinessCalendar(vector["timezone"], vector["week"], vector["holidays"], vector["dates"])
    target = timedelta(seconds=vector["target_seconds"])
    history = History().filed(datetime.fromisoformat(vector["start"]))
    for begin, end in vector["pauses"]:
        history.add(datetime.fromisoformat(begin), "held", status="on_hold")
        history.add(datetime.fromisoformat(end), "resumed", status="in_progress")
    rules = PlainRules({("it", "normal", "resolution"): target}, {"it": calendar})
    clock = clock_of(history, rules, RESOLUTION)
    assert clock.due_at == datetime.fromisoformat(vector["expected"])
    assert not clock.is_late(datetime.fromisoformat(vector["expected"]))
