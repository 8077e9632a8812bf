"""Looking at a ticket: facts are recorded, reminders made, and the next instant at which to look again is found."""

from collections.abc import Iterator
from datetime import datetime

from slackdesk_plugins.sla import tables
from slackdesk_plugins.sla.badges import badge_of
from slackdesk_plugins.sla.breaches import breaches, cause, stops
from slackdesk_plugins.sla.clocks import TICK, Clock
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.reminders import LAG, Reminders
from slackdesk_plugins.sla.sight import Sight, has_targets, see
from sqlalchemy import select

from slackdesk.api import (
    Context,
    Event,
    PriorityChanged,
    ReplySent,
    RequesterAwaited,
    RequesterWrote,
    TargetMissed,
    TicketAccepted,
    TicketAssigned,
    TicketCancelled,
    TicketClaimed,
    TicketClosed,
    TicketEscalated,
    TicketFiled,
    TicketHeld,
    TicketMarkedDuplicate,
    TicketMarkedNotARequest,
    TicketMoved,
    TicketReopened,
    TicketResolved,
    TicketResumed,
    TicketSentBack,
    TicketSnoozed,
    TicketTakenOver,
    Timer,
)


@plugin.on(
    TicketFiled,
    PriorityChanged,
    TicketMoved,
    RequesterAwaited,
    TicketHeld,
    TicketResumed,
    TicketEscalated,
    TicketSentBack,
    TicketResolved,
    TicketClosed,
    TicketReopened,
    TicketCancelled,
    TicketMarkedNotARequest,
    TicketMarkedDuplicate,
    RequesterWrote,
    ReplySent,
    TicketClaimed,
    TicketTakenOver,
    TicketAssigned,
    TicketAccepted,
    TicketSnoozed,
    TargetMissed,
)
def follow(event: Event, ctx: Context) -> None:
    """Something happened that moves a clock, changes who is reminded, or counts the ticket's version up."""
    look_at(ctx, event.ticket_id, by_event=True)


@plugin.timer("look")
def look_again(timer: Timer, ctx: Context) -> None:
    """A level, a breach or the end of a budget is due; a timer of an earlier round has been replaced."""
    ticket_id = timer.ticket_id or 0
    watch = ctx.session.get(tables.Watch, ticket_id)
    if watch is not None and timer.key == _key(watch):
        watch.round, watch.next_at = watch.round + 1, None
        look_at(ctx, ticket_id)


def look_at(ctx: Context, ticket_id: int, *, by_event: bool = False) -> bool:
    """Record, remind, and schedule the next look; whether something had to be drawn anew for it.

    ``by_event``: the desk itself draws the ticket anew, with what the plugin shows.
    """
    ticket = ctx.ticket(ticket_id)
    watch = ctx.session.get(tables.Watch, ticket_id)
    if watch is None and not has_targets(ctx, ticket.queue):
        return False
    sight = see(ctx, ticket)
    if watch is None:
        since = max(ticket.created_at, remembered(ctx).since)
        watch = tables.Watch(ticket_id=ticket_id, round=0, judged_until=since, ticket_version=0)
        ctx.session.add(watch)
    reminders = Reminders(ctx, sight)
    is_breached = _record_breaches(ctx, sight, watch, reminders)
    _record_results(ctx, sight)
    reminders.review()
    reminders.add_levels()
    instants = [*reminders.instants(), *_tier_budget(sight, reminders)]
    _look_again_at(ctx, watch, min((at for at in instants if at > ctx.now), default=None))
    is_redrawn = is_breached or (not by_event and watch.due_at != _due(sight))
    _show(watch, sight)
    if is_redrawn:
        ctx.redraw(ticket_id)
    return is_redrawn


def remembered(ctx: Context) -> tables.Desk:
    """What the plugin remembers of the desk; from now on, when it is here for the first time."""
    new = (row for row in ctx.session.new if isinstance(row, tables.Desk))
    desk = ctx.session.get(tables.Desk, 1) or next(new, None)
    if desk is None:
        desk = tables.Desk(id=1, since=ctx.now, policy="", scanned_id=0)
        ctx.session.add(desk)
    return desk


