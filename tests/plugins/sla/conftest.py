"""Histories to compute with, and a desk with the plugin on it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import slackdesk_plugins
from slackdesk_plugins.sla.clocks import ClockName
from sqlalchemy import func, select

from slackdesk.businesstime import WEEKDAYS, BusinessCalendar
from slackdesk.dispatch.model import Work, WorkState
from slackdesk.policy.store import apply_policy, current_policy
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.testing.desk import PluginDesk

from ..mondays import JAKARTA, calm_monday

SLA = Path(next(iter(slackdesk_plugins.__path__))) / "sla"
REQUESTER, AGENT = "UMAYA", "URINA"
OFFICE_WEEK = {day: [("08:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS[:5]}
OFFICE = BusinessCalendar("Asia/Jakarta", OFFICE_WEEK)


def at(text: str) -> datetime:
    """``Mon 09:30`` of the week of 23 November 2026 in Jakarta; ``Mon+1`` is a week later."""
    day, clock = text.split()
    name, _, weeks = day.partition("+")
    number = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(name) + 7 * int(weeks or 0)
    hour, minute = map(int, clock.split(":"))
    local = datetime(2026, 11, 23, hour, minute, tzinfo=JAKARTA) + timedelta(days=number)
    return local.astimezone(UTC)


@dataclass(frozen=True)
class Happened:
    """An entry of a history."""

    at: datetime
    kind: str
    actor: str | None
    data: Mapping[str, Any]


@dataclass
class History:
    """Builds a history: each call is one entry; the status is that of the entry before unless it is given."""

    entries: list[Happened] = field(default_factory=list)
    status: str = "new"

    def add(
        self, when: datetime | str, kind: str, actor: str | None = AGENT, status: str = "", **data: Any
    ) -> "History":
        """One more entry."""
        self.status = status or self.status
        instant = at(when) if isinstance(when, str) else when
        self.entries.append(Happened(instant, kind, actor, {**data, "status": self.status}))
        return self

    def filed(self, when: datetime | str, priority: str = "normal", queue: str = "it", tier: str = "L1") -> "History":
        """By the requester."""
        return self.add(when, "filed", REQUESTER, queue=queue, tier=tier, priority=priority, requester=REQUESTER)

    def answered(self, when: datetime | str, *, first: bool = False) -> "History":
        """An agent's reply has left."""
        return self.add(when, "reply_sent", message_id=1, is_first_response=first)

    def wrote(self, when: datetime | str, *, status: str = "", thanks: bool = False) -> "History":
        """The requester has written."""
        return self.add(when, "requester_wrote", REQUESTER, status, message_id=1, reopens=False, is_thanks=thanks)


@dataclass(frozen=True)
class PlainRules:
    """Targets as they are given, and one calendar for each queue."""

    targets: Mapping[tuple[str, str, str], timedelta]
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=lambda: {"it": OFFICE})

    def target(self, queue: str, priority: str, clock: ClockName) -> timedelta | None:
        """Of a queue, a priority and a clock."""
        return self.targets.get((queue, priority, clock.value))

    def calendar(self, queue: str) -> BusinessCalendar:
        """Of a queue."""
        return self.calendars[queue]


@pytest.fixture
def rules() -> Callable[..., PlainRules]:
    """``rules(normal={"first_response": "4h"}, …)`` for the queue it, in hours."""

    def make(**priorities: Mapping[str, float]) -> PlainRules:
        return PlainRules(
            {
                ("it", priority, clock): timedelta(hours=hours)
                for priority, clocks in priorities.items()
                for clock, hours in clocks.items()
            }
        )

    return make


