"""Every extension point, as people meet it: one test for each, called after it."""

from pathlib import Path

from slackdesk.testing.contract import PluginContract
from slackdesk.testing.desk import PluginDesk

CARDS = "#it-l1"
REMINDED = "You wanted to look at IT-1 again: call the supplier"


class TestFollowUpContract(PluginContract):
    folder = Path(__file__).parent / "followup"


def test_point_ticket_verb(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    assert lead.slash("/ticket followup 1 call the supplier").text.startswith("You will be reminded ")
    assert "`/ticket followup 42` reminds you of it" in lead.slash("/ticket help").message.message.text
    desk.person("maya").slash("/ticket followup 1")
    stranger = desk.person("wei-ling").slash("/ticket followup 1").text
    assert stranger.startswith("Only members of L1 of IT help can do that with IT-1.")


def test_point_timer(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    lead.slash("/ticket followup 1 call the supplier")
    desk.advance("47h")
    lead.sees_not(REMINDED)
    desk.advance("2h")
    lead.sees(REMINDED, in_="dm")
    desk.advance("30d")
    assert len([seen for seen in lead.messages("dm") if seen.text == REMINDED]) == 1


def test_point_on(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    lead.slash("/ticket followup 1 call the supplier")
    desk.solve("IT-1")
    desk.person("maya").click("Yes, close", in_="dm")
    desk.advance("3d")
    lead.sees_not(REMINDED)


def test_point_every(desk: PluginDesk) -> None:
    desk.person("helpdesk-lead").slash("/ticket followup 1")
    desk.person("rina").slash("/ticket followup 1")
    desk.advance("7d")
    lead = desk.person("helpdesk-lead")
    assert len([seen for seen in lead.messages("dm") if "wait to be looked at again." in seen.text]) == 1


def test_point_ticket_button(desk: PluginDesk) -> None:
    rina = desk.person("rina")
    rina.click("Remind me", in_=CARDS)
    assert rina.modal.labels == ("Berapa hari lagi?", "Mengapa?")


def test_point_modal(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    lead.click("Remind me", in_=CARDS)
    modal = lead.modal.fill({"In how many days?": "soon", "Why?": "call the supplier"})
    modal.submit()
    assert "Write a number of days from 1 to 90." in str(modal.errors)
    modal.fill({"In how many days?": "2"}).submit()
    lead.modal.sees("You will be reminded ")
    desk.advance("49h")
    lead.sees(REMINDED, in_="dm")


def test_point_action(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    lead.slash("/ticket followup 1 call the supplier")
    lead.opens_home()
    lead.click("Forget it", in_="home")
    desk.advance("3d")
    lead.sees_not(REMINDED)


def test_point_command(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    assert lead.slash("/desk followups").text == "You want to be reminded of nothing."
    lead.slash("/ticket followup 1")
    assert lead.slash("/desk followups").text.startswith("IT-1, ")
    assert desk.person("rina").slash("/desk followups").text == "Anda tidak punya pengingat."


def test_point_ticket_card(desk: PluginDesk) -> None:
    desk.person("helpdesk-lead").slash("/ticket followup 1")
    desk.person("rina").sees("@helpdesk-lead looks at it again", in_=CARDS)


def test_point_badge(desk: PluginDesk) -> None:
    desk.person("helpdesk-lead").slash("/ticket followup 1")
    desk.person("rina").sees("⏰ Reminder set", in_=CARDS)


def test_point_home_section(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    lead.slash("/ticket followup 1")
    lead.opens_home()
    lead.wait_for(lambda: "Forget it" in lead.home.buttons or None, 5, lambda: lead.home.text)
    rina = desk.person("rina")
    rina.opens_home()
    assert "Lupakan" not in rina.home.buttons


def test_point_cli(desk: PluginDesk) -> None:
    desk.person("helpdesk-lead").slash("/ticket followup 1")
    lead, budi = (desk.sandbox.person(handle).user.id for handle in ("helpdesk-lead", "budi"))
    assert desk.command_line("followups", "--person", lead).splitlines()[-1].endswith(f"{lead} IT-1")
    assert desk.command_line("followups", "--person", budi) == ""
