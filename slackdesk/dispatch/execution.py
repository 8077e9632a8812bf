"""Runs rows of work: claim, draw or run, call Slack outside any transaction, record.

What is known after a kill at any line: a row is claimed with a lease and with the call that is about to be made; only
the holder of the lease settles it; a lease that runs out makes a send ambiguous, and that is looked up in Slack.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from slackdesk.dispatch import blockages, work
from slackdesk.dispatch.counting import CallCounters
from slackdesk.dispatch.model import Blockage, Work, WorkKind
from slackdesk.dispatch.pacing import UNPACED, Pacing
from slackdesk.dispatch.recording import Recorder, next_in_stream
from slackdesk.dispatch.retries import DRAWING_ATTEMPTS, RUN_ATTEMPTS, retry_or_die
from slackdesk.dispatch.runners import (
    GiveUp,
    Later,
    OpenTransaction,
    Outcome,
    OutcomeKind,
    Runners,
    SlackCall,
    TransactionOpener,
)
from slackdesk.errors import Blocked, DatabaseBusy
from slackdesk.settings import Settings

log = logging.getLogger(__name__)

ROWS_OF_STREAM_PER_JOB = 20
"""After a send, that many later rows of its stream are run in the same job before others get their turn."""

WHERE_TO_LOOK = ("channel", "thread_ts", "files")
"""What is kept of a call's arguments, to look it up by."""

NO_ROW = 0
"""Ids begin at 1."""


@dataclass(frozen=True)
class _Claimed:
    """A row that is ours, and what there is to do for it outside the transaction."""

    row: Work
    call: SlackCall | None = None
    look_up: SlackCall | None = None
    """An earlier call that may have been applied, to be looked up before anything is sent."""
    settled: bool = False
    """Nothing is left to do: there was nothing to say, no slot yet, or it cannot be drawn."""
    next_id: int | None = None


