"""The buttons of a reminder: [On it] and [Snooze …]."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.delivering import say
from slackdesk_plugins.sla.reminders import BREACH, Reminders, hours_of
from slackdesk_plugins.sla.sight import Sight, see
from slackdesk_plugins.sla.tables import Delivery, Quiet, Reminder
from sqlalchemy import select

from slackdesk.api import Action, Click, Context, NotAllowed, WrongState, later


@plugin.action("on_it")
def be_on_it(click: Click, ctx: Context) -> None:
    """No more reminders of these clocks until one of them is overdue; said after that, none at all."""
    delivery, rows, sights = _answered(click, ctx)
    for row in rows:
        _quiet(ctx, row).on_it_at = ctx.now
    delivery.answer, delivery.answered_by = "on_it", click.person
    say(ctx, delivery, rows, sights)


@plugin.action("snooze_30")
def snooze_half_an_hour(click: Click, ctx: Context) -> None:
    """The same reminders again in half an hour, as far as they are still true."""
    _snooze(click, ctx, ctx.now + timedelta(minutes=30))


@plugin.action("snooze_120")
def snooze_two_hours(click: Click, ctx: Context) -> None:
    """The same in two hours."""
    _snooze(click, ctx, ctx.now + timedelta(hours=2))


@plugin.action("snooze_tomorrow")
def snooze_until_tomorrow(click: Click, ctx: Context) -> None:
    """The same when the recipient's next day opens."""
    _snooze(click, ctx, None)


def _snooze(click: Click, ctx: Context, until: datetime | None) -> None:
    delivery, rows, sights = _answered(click, ctx)
    tomorrow = [_next_morning(ctx, sights[row.ticket_id], row.recipient) for row in rows]
    delivery.answer, delivery.answered_by = "snoozed", click.person
    delivery.until = until or min(tomorrow)
    say(ctx, delivery, rows, sights)
    for row, morning in zip(rows, tomorrow, strict=True):
        _quiet(ctx, row).snoozed_until = until or morning
        reminders = Reminders(ctx, sights[row.ticket_id])
        again = reminders.waiting(row.clock, row.cycle)
        if not again:  # else it would become one with what waits, and the cap would count one reminder less
            row.sent_at, again = None, [row]
        for one in again:
            reminders.plan(one, one.recipient, until or morning)


def _next_morning(ctx: Context, sight: Sight, recipient: str) -> datetime:
    hours = hours_of(ctx, sight.story.where.queue, recipient)
    today = ctx.now.astimezone(ZoneInfo(hours.timezone))
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    tomorrow = midnight.date() + timedelta(days=1)
    return hours.next_open(midnight.replace(year=tomorrow.year, month=tomorrow.month, day=tomorrow.day))


def _answered(click: Click, ctx: Context) -> tuple[Delivery, list[Reminder], dict[int, Sight]]:
    """The message whose button was pressed, and the reminders in it that the person may answer and that still hold.

    Raises WrongState and NotAllowed, each with the reason.
    """
    delivery = ctx.session.get(Delivery, click.value or "")
    if delivery is None:
        raise WrongState(later("This reminder is too old to be answered."))
    if delivery.answer == "on_it":
        raise WrongState(later("<@{person}> is on it already."), person=delivery.answered_by or "")
    if delivery.answer is not None:
        raise WrongState(later("<@{person}> has put this off already."), person=delivery.answered_by or "")
    of_message = select(Reminder).where(Reminder.delivery == delivery.key, Reminder.sent_at.is_not(None))
    rows = [row for row in ctx.session.scalars(of_message.order_by(Reminder.ticket_id)) if row.level != BREACH]
    own = [row for row in rows if ctx.may(click.person, Action.SNOOZE, row.ticket_id)]
    if not own:
        raise NotAllowed(later("Only those who work on these tickets can answer this reminder."))
    sights = {row.ticket_id: see(ctx, ctx.ticket(row.ticket_id)) for row in own}
    open_ = [row for row in own if _is_open(sights[row.ticket_id], row)]
    if not open_:
        raise WrongState(later("Nothing is left to do here: it was all answered or has ended."))
    return delivery, open_, sights


def _is_open(sight: Sight, row: Reminder) -> bool:
    clock = sight.clock(row.clock, row.cycle)
    return clock is not None and clock.stopped_at is None and not clock.is_void


def _quiet(ctx: Context, row: Reminder) -> Quiet:
    key = (row.ticket_id, row.clock, row.cycle)
    quiet = ctx.session.get(Quiet, key)
    if quiet is None:
        quiet = Quiet(ticket_id=key[0], clock=key[1], cycle=key[2])
        ctx.session.add(quiet)
    return quiet
