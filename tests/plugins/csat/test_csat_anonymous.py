"""What each reader sees of ratings in anonymous and in private queues."""

import pytest

from .conftest import ANONYMOUS_IT, COMMENT, IT, Company, StartCompany

PROMISE = "Your name is not shown with your rating."


@pytest.fixture
def anonymous(start_company: StartCompany) -> Company:
    """A desk whose IT queue is anonymous."""
    return start_company(anonymous=True, cool_down="1m")


@pytest.fixture
def named(start_company: StartCompany) -> Company:
    """A desk whose people team is private, and not anonymous."""
    company = start_company(cool_down="1m")
    company.desk.apply_policy("anonymous_csat = true", "anonymous_csat = false")
    return company


def _is_rated(company: Company, score: int, comment: str | None = None) -> str:
    number = company.is_polled(f"A request after {len(company.polls())} others")
    company.rates(score, comment=comment)
    if comment and score > 2:
        company.requester.click("Add a comment", company.polls()[-1])
        company.requester.modal.fill({COMMENT: comment}).submit()
        company.desk.settle()
    return number


def test_the_requester_is_promised_it_and_sees_the_own_rating(anonymous: Company) -> None:
    maya = anonymous.requester
    maya.opens_home()
    anonymous.is_polled()
    assert PROMISE in anonymous.polls()[0].text
    assert PROMISE in maya.home.text
    maya.slash("/ticket rate 1")
    assert PROMISE in maya.modal.text
    maya.modal.close()
    maya.click("2 · bad", anonymous.polls()[0])
    assert PROMISE in maya.modal.text
    assert "2 of 5" in anonymous.polls()[0].text


def test_where_names_are_shown_nothing_is_promised(company: Company) -> None:
    company.is_polled()
    assert PROMISE not in company.polls()[0].text


def test_the_card_and_lists_show_nothing_however_many_have_answered(anonymous: Company) -> None:
    for score in (1, 4, 5, 5, 5, 5):
        _is_rated(anonymous, score, f"Comment on a {score}")
    for seen in anonymous.lead.messages("#it-l1"):
        assert "Rated" not in seen.text
        assert "Comment on" not in seen.text
    assert "Rated" not in anonymous.requester.slash("/ticket mine").text
    assert "Rated" not in anonymous.lead.slash("/ticket show 1").text


def test_the_lead_reads_neither_name_nor_request_nor_a_comment_below_five_answers(anonymous: Company) -> None:
    _is_rated(anonymous, 1, "It took three days.")
    [told] = anonymous.told_lead()
    assert told.text.startswith("Somebody rated the help of L1 of IT help with 1 of 5.")
    for hidden in ("maya", "IT-1", "rina", "three days"):
        assert hidden not in told.text + told.fallback
    assert told.buttons == (), "a button would name the request"
    anonymous.rates(5)
    assert anonymous.told_lead()[0].text == "A low rating of L1 of IT help was changed to 5 of 5."


def test_the_requester_can_reopen_where_the_lead_cannot(anonymous: Company) -> None:
    _is_rated(anonymous, 1)
    anonymous.requester.click("Reopen", anonymous.polls()[0])
    anonymous.lead.sees("In progress", in_="#it-l1")


def test_from_five_answers_on_comments_are_shown_without_a_name(anonymous: Company) -> None:
    for score in (5, 4, 3, 5):
        _is_rated(anonymous, score, f"Comment on a {score}")
    assert anonymous.lead.slash("/desk csat comments").text == "There are no comments."
    _is_rated(anonymous, 1, "It took three days.")
    [told] = anonymous.told_lead()
    assert "It took three days." in told.text
    comments = anonymous.lead.slash("/desk csat comments").text
    assert "• IT help: It took three days." in comments
    assert comments.splitlines()[1:] == sorted(comments.splitlines()[1:]), "their order says nothing"
    for hidden in ("maya", "IT-", "rina", "of 5"):
        assert hidden not in told.text.replace("with 1 of 5", "") + comments


