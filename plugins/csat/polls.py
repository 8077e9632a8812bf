"""A poll's life: asked for at the close, sent after a while, rated, commented on, and ended when it is too old."""

from slack_sdk.models.blocks import ButtonElement
from slackdesk_plugins.csat.declared import Poll, plugin
from sqlalchemy import select

from slackdesk.api import (
    Click,
    Context,
    Form,
    Message,
    Modal,
    NotAllowed,
    RequesterThread,
    Slot,
    Status,
    TicketClosed,
    TicketReopened,
    Timer,
    Translate,
    Words,
    WrongState,
    actions,
    button,
    later,
    radio,
    section,
    text_input,
)

SCORES = {
    1: later("1 · very bad"),
    2: later("2 · bad"),
    3: later("3 · so-so"),
    4: later("4 · good"),
    5: later("5 · very good"),
}

ENDED_AT_ONCE = 50
"""Polls ended in one run: each is one message, and the rest has time until the next one."""


@plugin.on(TicketClosed)
def schedule_poll(event: TicketClosed, ctx: Context) -> None:
    """Ask a while after a person closed the ticket; an automatic close says nothing of how it went."""
    if event.automatically:
        return
    key = _timer_key(event.ticket_id, ctx)
    due_at = event.at + ctx.config.delay
    ctx.schedule("poll", {"ticket_id": event.ticket_id}, due_at=due_at, key=key, ticket_id=event.ticket_id)


@plugin.on(TicketReopened)
def cancel_poll(event: TicketReopened, ctx: Context) -> None:
    """Whoever reopens has not been helped yet; the next close asks."""
    reopened_count = ctx.ticket(event.ticket_id).reopened_count
    for earlier in range(reopened_count):
        ctx.cancel("poll", f"{event.ticket_id}:{earlier}")


@plugin.timer("poll")
def send_poll(timer: Timer, ctx: Context) -> None:
    """Send the poll, if the ticket is still closed and was never asked about; nobody rates an own solution."""
    ticket = ctx.ticket(timer.payload["ticket_id"])
    is_own_solution = ticket.requester == ticket.resolved_by
    if ticket.status is not Status.CLOSED or is_own_solution or ctx.session.get(Poll, ticket.id) is not None:
        return
    poll = Poll(
        ticket_id=ticket.id,
        requester=ticket.requester,
        agent=ticket.resolved_by,
        queue=ticket.queue,
        tier=ticket.tier,
        sent_at=ctx.now,
    )
    ctx.session.add(poll)
    _say(ctx, poll)


@plugin.action("score")
def take_score(click: Click, ctx: Context) -> str | None:
    """A click on one of the five buttons; a click on another number changes the rating."""
    poll = _poll_of(click, ctx)
    return _rate(ctx, poll, int(click.value or 0))


@plugin.action("comment")
def ask_for_comment(click: Click, ctx: Context) -> Modal:
    """[Add a comment] opens a window."""
    poll, t = _poll_of(click, ctx), ctx.reader(click.person).t
    comment = text_input("comment", t("What went well, what should be better?"), initial=poll.comment or "")
    return Modal("comment", title=t("Your comment"), blocks=[comment], submit=t("Send"), ticket_id=poll.ticket_id)


@plugin.modal("comment")
def take_comment(form: Form, ctx: Context) -> None:
    """Keep what was written; sent again, it replaces what was written before."""
    poll = _poll_of(form, ctx)
    poll.comment = form.values["comment"]
    _say(ctx, poll)


@plugin.ticket_verb("rate", help=later("rates the help with your own closed request"))
def open_rating(words: Words, ctx: Context) -> Modal:
    """The poll in a window, for whoever does not find the message any more."""
    poll, t = _poll_of(words, ctx), ctx.reader(words.person).t
    blocks = [
        radio("score", t("How was the help?"), {str(score): t(label) for score, label in SCORES.items()}),
        text_input("comment", t("What went well, what should be better?"), initial=poll.comment or "", optional=True),
    ]
    return Modal("rating", title=t("Your rating"), blocks=blocks, submit=t("Send"), ticket_id=poll.ticket_id)


@plugin.modal("rating")
def take_rating(form: Form, ctx: Context) -> str | None:
    """Rating and comment together."""
    poll = _poll_of(form, ctx)
    poll.comment = form.values["comment"] or poll.comment
    return _rate(ctx, poll, int(form.values["score"] or 0))


@plugin.every("0 3 * * *")
def end_old_polls(_slot: Slot, ctx: Context) -> None:
    """Take the buttons off polls that nobody answered for too long."""
    since = ctx.now - ctx.config.expires_after
    old = select(Poll).where(Poll.score.is_(None), Poll.ended_at.is_(None), Poll.sent_at < since)
    for poll in ctx.session.scalars(old.order_by(Poll.sent_at).limit(ENDED_AT_ONCE)):
        poll.ended_at = ctx.now
        _say(ctx, poll)


def score_buttons(t: Translate, number: str, ticket_id: int) -> list[ButtonElement]:
    """The five numbers, none of them preselected."""
    return [
        button(t(label), plugin.action_id("score", ticket_id, score), about=f"{t(label)}: {number}")
        for score, label in SCORES.items()
    ]


def _timer_key(ticket_id: int, ctx: Context) -> str:
    """A cancelled key stays used, so each close has a key of its own."""
    return f"{ticket_id}:{ctx.ticket(ticket_id).reopened_count}"


def _poll_of(given: Click | Form | Words, ctx: Context) -> Poll:
    """The open poll, for its requester. Raises WrongState, NotAllowed."""
    poll = None if given.ticket is None else ctx.session.get(Poll, given.ticket.id)
    if poll is None:
        raise WrongState(later("There is no poll about this ticket. It comes a while after it was closed."))
    if given.person != poll.requester:
        raise NotAllowed(later("Only <@{requester}>, who asked for it, can rate this."), requester=poll.requester)
    if poll.ended_at is not None:
        raise WrongState(later("This poll has ended. Thank you all the same."))
    return poll


def _rate(ctx: Context, poll: Poll, score: int) -> str | None:
    t = ctx.reader(poll.requester).t
    if score not in SCORES:
        raise WrongState(later("A rating is a number from 1 to 5."))
    if poll.score == score:
        _say(ctx, poll)
        return t("You have already given {score} of 5. Thank you.", score=score)
    poll.score, poll.rated_at = score, ctx.now
    _say(ctx, poll)
    return None


def _say(ctx: Context, poll: Poll) -> None:
    """Post the poll, or bring it up to date, and whatever else shows it."""
    t, number = ctx.reader(poll.requester).t, ctx.ticket(poll.ticket_id).number
    if poll.ended_at is not None:
        message = Message(t("The poll about {number} has ended.", number=number))
    elif poll.score is None:
        text = t("How was the help with {number}? Rate it from 1 (very bad) to 5 (very good).", number=number)
        message = Message(text, [section(text), *actions("poll", "open", score_buttons(t, number, poll.ticket_id))])
    else:
        text = t("You rated the help with {number}: {score} of 5. Thank you.", number=number, score=poll.score)
        label = t("Change your comment") if poll.comment else t("Add a comment")
        comment = button(label, plugin.action_id("comment", poll.ticket_id), about=f"{label}: {number}")
        buttons = [*score_buttons(t, number, poll.ticket_id), comment]
        message = Message(text, [section(text), *actions("poll", f"{poll.score}:{bool(poll.comment)}", buttons)])
    ctx.say(RequesterThread(poll.ticket_id), message, key=f"poll:{poll.ticket_id}")
    ctx.redraw(poll.ticket_id)
