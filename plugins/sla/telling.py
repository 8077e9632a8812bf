"""What reminders say: one line for each, with the state of the moment in which it is read."""

from datetime import datetime, timedelta
from enum import Enum, auto

from slackdesk_plugins.sla import tables
from slackdesk_plugins.sla.clocks import Clock, ClockName
from slackdesk_plugins.sla.reminders import BREACH, TIER
from slackdesk_plugins.sla.sight import Sight

from slackdesk.api import Reader, inline, later, mention

TITLE_CHARACTERS = 80
NAME_CHARACTERS = 40


class Told(Enum):
    """Under which head a line stands."""

    OVERDUE = auto()
    DUE = auto()
    BREACH = auto()
    BUDGET = auto()


CLOCKS = {
    ClockName.FIRST_RESPONSE: later("first response"),
    ClockName.NEXT_RESPONSE: later("next response"),
    ClockName.RESOLUTION: later("resolution"),
}


def tell(reader: Reader, sight: Sight, row: tables.Reminder) -> tuple[Told, str]:
    """The line of one reminder, for mrkdwn. Private tickets have a number and no title."""
    ticket = sight.ticket
    title = "" if ticket.private else f" {inline(ticket.title or '', TITLE_CHARACTERS)}"
    what = f"*{ticket.number}*{title}"
    if row.clock == TIER:
        return Told.BUDGET, f"{what}: {_budget(reader, sight, row.cycle)}"
    clock = sight.clock(row.clock, row.cycle)
    if row.level == BREACH:
        return Told.BREACH, f"{what}: {_breach(reader, sight, row, clock)}"
    if clock is None:
        return Told.DUE, what
    is_late = clock.is_late(sight.now)
    return (Told.OVERDUE if is_late else Told.DUE), f"{what}: {state(reader, clock, sight.now)}"


def state(reader: Reader, clock: Clock, now: datetime) -> str:
    """Where one clock stands, in words."""
    t = reader.t
    used, due = clock.used(now), clock.due_at
    values = {
        "clock": t(CLOCKS[clock.name]),
        "due": reader.instant(due) if due is not None else t("never"),
        "used": t.duration(used),
        "target": t.duration(clock.target),
        "over": t.duration(used - clock.target),
        "left": t.duration(clock.target - used),
        "at": reader.instant(clock.stopped_at or now),
    }
    if clock.is_void:
        return t("{clock}: ended without it", **values)
    if clock.stopped_at is not None:
        if clock.is_late(now):
            return t("{clock} came {at}, {over} too late", **values)
        return t("{clock} came {at}, in time", **values)
    if clock.paused_since is not None:
        if clock.is_late(now):
            return t("{clock} is overdue by {over}, and paused now", **values)
        return t("{clock} is paused with {left} left", **values)
    if clock.is_late(now):
        return t("{clock} was due {due}, {over} ago in working time", **values)
    return t("{clock} due {due}, {left} of working time left", **values)


def _breach(reader: Reader, sight: Sight, row: tables.Reminder, clock: Clock | None) -> str:
    t, where = reader.t, sight.story.where
    ctx = sight.rules.ctx
    fact = ctx.session.get(tables.Breach, (sight.ticket.id, row.clock, row.cycle))
    parts = []
    if fact is not None:
        due, target = reader.instant(fact.due_at), t.duration(timedelta(seconds=fact.target_seconds))
        words = t(CLOCKS[ClockName(row.clock)])
        parts.append(t("{clock} was due {due} ({target}).", clock=words, due=due, target=target))
        parts.append(t("Caused by {tier}.", tier=inline(fact.tier, NAME_CHARACTERS)))
    if clock is None:
        parts.append(t("Since then the policy promises nothing for it."))
    elif clock.stopped_at is None and not clock.is_void:
        tier = inline(where.tier, NAME_CHARACTERS)
        who = mention(sight.ticket.assignee) if sight.ticket.assignee else t("nobody")
        parts.append(t("Still open in {tier}, assigned to {person}.", tier=tier, person=who))
    else:
        parts.append(t("Since then: {state}.", state=state(reader, clock, sight.now)))
    return " ".join(parts)


def _budget(reader: Reader, sight: Sight, number: int) -> str:
    t = reader.t
    if number > len(sight.stays):
        return t("it is longer in a tier than its budget")
    stay = sight.stays[number - 1]
    values = {
        "tier": inline(stay.tier, NAME_CHARACTERS),
        "worked": t.duration(stay.worked),
        "budget": t.duration(stay.budget),
        "entered": reader.instant(stay.entered_at),
        "left": reader.instant(stay.left_at) if stay.left_at else "",
    }
    if stay.left_at is not None:
        return t("{tier} needed {worked} of its {budget}, from {entered} to {left}.", **values)
    return t("{tier} has needed {worked} of its {budget} since {entered}.", **values)
