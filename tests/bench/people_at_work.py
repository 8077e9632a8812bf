"""What people do at the edge of one desk, in this process, as the functions behind Slack's deliveries do it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from big_desk import AGENTS, employees
from slack_sdk import WebClient
from sqlalchemy import select, text, update

from slackdesk.dispatch.model import WAITING, Work, WorkState, states_sql
from slackdesk.plugin.extensions import PluginExtensions
from slackdesk.plugin.registry import Registry
from slackdesk.slack import actions, commands, ids, modals
from slackdesk.slack.drawings.home import HomeDrawing
from slackdesk.slack.edge import Edge
from slackdesk.slack.payloads import Command, Place, Press, Submission, Values
from slackdesk.tickets.model import Status, Ticket
from slackdesk.tickets.transaction import Desk

LISTED = 10
"""More than one list of a Home shows."""

Act = Callable[[], object]


@dataclass
class AtWork:
    """One desk, an agent of its first tier, and an employee who asks often.

    Whoever measures takes what a method returns and times the call of that; what has to be there is made before.
    """

    desk: Desk
    registry: Registry
    agent: str = employees()[2]
    employee: str = employees()[-1]
    numbers: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.people = employees()[sum(AGENTS.values()) : -1]
        extensions = PluginExtensions(self.registry, self.desk)
        self.edge = Edge(self.desk, WebClient(), extensions)
        self.home_drawing = HomeDrawing(extensions)

    def begin_the_day(self) -> None:
        """Let every list that is measured be longer than what it shows, on any desk, and no poll wait for an answer."""
        with self.desk.transaction() as tx:
            rated = text("UPDATE csat_poll SET score = 5 WHERE requester IN (:agent, :employee)")
            tx.session.execute(rated, {"agent": self.agent, "employee": self.employee})
        for _ in range(LISTED):
            self.act(self.claim())
            self.act(self.file(self.agent))
            self.act(self.file(self.employee))

    def act(self, act: Act) -> None:
        """Do it, and let what it asks for have been sent."""
        act()
        self.nothing_waits()

    def file(self, person: str | None = None) -> Act:
        """``/ticket`` with a text."""
        number = next(self.numbers)
        person = person or self.people[number % len(self.people)]
        return lambda: self._says(person, "/ticket", f"My VPN drops every few minutes, for the {number}th time")

    def claim(self) -> Act:
        """[Claim] on a card."""
        self.act(self.file())
        ticket_id, number = self._newest(Status.NEW), next(self.numbers)
        action = ids.ActionId("claim", ticket_id)
        place = Place("C0IT-L1", f"1764000000.{number:06}")
        pressed = Press(self.agent, action, f"T{number}", f"click:{number}", place)
        return lambda: actions.press(self.edge, pressed)

    def resolve(self) -> Act:
        """The form behind [Resolve], submitted."""
        self.act(self.claim())
        ticket_id, number = self._newest(Status.IN_PROGRESS), next(self.numbers)
        solution = {"type": "plain_text_input", "value": "The certificate is renewed."}
        topic = {"type": "static_select", "selected_option": {"value": "Other"}}
        values = Values({"resolution": {"resolution": solution}, "topic": {"topic": topic}})
        context = ids.Context(ticket_id=ticket_id)
        form = Submission(self.agent, "resolve", f"V{number}", context, values, {}, f"view:{number}")
        return lambda: modals.submit(self.edge, form)

    def agents_home(self) -> Act:
        """The App Home of an agent, drawn."""
        return lambda: self._home(self.agent)

    def employees_home(self) -> Act:
        """The App Home of an employee, drawn."""
        return lambda: self._home(self.employee)

    def queue(self) -> Act:
        """``/desk queue``"""
        return lambda: self._says(self.agent, "/desk", "queue")

    def nothing_waits(self) -> None:
        """Let all that is due have been done."""
        with self.desk.transaction() as tx:
            due = update(Work).where(states_sql(WAITING), Work.due_at <= tx.now)
            tx.session.execute(due.values(state=WorkState.DONE, finished_at=tx.real_now))

    def _says(self, person: str, command: str, words: str) -> dict[str, Any]:
        number = next(self.numbers)
        given = Command(person, command, words, "C0GENERAL", f"T{number}", f"command:{number}")
        return commands.command(self.edge, given)

    def _home(self, person: str) -> object:
        with self.desk.reading() as tx:
            return self.home_drawing.draw(tx, {"person": person})

    def _newest(self, status: Status) -> int:
        with self.desk.reading() as tx:
            newest = tx.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
        assert newest.status is status, f"{newest.number} is {newest.status}, which is not {status}"
        return newest.id
