"""What ratings contribute to a summary."""

from datetime import timedelta
from typing import Any

from slackdesk.i18n import translator
from slackdesk.plugin.reporting import Reporting
from slackdesk.plugin.values import Figure, Period, ReportSection
from slackdesk.slack.drawings.parts import Reader


def _sections(company: Any, *, queues: tuple[str, ...] = ("it",), locale: str = "en") -> list[ReportSection]:
    desk = company.desk
    reader = Reader(translator(locale), "UTC", desk.now)
    period = Period(desk.now - timedelta(days=1), desk.now, queues)
    with desk.desk.reading() as tx:
        return Reporting(desk.desk, desk.registry, person_waits=False).sections(tx, period, reader)


def test_ratings_are_part_of_a_summary(company: Any) -> None:
    assert _sections(company) == []
    company.is_polled()
    company.desk.advance("1m")
    company.requester.click("5 · very good", in_="dm")
    [section] = _sections(company)
    score, rate = section.figures
    assert section.title == "Ratings"
    assert (score.key, score.label, score.value, score.unit, score.n) == ("csat_score", "Satisfied", 100, "percent", 1)
    assert (rate.key, rate.label, rate.value, rate.n) == ("csat_rate", "Answered", 100, 1)
    assert [_ids(score), _ids(rate)] == [[1], [1]]
    assert [figure.label for figure in _sections(company, locale="id")[0].figures] == ["Puas", "Menjawab"]
    assert _sections(company, queues=("hr",)) == []
    company.desk.advance("2d")
    assert _sections(company) == []


def _ids(figure: Figure) -> list[int]:
    assert figure.tickets is not None
    return list(figure.tickets())
