"""The tour: one day of a help desk, played by the people of the company on a running desk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import holidays

from slackdesk.demo import script
from slackdesk.demo.actors import Actor
from slackdesk.demo.notices import alerts, chart_of, explanations, reminders, summaries
from slackdesk.demo.phases import JAKARTA, Phases
from slackdesk.demo.requests import Story
from slackdesk.demo.script import DROPPED, L2, L2_AGENT, LEAD, LEADERSHIP, STAKEHOLDER, UP, Act, Ticket
from slackdesk.i18n import language
from slackdesk.sandbox.seen import SeenMessage

NIGHT = timedelta(hours=15)
"""From half past five in the evening, when the desk is closed, to half past eight."""


class Tour(Phases):
    """Plays the day, and tells it."""

    began_in_that_week = True
    """Whether the evening before the day is in the same week as the day."""

    def play(self) -> None:
        """The whole day."""
        self._evening_before()
        self._filing()
        if not self.tickets:
            return
        self._morning()
        self._urgent()
        self.passes("45m")
        self._late_answer()
        self._hand_offs()
        self._answers()
        self.passes("90m")
        self._evening()
        self._numbers()
        self._next_days()

    def _evening_before(self) -> None:
        self.passes(until_next_morning(datetime.now(UTC) + NIGHT))
        evening = self.now
        late = [request for request in self.requests if request.at_night]
        if late:
            self.tells(f"@{late[0].by} files a request while nobody is there: /ticket {late[0].text}")
            for ticket in self.files(late):
                self.narrator.reads(ticket.request.by, self._filed(ticket))
        self.passes(f"{NIGHT // timedelta(minutes=1)}m")
        self.began_in_that_week = evening.isocalendar()[:2] == self.now.isocalendar()[:2]

    def _filing(self) -> None:
        others = [request for request in self.requests if not request.at_night]
        self.tells(
            f"{len(others)} more requests come in: by form, /ticket, message, shortcut and in #help-it. Each is a "
            "ticket, and whoever asks reads by when there is an answer."
        )
        filed = self.files(others)
        self._quote_one(filed, self._filed)

    def _morning(self) -> None:
        self.phase("cancelled requests", Act.CANCEL, self.of(Story.CANCELLED), script.cancel, by=script.requester)
        self.tells("The agents press [Claim] on the cards, ask back, and write notes that only agents see.")
        claimed = self.phase("claims", Act.CLAIM, self.all_but({Story.CANCELLED}), script.claim)
        taken = self.of(Story.TAKEN_OVER)
        self.phase("take-overs", Act.TAKE_OVER, taken, script.take_over, by=script.colleague, after=Act.CLAIM)
        asking = self.of(Story.ASKS, Story.TAKEN_OVER)
        self.phase("replies", Act.REPLY, asking, script.ask_back)
        self.phase("notes", Act.NOTE, self.of(Story.SOLVED, Story.DEEP)[:6], script.note)
        self.phase("not a request", Act.NOT_A_REQUEST, self.of(Story.NOT_A_REQUEST), script.not_a_request)
        self.phase("duplicates", Act.DUPLICATE, self.of(Story.DUPLICATE), self._mark_duplicate)
        self._quote_one(claimed, lambda ticket: self._in_thread(ticket, "is working on"))

    def _urgent(self) -> None:
        """What is urgent is answered too late, as its agent and the lead notice."""
        for ticket in self.of(Story.URGENT):
            if Act.REMIND not in self.leave_out and Act.CLAIM in ticket.done:
                self._remind(ticket)
                self._alert(ticket)
            if Act.EXPLAIN not in self.leave_out:
                self.tells(f"@{LEAD} wants to know how that came about: /ticket sla {ticket.number}")
                self.phase("explanations", Act.EXPLAIN, [ticket], script.explain, by=script.lead)
            for answer in explanations(self.actor(LEAD), ticket.number)[-1:]:
                self.narrator.reads(LEAD, answer)
            self.phase("answers to what is urgent", Act.REPLY, [ticket], script.inform, after=Act.CLAIM)

    def _remind(self, ticket: Ticket) -> None:
        agent, number = self.actor(ticket.agent), ticket.number
        self.passes("8m")
        self.tells(f"{number} is urgent: an answer within 15 minutes. Half of them are over; @{agent.handle} is busy.")
        self.passes_until(agent, lambda: reminders(agent, number) or None)
        for reminder in reminders(agent, number):
            self.narrator.reads(agent.handle, reminder)
        if self.phase("reminders", Act.REMIND, [ticket], script.on_it):
            self.tells(f"@{agent.handle} presses [On it]: no more reminders while there is time.")

    def _alert(self, ticket: Ticket) -> None:
        lead, number = self.actor(LEAD), ticket.number
        self.passes("6m")
        self.tells("The 15 minutes are over without an answer. The lead is told, once, and which tier caused it.")
        self.passes_until(lead, lambda: alerts(lead, number) or None)
        for alert in alerts(lead, number):
            self.narrator.reads(LEAD, alert)

    def _late_answer(self) -> None:
        for ticket in self.of(Story.URGENT):
            if Act.REPLY in ticket.done:
                requester = self._requester(ticket)
                self.tells(
                    f"@{ticket.agent} has answered at last. Everybody reads the desk in the language of the own Slack: "
                    f"@{requester.handle} in Indonesian."
                )
                self._reads(requester, partial(self._in_thread, ticket, "A cable was cut"))

    def _hand_offs(self) -> None:
        deep, accepted = self.of(Story.DEEP), self.of(Story.ESCALATED, Story.DEEP)
        self.tells(
            "What L1 cannot solve goes up: [Escalate] says why, what was tried and what is asked; [Accept] takes it, "
            "[Send back] returns it. What L2 cannot solve goes up to L3."
        )
        self.phase("escalations to L2", Act.ESCALATE, self.of(*UP), script.escalate_to_l2)
        self.phase("hand-offs accepted by L2", Act.ACCEPT, accepted, script.accept, by=script.l2, after=Act.ESCALATE)
        sent_back = self.of(Story.SENT_BACK)
        self.phase("hand-offs sent back", Act.SEND_BACK, sent_back, script.send_back, by=script.l2, after=Act.ESCALATE)
        up = self.phase("escalations to L3", Act.ESCALATE, deep, script.escalate_to_l3, after=Act.ACCEPT)
        self.phase("hand-offs accepted by L3", Act.ACCEPT, deep, script.accept, by=script.l3, after=Act.ESCALATE)
        for ticket in up[:1]:
            agent = self.actor(L2_AGENT)
            self._reads(agent, partial(self._handed_over, agent, ticket))
        self._quote_one(accepted, lambda ticket: self._in_thread(ticket, "was handed to L2"))

    def _answers(self) -> None:
        asked = self.of(Story.ASKS)
        self.phase("answers", Act.ANSWER, asked, script.answer, by=script.requester, after=Act.REPLY)

    def _evening(self) -> None:
        self.tells("The agents press [Resolve]; requesters say whether it is solved: [Yes, close] or [No, reopen].")
        self.phase("resolutions", Act.RESOLVE, self.all_but(DROPPED), script.resolve)
        confirming = self.all_but(DROPPED | {Story.UNANSWERED, Story.REOPENED})
        self.phase("confirmations", Act.CONFIRM, confirming, script.confirm, by=script.requester, after=Act.RESOLVE)
        reopened = self.of(Story.REOPENED)
        self.phase("reopened requests", Act.REOPEN, reopened, script.reopen, by=script.requester, after=Act.RESOLVE)
        self.phase("second resolutions", Act.RESOLVE, reopened, script.resolve, after=Act.REOPEN)
        again = "second confirmations"
        self.phase(again, Act.CONFIRM, reopened, script.confirm, by=script.requester, after=Act.REOPEN)
        self.passes("31m")
        self.tells("Half an hour after a request was closed, its requester is asked how the help was. A click answers.")
        asked = {each.request.requester: each for each in confirming[::4] if not self._is_guest(each)}
        self.phase("ratings", Act.RATE, list(asked.values()), self._rate, by=script.requester, after=Act.CONFIRM)
        self._quote_one([ticket for ticket in self.tickets if ticket.score], self._poll)

    def _numbers(self) -> None:
        """The lead asks for a summary, and orders one for every Monday."""
        lead = self.actor(LEAD)
        if Act.REPORT not in self.leave_out:
            self.tells(f"@{LEAD} wants the numbers of the last days: /desk report it 7d")
            script.ask_for_summary(lead)
            self._show_summary(lead, "dm")
        if Act.SUBSCRIBE not in self.leave_out:
            self.tells(f"@{LEAD} types /desk subscribe: from now on {LEADERSHIP} gets them every Monday.")
            script.subscribe(lead)

    def _next_days(self) -> None:
        if Act.NEXT_DAYS in self.leave_out:
            return
        self.passes("7d")
        self.tells("A week later: what nobody confirmed was closed, with a reason and a way back.")
        self._quote_one(self.of(Story.UNANSWERED), lambda ticket: self._in_thread(ticket, "was closed because"))
        if Act.SUBSCRIBE not in self.leave_out:
            self.tells(f"On Monday morning the numbers of the week came into {LEADERSHIP}.")
            self._show_summary(self.actor(STAKEHOLDER), LEADERSHIP, lines=4)

    # What is quoted

    def _quote_one(self, tickets: list[Ticket], look: Callable[[Ticket], SeenMessage | None]) -> None:
        """What the requester of one of the tickets reads, of those who read English, who are the minority at Acme."""
        english = (each for each in tickets if language(self._requester(each).person.user.locale) == "en")
        ticket = next((each for each in english if not each.trouble), None)
        if ticket is not None:
            self._reads(self._requester(ticket), partial(look, ticket))

    def _reads(self, reader: Actor, look: Callable[[], SeenMessage | None]) -> None:
        self.narrator.reads(reader.handle, reader.notices(look, self.patience_seconds))

    def _filed(self, ticket: Ticket) -> SeenMessage | None:
        return next(iter(self._requester(ticket).about(ticket.number, "dm")), None)

    def _in_thread(self, ticket: Ticket, text: str) -> SeenMessage | None:
        return next((seen for seen in self._requester(ticket).thread(ticket.number) if text in seen.text), None)

    def _handed_over(self, agent: Actor, ticket: Ticket) -> SeenMessage | None:
        return next((seen for seen in agent.about(ticket.number, L2) if "handed" in seen.text), None)

    def _poll(self, ticket: Ticket) -> SeenMessage | None:
        return next(iter(self._requester(ticket).polls(ticket.number)), None)

    def _show_summary(self, reader: Actor, place: str, lines: int = 10) -> None:
        """The newest one, with its chart, which is put into the folder of the demo."""
        chart = reader.notices(
            lambda: next((chart for each in summaries(reader, place)[-1:] if (chart := chart_of(each))), None),
            self.patience_seconds,
        )
        for summary in summaries(reader, place)[-1:]:
            self.narrator.quotes(f"@{reader.handle} reads", "\n".join([*summary.text.splitlines()[:lines], "…"]))
        if chart is not None:
            file = self.stage.folder / f"{place.strip('#')}-{chart.name}"
            file.write_bytes(chart.content)
            self.narrator.quotes(f"with a chart ({file.name} in the folder of this demo), in words", chart.alt_text)

    def _requester(self, ticket: Ticket) -> Actor:
        return self.actor(ticket.request.requester)

    def _is_guest(self, ticket: Ticket) -> bool:
        return self._requester(ticket).person.user.is_guest

    def _rate(self, actor: Actor, ticket: Ticket) -> None:
        """Whoever asked for several things is asked about one of them."""
        own = {
            each.number: each
            for each in self.tickets
            if each.request.requester == ticket.request.requester and Act.CONFIRM in each.done
        }
        script.rate(actor, own[actor.asked_about(own)])

    def _mark_duplicate(self, actor: Actor, ticket: Ticket) -> None:
        first = self.of(Story.SOLVED)[0]
        actor.chooses("Mark as a duplicate", ticket.number, ticket.channel)
        actor.fills({actor.t("Which ticket does {number} repeat?", number=ticket.number): first.number})


def until_next_morning(now: datetime) -> str:
    """How far it is to 8:30 of the next ordinary working day of Jakarta, as `slackdesk clock advance` takes it.

    No Friday, which is shorter, and a week later what nobody answers has been closed: it has three days of work left.
    """
    morning = now.astimezone(JAKARTA).replace(hour=8, minute=30, second=0, microsecond=0)
    closed = holidays.country_holidays("ID")
    while morning <= now or morning.weekday() > 3 or morning.date() in closed or _holidays_after(morning, closed) > 1:
        morning += timedelta(days=1)
    return f"{(morning - now) // timedelta(minutes=1) + 1}m"


def _holidays_after(morning: datetime, closed: holidays.HolidayBase) -> int:
    """Within a week."""
    return sum(morning.date() + timedelta(days=days) in closed for days in range(1, 8))
