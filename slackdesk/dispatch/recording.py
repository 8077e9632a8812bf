"""Records what became of claimed rows, each in one transaction that only the holder of the lease can make."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import OperationalError

from slackdesk.dispatch import blockages, work
from slackdesk.dispatch.model import Work
from slackdesk.dispatch.pacing import Pacing
from slackdesk.dispatch.retries import SEND_ATTEMPTS, give_up, look_up_or_die, retry_or_die
from slackdesk.dispatch.runners import (
    AfterRefusal,
    OpenTransaction,
    Outcome,
    OutcomeKind,
    Runners,
    SlackCall,
    TransactionOpener,
)
from slackdesk.errors import DatabaseBusy
from slackdesk.settings import Settings

log = logging.getLogger(__name__)

RECORD_TRIES = 4
"""What Slack answered is worth some patience with a busy database; after that, the row's lease runs out and it is
looked up."""

RECORD_PAUSE_SECONDS = 0.5


class Recorder:
    """Settles claimed rows. Methods return the id of the row that may be run next in the same job, if any."""

    def __init__(self, *, desk: TransactionOpener, runners: Runners, pacing: Pacing, settings: Settings) -> None:
        self.desk, self.runners, self.pacing, self.settings = desk, runners, pacing, settings

    def record(self, row: Work, settle: Callable[[OpenTransaction], int | None]) -> int | None:
        """Call ``settle`` in a transaction, again when the database is busy; without success the lease runs out."""
        for attempt in range(RECORD_TRIES):
            try:
                with self.desk.transaction() as tx:
                    return settle(tx)
            except DatabaseBusy as busy:
                log.warning("work %s was not recorded at try %s: %s", row.id, attempt + 1, busy)
                time.sleep(RECORD_PAUSE_SECONDS)
        return None

    def send(self, row: Work, call: SlackCall, outcome: Outcome) -> int | None:
        """Record what became of a call."""
        if outcome.kind == OutcomeKind.RATE_LIMITED:
            log.warning("Slack asks to wait %s s with %s", outcome.retry_after_seconds, call.method)
            self.pacing.hold(call.method, outcome.retry_after_seconds)
        return self.record(row, lambda tx: self._settle_send(tx, row, call, outcome))

    def look_up(self, row: Work, attempted: SlackCall, found: Outcome | None) -> int | None:
        """Record what the look-up of an earlier call found: None means that nothing was posted."""
        return self.record(row, lambda tx: self._settle_look_up(tx, row, attempted, found))

    def _settle_send(self, tx: OpenTransaction, row: Work, call: SlackCall, outcome: Outcome) -> int | None:
        error = f"{call.method}: {outcome.error}"
        match outcome.kind:
            case OutcomeKind.OK:
                return self._sent(tx, row, call, outcome.response)
            case OutcomeKind.DEFINITE:
                self._passed(tx, row, call)
                return self._refused(tx, row, call, outcome.error)
            case OutcomeKind.BLOCKED:
                return self.blocked(tx, row, call, outcome.place, outcome.error)
            case OutcomeKind.RATE_LIMITED:
                wait = timedelta(seconds=outcome.retry_after_seconds)
                work.try_again(tx.session, row, tx.real_now + wait, error, counted=False)
            case OutcomeKind.PASSING:
                retry_or_die(tx.session, row, tx.real_now, error, SEND_ATTEMPTS)
            case OutcomeKind.AMBIGUOUS:
                wait = timedelta(seconds=self.settings.ambiguous_seconds)
                look_up_or_die(tx.session, row, tx.real_now + wait, tx.real_now, error)
        return None

    def _settle_look_up(
        self, tx: OpenTransaction, row: Work, attempted: SlackCall, found: Outcome | None
    ) -> int | None:
        if found is None:
            log.info("work %s: %s had not reached Slack and is sent again", row.id, attempted.method)
            work.try_again(tx.session, row, tx.real_now, counted=False)
            return row.id
        if found.kind == OutcomeKind.BLOCKED:
            return self.hold(tx, row, found.place, found.error, is_ambiguous=True)
        if found.kind == OutcomeKind.OK:
            log.info("work %s: %s had reached Slack", row.id, attempted.method)
            return self._sent(tx, row, attempted, found.response)
        wait = timedelta(seconds=max(found.retry_after_seconds, self.settings.ambiguous_seconds))
        look_up_or_die(tx.session, row, tx.real_now + wait, tx.real_now, f"look-up: {found.error}")
        return None

    def _sent(self, tx: OpenTransaction, row: Work, call: SlackCall, response: dict[str, Any]) -> int | None:
        place: dict[str, Any] = {key: response[key] for key in ("channel", "ts") if key in response}
        self._passed(tx, row, call)
        if not work.finish(tx.session, row, tx.real_now, place):
            log.warning("work %s (send %s) took longer than its lease; its new holder looks it up", row.id, row.name)
            return None
        self.runners.ended(tx, row, None)
        try:
            with tx.session.begin_nested():
                self.runners.drawings[row.name].sent(tx, row.payload, response)
        except OperationalError:
            raise
        except Exception:
            # The message is visible; sending it again would not make it remembered.
            log.exception("work %s (send %s) was sent, but not remembered: %s", row.id, row.name, place)
        if row.stream is not None:
            blockages.draw_anew(tx.session, row.stream, tx.real_now)
        return next_in_stream(tx, row)

    def _passed(self, tx: OpenTransaction, row: Work, call: SlackCall) -> None:
        places = blockages.places_of(call.method, call.arguments.get("channel"))
        blockages.passed(tx.session, row.id, places, tx.real_now)

    def blocked(self, tx: OpenTransaction, row: Work, call: SlackCall, place: str, error: str) -> int | None:
        """Settle a claimed row whose call does not pass at a place: it goes elsewhere, if its drawing can, or waits."""
        is_its_channel = place == call.arguments.get("channel")
        after = self._after_refusal(tx, row, error) if is_its_channel else AfterRefusal.GIVE_UP
        return self._settle_refused(tx, row, call, error, after, held_for=place)

    def hold(self, tx: OpenTransaction, row: Work, place: str, error: str, *, is_ambiguous: bool = False) -> int | None:
        """Have a claimed row wait until the place is open again, and tell whoever can open it."""
        if blockages.begin(tx.session, place, error, tx.real_now):
            self.runners.blocked(tx, place, error)
        until = tx.real_now + blockages.HELD_AT_MOST
        if is_ambiguous:
            work.be_ambiguous(tx.session, row, until, error, held_for=place)
        else:
            work.try_again(tx.session, row, until, error, counted=False, held_for=place)
        return next_in_stream(tx, row)

    def _refused(self, tx: OpenTransaction, row: Work, call: SlackCall, error: str) -> int | None:
        return self._settle_refused(tx, row, call, error, self._after_refusal(tx, row, error))

    def _after_refusal(self, tx: OpenTransaction, row: Work, error: str) -> AfterRefusal:
        after = AfterRefusal.GIVE_UP
        try:
            with tx.session.begin_nested():
                after = self.runners.drawings[row.name].failed(tx, row.payload, error)
        except OperationalError:
            raise
        except Exception:
            log.exception("work %s (send %s): its handling of %s failed", row.id, row.name, error)
        return after

    def _settle_refused(
        self,
        tx: OpenTransaction,
        row: Work,
        call: SlackCall,
        error: str,
        after: AfterRefusal,
        held_for: str | None = None,
    ) -> int | None:
        if after is AfterRefusal.ASKED_ANEW:
            work.finish(tx.session, row, tx.real_now, {"asked_anew": True})
        elif after is AfterRefusal.DRAW_AGAIN and row.attempts < SEND_ATTEMPTS:
            work.try_again(tx.session, row, tx.real_now, f"{call.method}: {error}")
        elif held_for is not None:
            return self.hold(tx, row, held_for, error)
        else:
            reason = f"Slack refused {call.method}: {error}"
            if give_up(tx.session, row, tx.real_now, reason):
                self.runners.ended(tx, row, reason)
        return next_in_stream(tx, row)


def next_in_stream(tx: OpenTransaction, row: Work) -> int | None:
    """The head of the row's stream on its queue, which may be the row itself."""
    return None if row.stream is None else work.head_of_stream(tx.session, row.stream, row.queue)
