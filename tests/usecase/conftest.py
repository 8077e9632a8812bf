"""A desk like the example's, on a real database, and the people who use it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from sqlalchemy import select

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.dispatch import work
from slackdesk.dispatch.model import Work, WorkKind, WorkState
from slackdesk.policy.model import (
    CalendarRules,
    DeskRules,
    Queue,
    ResolvedPolicy,
    Tier,
    Validation,
)
from slackdesk.policy.store import apply_policy
from slackdesk.tickets import service
from slackdesk.tickets.model import Person, Source, Ticket
from slackdesk.tickets.timers import TIMERS
from slackdesk.tickets.transaction import Desk, Transaction

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Cast:
    """Who is who."""

    ani: str = "U0ANI"
    """Asks."""
    budi: str = "U0BUDI"
    """Another employee."""
    lena: str = "U0LENA"
    lars: str = "U0LARS"
    """L1 of IT."""
    mira: str = "U0MIRA"
    """L2 of IT."""
    theo: str = "U0THEO"
    """L3 of IT."""
    lead: str = "U0LEAD"
    hana: str = "U0HANA"
    """L1 of HR."""
    operator: str = "U0OPER"
    boss: str = "U0BOSS"
    """Stakeholder of both."""
    guest: str = "U0GUEST"


@pytest.fixture(scope="session")
def cast() -> Cast:
    return Cast()


def tier(name: str, channel: str, members: set[str], budget_hours: int, lead: str = "U0LEAD") -> Tier:
    return Tier(
        name=name,
        channel=channel,
        members=frozenset(members),
        groups=(),
        lead=lead,
        budget=timedelta(hours=budget_hours),
        meetings=name == "L3",
    )


def queue(key: str, tiers: tuple[Tier, ...], **changes: Any) -> Queue:
    values: dict[str, Any] = {
        "key": key,
        "name": f"{key.upper()} help",
        "prefix": key.upper(),
        "calendar": "office",
        "request_channels": (),
        "topics": ("Laptop", "Network and VPN", "Other"),
        "conversation": "explicit",
        "start_tier": {},
        "validation": Validation(by="requester", people=()),
        "auto_close": timedelta(hours=24),
        "private": False,
        "stakeholders": ("U0BOSS",),
        "anonymous_csat": False,
        "tiers": tiers,
    }
    return Queue(**(values | changes))


IT_TIERS = (
    tier("L1", "C0L1", {"U0LENA", "U0LARS"}, 4),
    tier("L2", "C0L2", {"U0MIRA"}, 8),
    tier("L3", "C0L3", {"U0THEO"}, 24),
)


def make_policy(**changes_of_it: Any) -> ResolvedPolicy:
    """The example's shape: IT with three tiers, a private HR; ``changes_of_it`` replace rules of the IT queue."""
    day = (("08:00", "12:00"), ("13:00", "17:00"))
    office = CalendarRules(
        timezone="Asia/Jakarta",
        week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), day),
        dates={},
        holidays=(),
        holiday_source=None,
    )
    it_rules = {"start_tier": {"urgent": "L2"}} | changes_of_it
    hr_tiers = (tier("L1", "C0HR", {"U0HANA"}, 8, lead="U0HANA"),)
    return ResolvedPolicy(
        desk=DeskRules(
            name="Acme helpdesk",
            timezone="Asia/Jakarta",
            locale="en",
            operators=("U0OPER",),
            strict_plugins=True,
            plugin_dirs=(),
            retention=timedelta(days=1095),
            max_file_mb=50,
        ),
        calendars={"office": office},
        queues={
            "it": queue("it", IT_TIERS, **it_rules),
            "hr": queue("hr", hr_tiers, private=True, topics=("Payroll", "Other")),
        },
        plugins={},
        user_groups={},
    )


