"""Rating, changing the rating, commenting, and what is said to a click that comes twice or too late."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

from .conftest import COMMENT, RATINGS, Company, StartCompany


def test_a_rating_changes_the_message_and_the_card(company: Company) -> None:
    number = company.is_polled()
    company.rates(4)
    company.requester.sees("4 of 5", in_="dm")
    assert len(company.polls()) == 1, "changed, not posted again"
    assert number in company.agent.sees("⭐ Rated 4 of 5", in_="#it-l1").text
    assert "⭐ Rated 4 of 5" in company.requester.slash("/ticket mine", in_="dm").text


def test_another_number_changes_the_rating_and_the_same_one_says_so(company: Company) -> None:
    company.is_polled()
    company.rates(3)
    company.rates(5)
    company.requester.sees("5 of 5", in_="dm")
    company.rates(5)
    company.requester.sees("already given 5 of 5", in_="dm")
    assert "n = 1" in company.lead.slash("/desk csat", in_="#it-l1").text


def test_a_rating_can_be_changed_for_the_edit_window_from_the_first_one_on(company: Company) -> None:
    company.is_polled()
    company.rates(3)
    company.desk.advance("23h")
    company.rates(4)
    company.desk.advance("2h")
    [poll] = company.polls()
    assert (poll.text, poll.buttons) == ("You rated the help with IT-1: 4 of 5. Thank you.", ())
    assert "That could be changed until" in company.requester.slash("/ticket rate 1").text


def test_a_late_click_on_a_rating_is_told_what_was_given(company: Company) -> None:
    company.is_polled()
    company.rates(3)
    assert "You gave 3 of 5 for IT-1. That could be changed until" in company.late_click(RATINGS[4], after="25h")
    assert "mean 3.0" in company.lead.slash("/desk csat").text


def test_a_late_click_on_an_expired_poll_is_told_so(company: Company) -> None:
    company.is_polled()
    assert "The poll about IT-1 has ended" in company.late_click(RATINGS[4], after="14d")
    assert "no answer yet" in company.lead.slash("/desk csat").text


def test_polls_that_no_timer_ends_are_ended_at_night(
    company: Company, forget_timers: Callable[[Company], None]
) -> None:
    company.is_polled()
    company.rates(3)
    forget_timers(company)
    company.desk.advance("49h")
    assert company.polls()[0].buttons == ()


def test_an_old_poll_ends_and_a_late_rating_is_told_so(company: Company) -> None:
    number = company.is_polled()
    company.desk.advance("13d")
    assert "Rate it from" in company.polls()[0].text
    company.desk.advance("25h")
    [poll] = company.polls()
    assert (poll.text, poll.buttons) == ("The poll about IT-1 has ended without a rating.", ())
    answer = company.requester.slash(f"/ticket rate {number}", in_="dm").text
    assert answer.startswith("The poll about IT-1 has ended ")
    assert answer.endswith(", without a rating. Thank you all the same.")


def test_a_rating_at_the_last_moment_can_still_be_changed(company: Company) -> None:
    company.is_polled()
    company.desk.advance("335h")
    company.rates(3)
    company.desk.advance("20h")
    company.rates(4)
    company.desk.advance("20h")
    assert company.polls()[0].text == "You rated the help with IT-1: 4 of 5. Thank you."


def test_a_reopen_voids_an_unanswered_poll_for_good(company: Company) -> None:
    number = company.is_polled()
    company.reopens(number)
    [poll] = company.polls()
    void = "IT-1 was opened again before it was rated: there is nothing to rate."
    assert (poll.text, poll.buttons) == (void, ())
    company.solves(number)
    company.closes(number)
    company.desk.advance("8d")
    assert [one.text for one in company.polls()] == [void]
    assert company.reminders() == []
    assert company.requester.slash(f"/ticket rate {number}").text == void


def test_a_reopen_keeps_a_rating(company: Company) -> None:
    number = company.is_polled()
    company.rates(3)
    company.reopens(number)
    company.rates(4)
    assert "4 of 5" in company.polls()[0].text
    assert "mean 4.0" in company.lead.slash("/desk csat").text


def test_a_click_right_after_the_reopen_is_told_so(company: Company) -> None:
    number = company.is_polled()
    poll = company.polls()[0]
    company.requester.slash(f"/ticket reopen {number}", in_="dm")
    company.device().click(RATINGS[4], poll)
    answers = [one.text for one in company.requester.messages("dm") if one.ephemeral]
    assert "IT-1 was opened again before it was rated: there is nothing to rate." in answers
    assert "no answer yet" in company.lead.slash("/desk csat").text


def test_two_clicks_at_once_are_one_rating(company: Company) -> None:
    company.is_polled()
    _at_once(company, (RATINGS[2], RATINGS[2]))
    company.requester.sees("You rated", in_="dm")
    assert len(company.polls()) == 1
    assert "n = 1" in company.lead.slash("/desk csat", in_="#it-l1").text


def test_two_devices_at_once_leave_one_rating_and_one_word_to_the_lead(company: Company) -> None:
    company.is_polled()
    _at_once(company, (RATINGS[0], RATINGS[1], RATINGS[0], RATINGS[1]))
    while company.requester.has_modal:
        company.requester.modal.close()
    company.desk.settle()
    [poll], [told] = company.polls(), company.told_lead()
    given = 1 if "1 of 5" in poll.text else 2
    assert f"{given} of 5" in poll.text
    assert f"with {given} of 5" in told.text
    assert f"(n = 1; 100 % of 1 answered; mean {given}.0)" in company.lead.slash("/desk csat").text
    company.desk.advance("25h")
    assert company.polls()[0].text == f"You rated the help with IT-1: {given} of 5. Thank you."


def test_message_and_home_at_once_are_one_rating(company: Company) -> None:
    company.requester.opens_home()
    company.is_polled()
    click = company.device().click
    _all([partial(click, RATINGS[3], company.polls()[0]), partial(click, RATINGS[4], "home")])
    assert "You rated" in company.polls()[0].text
    assert "n = 1;" in company.lead.slash("/desk csat").text


def test_somebody_else_cannot_rate(company: Company) -> None:
    number = company.is_polled()
    company.rates(3)
    answer = company.lead.slash(f"/ticket rate {number}", in_="#it-l1")
    assert answer.text == "Only @maya, who asked for it, can rate this."
    company.desk.advance("2d")
    assert company.lead.slash(f"/ticket rate {number}").text == answer.text, "what was given is nobody else's"


def test_a_comment_of_any_length_is_kept_and_inert(company: Company) -> None:
    number = company.is_polled()
    company.requester.click("1 · very bad", company.polls()[0])
    comment = "<!channel> *slow* <@U1> " * 100
    company.requester.modal.fill({COMMENT: comment}).submit()
    company.desk.settle()
    assert "Change your comment" in company.polls()[0].buttons
    card = company.lead.sees("The requester on the help", in_="#it-l1")
    assert "<!channel> *slow*" in card.text, "shown as it was written"
    company.lead.click("Read the whole comment", card)
    assert company.lead.modal.text.count("<!channel> *slow* <@U1>") == 100
    assert number in card.text
    assert "<!channel> *slow*" in company.told_lead()[0].text


def test_a_comment_can_be_left_out_and_taken_back(company: Company) -> None:
    company.is_polled()
    company.rates(5)
    assert not company.requester.has_modal, "only a low score asks for a comment"
    company.requester.click("Add a comment", company.polls()[0])
    company.requester.modal.fill({COMMENT: "All good"}).submit()
    company.lead.sees("All good", in_="#it-l1")
    company.requester.click("Change your comment", company.polls()[0])
    company.requester.modal.fill({COMMENT: ""}).submit()
    company.desk.settle()
    assert "All good" not in company.lead.sees("⭐ Rated 5 of 5", in_="#it-l1").text
    assert "Add a comment" in company.polls()[0].buttons


def test_the_window_rates_when_the_message_is_out_of_sight(company: Company) -> None:
    number = company.is_polled()
    company.requester.slash(f"/ticket rate {number}", in_="dm")
    company.requester.modal.fill({"How was the help?": RATINGS[1]}).submit()
    assert company.requester.modal.title == "Your comment", "a low score asks for one, in the same window"
    company.requester.modal.fill({COMMENT: "Slow"}).submit()
    company.requester.sees("You rated the help with IT-1: 2 of 5", in_="dm")
    assert len(company.polls()) == 1
    assert "Slow" in company.told_lead()[0].text


def test_nothing_is_preselected(company: Company) -> None:
    number = company.is_polled()
    company.requester.slash(f"/ticket rate {number}", in_="dm")
    company.requester.modal.submit()
    assert company.requester.modal.errors
    assert "Rate it from" in company.polls()[0].text


def test_there_is_nothing_to_rate_before_the_poll(company: Company) -> None:
    number = company.files()
    assert "no poll about this ticket" in company.requester.slash(f"/ticket rate {number}", in_="dm").text


def test_a_deleted_poll_is_posted_again_when_it_changes(company: Company) -> None:
    number = company.is_polled()
    poll, workspace = company.polls()[0], company.desk.sandbox.workspace
    workspace.delete(poll.message.channel_id, poll.ts, workspace.bot)
    company.requester.slash(f"/ticket rate {number}", in_="dm")
    company.requester.modal.fill({"How was the help?": RATINGS[4]}).submit()
    company.requester.sees("You rated the help", in_="dm")


def test_the_home_shows_what_waits_for_a_rating(start_company: StartCompany) -> None:
    company = start_company(cool_down="1m")
    company.requester.opens_home()
    number = company.is_polled()
    assert f"How was the help with {number}?" in company.requester.home.text
    company.requester.click(RATINGS[3], in_="home")
    company.desk.settle()
    assert "How was the help" not in company.requester.home.text
    company.is_polled("No mail")
    assert "How was the help with IT-2?" in company.requester.home.text
    company.desk.advance("15d")
    assert "How was the help" not in company.requester.home.text


def _at_once(company: Company, labels: tuple[str, ...]) -> None:
    poll = company.polls()[0]
    _all([partial(company.device().click, label, poll) for label in labels])


def _all(presses: Sequence[Callable[[], None]]) -> None:
    together = [threading.Thread(target=press) for press in presses]
    for one in together:
        one.start()
    for one in together:
        one.join()
