"""A ticket as the plugin sees it at one moment: its history read, its clocks told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from slackdesk_plugins.sla.clocks import Clock, ClockName, Entry, Story, read

from slackdesk.api import BusinessCalendar, ReadContext, StayView, TicketView


@dataclass(frozen=True)
class PolicyRules:
    """The policy in force, as the clocks ask for it."""

    ctx: ReadContext

    def target(self, queue: str, priority: str, clock: ClockName) -> timedelta | None:
        """None for a queue that the policy no longer has, too."""
        if queue not in self.ctx.policy.queues:
            return None
        target: timedelta | None = self.ctx.config.target(queue, priority, clock)
        return target

    def calendar(self, queue: str) -> BusinessCalendar:
        """The hours of the queue."""
        return self.ctx.hours(queue)


@dataclass(frozen=True)
class _BeingFiled:
    """The first entry of a ticket whose history nobody can read yet: it is just being filed."""

    ticket: TicketView
    kind: str = "filed"

    @property
    def at(self) -> datetime:
        return self.ticket.created_at

    @property
    def actor(self) -> str | None:
        return self.ticket.filed_by

    @property
    def data(self) -> Mapping[str, Any]:
        ticket = self.ticket
        names = ("queue", "tier", "priority", "requester", "status")
        return {name: str(getattr(ticket, name)) for name in names}


@dataclass(frozen=True)
class Sight:
    """One look at a ticket."""

    ticket: TicketView
    history: Sequence[Entry]
    story: Story
    clocks: Sequence[Clock]
    rules: PolicyRules

    @property
    def now(self) -> datetime:
        return self.rules.ctx.now

    @cached_property
    def stays(self) -> Sequence[StayView]:
        """The tier ledger, without stays in queues that the policy no longer has."""
        ctx = self.rules.ctx
        return [stay for stay in ctx.stays(self.ticket.id) if stay.queue in ctx.policy.queues]

    @property
    def running(self) -> list[Clock]:
        """Clocks that tick, the one that is due first in front."""
        running = [clock for clock in self.clocks if clock.is_running]
        return sorted(running, key=lambda clock: clock.due_at or datetime.max.replace(tzinfo=self.now.tzinfo))

    def clock(self, name: str, cycle: int) -> Clock | None:
        """One of them."""
        return next((clock for clock in self.clocks if clock.key == (name, cycle)), None)


def has_targets(ctx: ReadContext, queue: str) -> bool:
    """Whether anything is promised for the queue; the others are left alone."""
    return bool(ctx.config.targets.get(queue)) and queue in ctx.policy.queues


def see(ctx: ReadContext, ticket: TicketView) -> Sight:
    """Look at a ticket; one that is just being filed has nothing behind it but its filing."""
    history: Sequence[Entry] = ctx.history(ticket.id) or [_BeingFiled(ticket)]
    story, rules = read(history), PolicyRules(ctx)
    return Sight(ticket, history, story, story.clocks(rules), rules)