def _record_breaches(ctx: Context, sight: Sight, watch: tables.Watch, reminders: Reminders) -> bool:
    """Keep every new breach, with the tier that caused it, and put it into the history; the lead is told."""
    ticket = sight.ticket
    of_ticket = select(tables.Breach.clock, tables.Breach.cycle).where(tables.Breach.ticket_id == ticket.id)
    known = {(clock, cycle) for clock, cycle in ctx.session.execute(of_ticket)}
    found = breaches(sight.history, sight.rules, since=watch.judged_until, until=ctx.now)
    new = [one for one in found if one.key not in known]
    for one in new:
        clock, where = one.clock, one.clock.where
        tier = cause(sight.stays, one.held, one.at, sight.rules) or where.tier
        ctx.session.add(
            tables.Breach(
                ticket_id=ticket.id,
                clock=clock.name.value,
                cycle=clock.cycle,
                queue=where.queue,
                priority=where.priority,
                tier=tier,
                at=one.at,
                due_at=clock.due_at or one.at,
                target_seconds=int(clock.target.total_seconds()),
            )
        )
        ctx.record_missed_target(
            ticket.id, clock.name.value, clock.cycle, queue=where.queue, tier=tier, missed_at=one.at
        )
        reminders.tell_breach(clock, one.at)
    watch.judged_until = max(watch.judged_until, ctx.now)
    return bool(new)


def _record_results(ctx: Context, sight: Sight) -> None:
    """Keep what each clock came to when it stopped, once for each stop."""
    key = tables.Result.clock, tables.Result.cycle, tables.Result.stopped_at
    of_ticket = select(*key).where(tables.Result.ticket_id == sight.ticket.id)
    known = {tuple(row) for row in ctx.session.execute(of_ticket)}
    for clock, stopped_at in stops(sight.history, sight.rules):
        if (clock.name.value, clock.cycle, stopped_at) not in known:
            ctx.session.add(_result(sight.ticket.id, clock, stopped_at))


def _result(ticket_id: int, clock: Clock, stopped_at: datetime) -> tables.Result:
    return tables.Result(
        ticket_id=ticket_id,
        clock=clock.name.value,
        cycle=clock.cycle,
        stopped_at=stopped_at,
        queue=clock.where.queue,
        priority=clock.where.priority,
        tier=clock.where.tier,
        started_at=clock.started_at,
        due_at=clock.due_at,
        target_seconds=int(clock.target.total_seconds()),
        used_seconds=int(clock.used(stopped_at).total_seconds()),
        is_met=not clock.is_late(stopped_at),
    )


def _tier_budget(sight: Sight, reminders: Reminders) -> Iterator[datetime]:
    """Tell the lead of each stay that is beyond its budget, once; yields when the present one will be."""
    ctx = sight.rules.ctx
    since = remembered(reminders.ctx).since
    held = sight.story.held(sight.now)
    for number, stay in enumerate(sight.stays, 1):
        if not has_targets(ctx, stay.queue):
            continue
        if stay.worked > stay.budget and (stay.left_at is None or stay.left_at >= since):
            reminders.tell_budget(number, stay.queue, stay.tier)
        elif stay.left_at is None and not sight.story.is_held:
            try:
                ends_at = ctx.hours(stay.queue).due(stay.entered_at, stay.budget + TICK, held)
            except ValueError:  # not within ten years
                continue
            yield ends_at + LAG


def _look_again_at(ctx: Context, watch: tables.Watch, next_at: datetime | None) -> None:
    """One timer for each ticket: moved where it waits, a new one where the last one ran."""
    if watch.next_at == next_at:
        return
    if next_at is None:
        ctx.cancel("look", _key(watch))
        watch.round += 1
    elif watch.next_at is None:
        ctx.schedule("look", {}, due_at=next_at, key=_key(watch), ticket_id=watch.ticket_id)
    else:
        ctx.reschedule("look", _key(watch), next_at)
    watch.next_at = next_at


def _key(watch: tables.Watch) -> str:
    return f"{watch.ticket_id}:{watch.round}"


def _due(sight: Sight) -> datetime | None:
    return sight.running[0].due_at if sight.running else None


def _show(watch: tables.Watch, sight: Sight) -> None:
    """Keep what lists show, so that they need not read the history."""
    watch.ticket_version, watch.due_at = sight.ticket.version, _due(sight)
    watch.badge = badge_of(sight)
    watch.late_from = sight.running[0].late_from if sight.running else None
