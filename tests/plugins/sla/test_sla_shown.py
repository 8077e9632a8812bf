"""What people see of the clocks: on the card, in lists, as a promise, line by line; and what settings are refused."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slackdesk_plugins.sla.tables import Breach, Result
from sqlalchemy import select

from slackdesk.plugin.loading import load
from slackdesk.plugin.registry import Status

CARDS = "#it-l1"


def _card(week: Any, number: str) -> str:
    return next(seen.text for seen in week.lead.messages(CARDS) if "Requester" in seen.text and number in seen.text)


def _in_new_york(week: Any, when: str) -> str:
    """How far behind Jakarta it is depends on the season."""
    return f"{week.instant(when).astimezone(ZoneInfo('America/New_York')):%a %H:%M}"


def test_the_card_shows_all_clocks_with_their_instants(week: Any) -> None:
    number = week.files("Mon 08:00")
    assert "🟡 First response due" in _card(week, number)
    assert "🟡 First response: due Mon 13:00\n🟡 Resolution: due Thu 08:00" in _card(week, number)


def test_badges_change_with_the_clocks(week: Any) -> None:
    number = week.files("Mon 08:00")

    def mine() -> str:
        text: str = week.maya.slash("/ticket mine").text
        return text

    assert "🟡 First response due" in mine()
    week.until("Mon 13:01")
    assert "🔴 First response overdue" in mine()
    assert "🔴 First response: overdue since Mon 13:00" in _card(week, number)
    week.replies(number)
    assert "🟡 Resolution due" in mine()
    assert "⚫ First response: too late" in _card(week, number)
    week.desk.solve(number)
    assert "⚫ Missed its time" in mine()


def test_what_was_in_time_is_green(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.desk.solve(number)
    assert "🟢 In time" in week.maya.slash("/ticket mine").text
    assert "🟢 First response: in time\n🟢 Resolution: in time" in _card(week, number)
    week.maya.slash(f"/ticket reopen {number}")
    week.desk.settle()
    assert "🟡 Resolution due" in week.maya.slash("/ticket mine").text


def test_point_promise(week: Any) -> None:
    """The requester, in New York, reads it when filing and when it changes."""
    week.until("Sun 10:00")
    answer = week.maya.slash("/ticket My VPN is down").text
    noon, morning = _in_new_york(week, "Mon+1 12:00"), _in_new_york(week, "Mon+1 09:00")
    assert f"The help desk is closed now; next answer by {noon}." in answer
    week.desk.settle()
    assert f"next answer by {noon}" in week.root("IT-1").text
    week.lead.slash("/ticket priority IT-1 high")
    week.desk.settle()
    assert f"next answer by {morning}" in week.root("IT-1").text
    week.until("Mon+1 09:02")
    assert f"We promised an answer by {morning} and are late." in week.root("IT-1").text


def test_a_hand_off_says_the_promise_of_the_moment(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.lead.slash(f"/ticket priority {number} urgent")
    week.desk.settle()
    soon = _in_new_york(week, "Mon 08:15")
    assert week.messages("maya", f"was handed to L2, who know more about it. Next answer by {soon}.")


def test_the_arithmetic_is_printed_line_by_line(week: Any) -> None:
    number = week.files("Mon 15:00")
    week.replies(number)
    week.lead.slash(f"/ticket claim {number}")
    week.lead.slash(f"/ticket wait {number}")
    week.until("Tue 09:00")
    week.lead.slash(f"/ticket resume {number}")
    week.until("Tue 15:00")
    lines = week.lead.slash(f"/ticket sla {number}").text.splitlines()
    assert lines[:3] == [
        f"{number}: its clocks",
        "Working hours of the calendar “office”; times are those of Asia/Jakarta.",
        "First response: 4 h from Mon 15:00",
    ]
    assert "− paused Mon 15:00–Tue 09:00" in lines
    assert any(re.fullmatch(r"\+ Tue 09:00–12:00, 13:00–15:00: (5 h|4 h 59 min)", line) for line in lines)
    assert any(re.match(r"= (5 h|4 h 59 min) of 24 h\. 🟡 Running: due ", line) for line in lines)
    assert lines[-2] == "Time in each tier"
    assert re.fullmatch(r"• L1, filed: Mon 15:00 to now: (5 h|4 h 59 min) of 4 h \((1 h|59 min) over\)", lines[-1])


def test_a_long_ticket_fits_into_one_answer(week: Any) -> None:
    number = week.files("Mon 08:00", priority="low")
    for day in (f"{name}{weeks}" for weeks in ("", "+1") for name in ("Mon", "Tue", "Wed", "Thu", "Fri")):
        week.until(f"{day} 10:00")
        week.lead.slash(f"/ticket wait {number}")
        week.until(f"{day} 10:30")
        week.lead.slash(f"/ticket resume {number}")
    text = week.lead.slash(f"/ticket sla {number}").text
    assert len(text) <= 2_900
    assert "working days: " in text


def test_who_may_not_see_a_ticket_reads_nothing_of_its_clocks(week: Any) -> None:
    number = week.files("Mon 08:00")
    assert week.maya.slash(f"/ticket sla {number}").text.startswith(f"{number}: its clocks")
    assert "its clocks" not in week.desk.person("jonas").slash(f"/ticket sla {number}").text


def test_facts_are_kept_and_a_reopen_takes_none_away(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 13:30")
    week.replies(number)
    week.desk.solve(number)

    def facts() -> tuple[list[Any], list[Any]]:
        with week.desk.desk.reading() as tx:
            breaches = [(one.clock, one.tier, one.target_seconds) for one in tx.session.scalars(select(Breach))]
            results = tx.session.scalars(select(Result).order_by(Result.stopped_at))
            return breaches, [(one.clock, one.is_met) for one in results]

    breach = ("first_response", "L1", 4 * 3600)
    stopped = [("first_response", False), ("resolution", True)]
    assert facts() == ([breach], stopped)
    week.maya.slash(f"/ticket reopen {number}")
    week.desk.settle()
    assert facts() == ([breach], stopped)
    assert "🟡 Resolution: due" in _card(week, number)
    week.desk.solve(number)
    assert facts() == ([breach], [*stopped, ("resolution", True)])
    assert "🟢 Resolution: in time" in _card(week, number)


def test_a_new_calendar_or_target_is_taken_up_by_open_tickets(start_week: Any) -> None:
    week = start_week()
    number = week.files("Mon 08:00")
    week.change_targets({"it": {"normal": {"first_response": "1h"}}})
    week.until("Mon 08:30")
    week.desk.advance("10m")
    assert "🟡 First response: due Mon 09:00" in _card(week, number)
    week.until("Mon 09:03")
    assert week.messages("helpdesk-lead", "Missed their time")


def test_tickets_from_before_the_plugin_are_brought_in_without_blame_for_the_past(start_week: Any) -> None:
    week = start_week(targets={})
    number = week.files("Mon 08:00")
    week.until("Tue 08:00")
    week.replies(number)
    week.change_targets({"it": {"normal": {"first_response": "1h", "resolution": "40h"}}})
    week.until("Tue 09:00")
    week.desk.advance("10m")
    assert week.messages("helpdesk-lead", "Missed their time") == []
    assert "🟡 Resolution: due" in _card(week, number)


LOW = "plugins.sla.targets.it.low"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"targets": {"its": {"low": {}}}}, "plugins.sla.targets.its = 'its': no such queue; write one of: it"),
        ({"targets": {"it": {"soon": {}}}}, "plugins.sla.targets.it.soon = 'soon': "),
        ({"targets": {"it": {"low": {"resolution": "0h"}}}}, f"{LOW}.resolution = '0h': a duration of zero"),
        ({"targets": {"it": {"low": {"answer": "4h"}}}}, f"{LOW}.answer = '4h': unknown key"),
        ({"targets": {"it": {"low": {"resolution": "2d"}}}}, f"{LOW}.resolution = '2d': working time"),
        ({"remind_at_percent": [80, 50]}, "plugins.sla.remind_at_percent = [80, 50]: write each once"),
        ({"cap": 0}, "plugins.sla.cap = 0: "),
    ],
)
def test_wrong_settings_are_named(section: dict[str, Any], said: str) -> None:
    [found] = [one for one in load({"sla": section}, queues=("it",)).found if one.name == "sla"]
    assert found.status is Status.QUARANTINED
    assert said in found.reason
