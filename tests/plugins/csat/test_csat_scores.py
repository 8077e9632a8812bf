"""The numbers: equal to a table that was counted by hand, for whoever may read them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from slackdesk_plugins.csat.declared import Poll
from slackdesk_plugins.csat.scores import By, Score, scores

from .conftest import Company, StartCompany

POLLS = [
    # queue, tier, agent, score, days since the close
    ("it", "L1", "rina", 5, 1),
    ("it", "L1", "rina", 4, 2),
    ("it", "L1", "rina", 2, 3),
    ("it", "L1", "rina", None, 3),
    ("it", "L1", "agus", 4, 4),
    ("it", "L1", "agus", 3, 5),
    ("it", "L1", "agus", None, 6),
    ("it", "L1", "agus", None, 89),
    ("it", "L2", "dewi", 1, 7),
    ("it", "L2", "dewi", 5, 10),
    ("it", "L2", "dewi", 5, 91),
    ("it", "L3", None, None, 12),
    ("hr", "L1", "lead", 5, 1),
]
"""The last but two is too old; the last is another queue's."""

COUNTED = {
    # sent, answered, % of them satisfied, % who answered, mean
    (By.QUEUE, None): (11, 7, 57, 64, "3.4"),  # 4 of 7; 7 of 11; 24 / 7
    (By.TIER, "L1"): (8, 5, 60, 63, "3.6"),  # 3 of 5; 5 of 8; 18 / 5
    (By.TIER, "L2"): (2, 2, 50, 100, "3.0"),
    (By.TIER, "L3"): (1, 0, None, 0, None),
    (By.AGENT, "rina"): (4, 3, 67, 75, "3.7"),  # 2 of 3; 11 / 3
    (By.AGENT, "agus"): (4, 2, 50, 50, "3.5"),
    (By.AGENT, "dewi"): (2, 2, 50, 100, "3.0"),
    (By.AGENT, None): (1, 0, None, 0, None),
}
"""By hand, from the rows above."""


@pytest.fixture
def counted(company: Company) -> Company:
    """A desk with these polls in its table."""
    with company.desk.desk.database.begin() as session:
        for number, (queue, tier, agent, score, days) in enumerate(POLLS, 1000):
            closed_at = company.desk.now - timedelta(days=days) + timedelta(minutes=10)
            session.add(
                Poll(
                    ticket_id=number,
                    requester="U1",
                    agent=agent and _id(company, agent),
                    queue=queue,
                    tier=tier,
                    closed_at=closed_at,
                    sent_at=closed_at + timedelta(minutes=30),
                    is_anonymous=False,
                    is_void=False,
                    score=score,
                    rated_at=score and closed_at + timedelta(hours=1),
                )
            )
    return company


def _id(company: Company, agent: str) -> str:
    return company.desk.person("helpdesk-lead" if agent == "lead" else agent).user.id


@pytest.mark.parametrize("by", By)
def test_scores_are_those_counted_by_hand(counted: Company, by: By) -> None:
    with counted.desk.desk.reading() as tx:
        found = scores(tx.session, by, ["it"], tx.now - timedelta(days=90))
    expected = {part: row for (of, part), row in COUNTED.items() if of is by}
    if by is By.AGENT:
        expected = {part and _id(counted, part): row for part, row in expected.items()}
    assert {one.part: _row(one) for one in found} == expected


def _row(one: Score) -> tuple[object, ...]:
    mean = None if one.mean is None else str(one.mean)
    return (one.sent, one.answered, one.score_percent, one.rate_percent, mean)