def test_numbers_are_shown_from_five_answers_on(anonymous: Company) -> None:
    for score in (5, 4, 3, 1):
        _is_rated(anonymous, score)
    for words in ("", " tiers", " agents"):
        text = anonymous.lead.slash(f"/desk csat{words}").text
        assert "4 asked; anonymous, so nothing is shown below 5 answers" in text
        assert "satisfied" not in text
    printed = anonymous.desk.command_line("csat", "--by", "agent")
    assert "<5" in printed
    assert "%" not in printed
    _is_rated(anonymous, 5)
    assert "60 % satisfied (n = 5; 100 % of 5 answered; mean 3.6)" in anonymous.lead.slash("/desk csat agents").text
    assert "60 %" in anonymous.desk.command_line("csat", "--by", "agent")


def test_what_was_promised_is_kept_when_the_policy_changes(anonymous: Company) -> None:
    _is_rated(anonymous, 1, "It took three days.")
    anonymous.desk.apply_policy(ANONYMOUS_IT, IT)
    anonymous.requester.click("Change your comment", anonymous.polls()[0])
    anonymous.requester.modal.fill({COMMENT: "It took four days."}).submit()
    anonymous.desk.settle()
    for place in ("#it-l1", "dm"):
        anonymous.lead.sees_not("four days", in_=place)
        anonymous.lead.sees_not("Rated 1 of 5", in_=place)
    assert "nothing is shown below 5 answers" in anonymous.lead.slash("/desk csat").text


def test_a_queue_that_becomes_anonymous_hides_earlier_names(start_company: StartCompany) -> None:
    company = start_company()
    _is_rated(company, 5, "Thank you, Rina")
    company.lead.sees("Thank you, Rina", in_="#it-l1")
    company.desk.apply_policy(IT, ANONYMOUS_IT)
    assert "Thank you" not in company.lead.slash("/desk csat comments").text
    assert "Rated" not in company.requester.slash("/ticket mine").text


def test_of_a_private_queue_its_own_people_read_numbers_and_nobody_else(named: Company) -> None:
    number = named.files_with_people_team("My salary is wrong")
    named.solves(number, named.lead)
    named.closes(number)
    named.desk.advance("31m")
    named.rates(1, comment="Still the wrong salary")
    assert "People team: 0 % satisfied (n = 1" in named.lead.slash("/desk csat").text
    assert "People team" not in named.agent.slash("/desk csat").text
    for by in ("queue", "tier", "agent"):
        printed = named.desk.command_line("csat", "--by", by)
        assert "hr" not in printed
        assert "Left out: private queues (1)." in printed


def test_what_was_written_about_a_private_request_stays_on_its_card(named: Company) -> None:
    number = named.files_with_people_team("My salary is wrong")
    named.solves(number, named.lead)
    named.closes(number)
    named.desk.advance("31m")
    named.rates(1, comment="Still the wrong salary")
    card = named.lead.sees("Still the wrong salary", in_="#hr-private")
    assert "⭐ Rated 1 of 5" in card.text
    [told] = named.told_lead()
    assert told.text.startswith(f"@maya rated the help with {number} with 1 of 5.")
    assert "What was written about it is on its card." in told.text
    assert "salary" not in told.text + told.fallback + named.lead.slash("/desk csat comments").text
    assert "Rated" not in named.requester.slash("/ticket mine").text, "a badge stands in lists"
    named.lead.click("Reopen", told)
    named.lead.sees("In progress", in_="#hr-private")


def test_of_a_private_and_anonymous_queue_comments_are_read_by_its_leads_alone(start_company: StartCompany) -> None:
    company = start_company(cool_down="1m")
    for score in (5, 4, 3, 4, 1):
        number = company.files_with_people_team(f"Request {len(company.polls())}")
        company.solves(number, company.lead)
        company.closes(number)
        company.desk.advance("31m")
        company.rates(score, comment="Still the wrong salary")
    assert "• People team: Still the wrong salary" in company.lead.slash("/desk csat comments").text
    for place in ("dm", "#hr-private"):
        assert not [one for one in company.lead.messages(place) if "salary" in one.text and not one.ephemeral]
    assert "salary" not in company.agent.slash("/desk csat comments").text
