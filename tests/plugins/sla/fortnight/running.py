"""A desk whose processes run, and what befalls them; driven like ``PluginDesk``, with a clock that stands."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import select

from slackdesk import bootstrap
from slackdesk.demo.stage import Stage
from slackdesk.dispatch.model import LIVE, Work, states_sql
from slackdesk.sandbox import Workspace
from slackdesk.sandbox.people import Person
from slackdesk.settings import Settings
from slackdesk.tickets.transaction import Desk

SHORT_TIMES = {
    "SLACKDESK_SWEEP_SECONDS": "0.1",
    "SLACKDESK_QUEUED_SECONDS": "3",
    "SLACKDESK_SLACK_TIMEOUT_SECONDS": "3",
    "SLACKDESK_JOB_TIMEOUT_SECONDS": "5",
    "SLACKDESK_LEASE_SECONDS": "6",
    "SLACKDESK_AMBIGUOUS_SECONDS": "0.5",
    "SLACKDESK_BEAT_LEASE_SECONDS": "2",
    "SLACKDESK_UNDO_SECONDS": "0",
}
"""What takes minutes on a real desk takes seconds here; the order of the times is the same."""

RATE_SCALE = 100.0
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.02


class RunningDesk:
    """``slackdesk run`` with its embedded Redis beside a simulated workspace; desk time begins there and stands.

    ``meanwhile`` is called again and again while the desk works: the moment for mishaps.
    """

    def __init__(self, folder: Path, workspace: Workspace, policy: str, stands_from: datetime) -> None:
        self.stage = Stage(
            folder,
            policy=policy,
            workspace=workspace,
            environment=SHORT_TIMES | {"SLACKDESK_CLOCK_STANDS_FROM": stands_from.isoformat()},
            rate_scale=RATE_SCALE,
            ready_seconds=PATIENCE_SECONDS,
        )
        self.sandbox = self.stage.sandbox
        self.meanwhile: Callable[[], None] = lambda: None
        self.desk: Desk
        self._settings = Settings(
            policy=self.stage.policy_file,
            data=folder / "data",
            clock="shiftable",
            clock_stands_from=stands_from,
            undo_seconds=0.0,
        )

    def __enter__(self) -> Self:
        self.stage.__enter__()
        self.desk = bootstrap.open_desk(self._settings)
        return self

    def __exit__(self, *_: object) -> None:
        self.desk.database.close()
        self.stage.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        """Desk time."""
        with self.desk.database.read() as session:
            return self.desk.clock.now(session).desk

    def advance(self, duration: timedelta) -> None:
        """Move desk time forward, and wait until what has become due is done."""
        with self.desk.database.begin() as session:
            self.desk.clock.advance(session, duration)
        self.settle()

    def person(self, handle: str) -> Person:
        """Somebody of the company, to be driven."""
        return self.stage.person(handle)

    def settle(self) -> None:
        """Wait until nothing is left to do at this instant. Raises AssertionError when that takes too long."""
        assert self.sandbox.delivery.wait_until_answered(PATIENCE_SECONDS), "a delivery was not answered"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := self._left():
            assert time.monotonic() < deadline, f"{left} are not done\n{self.stage.last_lines()}"
            self.meanwhile()
            time.sleep(LOOK_SECONDS)

    def _left(self) -> list[str]:
        with self.desk.database.read() as session:
            now = self.desk.clock.now(session).desk
            due = select(Work.name).where(states_sql(LIVE), Work.due_at <= now).limit(5)
            return list(session.scalars(due))
