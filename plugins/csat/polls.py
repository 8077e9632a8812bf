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
    Timer,
    Translate,
    WrongState,
    actions,
    button,
    later,
    section,
    text_input,
)

ENDED_AT_ONCE = 50

SCORES = (
    (1, later("1 · very bad")),
    (2, later("2 · bad")),
    (3, later("3 · so-so")),
    (4, later("4 · good")),
    (5, later("5 · very good")),
)


@plugin.on(TicketClosed)
def schedule_poll(event: TicketClosed, ctx: Context) -> None:
    """Ask a while after a person closed the ticket; an automatic close says nothing of how it went."""
    if event.automatically:
        return
    ticket = ctx.ticket(event.ticket_id)
    key = f"{ticket.id}:{ticket.reopened_count}"
    ctx.schedule("poll", {"ticket_id": ticket.id}, due_at=event.at + ctx.config.delay, key=key, ticket_id=ticket.id)


@plugin.timer("poll")
def send_poll(timer: Timer, ctx: Context) -> None:
    """Send the poll, if the ticket is still closed and was never asked about; nobody rates her or his own solution."""
    ticket = ctx.ticket(timer.payload["ticket_id"])
    if ticket.status is not Status.CLOSED or ticket.requester == ticket.resolved_by:
        return
    if ctx.session.get(Poll, ticket.id) is not None:
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
    """A click on one of the five buttons; a second one changes the rating."""
    poll, t = _poll_of(click, ctx), ctx.reader(click.person).t
    if poll.ended_at is not None:
        raise WrongState(later("This poll has ended. Thank you all the same."))
    score = int(click.value or 0)
    if poll.score == score:
        return t("You have already given {score} of 5. Thank you.", score=score)
    poll.score, poll.rated_at = score, ctx.now
    _say(ctx, poll)
    ctx.redraw(poll.ticket_id)
    return None


@plugin.action("comment")
def ask_for_comment(click: Click, ctx: Context) -> Modal:
    """[Add a comment] opens a window."""
    poll, t = _poll_of(click, ctx), ctx.reader(click.person).t
    label = t("What went well, what should be better?")
    return Modal(
        "comment",
        title=t("Your comment"),
        blocks=[text_input("comment", label, initial=poll.comment or "")],
        submit=t("Send"),
        ticket_id=poll.ticket_id,
    )


@plugin.modal("comment")
def take_comment(form: Form, ctx: Context) -> None:
    """Keep what was written; sent again, it replaces what was written before."""
    poll = _poll_of(form, ctx)
    poll.comment = form.values["comment"]
    _say(ctx, poll)
    ctx.redraw(poll.ticket_id)


@plugin.every("0 3 * * *")
def end_old_polls(_slot: Slot, ctx: Context) -> None:
    """Take the buttons off polls that nobody answered for too long."""
    since = ctx.now - ctx.config.expires_after
    old = select(Poll).where(Poll.score.is_(None), Poll.ended_at.is_(None), Poll.sent_at < since).limit(ENDED_AT_ONCE)
    for poll in ctx.session.scalars(old):
        poll.ended_at = ctx.now
        _say(ctx, poll)


def _poll_of(given: Click | Form, ctx: Context) -> Poll:
    """The poll, for its requester. Raises WrongState, NotAllowed."""
    poll = None if given.ticket is None else ctx.session.get(Poll, given.ticket.id)
    if poll is None:
        raise WrongState(later("There is no poll about this ticket."))
    if given.person != poll.requester:
        raise NotAllowed(later("Only <@{requester}>, who asked for it, can rate this."), requester=poll.requester)
    return poll


def _say(ctx: Context, poll: Poll) -> None:
    """Post the poll, or bring it up to date."""
    t, number = ctx.reader(poll.requester).t, ctx.ticket(poll.ticket_id).number
    if poll.ended_at is not None:
        message = Message(t("The poll about {number} has ended.", number=number))
    elif poll.score is None:
        text = t("How was the help with {number}? Rate it from 1 (very bad) to 5 (very good).", number=number)
        message = Message(text, [section(text), *actions("poll", "open", _score_buttons(t, number, poll))])
    else:
        text = t("You rated the help with {number}: {score} of 5. Thank you.", number=number, score=poll.score)
        label = t("Change your comment") if poll.comment else t("Add a comment")
        comment = button(label, plugin.action_id("comment", poll.ticket_id), about=f"{label}: {number}")
        message = Message(text, [section(text), *actions("poll", f"{poll.score}:{bool(poll.comment)}", [comment])])
    ctx.say(RequesterThread(poll.ticket_id), message, key=f"poll:{poll.ticket_id}")


def _score_buttons(t: Translate, number: str, poll: Poll) -> list[ButtonElement]:
    return [
        button(t(label), plugin.action_id("score", poll.ticket_id, score), about=f"{t(label)}: {number}")
        for score, label in SCORES
    ]
