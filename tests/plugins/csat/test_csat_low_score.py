"""A low score: who hears of it, once, and what can be done about it at once."""

import pytest

from .conftest import COMMENT, Company, StartCompany


@pytest.mark.parametrize(("score", "is_told"), [(1, True), (2, True), (3, False), (4, False), (5, False)])
def test_low_scores_go_to_the_lead(company: Company, score: int, is_told: bool) -> None:
    company.is_polled()
    company.rates(score)
    assert len(company.told_lead()) == is_told


def test_the_policy_says_what_is_low(start_company: StartCompany) -> None:
    company = start_company(low_score=3)
    company.is_polled()
    company.rates(3)
    assert "with 3 of 5" in company.told_lead()[0].text


def test_nothing_is_low_where_the_policy_says_so(start_company: StartCompany) -> None:
    company = start_company(low_score=0)
    company.is_polled()
    company.rates(1)
    assert company.told_lead() == []
    assert "Is it not solved after all?" not in company.polls()[0].text


def test_a_change_edits_what_the_lead_reads(company: Company) -> None:
    company.is_polled()
    company.rates(1)
    company.rates(2)
    [told] = company.told_lead()
    assert "with 2 of 5" in told.text
    assert told.buttons == ("Reopen",)
    company.rates(5)
    [told] = company.told_lead()
    assert (told.text, told.buttons) == ("@maya has changed the low rating of IT-1 to 5 of 5.", ())
    company.rates(1)
    [told] = company.told_lead()
    assert "with 1 of 5" in told.text


def test_a_high_score_that_becomes_low_is_told(company: Company) -> None:
    company.is_polled()
    company.rates(4)
    company.rates(2)
    assert "with 2 of 5" in company.told_lead()[0].text


def test_the_lead_reopens_with_the_button(company: Company) -> None:
    number = company.is_polled()
    company.rates(1, comment="It is still broken.")
    [told] = company.told_lead()
    company.lead.click("Reopen", told)
    company.requester.sees(f"@helpdesk-lead reopened {number}", in_="dm")
    [told] = company.told_lead()
    assert told.buttons == ()
    assert "It was reopened." in told.text
    assert "Is it not solved after all?" not in company.polls()[0].text
    assert "You rated the help with IT-1: 1 of 5" in company.polls()[0].text, "an answered poll stays"


def test_the_requester_is_offered_to_reopen(company: Company) -> None:
    company.is_polled()
    company.rates(2)
    [poll] = company.polls()
    assert "Is it not solved after all?" in poll.text
    company.requester.click("Reopen", poll)
    company.lead.sees("In progress", in_="#it-l1")
    assert "It was reopened." in company.told_lead()[0].text
    assert "Reopen" not in company.polls()[0].buttons


def test_a_button_that_comes_too_late_says_so(company: Company) -> None:
    number = company.is_polled()
    company.rates(1)
    [told] = company.told_lead()
    company.requester.slash(f"/ticket reopen {number}")
    company.desk.sandbox.person("helpdesk-lead").click("Reopen", told)
    company.lead.sees("IT-1 is open: there is nothing to reopen.", in_="dm")


def test_the_core_checks_who_may_reopen(company: Company) -> None:
    company.is_polled()
    company.rates(1)
    [told] = company.told_lead()
    company.desk.apply_policy('lead = "@helpdesk-lead"', 'lead = "@head-of-it"')
    company.lead.click("Reopen", told)
    company.lead.sees("Only members of L1 of IT help can do that with IT-1.", in_="dm")


def test_the_lead_reads_the_comment_also_when_it_comes_later(company: Company) -> None:
    company.is_polled()
    company.rates(2)
    company.requester.click("Add a comment", company.polls()[0])
    company.requester.modal.fill({COMMENT: "Nobody called back."}).submit()
    assert "Nobody called back." in company.told_lead()[0].text


def test_a_lead_is_not_told_of_an_own_rating(company: Company) -> None:
    company.requester = company.lead
    company.is_helped()
    company.desk.advance("31m")
    company.rates(1)
    assert [one for one in company.told_lead() if "rated the help with IT-1 with" in one.text] == []


def test_an_erased_comment_is_gone_from_card_and_lead(company: Company) -> None:
    company.is_polled()
    company.rates(1, comment="My salary is wrong.")
    assert "My salary" in company.told_lead()[0].text
    company.erase(company.requester)
    company.lead.sees_not("My salary", in_="#it-l1")
    company.lead.sees_not("My salary", in_="dm")
    assert "n = 1" in company.lead.slash("/desk csat").text, "the score stays"
