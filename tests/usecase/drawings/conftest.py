"""A desk at a fixed hour, and a conversation partner that takes its sends as Slack would."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from slackdesk.clock import Clock, Instant
from slackdesk.database import Database
from slackdesk.dispatch.model import Work, WorkKind, WorkState
from slackdesk.dispatch.runners import AfterRefusal, SlackCall
from slackdesk.policy.model import CalendarRules, DeskRules, Queue, ResolvedPolicy, Tier, Validation
from slackdesk.policy.store import apply_policy
from slackdesk.sandbox.blockkit import message_problems, view_problems
from slackdesk.slack.drawings import DRAWINGS
from slackdesk.tickets.people import remember_person
from slackdesk.tickets.transaction import Desk, Transaction

FRIDAY_EVENING = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
"""19:00 in Jakarta: the office is closed until Monday 08:00."""

AYU, BIMA, CITRA, DEWI, LEAD = "U0AYU", "U0BIMA", "U0CITRA", "U0DEWI", "U0LEAD"
"""A requester with Indonesian Slack, two agents of L1, one of L2, and the lead."""


@dataclass
class HandSetClock(Clock):
    """A clock that stands where the test put it."""

    at: datetime = FRIDAY_EVENING
    shiftable: bool = True

    def now(self, session: Session) -> Instant:
        """The same on both clocks."""
        return Instant(self.at, self.at)


@dataclass
class Slack:
    """Takes what the desk sends, in order, and refuses what Slack would refuse."""

    desk: Desk
    clock: HandSetClock
    messages: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict, repr=False)
    whispers: list[dict[str, Any]] = field(default_factory=list, repr=False)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    answered: list[dict[str, Any]] = field(default_factory=list, repr=False)
    given_up: list[str] = field(default_factory=list, repr=False)
    count: int = 0

    def deliver(self) -> None:
        """Send everything that waits, and what follows from it."""
        while self._deliver_one():
            pass

    def _deliver_one(self) -> bool:
        with self.desk.transaction() as tx:
            waiting = select(Work).where(Work.kind == WorkKind.SEND, Work.state == WorkState.PENDING)
            row = tx.session.scalars(waiting.order_by(Work.id).limit(1)).first()
            if row is None:
                return False
            row.coalesce_key = None
            self._run(tx, row)
            return True

    def _run(self, tx: Transaction, row: Work) -> None:
        drawing = DRAWINGS[row.name]
        for _ in range(3):
            call = drawing.draw(tx, row.payload)
            row.state = WorkState.DONE
            if call is None:
                return
            response = self.take(call)
            if response["ok"]:
                drawing.sent(tx, row.payload, response)
                return
            row.state = WorkState.DEAD
            after = drawing.failed(tx, row.payload, response["error"])
            if after is AfterRefusal.ASKED_ANEW:
                row.state = WorkState.DONE
                return
            if after is AfterRefusal.GIVE_UP:
                break
        self.given_up.append(row.name)

    def take(self, call: SlackCall) -> dict[str, Any]:
        """Slack's answer; a call that breaks a rule of Block Kit or lacks a text fails the test."""
        arguments = call.arguments
        if call.method == "views.publish":
            assert view_problems(arguments["view"], "home") == []
            self.homes[arguments["user_id"]] = arguments["view"]
            return {"ok": True}
        body = arguments["body"] if call.method == "response_url" else arguments
        assert message_problems(body) == []
        assert 0 < len(body["text"]) <= 4000
        if call.method == "response_url":
            self.answered.append(body)
            return {"ok": True}
        if call.method == "chat.postEphemeral":
            assert len(body["text"].encode()) <= 4000
            self.whispers.append(body)
            return {"ok": True, "message_ts": "1.0"}
        return self._post(arguments) if call.method == "chat.postMessage" else self._update(arguments)

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        channel, ts = arguments["channel"], f"{1_800_000_000 + self.count}.000100"
        channel = channel.replace("U", "D", 1) if channel.startswith("U") else channel
        thread_ts = arguments.get("thread_ts")
        known = thread_ts is None or (channel, thread_ts) in self.messages or thread_ts.startswith("17")
        if not known:
            return {"ok": False, "error": "thread_not_found"}
        message = {**arguments, "channel": channel, "ts": ts}
        self.messages[channel, ts] = message
        return {"ok": True, "channel": channel, "ts": ts, "message": message}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        place = (arguments["channel"], arguments["ts"])
        if place not in self.messages:
            return {"ok": False, "error": "message_not_found"}
        self.messages[place] |= {"text": arguments["text"], "blocks": arguments["blocks"]}
        return {"ok": True, "channel": place[0], "ts": place[1], "message": self.messages[place]}

    def roots(self, channel: str) -> list[dict[str, Any]]:
        """Messages of a channel that are in no thread."""
        return [one for (where, _), one in self.messages.items() if where == channel and not one.get("thread_ts")]

    def thread(self, root: dict[str, Any]) -> list[dict[str, Any]]:
        """Replies, oldest first."""
        key = (root["channel"], root["ts"])
        return [one for one in self.messages.values() if (one["channel"], one.get("thread_ts")) == key]


