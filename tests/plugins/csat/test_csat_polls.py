"""The life of a poll, as the requester and others see it."""

import threading
from typing import Any

import pytest

from slackdesk.plugin.loading import load
from slackdesk.plugin.registry import Status


def test_a_poll_comes_once_a_while_after_a_person_closed(company: Any) -> None:
    number = company.is_helped()
    assert company.polls() == []
    company.desk.advance("29m")
    assert company.polls() == []
    company.desk.advance("2m")
    [poll] = company.polls()
    assert number in poll.text
    assert [label for label in poll.buttons if label[0].isdigit()] == [
        "1 · very bad",
        "2 · bad",
        "3 · so-so",
        "4 · good",
        "5 · very good",
    ]
    assert poll.thread_ts is not None, "it stands in the requester's thread"
    company.desk.advance("7d")
    assert len(company.polls()) == 1


def test_the_poll_speaks_the_requesters_language(company: Any) -> None:
    company.requester = company.desk.person("sari")
    assert company.requester.user.locale.startswith("id")
    number = company.files()
    company.solves(number)
    company.closes(number)
    company.desk.advance("31m")
    company.requester.sees("Beri nilai", in_="dm")


def test_an_automatic_close_asks_nobody(company: Any) -> None:
    number = company.files()
    company.solves(number)
    company.desk.advance("30d")
    assert "Closed" in company.requester.slash("/ticket mine", in_="dm").text
    assert company.polls() == []


def test_nobody_rates_an_own_solution(company: Any) -> None:
    company.requester = company.agent
    number = company.files()
    company.solves(number)
    company.closes(number)
    company.desk.advance("31m")
    assert company.polls() == []


def test_a_reopen_cancels_the_poll_and_the_next_close_asks(company: Any) -> None:
    number = company.is_helped()
    company.desk.advance("10m")
    company.requester.slash(f"/ticket reopen {number}", in_="dm")
    company.desk.advance("2h")
    assert company.polls() == []
    company.solves(number)
    company.closes(number)
    company.desk.advance("31m")
    assert len(company.polls()) == 1


def test_a_ticket_is_asked_about_once_however_often_it_is_closed(company: Any) -> None:
    number = company.is_polled()
    company.requester.slash(f"/ticket reopen {number}", in_="dm")
    company.solves(number)
    company.closes(number)
    company.desk.advance("1d")
    assert len(company.polls()) == 1


def test_a_rating_changes_the_message_and_the_card(company: Any) -> None:
    number = company.is_polled()
    company.requester.click("4 · good", company.polls()[0])
    company.requester.sees("4 of 5", in_="dm")
    assert len(company.polls()) == 1, "changed, not posted again"
    assert number in company.agent.sees("⭐ Rated 4 of 5", in_="#it-l1").text
    assert "⭐ Rated 4 of 5" in company.requester.slash("/ticket mine", in_="dm").text


def test_another_number_changes_the_rating_and_the_same_one_says_so(company: Any) -> None:
    company.is_polled()
    company.requester.click("2 · bad", company.polls()[0])
    company.requester.sees("2 of 5", in_="dm")
    company.requester.click("5 · very good", company.polls()[0])
    company.requester.sees("5 of 5", in_="dm")
    company.requester.click("5 · very good", company.polls()[0])
    company.requester.sees("already given 5 of 5", in_="dm")
    assert "n = 1" in company.agent.slash("/desk csat", in_="#it-l1").text


