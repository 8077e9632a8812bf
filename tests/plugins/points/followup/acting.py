"""What happens by itself: when a ticket ends, when a reminder is due, every Monday."""

from sqlalchemy import func, select

from slackdesk.api import Context, DirectMessage, Message, Slot, TicketClosed, Timer

from .declared import FollowUp, plugin


@plugin.on(TicketClosed)
def forget_closed(event: TicketClosed, ctx: Context) -> None:
    """Nobody is reminded of a ticket that is closed."""
    for reminder in ctx.session.scalars(select(FollowUp).where(FollowUp.ticket_id == event.ticket_id)):
        ctx.cancel("remind", f"{reminder.ticket_id}:{reminder.agent}:{reminder.due_at.isoformat()}")
        ctx.session.delete(reminder)


@plugin.timer("remind")
def remind(timer: Timer, ctx: Context) -> None:
    """Tell whoever asked for it, once."""
    agent = timer.payload["agent"]
    reminder = ctx.session.get(FollowUp, (timer.ticket_id, agent))
    if reminder is None or reminder.due_at != timer.due_at:
        return
    number, t = ctx.ticket(reminder.ticket_id).number, ctx.reader(agent).t
    text = t("You wanted to look at {number} again: {why}", number=number, why=reminder.why or t("no reason given"))
    ctx.say(DirectMessage(agent), Message(text), key=f"remind:{timer.key}")
    ctx.session.delete(reminder)
    ctx.redraw(reminder.ticket_id)


@plugin.every("0 8 * * MON")
def tell_operators(slot: Slot, ctx: Context) -> None:
    """How many reminders are waiting, to the first operator of the policy."""
    waiting = ctx.session.scalar(select(func.count()).select_from(FollowUp)) or 0
    operator = ctx.policy.desk.operators[0]
    text = ctx.reader(operator).t("{count} tickets wait to be looked at again.", count=waiting)
    ctx.say(DirectMessage(operator), Message(text), key=f"weekly:{slot.at:%Y-%m-%d}")
