"""Whom a poll is sent to, when, and about which tickets; each rule as people meet it."""

from .conftest import Company, StartCompany

DONE = {"What was it about?": "Other", "What solved it?": "A restart"}


def test_an_agents_close_asks(company: Company) -> None:
    number = company.files()
    company.solves(number)
    company.lead.slash(f"/ticket close {number}")
    company.desk.advance("31m")
    assert len(company.polls()) == 1


def test_a_validators_close_asks_the_requester(company: Company) -> None:
    by_head = 'validation = { by = "any", people = ["@head-of-it"] }'
    company.desk.apply_policy('validation = { by = "requester" }', by_head)
    number = company.files()
    company.solves(number)
    company.desk.person("head-of-it").click("Yes, close", in_="dm")
    company.desk.advance("31m")
    assert number in company.polls()[0].text
    assert company.polls(company.desk.person("head-of-it")) == []


def test_an_automatic_close_asks_nobody(company: Company) -> None:
    number = company.files()
    company.solves(number)
    company.desk.advance("30d")
    assert "Closed" in company.requester.slash("/ticket mine", in_="dm").text
    company.desk.advance("1h")
    assert company.polls() == []


def test_what_ended_without_help_asks_nobody(company: Company) -> None:
    first, double, withdrawn, none = (
        company.files(text) for text in ("No Wi-Fi", "Again no Wi-Fi", "A new mouse", "Good morning")
    )
    for number, act in ((none, "Not a request"), (double, "Mark as a duplicate")):
        company.lead.click("All actions…", company.lead.sees(number, in_="#it-l1"))
        company.lead.modal.fill({"What do you want to do?": act}).submit()
    company.lead.modal.fill({f"Which ticket does {double} repeat?": first}).submit()
    company.requester.click("Cancel request", f"{withdrawn} with")
    for number, end in ((double, "Duplicate"), (withdrawn, "Cancelled"), (none, "Not a request")):
        assert f"Status\n{end}" in company.lead.sees(f"{number} ·", in_="#it-l1").text
    company.desk.advance("3d")
    assert company.polls() == []


def test_nobody_rates_an_own_solution(company: Company) -> None:
    company.requester = company.lead
    number = company.files()
    company.solves(number, company.lead)
    company.closes(number)
    company.desk.advance("31m")
    assert company.polls() == []


def test_whoever_solves_what_was_filed_on_behalf_is_rated_by_the_requester(company: Company) -> None:
    company.lead.slash("/ticket")
    company.lead.modal.fill({"What is it about?": "Software", "What do you need?": "A licence", "For": "maya"}).submit()
    company.lead.modal.close()
    company.solves("IT-1", company.lead)
    company.closes("IT-1")
    company.desk.advance("31m")
    assert len(company.polls()) == 1
    assert company.polls(company.lead) == []


def test_guests_are_not_asked(company: Company) -> None:
    lukas = company.desk.person("lukas")
    company.is_helped("The badge printer is out of ink", lukas)
    company.desk.advance("1d")
    assert company.polls(lukas) == []


def test_people_who_have_left_are_not_asked(company: Company) -> None:
    company.is_helped()
    company.desk.sandbox.workspace.update_user(company.requester.user.id, deleted=True)
    company.desk.advance("31m")
    assert company.polls() == []


def test_a_reopen_cancels_the_poll_and_the_next_close_asks_after_its_own_delay(company: Company) -> None:
    number = company.is_helped()
    company.desk.advance("20m")
    company.reopens(number)
    company.solves(number)
    company.closes(number)
    company.desk.advance("29m")
    assert company.polls() == [], "more than half an hour after the first close, less after the second"
    company.desk.advance("2m")
    assert len(company.polls()) == 1


def test_a_ticket_that_stays_open_is_not_asked_about(company: Company) -> None:
    number = company.is_helped()
    company.reopens(number)
    company.desk.advance("2d")
    assert company.polls() == []


