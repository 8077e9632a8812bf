"""One poll's whole life, as everybody who has to do with it sees it."""

from typing import Any

from .conftest import COMMENT, RATINGS


def test_a_polls_whole_life(company: Any) -> None:
    maya, lead = company.requester, company.lead
    company.wait_until("13:00")
    number = company.is_helped()
    company.desk.advance("29m")
    assert company.polls() == []

    company.desk.advance("2m")
    [poll] = company.polls()
    assert poll.text.startswith(f"How was the help with {number}?")
    assert poll.buttons == RATINGS
    assert poll.thread_ts is not None, "it stands in the requester's thread"

    company.desk.advance("1d")
    [reminder] = company.reminders()
    assert f"the poll about {number} above waits for your rating" in reminder.text
    assert reminder.thread_ts == poll.thread_ts
    assert "no answer yet" in lead.slash("/desk csat").text

    maya.click("2 · bad", poll)
    maya.modal.fill({COMMENT: "It took three days."}).submit()
    maya.sees("You rated the help with IT-1: 2 of 5. Thank you.", in_="dm")
    assert "have rated it since" in company.reminders()[0].text
    card = company.agent.sees("⭐ Rated 2 of 5", in_="#it-l1")
    assert "It took three days." in card.text
    [told] = company.told_lead()
    assert told.text.startswith("@maya rated the help with IT-1 with 2 of 5. It was solved by @rina in L1 of IT help.")
    assert "It took three days." in told.text

    maya.click("4 · good", company.polls()[0])
    assert company.told_lead()[0].text == "@maya has changed the low rating of IT-1 to 4 of 5."
    assert "100 % satisfied (n = 1; 100 % of 1 answered; mean 4.0)" in lead.slash("/desk csat").text

    company.desk.advance("25h")
    [poll] = company.polls()
    assert poll.text == "You rated the help with IT-1: 4 of 5. Thank you."
    assert poll.buttons == ()
    answer = maya.slash(f"/ticket rate {number}").text
    assert answer.startswith("You gave 4 of 5 for IT-1. That could be changed until ")

    company.reopens(number)
    company.solves(number)
    company.closes(number)
    company.desk.advance("30d")
    assert [one.text for one in company.polls()] == [poll.text], "kept, and never asked again"
    assert len(company.reminders()) == len(company.told_lead()) == 1