TARGETS = {
    "it": {
        "urgent": {"first_response": "15m", "next_response": "1h", "resolution": "4h"},
        "high": {"first_response": "1h", "next_response": "4h", "resolution": "8h"},
        "normal": {"first_response": "4h", "next_response": "8h", "resolution": "24h"},
        "low": {"first_response": "8h", "resolution": "40h"},
    }
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Week:
    """A desk with the plugin, and people at it, in a week without holidays."""

    def __init__(self, desk: PluginDesk) -> None:
        self.desk = desk
        self.monday = calm_monday(desk)
        self.lead, self.maya = desk.person("helpdesk-lead"), desk.person("maya")

    def instant(self, when: str) -> datetime:
        """``Mon 09:30`` in Jakarta; ``Mon+1`` is a week later."""
        day, clock = when.split()
        name, _, weeks = day.partition("+")
        hour, minute = map(int, clock.split(":"))
        return self.monday + timedelta(days=DAYS.index(name) + 7 * int(weeks or 0), hours=hour, minutes=minute)

    def until(self, when: str) -> None:
        """Let the time pass until that ``instant``.

        From one thing that is due to the next, as on a desk that runs; the sweeps in between are left out.
        """
        end = self.instant(when)
        self.desk.settle()
        assert end > self.desk.now, f"{when} is over"
        while (now := self.desk.now) < end:
            step = min(self._next_due() or end, end) - now
            self.desk.advance(timedelta(seconds=max(int(step.total_seconds()), 0) + 1))

    def _next_due(self) -> datetime | None:
        just_now = self.desk.now - timedelta(seconds=5)  # what has become due since the desk came to rest
        waiting = (Work.state == WorkState.PENDING, Work.due_at > just_now, Work.name.not_like("sla.every.%"))
        with self.desk.desk.reading() as tx:
            return tx.session.scalar(select(func.min(Work.due_at)).where(*waiting))

    def files(self, when: str, text: str = "My VPN is down", priority: str = "normal") -> str:
        """Maya files a request; its number."""
        self.until(when)
        answer = self.maya.slash(f"/ticket {text}").text
        number = answer.split("*")[0].split("Filed as ")[1].split(".")[0]
        if priority != "normal":
            self.lead.slash(f"/ticket priority {number} {priority}")
        self.desk.settle()
        return number

    def replies(self, number: str, text: str = "Which VPN is it?") -> None:
        """The lead answers; the answer leaves at once."""
        self.lead.slash(f"/ticket reply {number} {text}")
        self.desk.settle()

    def change_targets(self, targets: Mapping[str, Any]) -> None:
        """Put a policy with other targets in force."""
        with self.desk.desk.database.begin() as session:
            policy = current_policy(session)
            plugins = policy.plugins | {"sla": {"targets": targets}}
            changed = policy.model_copy(update={"plugins": plugins, "user_groups": {}})
            apply_policy(session, changed, "", "a test", self.desk.now)

    def root(self, number: str) -> SeenMessage:
        """The head of Maya's thread about a ticket."""
        return next(seen for seen in self.maya.messages("dm") if number in seen.text and not seen.ephemeral)

    def messages(self, handle: str, words: str, in_: str = "dm") -> list[SeenMessage]:
        """What somebody sees that contains the words, oldest first."""
        return [seen for seen in self.desk.person(handle).messages(in_) if words in seen.text]


@pytest.fixture
def start_week(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Week]]:
    """``start_week(cap=2, …)``: a desk with the usual targets, and settings of one's own.

    At the end the test fails if any work of the plugin has failed, or if Slack would have refused anything.
    """
    with ExitStack() as stack:

        def start(**config: Any) -> Week:
            settings = {"targets": TARGETS} | config
            week = Week(stack.enter_context(PluginDesk(SLA, tmp_path, settings, database_url=database_url)))
            stack.callback(_check, week)
            return week

        yield start


def _check(week: Week) -> None:
    failed = select(Work.name, Work.last_error).where(Work.name.like("sla.%"), Work.last_error.is_not(None))
    with week.desk.desk.reading() as tx:
        assert tx.session.execute(failed).all() == []
    assert week.desk.sandbox.journal.illegal() == []


@pytest.fixture
def week(start_week: Callable[..., Week]) -> Week:
    """A desk with the usual targets."""
    return start_week()