def test_a_ticket_is_asked_about_once_however_often_it_is_closed(start_company: StartCompany) -> None:
    company = start_company(cool_down="1m")
    number = company.is_polled()
    company.rates(5)
    for _ in range(2):
        company.reopens(number)
        company.solves(number)
        company.closes(number)
        company.desk.advance("10h")
    [poll] = company.polls()
    assert poll.text.startswith("You rated the help with IT-1: 5 of 5. Thank you.")


def test_people_are_asked_once_within_the_cool_down_whatever_the_ticket(company: Company) -> None:
    company.is_polled("No VPN")
    company.desk.advance("6d")
    second = company.is_polled("No Wi-Fi")
    assert len(company.polls()) == 1
    assert "no poll about this ticket" in company.requester.slash(f"/ticket rate {second}").text
    company.desk.advance("2d")
    assert len(company.polls()) == 1, "what was left out is not asked later"
    third = company.is_polled("No mail")
    assert [third in one.text for one in company.polls()] == [False, True]


def test_of_two_tickets_closed_at_once_one_is_asked_about(company: Company) -> None:
    numbers = [company.files(text) for text in ("No VPN", "No Wi-Fi")]
    for number in numbers:
        company.solves(number)
    for number in numbers:
        company.closes(number)
    company.desk.advance("1h")
    assert len(company.polls()) == 1


def test_two_workers_at_once_send_one_poll(company: Company) -> None:
    numbers = [company.files(f"No access to folder {number}") for number in range(4)]
    for number in numbers:
        company.solves(number)
    for number in numbers:
        company.closes(number)
    company.desk.settle()
    company.desk.stands_still("1h")
    company.desk.work_side_by_side()
    assert len(company.polls()) == 1


def test_after_a_long_standstill_nobody_is_asked(company: Company) -> None:
    company.is_helped()
    company.desk.settle()
    company.desk.stands_still("20d")
    assert company.polls() == []


def test_the_cool_down_is_each_persons_own(company: Company) -> None:
    company.is_helped()
    jonas = company.desk.person("jonas")
    company.is_helped("No mail", jonas)
    company.desk.advance("31m")
    assert len(company.polls()) == len(company.polls(jonas)) == 1


def test_the_poll_speaks_the_requesters_language(company: Company) -> None:
    company.requester = company.desk.person("sari")
    assert company.requester.user.locale.startswith("id")
    company.is_helped()
    company.desk.advance("31m")
    company.requester.sees("Beri nilai", in_="dm")


def test_the_channel_in_which_it_was_asked_reads_no_poll(company: Company) -> None:
    maya = company.requester
    message = maya.says("My VPN is down", in_="#help-it")
    maya.sees("IT-1 with IT help", in_=message)
    company.solves("IT-1")
    company.closes("IT-1")
    company.desk.advance("31m")
    [poll] = company.polls()
    company.rates(4, poll)
    assert "You rated" in company.polls()[0].text
    assert not [one for one in maya.messages(message) if "Rate it" in one.text or "You rated" in one.text]


def test_a_poll_comes_also_when_the_head_of_its_thread_is_gone(company: Company) -> None:
    company.is_helped()
    head = company.requester.sees("IT-1 with IT help", in_="dm")
    company.desk.sandbox.workspace.delete(head.message.channel_id, head.ts, company.desk.sandbox.workspace.bot)
    company.desk.advance("31m")
    assert len(company.polls()) == 1


def test_agent_and_tier_are_those_who_solved_it(company: Company) -> None:
    number = company.files()
    company.lead.slash(f"/ticket claim {number}")
    company.lead.slash(f"/ticket escalate {number}")
    answers = ("Why does it go up?", "What was tried so far?", "What is the next tier asked to do?")
    company.lead.modal.fill(dict.fromkeys(answers, "It needs rights")).submit()
    dewi = company.desk.person("dewi")
    dewi.click("Accept", in_="#it-l2")
    dewi.slash(f"/ticket resolve {number}")
    dewi.modal.fill(DONE).submit()
    company.closes(number)
    company.desk.advance("31m")
    company.rates(5)
    assert "IT help, L2: 100 % satisfied" in company.lead.slash("/desk csat tiers").text
    assert "IT help, @dewi: 100 % satisfied" in company.lead.slash("/desk csat agents").text