class Executor:
    """Runs rows by id; built in the worker's parent, used in the processes that it forks. Opens nothing by itself."""

    def __init__(
        self, *, desk: TransactionOpener, runners: Runners, pacing: Pacing, settings: Settings, queue: str
    ) -> None:
        self.desk, self.runners, self.pacing, self.settings, self.queue = desk, runners, pacing, settings, queue
        self._counters = CallCounters(pacing.redis)
        self._recorder = Recorder(desk=desk, runners=runners, pacing=pacing, settings=settings)

    def warm_up(self) -> None:
        """In the worker's parent: run the usual statements once, on a row that does not exist.

        Measured: the processes forked then find them compiled, which halves what a job costs. Raises DatabaseBusy.
        """
        with self.desk.transaction() as tx:
            blockages.standing(tx.session, lock=True)
            self._claim_row(tx, NO_ROW)
            row = Work(id=NO_ROW, leased_by="nobody")
            work.call_begins(tx.session, row, {}, tx.real_now)
            work.wait_for_slot(tx.session, row, tx.real_now)
            work.finish(tx.session, row, tx.real_now)
            work.head_of_stream(tx.session, "", self.queue)

    def enter_process(self) -> None:
        """In a forked process: leave the parent's database connections alone."""
        self.desk.database.forget_connections()

    def run(self, ids: Sequence[int], began: float | None = None) -> None:
        """Run the rows one by one, and after each send what is due behind it in its stream.

        What no longer fits into the time of the job, which began at the monotonic ``began`` or now, is put back. Never
        raises for what a row does.
        """
        began = time.monotonic() if began is None else began
        # A row may take two Slack calls; after the first row, none is begun that the job's timeout could cut off.
        last_start = began + self.settings.job_timeout_seconds - 2 * self.settings.slack_timeout_seconds
        for position, work_id in enumerate(ids, start=1):
            self._run_with_followers(work_id, last_start)
            if time.monotonic() > last_start:
                self._put_back(ids[position:])
                return

    def _run_with_followers(self, work_id: int, last_start: float) -> None:
        next_id = self._run_row(work_id)
        for _ in range(ROWS_OF_STREAM_PER_JOB):
            if next_id is None or time.monotonic() > last_start:
                return
            next_id = self._run_row(next_id)

    def _run_row(self, work_id: int) -> int | None:
        """Run one row if it can be claimed; the id of the row that may be run next in this job, if any."""
        try:
            claimed = self._claim(work_id)
        except DatabaseBusy as busy:
            log.warning("work %s was not claimed, it comes again: %s", work_id, busy)
            return None
        if claimed is None or claimed.settled:
            return None if claimed is None else claimed.next_id
        row = claimed.row
        if claimed.look_up is not None and row.started_at is not None:
            found = self.runners.sender.look_up(claimed.look_up, row.id, row.started_at)
            return self._recorder.look_up(row, claimed.look_up, found)
        if claimed.call is not None:
            started = time.monotonic()
            outcome = self._send(claimed.call, row.id)
            seconds = time.monotonic() - started
            next_id = self._recorder.send(row, claimed.call, outcome)
            self._counters.count(claimed.call.method, outcome.kind, seconds)
            return next_id
        return self._run(row)

    def _claim(self, work_id: int) -> _Claimed | None:
        with self.desk.transaction() as tx:
            blocked = blockages.standing(tx.session, lock=True)
            row = self._claim_row(tx, work_id)
            if row is None:
                return None
            if row.kind != WorkKind.SEND:
                return _Claimed(row)
            if row.attempted is not None and not self.runners.sender.repeatable(row.attempted["method"]):
                return _Claimed(row, look_up=SlackCall(row.attempted["method"], row.attempted["arguments"]))
            return self._draw(tx, row, blocked)

    def _claim_row(self, tx: OpenTransaction, work_id: int) -> Work | None:
        return work.claim(
            tx.session,
            work_id,
            queue=self.queue,
            holder=f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}",
            now=tx.now,
            real_now=tx.real_now,
            lease=timedelta(seconds=self.settings.lease_seconds),
        )

    def _draw(self, tx: OpenTransaction, row: Work, blocked: Mapping[str, Blockage]) -> _Claimed:
        try:
            with tx.session.begin_nested():
                call = self.runners.drawings[row.name].draw(tx, row.payload)
        except OperationalError:
            raise
        except Later as later:
            work.try_again(tx.session, row, tx.real_now + later.wait, str(later), counted=False)
            return _Claimed(row, settled=True)
        except Exception as error:
            log.exception("work %s (send %s) could not be drawn", row.id, row.name)
            reason = f"could not be drawn: {error!r}"
            if retry_or_die(tx.session, row, tx.real_now, reason, DRAWING_ATTEMPTS):
                self.runners.ended(tx, row, reason)
            return _Claimed(row, settled=True, next_id=next_in_stream(tx, row))
        if call is None:
            work.finish(tx.session, row, tx.real_now, {"nothing_to_say": True})
            return _Claimed(row, settled=True, next_id=next_in_stream(tx, row))
        if (blockage := _in_the_way(blocked, row, call)) is not None:
            next_id = self._recorder.blocked(tx, row, call, blockage.place, blockage.error)
            return _Claimed(row, settled=True, next_id=next_id)
        wait_seconds = self.pacing.reserve(
            call.method, call.arguments.get("channel"), reserved=row.slot_reserved, yields=row.queue == "slow"
        )
        if wait_seconds > 0:
            work.wait_for_slot(tx.session, row, tx.real_now + timedelta(seconds=wait_seconds))
            return _Claimed(row, settled=True)
        place = {key: call.arguments[key] for key in WHERE_TO_LOOK if call.arguments.get(key)}
        work.call_begins(tx.session, row, {"method": call.method, "arguments": place}, tx.real_now)
        return _Claimed(row, call)

    def _send(self, call: SlackCall, work_id: int) -> Outcome:
        try:
            return self.runners.sender.send(call, work_id)
        except Exception as error:  # the job's timeout may strike anywhere
            log.exception("work %s: %s broke off", work_id, call.method)
            return Outcome(OutcomeKind.AMBIGUOUS, error=f"broke off: {error!r}")

    def _run(self, row: Work) -> int | None:
        runners = self.runners.timers if row.kind == WorkKind.TIMER else self.runners.handlers
        runner = runners.get(row.name, self.runners.unknown)
        failure: Exception | None = None
        try:
            runner(self.desk, row)
        except Later as later:
            failure = later
        except Blocked as blocked:
            place, reason = blocked.place, blocked.error
            return self._recorder.record(row, lambda tx: self._recorder.hold(tx, row, place, reason))
        except Exception as error:
            log.exception("work %s (%s %s) failed", row.id, row.kind, row.name)
            failure = error
        return self._recorder.record(row, lambda tx: self._settle_run(tx, row, failure))

    def _settle_run(self, tx: OpenTransaction, row: Work, failure: Exception | None) -> int | None:
        if isinstance(failure, Later):
            work.try_again(tx.session, row, tx.real_now + failure.wait, str(failure), counted=False)
        elif failure is not None:
            is_last = isinstance(failure, GiveUp)
            reason = str(failure) if is_last else repr(failure)
            if retry_or_die(tx.session, row, tx.real_now, reason, 0 if is_last else RUN_ATTEMPTS):
                self.runners.ended(tx, row, reason)
        elif work.finish(tx.session, row, tx.real_now):
            blockages.passed(tx.session, row.id, blockages.places_of(row.name, None), tx.real_now)
            self.runners.ended(tx, row, None)
        else:
            log.warning("work %s (%s %s) took longer than its lease", row.id, row.kind, row.name)
        return next_in_stream(tx, row)

    def _put_back(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        try:
            with self.desk.transaction() as tx:
                work.release(tx.session, ids, now=tx.now, real_now=tx.real_now)
        except DatabaseBusy as busy:
            log.warning("%s rows were not put back, they come again later: %s", len(ids), busy)


def _in_the_way(blocked: Mapping[str, Blockage], row: Work, call: SlackCall) -> Blockage | None:
    """What keeps the call from being made now; nothing for a row whose turn it is to try."""
    if not blocked or call.method == UNPACED:
        return None
    places = blockages.places_of(call.method, call.arguments.get("channel"))
    return next((blocked[place] for place in places if place in blocked and blocked[place].trier != row.id), None)