class Helpdesk:
    """What tests do with a desk: call a use case in a transaction, move the clock, read what was written."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.database = desk.database
        self._sent = 0

    def apply(self, policy: ResolvedPolicy) -> None:
        with self.database.begin() as session:
            apply_policy(session, policy, "", "test", self.desk.clock.now(session).desk)

    def do(self, use_case: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        with self.desk.transaction() as tx:
            return use_case(tx, *args, **kwargs)

    def file(self, requester: str = "U0ANI", text: str = "My VPN is down", **changes: Any) -> Ticket:
        values: dict[str, Any] = {
            "requester": requester,
            "filed_by": requester,
            "queue": "it",
            "topic": None,
            "text": text,
            "source": Source.FORM,
        }
        return self.do(service.file_ticket, **(values | changes)).ticket

    def says(self, ticket: Ticket, author: str, text: str, **changes: Any) -> Ticket:
        """Somebody writes in the requester's thread."""
        self._sent += 1
        values: dict[str, Any] = {"files": (), "channel": "D0ANI", "ts": f"1700000000.{self._sent:06}"}
        return self.do(
            service.record_requester_message, ticket_id=ticket.id, author=author, text=text, **(values | changes)
        )

    def escalate(self, ticket: Ticket, actor: str, to_tier: str | None = None) -> Ticket:
        return self.do(
            service.escalate_ticket,
            ticket.id,
            actor,
            reason="Needs the firewall",
            tried="Restarted the client",
            asked="Open port 443",
            to_tier=to_tier,
        )

    def resolve(self, ticket: Ticket, actor: str) -> Ticket:
        return self.do(service.resolve_ticket, ticket.id, actor, topic="Laptop", resolution="New battery")

    def advance(self, **duration: float) -> datetime:
        with self.database.begin() as session:
            return self.desk.clock.advance(session, timedelta(**duration))

    def advance_to_monday(self) -> None:
        """To the next Monday at 09:00 in Jakarta."""
        now = self.now()
        monday = now + timedelta(days=(0 - now.weekday()) % 7 or 7)
        self.advance(seconds=(monday.replace(hour=2, minute=0, second=0, microsecond=0) - now).total_seconds())

    def now(self) -> datetime:
        with self.desk.reading() as tx:
            return tx.now

    def ticket(self, ticket_id: int) -> Ticket:
        with self.database.read() as session:
            return session.get_one(Ticket, ticket_id)

    def work(self, name: str, notice: str | None = None, state: WorkState | None = None) -> list[Work]:
        """Rows of work of that name (and notice), oldest first."""
        with self.database.read() as session:
            rows = session.scalars(select(Work).where(Work.name == name).order_by(Work.id)).all()
        return [
            row
            for row in rows
            if (notice is None or row.payload.get("notice") == notice) and (state is None or row.state == state)
        ]

    def run_timers(self) -> list[str]:
        """Run every timer that is due, as a worker does; returns their names."""
        ran = []
        with self.database.read() as session:
            waiting = session.scalars(
                select(Work).where(Work.kind == WorkKind.TIMER, Work.state == WorkState.PENDING).order_by(Work.id)
            ).all()
        for row in waiting:
            with self.desk.transaction() as tx:
                claimed = work.claim(
                    tx.session,
                    row.id,
                    queue=row.queue,
                    holder="test",
                    now=tx.now,
                    real_now=tx.real_now,
                    lease=timedelta(seconds=60),
                )
            if claimed is not None:
                TIMERS[row.name](self.desk, claimed)
                with self.desk.transaction() as tx:
                    work.finish(tx.session, claimed, tx.real_now)
                ran.append(row.name)
        return ran


def make_helpdesk(database: Database, undo: timedelta = timedelta(0)) -> Helpdesk:
    desk = Desk(database=database, clock=Clock(shiftable=True), undo=undo, nudge=lambda _ids, _yields: None)
    helpdesk = Helpdesk(desk)
    helpdesk.apply(make_policy())
    with database.begin() as session:
        session.add(
            Person(id="U0GUEST", name="Guest", handle="guest", is_guest=True, refreshed_at=desk.clock.now(session).desk)
        )
    return helpdesk


@pytest.fixture(scope="session")
def policy_with() -> Callable[..., ResolvedPolicy]:
    """Makes policies with other rules of the IT queue."""
    return make_policy


@pytest.fixture(scope="session")
def helpdesk_on() -> Callable[[Database], Helpdesk]:
    """Makes a desk on a database that has its tables."""
    return make_helpdesk


@pytest.fixture
def helpdesk_with_undo(database: Database) -> Callable[[timedelta], Helpdesk]:
    """Makes a desk whose replies can be undone for a while."""
    return partial(make_helpdesk, database)


@pytest.fixture
def helpdesk(database: Database) -> Helpdesk:
    """A desk whose clock stands on a Monday at 09:00 in Jakarta, with replies that leave at once."""
    helpdesk = make_helpdesk(database)
    helpdesk.advance_to_monday()
    return helpdesk
