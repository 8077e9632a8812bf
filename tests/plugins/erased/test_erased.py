"""A person's words are gone from everywhere once they were erased, sent or not, and nothing else is."""

import pytest

from .conftest import WORD, Company

QUIET = "was erased on request before it was sent"


def _person(company: Company) -> str:
    return str(company.maya.user.id)


def test_point_erasure(company: Company) -> None:
    company.files()
    company.is_reminded()
    assert any(WORD in seen.text for seen in company.rina.messages("dm")), "the reminder names the request"
    company.talks()
    company.is_solved()
    company.rates()
    assert any(f"Not one {WORD}" in seen.text for seen in company.lead.messages("dm"))
    company.criticizes()
    assert any(f"“More {WORD}!”" in seen.text for seen in company.lead.messages("dm"))
    assert any(f"{WORD} in the printer: resolution" in seen.text for seen in company.ratna.messages("#leadership"))
    tables = {one.partition(".")[0] for one in company.finds()}
    written = {"ticket", "ticket_message", "history", "tier_stay", "csat_poll", "digest_feedback"}
    assert tables == written | {"inbox"}, "what was answered is known for two days; nothing else is kept twice"
    before = company.numbers()

    result = company.audit("erase", _person(company), "--yes")
    assert (result.exit_code, result.output.startswith("Erased the text of")) == (0, True), result.output
    company.desk.settle()

    assert company.finds() == []
    assert company.numbers() == before
    verified = company.audit("verify")
    assert verified.exit_code == 0
    assert "Problems: none." in verified.output
    assert "erased on request: 0" not in verified.output


def test_what_waits_says_nothing_of_it_any_more(company: Company) -> None:
    company.files()
    company.falls_silent()
    company.is_reminded()
    company.talks()
    company.is_solved()
    company.rates()
    company.criticizes()
    assert {"plugin_message", "agents_notice", "requester_message"} <= company.waiting()
    rina, lead = len(company.rina.messages("dm")), len(company.lead.messages("dm"))
    before = company.numbers()

    assert company.audit("erase", _person(company), "--yes").exit_code == 0
    assert company.finds() == []

    company.speaks_again()
    assert company.waiting() == set()
    assert company.finds() == []
    assert company.numbers() == before
    told = [seen.text for seen in company.rina.messages("dm")[rina:]]
    assert any("IT-1" in text and ("first response" in text or "respons pertama" in text) for text in told), told
    told += (of_lead := [seen.text for seen in company.lead.messages("dm")[lead:]])
    assert any("rated the help with IT-1 with 1 of 5" in text for text in of_lead), of_lead
    assert any(QUIET in text for text in of_lead), "the summary that quoted her"
    told += (of_ratna := [seen.text for seen in company.ratna.messages("#leadership")])
    assert any(QUIET in text for text in of_ratna), "the missed target of her request"
    assert not any(WORD in text for text in told)
    of_maya = [seen.text for seen in company.maya.messages("dm")]
    assert any(text.startswith("You rated the help with IT-1: 1 of 5.") for text in of_maya), of_maya


def test_what_was_written_since_is_erased_the_next_time(company: Company) -> None:
    company.files()
    company.is_solved()
    assert company.audit("erase", _person(company), "--yes").exit_code == 0
    company.rates()
    company.criticizes()
    assert company.finds() != []
    assert company.audit("erase", _person(company), "--yes").exit_code == 0
    company.desk.settle()
    assert company.finds() == []


def test_words_of_others_stay(company: Company) -> None:
    company.files()
    company.talks()
    assert company.audit("erase", str(company.lead.user.id), "--yes").exit_code == 0
    assert any(one.startswith("ticket.title") for one in company.finds())
    assert any(one.startswith("tier_stay.reason") for one in company.finds())


def test_tables_of_a_plugin_that_does_not_run_are_named(company: Company) -> None:
    company.files()
    policy = company.desk.folder / "slackdesk.toml"
    policy.write_text(policy.read_text("utf-8").replace("[plugins.csat]", "[plugins.csat]\nenabled = false"), "utf-8")
    company.apply_policy()
    result = company.audit("erase", _person(company), "--yes")
    assert result.exit_code == 1
    assert "the plugins that they belong to do not run: csat_asked, csat_poll." in result.output


@pytest.mark.documented("slackdesk audit erase U012AB3CD")
def test_it_asks_first(company: Company) -> None:
    company.files()
    before = company.finds()
    assert company.audit("erase", _person(company), typed="n\n").exit_code == 1
    assert company.finds() == before
    result = company.audit("erase", "U012AB3CD", typed="y\n")
    assert result.exit_code == 0, "of somebody who never wrote there is nothing"
    assert "Erased the text of U012AB3CD (tickets: 0)" in result.output
    assert any(one.startswith("ticket.") for one in company.finds())
