"""What the worker runs: drawings for sends, handlers and timers for the rest, and who calls Slack.

The worker knows none of them by import: ``slackdesk.bootstrap`` hands it one ``Runners``.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.orm import Session

from slackdesk.database import Database
from slackdesk.dispatch.model import Work

log = logging.getLogger(__name__)


class OpenTransaction(Protocol):
    """What the worker needs of a transaction: the session and both clocks, fixed for the transaction."""

    session: Session
    now: datetime
    real_now: datetime


class TransactionOpener(Protocol):
    """Opens transactions: ``slackdesk.tickets.transaction.Desk``."""

    @property
    def database(self) -> Database:
        """Whose connections a forked child forgets."""
        ...

    def transaction(self) -> AbstractContextManager[OpenTransaction]:
        """A writing transaction. Raises DatabaseBusy when nothing could be written."""
        ...


@dataclass(frozen=True)
class SlackCall:
    """One call of the Web API, such as ``SlackCall("chat.postMessage", {"channel": …, "text": …})``.

    The method ``response_url`` posts ``arguments["body"]`` to ``arguments["url"]`` instead.
    """

    method: str
    arguments: dict[str, Any]


class AfterRefusal(StrEnum):
    """What becomes of a row that Slack refused for good."""

    GIVE_UP = "give_up"
    DRAW_AGAIN = "draw_again"
    """Something was forgotten that is gone; drawn again, the row goes somewhere else."""
    ASKED_ANEW = "asked_anew"
    """Other rows were added that say it instead; this one is done."""


class Drawing(Protocol):
    """How one kind of send becomes a Slack call; one per send name. Implementations inherit the defaults.

    ``tx`` is what the desk's ``transaction()`` opens; the payload is the work row's.
    """

    def draw(self, tx: Any, payload: dict[str, Any]) -> SlackCall | None:
        """The call, drawn from the current state when it is sent; None when there is nothing to say any more.

        Raises Later when it may not be said just now.
        """
        ...

    def sent(self, tx: Any, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember where the message is, in the transaction that marks the row done.

        ``response`` is Slack's answer, or ``{"channel", "ts", "message"}`` of the message that a look-up found.
        """
        return

    def failed(self, tx: Any, payload: dict[str, Any], error: str) -> AfterRefusal:
        """Handle a definite Slack error such as ``message_not_found``; by default the row is given up."""
        return AfterRefusal.GIVE_UP


Runner = Callable[[Any, Work], None]
"""``run(desk, row)`` of a handler or timer: opens its own transactions; any exception means that it is tried again.
``Blocked`` means that it waits for a place, without an end.
"""


class Later(Exception):
    """Raised by a runner or a drawing: nothing was done, and nothing failed; the row comes again after ``wait``."""

    def __init__(self, wait: timedelta, reason: str) -> None:
        self.wait = wait
        super().__init__(reason)


class GiveUp(Exception):
    """Raised by a runner: trying again would do harm; the row is given up with this reason."""


Ended = Callable[[Any, Work, str | None], None]
"""``ended(tx, row, error)`` once a row is done (error None) or given up, in the transaction that records it."""


def _nobody_listens(_tx: Any, _row: Work, _error: str | None) -> None:
    """By default nobody wants to know."""


class OutcomeKind(StrEnum):
    """What is known after a call to Slack."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"
    """Slack answered 429 and did not apply the call."""
    PASSING = "passing"
    """Not applied, or harmless to repeat; the same call may succeed later."""
    DEFINITE = "definite"
    """Not applied, and never will be."""
    AMBIGUOUS = "ambiguous"
    """May or may not have been applied."""
    BLOCKED = "blocked"
    """Not applied, and nothing else passes at ``Outcome.place`` either, until somebody mends it."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one call; ``response`` when it is OK, ``error`` otherwise."""

    kind: OutcomeKind
    response: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    retry_after_seconds: float = 0.0
    place: str = ""
    """Where nothing passes (``Blockage.place``), when the outcome is BLOCKED."""


class Sender(Protocol):
    """Calls Slack, outside any transaction. Never raises for what Slack or the network does."""

    def send(self, call: SlackCall, work_id: int) -> Outcome:
        """Make the call once; posts carry the work id in their metadata."""
        ...

    def repeatable(self, method: str) -> bool:
        """Whether a call that may have been applied is simply made again, without a look-up."""
        ...

    def look_up(self, attempted: SlackCall, work_id: int, since: datetime) -> Outcome | None:
        """Find the message that an earlier call posted at ``since`` or later: OK with its place, None if it is absent.

        RATE_LIMITED, PASSING or BLOCKED when the look-up itself has to be made again later.
        """
        ...


def _nothing_runs_it(_desk: Any, row: Work) -> None:
    raise LookupError(f"this version has nothing that runs {row.kind} {row.name!r}")


def _log_blocked(_tx: Any, place: str, error: str) -> None:
    log.error("nothing passes at %s: %s; what is meant for it waits", place, error)


@dataclass
class Runners:
    """Everything a worker can run, by name."""

    sender: Sender
    drawings: dict[str, Drawing] = field(default_factory=dict)
    handlers: dict[str, Runner] = field(default_factory=dict)
    timers: dict[str, Runner] = field(default_factory=dict)
    unknown: Runner = _nothing_runs_it
    """For handlers and timers of other names."""
    blocked: Callable[[Any, str, str], None] = _log_blocked
    """``blocked(tx, place, error)`` tells whoever can mend it; called once, in the transaction that notes it."""
    ended: Ended = _nobody_listens