def tier(name: str, channel: str, *members: str) -> Tier:
    """A tier with a budget of four hours."""
    return Tier(
        name=name,
        channel=channel,
        members=frozenset(members),
        groups=(),
        lead=LEAD,
        budget=timedelta(hours=4),
        meetings=False,
    )


def queue(key: str, name: str, prefix: str, *tiers: Tier, private: bool = False) -> Queue:
    """A queue in office hours."""
    return Queue(
        key=key,
        name=name,
        prefix=prefix,
        calendar="office",
        request_channels=(),
        topics=("Laptop", "Other"),
        conversation="explicit",
        start_tier={},
        validation=Validation(by="requester", people=()),
        auto_close=timedelta(hours=24),
        private=private,
        stakeholders=(),
        anonymous_csat=False,
        tiers=tiers,
    )


def the_policy() -> ResolvedPolicy:
    """IT with two tiers, and a private queue."""
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("08:00", "17:00"),))
    return ResolvedPolicy(
        desk=DeskRules(
            name="Acme helpdesk",
            timezone="Asia/Jakarta",
            locale="en",
            operators=(),
            strict_plugins=True,
            plugin_dirs=(),
            retention=timedelta(days=1000),
            max_file_mb=50,
        ),
        calendars={
            "office": CalendarRules(timezone="Asia/Jakarta", week=hours, dates={}, holidays=(), holiday_source=None)
        },
        queues={
            "it": queue("it", "IT help", "IT", tier("L1", "C0ITL1", BIMA, CITRA), tier("L2", "C0ITL2", DEWI)),
            "hr": queue("hr", "People team", "HR", tier("L1", "C0HR", LEAD), private=True),
        },
        plugins={},
        user_groups={},
    )


@pytest.fixture
def hand_set_clock() -> HandSetClock:
    """Stands on Friday evening until a test moves it."""
    return HandSetClock()


@pytest.fixture
def drawing_desk(database: Database, hand_set_clock: HandSetClock) -> Desk:
    """A desk with a policy and five people."""
    desk = Desk(database, hand_set_clock, timedelta(seconds=10), lambda _ids, _yields: None)
    with database.begin() as session:
        apply_policy(session, the_policy(), "", "test", FRIDAY_EVENING)
        for person, name, locale, zone in (
            (AYU, "ayu", "id-ID", "Asia/Makassar"),
            (BIMA, "bima", "en-US", "Asia/Jakarta"),
            (CITRA, "citra", "en-US", "Asia/Jakarta"),
            (DEWI, "dewi", "en-US", "Asia/Jakarta"),
            (LEAD, "lead", "en-US", "UTC"),
        ):
            remember_person(session, {"id": person, "name": name, "locale": locale, "tz": zone}, FRIDAY_EVENING)
    return desk


@pytest.fixture
def partner(drawing_desk: Desk, hand_set_clock: HandSetClock) -> Slack:
    """Slack, as far as drawings can see."""
    return Slack(drawing_desk, hand_set_clock)
