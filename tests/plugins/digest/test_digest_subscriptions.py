"""Summaries that come again and again: to whom, when, once, and not at night."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from slackdesk.dispatch.model import Work, WorkState
from slackdesk.plugin.loading import load
from slackdesk.plugin.registry import Status

ORDERED = {"to": "#leadership", "queues": ["it", "hr"], "every": "week", "at": "Mon 08:00"}


def _summaries(world: Any, handle: str, place: str = "dm") -> list[Any]:
    seen = world.desk.person(handle).messages(place)
    return [one for one in seen if re.search(r"compared with|dibandingkan", one.text)]


def _subscribes(world: Any, handle: str, place: str = "#it-l1", **answers: Any) -> str:
    person = world.desk.person(handle)
    person.slash("/desk subscribe", in_=place)
    labels = {"queues": "Of which queues?", "every": "How often?", "hour": "At what time?", "channel": "Into a channel"}
    person.modal.fill({labels[name]: value for name, value in answers.items()}).submit()
    shown: str = person.modal.text
    return shown


def _wall(world: Any, zone: str) -> datetime:
    now: datetime = world.desk.now
    return now.astimezone(ZoneInfo(zone))


DAILY = "Every day, about the day before"


def test_a_weekly_summary_comes_on_monday_morning_once(world: Any) -> None:
    assert "/desk subscriptions stops it" in _subscribes(world, "helpdesk-lead", queues=["IT help"])
    world.file()
    world.desk.advance("8h")  # Monday, 08:01, before which it was subscribed to
    assert len(_summaries(world, "helpdesk-lead")) == 1
    assert "Opened: 0" in _summaries(world, "helpdesk-lead")[0].text, "of the week before"
    world.desk.advance("6d")
    assert len(_summaries(world, "helpdesk-lead")) == 1
    world.desk.advance("1d")
    first, second = _summaries(world, "helpdesk-lead")
    assert "Opened: 1" in second.text
    assert first.ts != second.ts
    assert world.desk.sandbox.journal.illegal() == []


def test_it_comes_by_the_clock_of_the_reader(start_world: Any) -> None:
    world = start_world(subscriptions=[{"to": "@maya", "queues": ["it"], "every": "day", "at": "08:00"}])
    world.until_monday()
    world.desk.advance("11m")
    maya = world.desk.person("maya")
    maya.slash("/ticket My VPN is down", in_="dm")  # so that the desk knows her clock: New York
    for _ in range(48):
        before = len(_summaries(world, "maya"))
        world.desk.advance("30m")
        if len(_summaries(world, "maya")) > before:
            wall = _wall(world, "America/New_York")
            assert (wall.hour, wall.minute // 30) == (8, 0), wall
            break
    else:
        pytest.fail("nothing came within a day")


def test_after_an_outage_only_the_latest_slot_is_sent(world: Any) -> None:
    _subscribes(world, "helpdesk-lead", queues=["IT help"], every=DAILY)
    world.passes(days=5, hours=10)  # nothing runs; then it is Saturday, 10:01
    world.desk.settle()
    [only] = _summaries(world, "helpdesk-lead")
    yesterday = _wall(world, "Asia/Jakarta") - timedelta(days=1)
    assert f"{yesterday.day} " in only.text.partition("\n")[0]
    world.desk.advance("1d")
    assert len(_summaries(world, "helpdesk-lead")) == 2


def test_what_is_late_waits_for_the_morning(world: Any) -> None:
    _subscribes(world, "helpdesk-lead", queues=["IT help"], every=DAILY, hour="20:00")
    world.passes(days=1, hours=3)  # Tuesday, 03:01: the slot of Monday evening is late
    world.desk.settle()
    assert _summaries(world, "helpdesk-lead") == []
    world.desk.advance("2h")
    assert _summaries(world, "helpdesk-lead") == []
    world.desk.advance("1h")
    assert len(_summaries(world, "helpdesk-lead")) == 1
    world.desk.advance("13h")
    assert len(_summaries(world, "helpdesk-lead")) == 1
    world.desk.advance("1h")
    assert len(_summaries(world, "helpdesk-lead")) == 2


def test_a_stopped_subscription_sends_nothing_more(world: Any) -> None:
    _subscribes(world, "helpdesk-lead", queues=["IT help"], every=DAILY)
    lead = world.desk.person("helpdesk-lead")
    lead.slash("/desk subscriptions", in_="#it-l1")
    assert "IT help · daily 08:00" in lead.modal.text
    lead.modal.fill({"Which ones shall stop?": ["IT help · daily 08:00"]}).submit()
    assert "1 subscription was stopped" in lead.modal.text
    world.desk.advance("3d")
    assert _summaries(world, "helpdesk-lead") == []
    assert "no subscriptions" in lead.slash("/desk subscriptions", in_="#it-l1").text


def test_a_channel_gets_no_private_queue_of_a_person(world: Any) -> None:
    queues = ["IT help", "People team"]
    answer = _subscribes(world, "helpdesk-lead", queues=queues, every=DAILY, channel="#leadership")
    assert "invite it there" in answer
    world.desk.advance("9h")
    [seen] = _summaries(world, "ratna", "#leadership")
    assert "People team" not in seen.text
    _subscribes(world, "helpdesk-lead", queues=["People team"], channel="#leadership")
    assert "private ones only go to you" in str(world.desk.person("helpdesk-lead").modal.errors)


def test_the_policy_file_orders_summaries_and_counts_private_queues(start_world: Any) -> None:
    world = start_world(subscriptions=[ORDERED])
    world.until_monday()
    for n in range(7):
        world.file(queue="hr", what=f"Secret {n}", topic="Complaint")
    world.desk.advance("7d")
    world.desk.advance("9h")
    seen = _summaries(world, "ratna", "#leadership")[-1]
    assert "IT help, People team" in seen.text
    assert "Opened: 7" in seen.text
    assert "Secret" not in seen.text
    assert "Complaint" not in seen.text


def test_who_loses_a_queue_gets_no_more_of_it(world: Any) -> None:
    _subscribes(world, "dewi", "#it-l2", queues=["IT help"], every=DAILY)
    world.empties_tier("L2")
    world.desk.advance("2d")
    assert _summaries(world, "dewi") == []


def test_a_subscription_whose_timer_was_lost_goes_on(world: Any) -> None:
    _subscribes(world, "helpdesk-lead", queues=["IT help"], every=DAILY)
    with world.desk.desk.transaction() as tx:
        given_up = update(Work).where(Work.name == "digest.summary").values(state=WorkState.DEAD)
        tx.session.execute(given_up)
    world.desk.advance("8h")
    assert _summaries(world, "helpdesk-lead") == []
    world.desk.advance("2h")
    assert len(_summaries(world, "helpdesk-lead")) == 1
    world.desk.advance("1d")
    assert len(_summaries(world, "helpdesk-lead")) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"at": "Mon 03:00"}, "at night"),
        ({"at": "Someday 08:00"}, "write an instant such as Mon 08:00"),
        ({"every": "day"}, "write an instant such as 08:00"),
        ({"every": "year"}, "every"),
        ({"queues": []}, "queues"),
        ({"too": "#general"}, "too"),
    ],
)
def test_wrong_settings_are_named(change: dict[str, Any], said: str) -> None:
    [found] = [one for one in load({"digest": {"subscriptions": [ORDERED | change]}}).found if one.name == "digest"]
    assert found.status is Status.QUARANTINED
    assert said in found.reason