def test_two_clicks_at_once_are_one_rating(company: Any) -> None:
    company.is_polled()
    poll = company.polls()[0]
    both = [threading.Thread(target=company.requester.click, args=("3 · so-so", poll)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    company.requester.sees("You rated", in_="dm")
    assert len(company.polls()) == 1
    assert "n = 1" in company.agent.slash("/desk csat", in_="#it-l1").text


def test_somebody_else_cannot_rate(company: Any) -> None:
    number = company.is_polled()
    answer = company.agent.slash(f"/ticket rate {number}", in_="#it-l1")
    assert answer.text == "Only @maya, who asked for it, can rate this."
    assert "no answer yet" in company.agent.slash("/desk csat", in_="#it-l1").text


def test_a_comment_of_any_length_is_kept_and_inert(company: Any) -> None:
    number = company.is_polled()
    company.requester.click("1 · very bad", company.polls()[0])
    company.requester.click("Add a comment", company.requester.sees("You rated", in_="dm"))
    comment = "<!channel> *slow* <@U1> " * 100
    company.requester.modal.fill({"What went well, what should be better?": comment})
    company.requester.modal.submit()
    company.desk.settle()
    assert "Change your comment" in company.polls()[0].buttons
    card = company.agent.sees("The requester on the help", in_="#it-l1")
    assert "<!channel> *slow*" in card.text, "shown as it was written"
    company.agent.click("Read the whole comment", card)
    assert company.agent.modal.text.count("<!channel> *slow* <@U1>") == 100
    assert number in card.text
    assert company.desk.sandbox.journal.illegal() == []


def test_the_window_rates_when_the_message_is_out_of_sight(company: Any) -> None:
    number = company.is_polled()
    company.requester.slash(f"/ticket rate {number}", in_="dm")
    company.requester.modal.fill({"How was the help?": "5 · very good"})
    company.requester.modal.submit()
    company.requester.sees("You rated the help", in_="dm")
    assert len(company.polls()) == 1


def test_there_is_nothing_to_rate_before_the_poll(company: Any) -> None:
    number = company.files()
    assert "no poll about this ticket" in company.requester.slash(f"/ticket rate {number}", in_="dm").text


def test_an_old_poll_ends_and_a_late_rating_is_told_so(company: Any) -> None:
    number = company.is_polled()
    company.desk.advance("13d")
    assert "Rate it from" in company.polls()[0].text
    company.desk.advance("2d")
    company.requester.sees("has ended", in_="dm")
    assert not company.polls()[0].buttons
    assert "has ended" in company.requester.slash(f"/ticket rate {number}", in_="dm").text
    company.desk.advance("30d")
    assert len(company.polls()) == 1


def test_a_rated_poll_does_not_end(company: Any) -> None:
    company.is_polled()
    company.requester.click("4 · good", company.polls()[0])
    company.desk.advance("20d")
    assert "You rated" in company.polls()[0].text


def test_a_deleted_poll_is_posted_again_when_it_changes(company: Any) -> None:
    number = company.is_polled()
    poll, workspace = company.polls()[0], company.desk.sandbox.workspace
    workspace.delete(poll.message.channel_id, poll.ts, workspace.bot)
    company.requester.slash(f"/ticket rate {number}", in_="dm")
    company.requester.modal.fill({"How was the help?": "5 · very good"})
    company.requester.modal.submit()
    company.requester.sees("You rated the help", in_="dm")


def test_the_home_shows_what_waits_for_a_rating(company: Any) -> None:
    company.requester.opens_home()
    number = company.is_polled()
    assert f"How was the help with {number}?" in company.requester.home.text
    company.requester.click("4 · good", in_="home")
    company.desk.settle()
    assert "How was the help" not in company.requester.home.text


def test_scores_are_counted_for_each_queue(company: Any) -> None:
    for rating in ("5 · very good", "4 · good", "2 · bad"):
        company.is_helped(f"A request that ends with {rating}")
        company.desk.advance("31m")
        company.requester.click(rating, company.polls()[-1])
    company.is_helped("A request without an answer")
    company.desk.advance("31m")
    answer = company.agent.slash("/desk csat", in_="#it-l1").text
    assert "IT help: 67 % satisfied (n = 3; 75 % of 4 answered)" in answer
    assert "belong to no queue" in company.desk.person("maya").slash("/desk csat", in_="dm").text


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"delay": "soon"}, "plugins.csat.delay = 'soon': not a duration"),
        ({"delays": "1h"}, "plugins.csat.delays = '1h': unknown key; did you mean delay?"),
        ({"enabled": "yes"}, "plugins.csat.enabled = 'yes': write true or false"),
    ],
)
def test_wrong_settings_are_named(section: dict[str, Any], said: str) -> None:
    [found] = [one for one in load({"csat": section}).found if one.name == "csat"]
    assert found.status is Status.QUARANTINED
    assert said in found.reason
