"""What goes wrong around reminders: people leave, desks stand still, timers are lost, titles are long."""

from typing import Any

from sqlalchemy import delete

from slackdesk.dispatch.model import Work

CARDS = "#it-l1"


def test_who_has_left_the_company_is_not_written_to(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.lead.slash(f"/ticket assign {number} @rina")
    workspace = week.desk.sandbox.workspace
    workspace.update_user(week.desk.person("rina").user.id, deleted=True)
    week.desk.settle()
    week.until("Mon 10:02")
    assert len(week.messages("agus", "Due soon", CARDS)) == 1


def test_after_a_long_outage_only_the_last_level_is_said_and_not_at_night(week: Any) -> None:
    number = week.files("Mon 08:00")
    week.desk.advance("12h")  # in one go: nothing ran in between
    assert week.messages("rina", "first response was due", CARDS) == []
    week.until("Tue 08:05")
    [reminder] = week.messages("rina", "first response was due", CARDS)
    assert number in reminder.text
    assert len(week.messages("helpdesk-lead", "first response was due")) == 1


def test_a_message_that_is_hours_late_waits_for_the_morning(week: Any) -> None:
    week.files("Mon 12:55", "A", "high")
    week.until("Mon 14:00")
    number = week.files("Mon 15:10", "B", "high")
    week.until("Mon 15:40")
    week.desk.advance("6h")
    assert not any(number in seen.text for seen in week.messages("helpdesk-lead", "Missed their time"))
    week.until("Tue 08:05")
    assert any(number in seen.text for seen in week.messages("helpdesk-lead", "Missed their time"))


def test_a_timer_that_was_lost_is_found_again(week: Any) -> None:
    number = week.files("Mon 08:00")
    with week.desk.desk.database.begin() as session:
        session.execute(delete(Work).where(Work.name == "sla.look"))
    week.until("Mon 10:20")
    assert week.messages("rina", "Due soon", CARDS) == []
    week.desk.advance("6m")
    week.desk.advance("2m")
    assert number in week.messages("rina", "Due soon", CARDS)[0].text


def test_many_tickets_with_long_titles_fit_into_one_message(week: Any) -> None:
    title = "<!channel> & *all* " * 8
    for number in range(12):
        week.lead.slash(f"/ticket {number} {title}") if number else week.files("Mon 08:00", title)
    week.desk.settle()
    week.until("Mon 10:05")
    said = week.messages("rina", "Due soon", CARDS)
    assert sum(seen.text.count("first response due") for seen in said) >= 10
    assert any("more" in seen.text for seen in said)


def test_reopening_what_was_overdue_alerts_nobody_anew(start_week: Any) -> None:
    week = start_week(targets={"it": {"normal": {"resolution": "1h"}}})
    number = week.files("Mon 08:00")
    week.until("Mon 09:30")
    assert len(week.messages("helpdesk-lead", "Missed their time")) == 1
    week.desk.solve(number)
    week.until("Tue 09:00")
    week.maya.slash(f"/ticket reopen {number}")
    week.until("Tue 10:00")
    assert len(week.messages("helpdesk-lead", "Missed their time")) == 1
    assert week.messages("helpdesk-lead", "Overdue") == []
    week.until("Tue 13:35")
    assert len(week.messages("helpdesk-lead", "resolution was due")) == 2, "four hours of work after the breach"
