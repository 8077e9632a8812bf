"""What service levels contribute to a summary."""

from datetime import timedelta
from typing import Any

from slackdesk.i18n import translator
from slackdesk.plugin.reporting import Reporting
from slackdesk.plugin.values import Figure, Period, ReportSection
from slackdesk.slack.drawings.parts import Reader


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
    first, breaches = section.figures
    key, label, value, n, tickets = _told(first)
    assert (key, label, n, tickets) == ("sla_first_response", "First response in time", 3, [1, 2, 3])
    assert round(value) == 33
    assert _told(breaches) == ("sla_breaches", "Missed targets", 2, None, [2, 3])
    assert _sections(week, 0, 24, ("hr",)) == []
    assert _sections(week, -24, 0) == []


def test_a_past_period_stays_as_it_was(week: Any) -> None:
    week.files("Mon 08:00", "One")
    week.until("Mon 15:00")
    [before] = _sections(week, 0, 14.5)
    week.replies("IT-1")
    [after] = _sections(week, 0, 14.5)
    assert [_told(one) for one in after.figures] == [_told(one) for one in before.figures]
