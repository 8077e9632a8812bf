"""A subscription's life: each slot has one timer, which sends the summary and schedules the next one.

A slot that is late, because the desk was away, is sent when the desk is back, unless it is night for the reader then;
of several late ones, only the latest. A subscription to missed targets has a timer from the first one on that waits to
be told; it tells all that has gathered until then.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from slackdesk_plugins.digest.declared import BREACH, Missed, Subscription, SubscriptionConfig, plugin
from slackdesk_plugins.digest.missed import tell_missed
from slackdesk_plugins.digest.periods import daytime
from slackdesk_plugins.digest.rights import visible_queues
from slackdesk_plugins.digest.summaries import is_person, reader_of, send_summary
from sqlalchemy import select

from slackdesk.api import Context, Slot, TargetMissed, Timer

log = logging.getLogger(__name__)

POLICY = "policy:"
"""Ids of subscriptions that the policy file orders begin with it."""

AT_ONCE = 30
"""Of each kind, so many timers are asked for in one run of ``keep_in_step``; the rest has time until the next one."""

GATHERED = timedelta(minutes=3)
"""So long after the first missed target, all that were missed until then are told in one message."""

ORPHANS_AT_ONCE = 500

STANDS_STILL = timedelta(hours=1)
"""A timer that is later than that has been given up, or the desk was away."""


def begin(ctx: Context, subscription: Subscription) -> datetime | None:
    """Add it, and schedule its first slot, which is returned; one to missed targets has none."""
    ctx.session.add(subscription)
    return None if subscription.every == BREACH else plan(ctx, subscription)


def plan(ctx: Context, subscription: Subscription) -> datetime:
    """Have a timer wait for the next slot."""
    slot = subscription.schedule(reader_of(ctx, subscription.place).timezone).next_slot(ctx.now)
    subscription.next_slot = slot
    _wait(ctx, subscription, slot, slot)
    return slot


@plugin.on(TargetMissed)
def gather(event: TargetMissed, ctx: Context) -> None:
    """Keep it for every subscription that tells of the queue, and have it told in a few minutes."""
    timers = 0
    for one in ctx.session.scalars(select(Subscription).where(Subscription.every == BREACH)):
        key = (one.id, event.ticket_id, event.clock, event.cycle)
        if event.queue not in one.queues.split(",") or ctx.session.get(Missed, key) is not None:
            continue
        names = dict(zip(("subscription", "ticket_id", "clock", "cycle"), key, strict=True))
        ctx.session.add(Missed(**names, queue=event.queue, tier=event.tier, missed_at=event.missed_at))
        if one.next_slot is None and timers < AT_ONCE:
            timers += 1
            _tell_soon(ctx, one)


@plugin.timer("summary")
def send_slot(timer: Timer, ctx: Context) -> None:
    """Send the latest slot that has come, once, by day; then wait for the next one."""
    subscription = ctx.session.get(Subscription, timer.payload["subscription"])
    if subscription is None or _is_stale(subscription, timer):
        return
    timezone = reader_of(ctx, subscription.place).timezone
    morning = daytime(ctx.now, timezone)
    if morning > ctx.now:
        _wait(ctx, subscription, datetime.fromisoformat(timer.payload["slot"]), morning)
        return
    if subscription.every == BREACH:
        subscription.next_slot = None
        if tell_missed(ctx, subscription, queues_of(ctx, subscription), timer.key):
            _tell_soon(ctx, subscription)
        return
    slot = subscription.schedule(timezone).latest_slot(ctx.now)
    if subscription.sent_slot is None or slot > subscription.sent_slot:
        _send(ctx, subscription, slot, timezone)
        subscription.sent_slot = slot
    plan(ctx, subscription)


@plugin.every("*/10 * * * *")
def keep_in_step(_slot: Slot, ctx: Context) -> None:
    """Begin and end what the policy file orders, follow readers into other zones, take up what stands still."""
    ordered = {_policy_id(one): one for one in ctx.config.subscriptions}
    known = {one.id: one for one in ctx.session.scalars(select(Subscription))}
    for gone in [one for one in known.values() if one.owner is None and one.id not in ordered]:
        ctx.session.delete(known.pop(gone.id))
    for new in [key for key in ordered if key not in known][:AT_ONCE]:
        begin(ctx, _of_policy(new, ordered[new]))
    for one in [one for one in known.values() if _has_moved(ctx, one)][:AT_ONCE]:
        plan(ctx, one)
    for one in [one for one in known.values() if _stands_still(ctx, one)][:AT_ONCE]:
        _wait(ctx, one, one.next_slot or ctx.now, ctx.now)
    untold = set(ctx.session.scalars(select(Missed.subscription).distinct()))
    for one in [one for one in known.values() if one.id in untold and one.next_slot is None][:AT_ONCE]:
        _tell_soon(ctx, one)
    orphans = select(Missed).where(Missed.subscription.in_(untold - known.keys())).limit(ORPHANS_AT_ONCE)
    for missed in ctx.session.scalars(orphans):
        ctx.session.delete(missed)


def queues_of(ctx: Context, subscription: Subscription) -> list[str]:
    """The queues that its readers may see now.

    The policy file may order any; a person may lose queues again, and takes no private ones into a channel. Who has
    left the company reads nothing.
    """
    if is_person(subscription.place) and (known := ctx.person(subscription.place)) is not None and known.is_deleted:
        return []
    wanted = [key for key in subscription.queues.split(",") if key in ctx.policy.queues]
    if subscription.owner is None:
        return wanted
    visible = visible_queues(ctx, subscription.owner)
    return [
        key for key in wanted if key in visible and (is_person(subscription.place) or not ctx.policy.queue(key).private)
    ]


def subscriptions_of(ctx: Context, person: str) -> Iterable[Subscription]:
    """Those that the person asked for, and those that the policy file orders for the person."""
    own = select(Subscription).where((Subscription.owner == person) | (Subscription.place == person))
    return ctx.session.scalars(own.order_by(Subscription.every, Subscription.id)).all()


def _send(ctx: Context, subscription: Subscription, slot: datetime, timezone: str) -> None:
    unknown = [key for key in subscription.queues.split(",") if key not in ctx.policy.queues]
    if unknown and subscription.owner is None:
        log.warning("plugins.digest.subscriptions.queues = %r: the policy has no such queue", unknown)
    queues = queues_of(ctx, subscription)
    if queues:
        compared = subscription.schedule(timezone).period(slot)
        key = f"summary:{subscription.id}:{slot:%Y-%m-%dT%H:%M}"
        send_summary(ctx, subscription.place, queues, compared, topic=subscription.topic, key=key)


def _tell_soon(ctx: Context, subscription: Subscription) -> None:
    """Have what waits told in a few minutes, or when the night is over."""
    due_at = daytime(ctx.now + GATHERED, reader_of(ctx, subscription.place).timezone)
    subscription.next_slot = due_at
    _wait(ctx, subscription, due_at, due_at)


def _wait(ctx: Context, subscription: Subscription, slot: datetime, due_at: datetime) -> None:
    payload = {"subscription": subscription.id, "slot": slot.isoformat()}
    ctx.schedule("summary", payload, due_at=due_at, key=f"{subscription.id}:{slot.isoformat()}:{due_at.isoformat()}")


def _is_stale(subscription: Subscription, timer: Timer) -> bool:
    """Whether another timer waits in its place: the schedule has been changed since."""
    return subscription.next_slot != datetime.fromisoformat(timer.payload["slot"])


def _has_moved(ctx: Context, subscription: Subscription) -> bool:
    """Whether its reader's clock says something else than when its timer was scheduled."""
    if subscription.every == BREACH or subscription.next_slot is None or subscription.next_slot <= ctx.now:
        return False
    timezone = reader_of(ctx, subscription.place).timezone
    return subscription.schedule(timezone).next_slot(ctx.now) != subscription.next_slot


def _stands_still(ctx: Context, subscription: Subscription) -> bool:
    """Whether its timer should have run long ago, by day: it was given up, and only another one goes on."""
    if subscription.next_slot is None or subscription.next_slot > ctx.now - STANDS_STILL:
        return False
    return daytime(ctx.now, reader_of(ctx, subscription.place).timezone) == ctx.now


def _policy_id(ordered: SubscriptionConfig) -> str:
    return f"{POLICY}{ordered.to}:{','.join(ordered.queues)}:{ordered.every}:{ordered.at}"


def _of_policy(key: str, ordered: SubscriptionConfig) -> Subscription:
    schedule = None if ordered.every == BREACH else ordered.schedule("UTC")
    return Subscription(
        id=key,
        place=ordered.to,
        owner=None,
        queues=",".join(ordered.queues),
        topic=None,
        every=ordered.every,
        weekday=schedule.weekday if schedule else 0,
        hour=schedule.hour if schedule else 0,
        minute=schedule.minute if schedule else 0,
    )
