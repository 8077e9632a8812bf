"""When a poll is sent, voided by a reopen, reminded of, and ended: what happens without a click."""

from slackdesk_plugins.csat.declared import Asked, Poll, plugin
from slackdesk_plugins.csat.messages import say_poll, tell_lead
from slackdesk_plugins.csat.rules import by_day, ends_at, is_open
from sqlalchemy import and_, or_, select

from slackdesk.api import (
    Context,
    Erasure,
    Slot,
    Status,
    TicketClosed,
    TicketReopened,
    TicketView,
    Timer,
)

ENDED_AT_ONCE = 30
"""Polls ended in one run: each is three things to ask for, and the rest has time until the next one."""


@plugin.on(TicketClosed)
def schedule_poll(event: TicketClosed, ctx: Context) -> None:
    """Ask a while after a person closed the ticket; an automatic close says nothing of how it went."""
    if event.automatically:
        return
    closed_at = event.at.isoformat()
    payload, key = {"ticket_id": event.ticket_id, "closed_at": closed_at}, f"{event.ticket_id}:{closed_at}"
    ctx.schedule("poll", payload, due_at=event.at + ctx.config.delay, key=key, ticket_id=event.ticket_id)


@plugin.timer("poll")
def send_poll(timer: Timer, ctx: Context) -> None:
    """Send the poll, if the ticket has been closed ever since, and its requester may be asked about it.

    After an outage it may be so late that nobody remembers what it was about.
    """
    ticket = ctx.ticket(timer.payload["ticket_id"])
    queue = ctx.policy.queues.get(ticket.queue)
    is_too_late = ctx.now >= timer.due_at + ctx.config.expires_after
    if queue is None or ticket.status is not Status.CLOSED or ticket.closed_at is None or is_too_late:
        return
    is_same_close = timer.payload.get("closed_at", ticket.closed_at.isoformat()) == ticket.closed_at.isoformat()
    asked = ctx.session.get(Asked, ticket.requester)
    if not is_same_close or not _may_be_asked(ticket, asked, ctx):
        return
    if asked is None:
        ctx.session.add(Asked(person=ticket.requester, last_at=ctx.now))
    else:
        asked.last_at = ctx.now
    poll = Poll(
        ticket_id=ticket.id,
        requester=ticket.requester,
        agent=ticket.resolved_by,
        queue=ticket.queue,
        tier=ticket.tier,
        closed_at=ticket.closed_at,
        sent_at=ctx.now,
        is_anonymous=queue.anonymous_csat,
        is_void=False,
    )
    ctx.session.add(poll)
    say_poll(ctx, poll)
    end_later(ctx, poll)
    _remind_later(ctx, poll)


@plugin.on(TicketReopened)
def void_poll(event: TicketReopened, ctx: Context) -> None:
    """Whoever reopens has not been helped yet: an unanswered poll is void, an answered one stays as it is.

    One that was not sent yet finds the ticket open, or closed by another close, which asks by itself.
    """
    poll = ctx.session.get(Poll, event.ticket_id)
    if poll is None or poll.sent_at > event.at:
        return
    if poll.ended_at is None:
        if poll.score is None:
            poll.is_void, poll.ended_at = True, ctx.now
        say_poll(ctx, poll)
    if poll.told_lead is not None:
        tell_lead(ctx, poll)


@plugin.timer("remind")
def remind(timer: Timer, ctx: Context) -> None:
    """Remind once of a poll that can still be rated, by day."""
    poll = ctx.session.get(Poll, timer.payload["ticket_id"])
    if poll is None or poll.score is not None or not is_open(poll, ctx.ticket(poll.ticket_id), ctx):
        return
    if by_day(ctx.reader(poll.requester), ctx.now) > ctx.now:  # after an outage it may be night by now
        _remind_later(ctx, poll)
        return
    poll.reminded_at = ctx.now
    say_poll(ctx, poll)


@plugin.timer("end")
def end_poll(timer: Timer, ctx: Context) -> None:
    """Take the buttons off: nobody answered for too long, or the rating has stood for a while."""
    poll = ctx.session.get(Poll, timer.payload["ticket_id"])
    if poll is not None:
        _end(ctx, poll)


@plugin.every("0 3 * * *")
def end_old_polls(_slot: Slot, ctx: Context) -> None:
    """The same for polls whose timer comes too late, because a setting is shorter now, or that have none."""
    is_unanswered = and_(Poll.score.is_(None), Poll.sent_at < ctx.now - ctx.config.expires_after)
    is_final = and_(Poll.score.is_not(None), Poll.rated_at < ctx.now - ctx.config.edit_window)
    old = select(Poll).where(Poll.ended_at.is_(None), or_(is_unanswered, is_final))
    for poll in ctx.session.scalars(old.order_by(Poll.sent_at).limit(ENDED_AT_ONCE)):
        _end(ctx, poll)


@plugin.erasure
def erase_comments(erased: Erasure, ctx: Context) -> None:
    """What the person wrote about the own requests goes; scores stay, and so does what waits to be asked or told."""
    polls = select(Poll).where(Poll.ticket_id.in_(erased.ticket_ids), Poll.requester == erased.person)
    for poll in ctx.session.scalars(polls.where(Poll.comment.is_not(None))):
        poll.comment = None
        ctx.redraw(poll.ticket_id)
        if poll.told_lead is not None:
            tell_lead(ctx, poll)
    for key in erased.unsaid:
        kind, _, ticket_id = key.partition(":")
        unsaid = ctx.session.get(Poll, int(ticket_id))
        if unsaid is not None:
            (tell_lead if kind == "low" else say_poll)(ctx, unsaid)


def end_later(ctx: Context, poll: Poll) -> None:
    """Have it ended when its time is over; the time of a rating begins anew."""
    payload, due_at = {"ticket_id": poll.ticket_id}, ends_at(poll, ctx.config)
    ctx.schedule("end", payload, due_at=due_at, key=f"{poll.ticket_id}:{due_at.isoformat()}", ticket_id=poll.ticket_id)


def _may_be_asked(ticket: TicketView, asked: Asked | None, ctx: Context) -> bool:
    """Once about a ticket, not too often, not about an own solution; no guests, nobody who has left."""
    if ticket.requester == ticket.resolved_by or ctx.session.get(Poll, ticket.id) is not None:
        return False
    person = ctx.person(ticket.requester)
    if person is not None and (person.is_guest or person.is_bot or person.is_deleted):
        return False
    return asked is None or ctx.now >= asked.last_at + ctx.config.cool_down


def _remind_later(ctx: Context, poll: Poll) -> None:
    due_at = by_day(ctx.reader(poll.requester), max(poll.sent_at + ctx.config.reminder_after, ctx.now))
    if due_at < ends_at(poll, ctx.config):
        payload, key = {"ticket_id": poll.ticket_id}, f"{poll.ticket_id}:{due_at.isoformat()}"
        ctx.schedule("remind", payload, due_at=due_at, key=key, ticket_id=poll.ticket_id)


def _end(ctx: Context, poll: Poll) -> None:
    if poll.ended_at is None and ctx.now >= ends_at(poll, ctx.config):
        poll.ended_at = ctx.now
        say_poll(ctx, poll)
