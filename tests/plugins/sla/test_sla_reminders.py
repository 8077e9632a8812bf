"""Reminders and breaches, as agents and leads read them."""

import threading
from contextlib import suppress
from typing import Any

from slackdesk.testing.contract import PluginContract
from slackdesk.tickets import service

from .conftest import SLA, TARGETS

CARDS = "#it-l1"


class TestSlaContract(PluginContract):
    folder = SLA
    config = {"targets": TARGETS}  # noqa: RUF012


def test_an_unassigned_ticket_is_reminded_of_in_the_tiers_channel_once(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 09:58")
    assert week.messages("rina", "Due soon", CARDS) == []
    week.until("Mon 10:02")
    [reminder] = week.messages("rina", "Due soon", CARDS)
    assert f"{number} My VPN is down: first response due" in reminder.text
    assert reminder.buttons == ("On it", "Snooze 30 min", "Snooze 2 h", "Snooze until tomorrow")
    week.until("Mon 11:00")
    assert len(week.messages("rina", "Due soon", CARDS)) == 1
    week.until("Mon 11:14")
    assert len(week.messages("rina", "Due soon", CARDS)) == 2, "at 80 %"


def test_an_assignee_is_reminded_in_the_own_direct_messages_and_language(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.lead.slash(f"/ticket assign {number} @rina")
    week.until("Mon 10:02")
    assert week.messages("rina", "Due soon", CARDS) == []
    [reminder] = week.messages("rina", number + " My VPN")
    assert "Segera jatuh tempo" in reminder.text
    assert "Saya kerjakan" in reminder.buttons


def test_an_answer_stops_the_first_response(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 09:00")
    week.replies(number)
    week.until("Mon 16:00")
    assert week.messages("rina", "first response", CARDS) == []


def test_a_breach_is_told_to_the_lead_once_with_the_tier_that_caused_it(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 13:02")
    [alert] = week.messages("helpdesk-lead", "Missed their time")
    assert f"{number} My VPN is down: first response was due" in alert.text
    assert "Caused by L1. Still open in L1, assigned to nobody." in alert.text
    week.until("Fri 16:00")
    assert len(week.messages("helpdesk-lead", "first response was due")) == 1


def test_what_is_overdue_is_repeated_up_to_the_cap(week: Any) -> None:
    week.files("Mon 08:00")
    week.until("Mon 17:30")
    assert week.messages("rina", "first response was due", CARDS) == [], "four hours of work, and the day was over"
    week.until("Tue 08:05")
    assert len(week.messages("rina", "first response was due", CARDS)) == 1
    week.until("Fri 16:30")
    said = week.messages("rina", "first response", CARDS)
    assert len(said) == 4, "two levels and two repeats"


def test_a_lead_outside_the_own_hours_reads_of_the_breach_in_the_morning_with_the_state_of_then(week: Any) -> None:
    number = week.files("Mon 16:00", priority="high")
    week.until("Mon 16:59")
    week.until("Mon 17:10")
    assert week.messages("helpdesk-lead", "Missed their time") == []
    week.until("Tue 08:05")
    week.replies(number)
    week.until("Tue 08:30")
    [alert] = week.messages("helpdesk-lead", "Missed their time")
    assert number in alert.text


def test_reminders_of_one_minute_are_one_message(week: Any) -> None:
    numbers = [week.files("Mon 08:00", "My VPN is down")]
    numbers += [week.lead.slash(f"/ticket {text}").text.split("Filed as ")[1].split(".")[0] for text in ("B b", "C c")]
    week.until("Mon 10:03")
    [reminder] = week.messages("rina", "Due soon", CARDS)
    assert all(number in reminder.text for number in numbers)


def test_on_it_is_silence_until_the_breach(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 10:02")
    week.lead.click("On it", week.messages("helpdesk-lead", "Due soon", CARDS)[0])
    [reminder] = week.messages("helpdesk-lead", "Due soon", CARDS)
    assert "@helpdesk-lead is on it." in reminder.text
    assert reminder.buttons == ()
    week.until("Mon 12:30")
    assert len(week.messages("helpdesk-lead", "Due soon", CARDS)) == 1, "nothing at 80 %"
    week.until("Mon 13:02")
    assert number in week.messages("helpdesk-lead", "Missed their time")[0].text
    week.until("Tue 09:02")
    assert len(week.messages("helpdesk-lead", "Overdue", CARDS)) == 1


def test_on_it_said_before_a_breach_by_a_higher_priority_is_silence_until_then(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 10:02")
    week.lead.click("On it", week.messages("helpdesk-lead", "Due soon", CARDS)[0])
    week.until("Mon 10:05")
    week.lead.slash(f"/ticket priority {number} high")  # due at nine, then, and overdue from now on
    week.until("Mon 14:02")
    assert len(week.messages("helpdesk-lead", "first response was due", CARDS)) == 1, "four hours of work later"


def test_on_it_said_after_a_breach_is_silence_whatever_the_priority_becomes(week: Any) -> None:
    number = week.files("Mon 08:00", priority="high")
    week.until("Mon 14:02")
    [reminder] = week.messages("helpdesk-lead", "first response was due", CARDS)
    week.lead.click("On it", reminder)
    week.lead.slash(f"/ticket priority {number} low")  # due at five, then
    week.until("Wed 16:00")
    assert len(week.messages("helpdesk-lead", "first response was due", CARDS)) == 1


def test_a_snoozed_reminder_comes_again_if_it_still_holds(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 10:02")
    week.lead.click("Snooze 30 min", week.messages("helpdesk-lead", "Due soon", CARDS)[0])
    assert "has put this off until" in week.messages("helpdesk-lead", "Due soon", CARDS)[0].text
    week.until("Mon 10:31")
    assert len(week.messages("helpdesk-lead", "Due soon", CARDS)) == 1
    week.until("Mon 10:35")
    again = week.messages("helpdesk-lead", "Due soon", CARDS)
    assert len(again) == 2
    week.lead.click("Snooze 2 h", again[1])
    week.replies(number)
    week.until("Mon 16:00")
    assert len(week.messages("helpdesk-lead", "Due soon", CARDS)) == 2, "it was answered in between"


def test_two_snoozed_messages_about_a_clock_come_again_as_one_and_count(start_week: Any) -> None:
    week = start_week(cap=2)
    week.files("Mon 08:00")
    week.until("Mon 11:20")
    half, more = week.messages("helpdesk-lead", "first response due", CARDS)
    week.lead.click("Snooze 2 h", more)
    week.lead.click("Snooze 30 min", half)
    week.until("Mon 11:52")
    assert len(week.messages("helpdesk-lead", "first response due", CARDS)) == 3, "at ten to twelve"
    week.until("Fri 16:00")
    assert len(week.messages("helpdesk-lead", "first response", CARDS)) == 3


def test_tomorrow_is_the_recipients_next_opening(week: Any) -> None:
    week.files("Mon 14:00")
    week.until("Mon 16:02")
    week.lead.click("Snooze until tomorrow", week.messages("helpdesk-lead", "Due soon", CARDS)[0])
    week.until("Tue 07:59")
    assert len(week.messages("helpdesk-lead", "first response", CARDS)) == 1
    week.until("Tue 08:02")
    assert len(week.messages("helpdesk-lead", "first response", CARDS)) == 2


def test_who_clicks_late_is_told_so(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.until("Mon 10:02")
    stale = week.messages("helpdesk-lead", "Due soon", CARDS)[0]
    week.replies(number)
    week.lead.click("On it", stale)
    week.lead.sees("Nothing is left to do here", in_=CARDS)


def test_who_has_nothing_to_do_with_it_any_more_is_told_so(week: Any) -> None:
    """The ticket went up while its reminder stands in the channel of the first line."""
    number = week.files("Mon 08:00")
    week.until("Mon 10:02")
    with week.desk.desk.transaction() as tx:
        service.escalate_ticket(tx, 1, week.lead.user.id, reason="Ports", tried="A restart", asked="Open port 443")
    agus = week.desk.person("agus")
    agus.click("On it", week.messages("agus", "Due soon", CARDS)[0])
    assert "Hanya yang mengerjakan" in agus.messages(CARDS)[-1].text
    assert "On it" in week.messages("agus", number, CARDS)[-1].buttons


def test_of_two_clicks_at_once_one_counts(week: Any) -> None:
    week.files("Mon 08:00")
    week.until("Mon 10:02")
    reminder = week.messages("rina", "Due soon", CARDS)[0]

    def click(handle: str) -> None:
        with suppress(AssertionError):  # whoever comes later may find no button any more
            week.desk.person(handle).click("On it", reminder)

    clicks = [threading.Thread(target=click, args=(handle,)) for handle in ("rina", "agus")]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    [answered] = week.messages("helpdesk-lead", "is on it.", CARDS)
    assert ("@rina" in answered.text) != ("@agus" in answered.text)


def test_the_desks_own_snooze_holds_reminders_to_that_person_back(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.lead.slash(f"/ticket claim {number}")
    week.lead.slash(f"/ticket snooze {number} 3h")
    week.until("Mon 10:55")
    assert week.messages("helpdesk-lead", "Due soon") == []
    week.until("Mon 11:02")
    assert len(week.messages("helpdesk-lead", "Due soon")) == 1


def test_a_reminder_that_waits_follows_the_ticket_to_its_new_assignee(week: Any) -> None:
    number = week.files("Mon 15:00")
    week.lead.slash(f"/ticket claim {number}")
    week.until("Mon 17:05")
    week.lead.slash(f"/ticket assign {number} @agus")
    week.until("Tue 08:02")
    assert week.messages("helpdesk-lead", "Due soon") == []
    assert len(week.messages("agus", number + " My VPN")) == 1


def test_waiting_for_the_requester_pauses_the_resolution(week: Any) -> None:
    number = week.files("Mon 08:00", priority="urgent")
    week.lead.slash(f"/ticket accept {number}")
    week.replies(number)
    week.lead.slash(f"/ticket wait {number}")
    week.until("Tue 16:00")
    assert week.messages("helpdesk-lead", "resolution") == []
    week.maya.says("It is the German one", in_=week.root(number))
    week.until("Wed 10:02")
    assert len(week.messages("helpdesk-lead", "next response was due")) == 1


def test_a_tier_over_its_budget_tells_its_lead_once(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.replies(number)
    week.until("Mon 12:30")
    assert week.messages("helpdesk-lead", "Longer in a tier") == []
    week.until("Mon 13:02")
    [told] = week.messages("helpdesk-lead", "Longer in a tier")
    assert f"{number} My VPN is down: L1 has needed 4 h" in told.text
    week.until("Thu 13:02")
    assert len(week.messages("helpdesk-lead", "L1 has needed")) == 1


def test_cancelled_tickets_never_escalate(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.maya.slash(f"/ticket cancel {number}")
    week.until("Fri 16:00")
    assert week.messages("helpdesk-lead", "Missed their time") == []
    assert week.messages("rina", "Due soon", CARDS) == []


def test_private_tickets_have_no_title_in_reminders(start_week: Any) -> None:
    week = start_week(targets={"hr": TARGETS["it"]})
    week.until("Mon 08:00")
    week.maya.slash("/ticket")
    week.maya.modal.fill({"What is it about?": "Payroll", "What do you need?": "My salary is wrong"}).submit()
    week.until("Mon 13:05")
    said = [*week.messages("helpdesk-lead", "Due soon", "#hr-private"), *week.messages("helpdesk-lead", "Missed their")]
    assert len(said) == 3, "at a half, at four fifths, and the breach"
    assert all("HR-1" in seen.text and "salary" not in seen.text for seen in said)


def test_a_recipient_elsewhere_is_reminded_in_the_own_hours(week: Any) -> None:
    """The lead has moved to New York, where it is evening when Jakarta opens."""
    workspace = week.desk.sandbox.workspace
    workspace.update_user(week.lead.user.id, tz="America/New_York")
    week.desk.settle()
    number = week.files("Mon 08:00")
    week.lead.slash(f"/ticket claim {number}")
    week.until("Mon 12:00")
    assert week.messages("helpdesk-lead", "Due soon") == []
    week.until("Mon 20:03")
    assert len(week.messages("helpdesk-lead", number)) >= 1
    assert week.messages("helpdesk-lead", "Missed their time")


def test_what_became_one_message_counts_once_for_the_cap(start_week: Any) -> None:
    """Rina has moved to New York: what is reached by day in Jakarta is one message in her morning."""
    week = start_week(targets={"it": {"normal": {"resolution": "1h"}}}, repeat_after_breach="1h", cap=3)
    workspace = week.desk.sandbox.workspace
    workspace.update_user(week.desk.person("rina").user.id, tz="America/New_York", locale="en-US")
    week.desk.settle()
    number = week.files("Mon 08:00")
    week.lead.slash(f"/ticket assign {number} @rina")
    for day, count in (("Tue", 1), ("Wed", 2), ("Thu", 3), ("Fri", 3)):
        week.until(f"{day} 07:00")
        assert len(week.messages("rina", "resolution was due")) == count
