"""``/ticket sla 42``: how every clock comes to its number, line by line."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from slackdesk_plugins.sla.badges import MET, MISSED, OVERDUE, RUNNING, Recorded, is_met, result_of, results_of
from slackdesk_plugins.sla.clocks import Clock, ClockName, Span
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.shown import CLOCKS
from slackdesk_plugins.sla.sight import Sight, see
from slackdesk_plugins.sla.tables import Breach
from sqlalchemy import select

from slackdesk.api import Context, Reader, Words, inline, later

TEXT_CHARACTERS = 2_900
"""One answer carries 3,000."""

DAYS_SHOWN = (8, 4, 2, 0)
"""Days of one clock that are written out; fewer, where the text would be too long."""

NEXT_RESPONSES_SHOWN = 3

BEGUN = {
    "filed": later("filed"),
    "escalated": later("handed up"),
    "sent_back": later("sent back"),
    "reopened": later("reopened"),
    "moved": later("moved from another queue"),
}
"""How a stay in a tier began."""

NAME_CHARACTERS = 40


@plugin.ticket_verb("sla", help=later("shows where its time went"))
def explain(words: Words, ctx: Context) -> str | None:
    """The calendar, the working time that was used, the pauses, the sum; then the time in each tier."""
    if words.ticket is None:
        return None
    sight, reader = see(ctx, words.ticket), ctx.reader(words.person)
    text = ""
    for days in DAYS_SHOWN:
        text = "\n".join(_lines(reader, sight, days))
        if len(text) <= TEXT_CHARACTERS:
            return text
    return text[:TEXT_CHARACTERS].rpartition("\n")[0] + "\n…"


class Wall:
    """Says instants by the wall clock of the calendar."""

    def __init__(self, reader: Reader, timezone: str) -> None:
        self.t, self._now, self.timezone = reader.t, reader.now, timezone

    def instant(self, at: datetime) -> str:
        """``Mon 11:00``"""
        return self.t.instant(at, now=self._now, timezone=self.timezone)

    def time(self, at: datetime) -> str:
        """``11:00``"""
        return self.instant(at).rpartition(" ")[2]

    def span(self, span: Span) -> str:
        """``Mon 08:00–12:00``; an end on another day with its day."""
        zone = ZoneInfo(self.timezone)
        is_same_day = span[0].astimezone(zone).date() == (span[1] - timedelta(microseconds=1)).astimezone(zone).date()
        return f"{self.instant(span[0])}–{self.time(span[1]) if is_same_day else self.instant(span[1])}"


def _lines(reader: Reader, sight: Sight, days: int) -> Iterator[str]:
    t, ctx, where = reader.t, sight.rules.ctx, sight.story.where
    yield t("*{number}*: its clocks", number=sight.ticket.number)
    queue = ctx.policy.queues.get(where.queue)
    if queue is None:
        yield t("Its queue is no longer in the policy.")
        return
    wall = Wall(reader, ctx.hours(where.queue).timezone)
    calendar = inline(queue.calendar, NAME_CHARACTERS)
    yield t(
        "Working hours of the calendar “{calendar}”; times are those of {zone}.", calendar=calendar, zone=wall.timezone
    )
    if not sight.clocks:
        yield t("The policy promises nothing for this ticket.")
    recorded = results_of(sight)
    of_next = [clock for clock in sight.clocks if clock.name is ClockName.NEXT_RESPONSE]
    for clock in sight.clocks:
        if clock not in of_next[:-NEXT_RESPONSES_SHOWN]:
            yield from _clock(wall, sight, clock, recorded, days)
    breaches = select(Breach).where(Breach.ticket_id == sight.ticket.id).order_by(Breach.at)
    for breach in ctx.session.scalars(breaches):
        name, tier = t(CLOCKS[ClockName(breach.clock)]), inline(breach.tier, NAME_CHARACTERS)
        yield t("Overdue since {at}: {clock}, caused by {tier}.", at=wall.instant(breach.at), clock=name, tier=tier)
    yield from _tiers(wall, sight)


def _clock(wall: Wall, sight: Sight, clock: Clock, recorded: Recorded, days: int) -> Iterator[str]:
    t, target = wall.t, wall.t.duration(clock.target)
    yield t(
        "*{clock}*: {target} from {at}", clock=t(CLOCKS[clock.name]), target=target, at=wall.instant(clock.started_at)
    )
    end = clock.stopped_at or clock.paused_since or sight.now
    spans = clock.calendar.spans(clock.started_at, end, clock.pauses)
    yield from _days(wall, spans, days)
    held = list(clock.pauses)
    if clock.paused_since is not None:
        held.append((clock.paused_since, sight.now))
    for pause in held[-4:]:
        yield t("− paused {span}", span=wall.span(pause))
    used = clock.used(sight.now)
    yield t(
        "= {used} of {target}. {verdict}",
        used=t.duration(used),
        target=target,
        verdict=_verdict(wall, sight, clock, recorded),
    )
    row = result_of(clock, recorded)
    if row is not None and row.target_seconds != clock.target.total_seconds():
        then, was = timedelta(seconds=row.used_seconds), timedelta(seconds=row.target_seconds)
        yield t("Recorded when it stopped: {used} of {target}.", used=t.duration(then), target=t.duration(was))


def _days(wall: Wall, spans: list[Span], days: int) -> Iterator[str]:
    zone = ZoneInfo(wall.timezone)
    by_day = [list(group) for _, group in groupby(spans, key=lambda span: span[0].astimezone(zone).date())]
    if len(by_day) > days:
        first, last = by_day[: (days + 1) // 2], by_day[len(by_day) - days // 2 :]
        middle = by_day[len(first) : len(by_day) - len(last)]
        rest = sum((end - begin for day in middle for begin, end in day), timedelta())
    else:
        first, last, middle, rest = by_day, [], [], timedelta()
    yield from (_day(wall, day) for day in first)
    if middle:
        yield wall.t.plural(
            "+ {count} working day: {sum}", "+ {count} working days: {sum}", len(middle), sum=wall.t.duration(rest)
        )
    yield from (_day(wall, day) for day in last)


def _day(wall: Wall, spans: list[Span]) -> str:
    shown = ", ".join([wall.span(spans[0]), *(f"{wall.time(begin)}–{wall.time(end)}" for begin, end in spans[1:])])
    return f"+ {shown}: {wall.t.duration(sum((end - begin for begin, end in spans), timedelta()))}"


def _verdict(wall: Wall, sight: Sight, clock: Clock, recorded: Recorded) -> str:
    t, due = wall.t, clock.due_at
    values = {
        "due": wall.instant(due) if due is not None else t("never"),
        "at": wall.instant(clock.stopped_at) if clock.stopped_at else "",
        "over": t.duration(clock.used(sight.now) - clock.target),
        "left": t.duration(clock.target - clock.used(sight.now)),
    }
    if clock.is_void:
        return t("It does not count: the ticket ended without it.")
    if clock.stopped_at is not None:
        if is_met(sight, clock, recorded):
            return t("{sign} Met: due {due}, stopped {at}.", sign=MET, **values)
        return t("{sign} Missed: due {due}, stopped {at}.", sign=MISSED, **values)
    if clock.is_late(sight.now):
        return t("{sign} Overdue: due {due}, {over} over.", sign=OVERDUE, **values)
    if clock.paused_since is not None:
        return t("{sign} Paused, {left} left.", sign=RUNNING, **values)
    return t("{sign} Running: due {due}, {left} left.", sign=RUNNING, **values)


def _tiers(wall: Wall, sight: Sight) -> Iterator[str]:
    t = wall.t
    yield t("*Time in each tier*")
    for stay in sight.stays:
        values = {
            "tier": inline(stay.tier, NAME_CHARACTERS),
            "how": t(BEGUN[stay.entered_how]),
            "entered": wall.instant(stay.entered_at),
            "left": wall.instant(stay.left_at) if stay.left_at else t("now"),
            "worked": t.duration(stay.worked),
            "budget": t.duration(stay.budget),
            "over": t.duration(stay.worked - stay.budget),
        }
        line = t("• {tier}, {how}: {entered} to {left}: {worked} of {budget}", **values)
        yield line + (t(" ({over} over)", **values) if stay.worked > stay.budget else "")
