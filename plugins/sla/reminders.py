"""Reminders of one ticket: which are due, to whom, and when they may be delivered."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from slackdesk_plugins.sla.clocks import Clock
from slackdesk_plugins.sla.sight import Sight
from slackdesk_plugins.sla.tables import Breach, Quiet, Reminder
from sqlalchemy import select

from slackdesk.api import BusinessCalendar, Context, ReadContext

BREACH = 100
"""The level of the breach, which the lead reads; above it the reminders after the breach are counted."""

TIER = "tier"
"""In the place of a clock's name: a stay beyond its budget."""

MINUTE = timedelta(minutes=1)
AHEAD = timedelta(seconds=5)
"""A message that leaves sooner may leave without what is being added to it."""

LAG = timedelta(seconds=2)
"""A clock is looked at so much after it has run out: an answer that came just in time is then surely written."""


def channel_of(ctx: ReadContext, queue: str, tier: str) -> str | None:
    """The channel of a tier; None for one that the policy no longer has."""
    rules = ctx.policy.queues.get(queue)
    return next((one.channel for one in rules.tiers if one.name == tier), None) if rules else None


def is_person(recipient: str) -> bool:
    """Whether an id of Slack is a person's; else it is a channel's."""
    return recipient.startswith(("U", "W"))


class Reminders:
    """All reminders of a ticket, those that this call makes included: the session shows them to no query yet."""

    def __init__(self, ctx: Context, sight: Sight) -> None:
        self.ctx, self.sight = ctx, sight
        of_ticket = select(Reminder).where(Reminder.ticket_id == sight.ticket.id)
        self.rows = {(row.clock, row.cycle, row.level): row for row in ctx.session.scalars(of_ticket)}
        quiet = select(Quiet).where(Quiet.ticket_id == sight.ticket.id)
        self._quiet = {(row.clock, row.cycle): row for row in ctx.session.scalars(quiet)}

    def tell_breach(self, clock: Clock, at: datetime) -> None:
        """To the lead of the tier where the ticket is, in any case."""
        where = self.sight.story.where
        self._add(clock.name.value, clock.cycle, BREACH, self._lead(where.queue, where.tier), at)

    def tell_budget(self, number: int, queue: str, tier: str) -> None:
        """To the lead of the tier, once for each stay of the ledger."""
        self._add(TIER, number, BREACH, self._lead(queue, tier), self.ctx.now)

    def review(self) -> None:
        """Put right what waits to be said; what has nothing to say any more is dropped."""
        for key, row in list(self.rows.items()):
            if row.sent_at is None and row.dropped is None and not self.is_still_due(row):
                del self.rows[key]

    def waiting(self, clock: str, cycle: int) -> list[Reminder]:
        """Levels of a clock that are still to be said, or to be said again."""
        rows = (row for key, row in self.rows.items() if key[:2] == (clock, cycle) and row.level != BREACH)
        return [row for row in rows if row.sent_at is None and row.dropped is None]

    def is_still_due(self, row: Reminder) -> bool:
        """Whether it may be said, perhaps later or to somebody else; False: its level will be reached once more."""
        if self.sight.story.where.queue not in self.ctx.policy.queues:
            row.dropped = "no such queue"
            return True
        if row.level == BREACH:
            return True
        clock = self.sight.clock(row.clock, row.cycle)
        if clock is None:
            row.dropped = "no target"
        elif clock.is_void:
            row.dropped = "ended"
        elif clock.stopped_at is not None:
            row.dropped = "answered"
        elif self._is_muted(clock, row.level):
            row.dropped = "on it"
        elif clock.paused_since is not None or not self._is_reached(clock, row.level):
            self.ctx.session.delete(row)
            return False
        else:
            recipient, not_before = self._recipient(), self._not_before(clock)
            if recipient is None:
                row.dropped = "no such tier"
            elif recipient != row.recipient or (not_before is not None and not_before > row.deliver_at):
                self.plan(row, recipient, not_before)
        return True

    def is_welcome(self, row: Reminder) -> bool:
        """Whether the recipient's hours are open: after an outage, a message may be hours late."""
        return hours_of(self.ctx, self.sight.story.where.queue, row.recipient).is_open(self.ctx.now)

    def add_levels(self) -> None:
        """The highest level that each running clock has reached, unless it was said before."""
        for clock in self.sight.running:
            level = self._highest(clock)
            if level is None or self._is_muted(clock, level) or self._count(clock) >= self.ctx.config.cap:
                continue
            said = [other for name, cycle, other in self.rows if (name, cycle) == clock.key and other != BREACH]
            if all(other < level for other in said):
                not_before = self._not_before(clock)
                self._add(clock.name.value, clock.cycle, level, self._recipient(), self.ctx.now, not_before)

    def instants(self) -> Iterator[datetime]:
        """When the next levels will be reached."""
        config = self.ctx.config
        for clock in self.sight.running:
            wanted = [clock.target * percent / 100 for percent in config.remind_at_percent]
            if config.repeat_after_breach is not None and self._count(clock) < config.cap:
                over = clock.used(self.ctx.now) - clock.target
                passed = max(over // config.repeat_after_breach, 0)
                wanted.append(clock.target + (passed + 1) * config.repeat_after_breach)
            reached = [clock.reaches(used) for used in wanted]
            late_from = clock.late_from
            yield from (at for at in reached if at is not None)
            if late_from is not None:
                yield late_from + LAG

    def plan(self, row: Reminder, recipient: str, not_before: datetime | None = None) -> None:
        """Have it said in the recipient's own hours, together with whatever else waits for the same minute."""
        wished = max(self.ctx.now, not_before or self.ctx.now)
        hours = hours_of(self.ctx, self.sight.story.where.queue, recipient)
        at = wished if hours.is_open(wished) else hours.next_open(wished)
        if at.second or at.microsecond:
            at = at.replace(second=0, microsecond=0) + MINUTE
        if at < self.ctx.now + AHEAD:
            at += MINUTE
        row.recipient, row.deliver_at = recipient, at
        row.delivery = f"{recipient}:{int(at.timestamp())}"
        self.ctx.schedule("deliver", {"recipient": recipient}, due_at=at, key=row.delivery)

    def _add(
        self,
        clock: str,
        cycle: int,
        level: int,
        recipient: str | None,
        due_at: datetime,
        not_before: datetime | None = None,
    ) -> None:
        if recipient is None or (clock, cycle, level) in self.rows:
            return
        row = Reminder(ticket_id=self.sight.ticket.id, clock=clock, cycle=cycle, level=level, due_at=due_at)
        self.plan(row, recipient, not_before)
        self.ctx.session.add(row)
        self.rows[clock, cycle, level] = row

    def _recipient(self) -> str | None:
        """The assignee, if there is one who can be written to, else the channel of the tier."""
        where, assignee = self.sight.story.where, self.sight.ticket.assignee
        if assignee is not None and self._is_active(assignee):
            return assignee
        return channel_of(self.ctx, where.queue, where.tier)

    def _lead(self, queue: str, tier: str) -> str | None:
        """Who leads a tier, if that person can be written to, else its channel; None for a tier that is gone."""
        rules = self.ctx.policy.queues.get(queue)
        lead = next((one.lead for one in rules.tiers if one.name == tier), None) if rules else None
        return lead if lead is not None and self._is_active(lead) else channel_of(self.ctx, queue, tier)

    def _is_active(self, person: str) -> bool:
        known = self.ctx.person(person)
        return known is None or not known.is_deleted

    def _not_before(self, clock: Clock) -> datetime | None:
        """Until then somebody wants to hear nothing of it; None when nobody has said so."""
        quiet = self._quiet.get((clock.name.value, clock.cycle))
        snoozed = None if quiet is None else quiet.snoozed_until
        muted = self.sight.story.snoozed.get(self._recipient() or "")
        return max((at for at in (snoozed, muted) if at is not None), default=None)

    def _is_muted(self, clock: Clock, level: int) -> bool:
        """[On it] holds until the breach; said after it, for good, whatever the target became since."""
        quiet = self._quiet.get((clock.name.value, clock.cycle))
        if quiet is None or quiet.on_it_at is None:
            return False
        breach = self.ctx.session.get(Breach, (quiet.ticket_id, quiet.clock, quiet.cycle))
        return level < BREACH or (breach is not None and quiet.on_it_at > breach.at)

    def _count(self, clock: Clock) -> int:
        """Reminders of this clock that were or will be said: all that wait become one."""
        rows = [
            row
            for (name, cycle, level), row in self.rows.items()
            if (name, cycle) == clock.key and level != BREACH and row.dropped is None
        ]
        said = sum(row.sent_at is not None for row in rows)
        return said + (said < len(rows))

    def _is_reached(self, clock: Clock, level: int) -> bool:
        used = clock.used(self.ctx.now)
        if level < BREACH:
            return used >= clock.target * level / 100
        return used > clock.target

    def _highest(self, clock: Clock) -> int | None:
        """The highest level that is the assignee's; at the breach itself that is none."""
        config, used = self.ctx.config, clock.used(self.ctx.now)
        if used > clock.target:
            repeat = config.repeat_after_breach
            passed = 0 if repeat is None else (used - clock.target) // repeat
            return BREACH + passed if passed else None
        reached = [percent for percent in config.remind_at_percent if used >= clock.target * percent / 100]
        return max(reached, default=None)


def hours_of(ctx: ReadContext, queue: str, recipient: str) -> BusinessCalendar:
    """The queue's hours: by the person's own wall clock, or as they are for a channel."""
    return ctx.hours(queue, recipient) if is_person(recipient) else ctx.hours(queue)
