"""What service levels contribute to a summary."""

from datetime import timedelta
from typing import Any

from slackdesk.i18n import translator
from slackdesk.plugin.reporting import Reporting
from slackdesk.plugin.values import Figure, Period, ReportSection
from slackdesk.slack.drawings.parts import Reader
from slackdesk.tickets import service


def _sections(week: Any, since: float, until: float, queues: tuple[str, ...] = ("it",)) -> list[ReportSection]:
    """Of a period that is given in hours since Monday's midnight in Jakarta."""
    desk = week.desk
    reader = Reader(translator("en"), "UTC", desk.now)
    since_at, until_at = (week.monday + timedelta(hours=hours) for hours in (since, until))
    period = Period(since_at, until_at, queues)
    with desk.desk.reading() as tx:
        reporting = Reporting(desk.desk, desk.registry, person_waits=False)
        return reporting.sections(tx, period, reader)


def _told(figure: Figure) -> tuple[str, str, Any, int | None, list[int]]:
    assert figure.tickets is not None
    return figure.key, figure.label, figure.value, figure.n, list(figure.tickets())


def test_point_report_section(week: Any) -> None:
    """One answered in time, one too late, one overdue and never answered: one of three."""
    week.files("Mon 08:00", "One")
    week.replies("IT-1")
    week.files("Mon 08:30", "Two")
    week.files("Mon 08:40", "Three")
    week.until("Mon 15:00")
    week.replies("IT-2")
    [section] = _sections(week, 0, 24)
    assert section.title == "Service levels"
    first, breaches, caused = section.figures
    key, label, value, n, tickets = _told(first)
    assert (key, label, n, tickets) == ("sla_first_response", "First response in time", 3, [1, 2, 3])
    assert round(value) == 33
    assert _told(breaches) == ("sla_breaches", "Missed targets", 2, None, [2, 3])
    assert _told(caused) == ("sla_caused.it.L1", "Missed targets caused in L1", 2, None, [2, 3])
    assert _sections(week, 0, 24, ("hr",)) == []
    assert _sections(week, -24, 0) == []


def test_a_past_period_stays_as_it_was(week: Any) -> None:
    week.files("Mon 08:00", "One")
    week.until("Mon 15:00")
    [before] = _sections(week, 0, 14.5)
    week.replies("IT-1")
    [after] = _sections(week, 0, 14.5)
    assert [_told(one) for one in after.figures] == [_told(one) for one in before.figures]


def test_where_targets_were_missed_is_counted_for_each_tier_the_most_first(week: Any) -> None:
    week.files("Mon 08:00", "One")
    week.files("Mon 08:01", "Two")
    week.files("Mon 08:02", "Three")
    with week.desk.desk.transaction() as tx:
        lead = week.desk.sandbox.workspace.user_by_handle("helpdesk-lead").id
        service.escalate_ticket(tx, 3, lead, reason="Ports", tried="A restart", asked="Open port 443")
    week.until("Mon 15:00")
    [section] = _sections(week, 0, 24)
    caused = [_told(one) for one in section.figures if one.key.startswith("sla_caused")]
    assert caused == [
        ("sla_caused.it.L1", "Missed targets caused in L1", 2, None, [1, 2]),
        ("sla_caused.it.L2", "Missed targets caused in L2", 1, None, [3]),
    ]
    [section] = _sections(week, 0, 24, ("it", "hr"))
    assert section.figures[-1].label == "Missed targets caused in IT help L2"


def test_a_week_that_is_over_counts_what_was_true_when_it_ended(week: Any) -> None:
    """What is reopened, solved again, cancelled or filed again later changes no earlier week."""
    week.files("Mon 08:00", "One")
    week.replies("IT-1")
    week.files("Mon 08:05", "Two")
    week.replies("IT-2")
    week.until("Mon 09:00")
    week.desk.solve("IT-1")
    week.files("Mon 09:30", "Three")
    week.until("Fri 16:00")
    counts = [_counts(week, 0)]
    assert counts[0] == {"first_response": [1, 2, 3], "resolution": [1, 2, 3]}, "two and three are overdue"
    week.until("Mon+1 08:00")
    week.maya.slash("/ticket reopen 1")
    week.maya.slash("/ticket cancel 2")
    week.until("Mon+1 09:00")
    assert _counts(week, 1) == {"first_response": [3], "resolution": [3]}, "what was cancelled is in no numbers"
    week.desk.solve("IT-1")
    week.replies("IT-3")
    week.until("Tue+1 08:00")
    assert _counts(week, 0) == counts[0]
    assert _counts(week, 1) == {"first_response": [3], "resolution": [1, 3]}


def test_what_came_twice_in_a_week_counts_once_and_what_was_taken_back_not_at_all(week: Any) -> None:
    week.files("Mon 08:00", "One")
    week.files("Mon 08:05", "Two")
    week.files("Mon 08:10", "Three")
    for number in ("IT-1", "IT-2", "IT-3"):
        week.replies(number)
    week.until("Mon 09:00")
    week.desk.solve("IT-1")
    week.desk.solve("IT-2")
    week.maya.slash("/ticket cancel 3")
    week.until("Mon 10:00")
    for number in (1, 2, 3):
        week.maya.slash(f"/ticket reopen {number}")
    week.until("Mon 11:00")
    week.desk.solve("IT-1")
    assert _shown(_sections(week, 0, 9.5)) == {"first_response": (100, [1, 2]), "resolution": (100, [1, 2])}
    assert _shown(_sections(week, 0, 10.5)) == {"first_response": (100, [1, 2, 3])}, "nothing is solved any more"
    week.files("Mon 11:05", "Four")
    week.replies("IT-4")
    week.until("Fri 16:30")
    week.desk.solve("IT-2")
    week.until("Fri 16:40")
    week.maya.slash("/ticket reopen 2")
    week.until("Mon+1 08:00")
    [section] = _sections(week, 0, 168)
    told = {figure.key: (figure.value, figure.n) for figure in section.figures}
    assert told["sla_first_response"] == (100, 4)
    assert told["sla_resolution"] == (25, 4), "one was solved in time, once; three are open and overdue, once each"
    assert _shown([section])["resolution"] == (25, [1, 2, 3, 4])
    assert _shown(_sections(week, 0, 11.5))["resolution"] == (100, [1])
    assert _shown(_sections(week, 10.5, 11.5))["resolution"] == (100, [1])


def _shown(sections: list[ReportSection]) -> dict[str, tuple[Any, list[int]]]:
    """Clock → its share, and the tickets behind it."""
    told = [_told(figure) for section in sections for figure in section.figures if figure.unit == "percent"]
    return {key.removeprefix("sla_"): (value, tickets) for key, _, value, _, tickets in told}


def _counts(week: Any, number: int) -> dict[str, list[int]]:
    """Clock → tickets behind its share, in one of the weeks."""
    [section] = _sections(week, 168 * number, 168 * (number + 1))
    told = [_told(one) for one in section.figures if one.unit == "percent"]
    return {key.removeprefix("sla_"): tickets for key, _, _, _, tickets in told}
