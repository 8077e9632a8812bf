"""Whether work gets done: who lives, what waits, what was given up."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from slackdesk.clock import Instant
from slackdesk.dispatch import blockages
from slackdesk.dispatch.condition import Condition, look
from slackdesk.dispatch.jobs import QUEUES
from slackdesk.dispatch.model import Blockage, Work, WorkState, states_sql
from slackdesk.doctor.finding import Finding, ok, problem, warning
from slackdesk.i18n import later

START_OF = {
    "app": later("Start it: `slackdesk app`, or the whole desk with `slackdesk run`."),
    "beat": later("Start it: `slackdesk beat`, or the whole desk with `slackdesk run`."),
    "worker-now": later("Start one: `slackdesk worker --queue now`, or the whole desk with `slackdesk run`."),
    "worker-slow": later("Start one: `slackdesk worker --queue slow`, or the whole desk with `slackdesk run`."),
}
"""Kind of process → how it is started."""

WAITED_LONG_SECONDS = 60.0
WAITED_TOO_LONG_SECONDS = 300.0
"""A retry or a killed worker may cost a minute; five are noticed by people."""

AMBIGUOUS_LONG_SECONDS = 300.0
"""What may have reached Slack is looked up after seconds."""

RECENT = timedelta(days=1)
"""Work given up earlier was seen, or missed by nobody."""


@dataclass(frozen=True)
class Dead:
    """What was given up lately: how many rows of each name, and the last one's error."""

    counts: dict[str, int]
    last_id: int
    last_error: str


def examine_delivery(session: Session, instant: Instant) -> list[Finding]:
    """Everything that SQL knows of delivery."""
    condition = look(session, instant)
    return [
        *processes(condition),
        waiting(condition),
        *(blocked(blockage) for blockage in blockages.standing(session).values()),
        ambiguous(condition),
        dead(recent_dead(session, instant)),
    ]


def recent_dead(session: Session, instant: Instant) -> Dead | None:
    """Rows given up within a day, None when there are none."""
    since = states_sql((WorkState.DEAD,)), Work.finished_at >= instant.real - RECENT
    last = session.execute(
        select(Work.id, Work.last_error).where(*since).order_by(Work.finished_at.desc(), Work.id.desc()).limit(1)
    ).one_or_none()
    if last is None:
        return None
    counts = session.execute(select(Work.name, func.count()).where(*since).group_by(Work.name).order_by(Work.name))
    return Dead({row[0]: row[1] for row in counts}, last[0], last[1] or "")


def processes(condition: Condition) -> list[Finding]:
    """Whether every kind of process lives somewhere."""
    if not condition.processes:
        return [
            problem(
                "processes",
                later("No process of the desk lives: nothing is received and nothing is sent."),
                later("Start it with `slackdesk run`; if it does not stay up, its log says why in one line."),
            )
        ]
    wanted = ("app", "beat", *(f"worker-{queue}" for queue in QUEUES))
    return [_process(kind, condition) for kind in wanted]


def _process(kind: str, condition: Condition) -> Finding:
    check = f"processes.{kind}"
    if kind in condition.processes:
        return ok(check, f"Living: {kind} ({condition.processes[kind]}).")
    if kind == "beat" and condition.beat_age_seconds is not None:
        return problem(
            check,
            later("The beat has said nothing for {seconds} s; work that is due late, or again, stays where it is."),
            START_OF[kind],
            seconds=round(condition.beat_age_seconds),
        )
    return problem(check, later("No process of the kind {kind} lives."), START_OF[kind], kind=kind)


def waiting(condition: Condition) -> Finding:
    """Whether work is taken when it is due."""
    seconds, due = round(condition.oldest_due_seconds), condition.due
    if seconds < WAITED_LONG_SECONDS:
        return ok("work.due", f"Due work: {due}, the oldest for {seconds} s.")
    return (problem if seconds >= WAITED_TOO_LONG_SECONDS else warning)(
        "work.due",
        later("Due work waits: {due} rows, the oldest for {seconds} s."),
        later("See whether Redis, the beat and the workers are named above; if not, start more workers for its queue."),
        value=", ".join(f"{one.queue}: {one.due}" for one in condition.waiting if one.due),
        due=due,
        seconds=seconds,
    )


def blocked(blockage: Blockage) -> Finding:
    """A place where Slack lets nothing pass; rows for it are held and come when it is mended."""
    return problem(
        "work.held",
        later("Slack lets nothing pass to {place} since {since} UTC: {reason}. What belongs there is held."),
        later(
            "Mend what Slack's word names: the channel, the scopes or the token. What is held leaves by itself then."
        ),
        value=blockage.place,
        place=blockage.place,
        since=f"{blockage.since:%Y-%m-%d %H:%M}",
        reason=blockage.error,
    )


def ambiguous(condition: Condition) -> Finding:
    """Whether messages that may have arrived are looked up."""
    rows = [one for one in condition.waiting if one.state is WorkState.AMBIGUOUS]
    number, seconds = sum(one.count for one in rows), round(max((one.oldest_due_seconds for one in rows), default=0.0))
    if seconds < AMBIGUOUS_LONG_SECONDS:
        return ok("work.ambiguous", f"Messages that may or may not have arrived, to be looked up: {number}.")
    return warning(
        "work.ambiguous",
        later("Messages that may or may not have arrived wait for {seconds} s to be looked up: {number}."),
        later("See what is said of Slack and the workers; each is looked up, and sent again only if it is not there."),
        seconds=seconds,
        number=number,
    )


def dead(recent: Dead | None) -> Finding:
    """What was given up within a day: somebody did not get a message."""
    if recent is None:
        return ok("work.dead", "Nothing was given up within a day.")
    return warning(
        "work.dead",
        later("Given up within a day: {counts}. The last one, row {row}: {reason}"),
        later("Mend what the error names. All rows: `SELECT id, name, last_error FROM work WHERE state = 'dead'`"),
        value=f"row {recent.last_id}",
        counts=", ".join(f"{name} ({number})" for name, number in recent.counts.items()),
        row=recent.last_id,
        reason=recent.last_error,
    )
