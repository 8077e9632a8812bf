"""One poll's whole life, as everybody who has to do with it sees it."""

from .conftest import COMMENT, RATINGS, Company


def test_a_polls_whole_life(company: Company) -> None:
    company.wait_until("13:00")
    number = company.is_helped()
    assert number == "IT-1"
    _comes_after_the_delay(company)
    _is_reminded_of_once(company)
    _is_rated_low(company)
    _is_rated_anew(company)
    _is_final_after_the_edit_window(company)
    _outlives_a_reopen(company)


def _comes_after_the_delay(company: Company) -> None:
    company.desk.advance("29m")
    assert company.polls() == []
    company.desk.advance("2m")
    [poll] = company.polls()
    assert poll.text.startswith("How was the help with IT-1?")
    assert poll.buttons == RATINGS
    assert poll.thread_ts is not None, "it stands in the requester's thread"


def _is_reminded_of_once(company: Company) -> None:
    company.desk.advance("1d")
    [poll], [reminder] = company.polls(), company.reminders()
    assert "the poll about IT-1 above waits for your rating" in reminder.text
    assert reminder.thread_ts == poll.thread_ts
    assert "no answer yet" in company.lead.slash("/desk csat").text


def _is_rated_low(company: Company) -> None:
    company.requester.click("2 · bad", company.polls()[0])
    company.requester.modal.fill({COMMENT: "It took three days."}).submit()
    company.requester.sees("You rated the help with IT-1: 2 of 5. Thank you.", in_="dm")
    assert "have rated it since" in company.reminders()[0].text
    card = company.agent.sees("⭐ Rated 2 of 5", in_="#it-l1")
    assert "It took three days." in card.text
    [told] = company.told_lead()
    assert told.text.startswith("@maya rated the help with IT-1 with 2 of 5. It was solved by @rina in L1 of IT help.")
    assert "It took three days." in told.text
    assert told.buttons == ("Reopen",)


def _is_rated_anew(company: Company) -> None:
    company.requester.click("4 · good", company.polls()[0])
    assert company.told_lead()[0].text == "@maya has changed the low rating of IT-1 to 4 of 5."
    assert "100 % satisfied (n = 1; 100 % of 1 answered; mean 4.0)" in company.lead.slash("/desk csat").text


def _is_final_after_the_edit_window(company: Company) -> None:
    company.desk.advance("25h")
    [poll] = company.polls()
    assert (poll.text, poll.buttons) == ("You rated the help with IT-1: 4 of 5. Thank you.", ())
    answer = company.requester.slash("/ticket rate IT-1").text
    assert answer.startswith("You gave 4 of 5 for IT-1. That could be changed until ")


def _outlives_a_reopen(company: Company) -> None:
    company.reopens("IT-1")
    company.solves("IT-1")
    company.closes("IT-1")
    company.desk.advance("30d")
    [poll] = company.polls()
    assert poll.text == "You rated the help with IT-1: 4 of 5. Thank you.", "kept, and never asked again"
    assert len(company.reminders()) == len(company.told_lead()) == 1