def test_the_desk_says_the_same(counted: Company) -> None:
    assert "• IT help: 57 % satisfied (n = 7; 64 % of 11 answered; mean 3.4)" in counted.lead.slash("/desk csat").text
    tiers = counted.lead.slash("/desk csat tiers").text
    assert "• IT help, L1: 60 % satisfied (n = 5; 63 % of 8 answered; mean 3.6)" in tiers
    assert "• IT help, L2: 50 % satisfied (n = 2; 100 % of 2 answered; mean 3.0)" in tiers
    assert "• IT help, L3: 1 asked, no answer yet" in tiers
    agents = counted.lead.slash("/desk csat agents").text
    assert "• IT help, @rina: 67 % satisfied (n = 3; 75 % of 4 answered; mean 3.7)" in agents
    assert "• IT help, @agus: 50 % satisfied (n = 2; 50 % of 4 answered; mean 3.5)" in agents


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ((), [["it", "11", "7", "64", "57", "3.4"]]),
        (("--days", "5"), [["it", "6", "5", "83", "60", "3.6"]]),
        (
            ("--by", "tier"),
            [
                ["it", "L1", "8", "5", "63", "60", "3.6"],
                ["it", "L2", "2", "2", "100", "50", "3.0"],
                ["it", "L3", "1", "0", "0", "-", "-"],
            ],
        ),
        (
            ("--by", "agent"),
            [
                ["it", "-", "1", "0", "0", "-", "-"],
                ["it", "Agus", "4", "2", "50", "50", "3.5"],
                ["it", "Dewi", "2", "2", "100", "50", "3.0"],
                ["it", "Rina", "4", "3", "75", "67", "3.7"],
            ],
        ),
    ],
)
def test_the_command_line_prints_the_same(counted: Company, words: tuple[str, ...], rows: list[list[str]]) -> None:
    printed = counted.desk.command_line("csat", *words)
    cells = [re.findall(r"[\w.-]+", line) for line in printed.splitlines() if line.startswith("│")]
    assert sorted(cells) == sorted(rows)


def test_an_agent_reads_the_own_numbers_and_no_colleagues(counted: Company) -> None:
    dewi = counted.desk.person("dewi")
    agents = dewi.slash("/desk csat agents").text
    assert "@dewi: 50 % satisfied" in agents
    assert "@rina" not in agents
    assert dewi.slash("/desk csat comments").text == "Comments are shown to the leads of a queue, and on the cards."
    bayu = counted.desk.person("bayu").slash("/desk csat agents").text
    assert bayu.endswith("Nobody has rated your own work. The work of others is shown to their leads.")


def test_people_of_no_queue_read_nothing(counted: Company) -> None:
    for person in ("maya", "lukas"):
        assert "belong to no queue" in counted.desk.person(person).slash("/desk csat", in_="dm").text


def test_a_wrong_word_is_answered_with_the_right_ones(company: Company) -> None:
    assert "/desk csat tiers," in company.lead.slash("/desk csat teams").text


def test_a_day_by_people_is_counted_alike(start_company: StartCompany) -> None:
    company = start_company(cool_down="1m")
    assert "IT help: nobody was asked" in company.lead.slash("/desk csat").text
    assert "Nobody was asked about what was closed in 90 days." in company.desk.command_line("csat")
    for score in (5, 4, 2):
        company.is_polled(f"A request that ends with {score}")
        company.rates(score)
    company.is_polled("A request without an answer")
    number = company.is_polled("A request that is reopened")
    company.reopens(number)
    expected = "IT help: 67 % satisfied (n = 3; 60 % of 5 answered; mean 3.7)"
    assert expected in company.lead.slash("/desk csat").text
    assert expected.replace("help:", "help, @rina:") in company.lead.slash("/desk csat agents").text


def test_comments_are_read_by_the_lead(start_company: StartCompany) -> None:
    company = start_company(cool_down="1m")
    company.is_polled()
    company.rates(1, comment="Slow\n*and* <!here> rude")
    comments = company.lead.slash("/desk csat comments").text
    assert comments.startswith("What requesters wrote:\n• IT-1, 1 of 5: Slow")
    assert "<!here>" in comments, "as it was written, and nobody is called"


def test_a_long_list_says_that_there_is_more(company: Company) -> None:
    closed_at = company.desk.now
    with company.desk.desk.database.begin() as session:
        for number in range(1000, 1060):
            session.add(
                Poll(
                    ticket_id=number,
                    requester="U1",
                    agent=f"U{number}",
                    queue="it",
                    tier="L1",
                    closed_at=closed_at,
                    sent_at=closed_at,
                    is_anonymous=False,
                    is_void=False,
                    score=5,
                )
            )
    assert company.lead.slash("/desk csat agents").text.endswith("…and more. Your operators can print all of it.")


def test_a_half_is_rounded_up() -> None:
    one = Score("it", None, sent=8, answered=8, satisfied=1, points=18, is_anonymous=False)
    assert (one.score_percent, one.mean) == (Decimal("13"), Decimal("2.3"))
