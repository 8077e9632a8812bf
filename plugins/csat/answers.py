"""What the requester does with a poll: rates, changes the rating, comments; and what is said to a late click."""

from slack_sdk.models.blocks import Block
from slackdesk_plugins.csat.declared import Poll, plugin
from slackdesk_plugins.csat.messages import PROMISE, SCORES, is_low, say_poll, tell_lead
from slackdesk_plugins.csat.polls import end_later
from slackdesk_plugins.csat.rules import ends_at, is_anonymous, is_open

from slackdesk.api import (
    Click,
    Context,
    Form,
    Modal,
    NotAllowed,
    TicketView,
    Translate,
    Words,
    WrongState,
    context,
    later,
    radio,
    text_input,
)


@plugin.action("score")
def take_score(click: Click, ctx: Context) -> Modal | str | None:
    """A click on one of the five buttons; a click on another number changes the rating."""
    return _rate(ctx, _poll_of(click, ctx), int(click.value or 0))


@plugin.action("comment")
def ask_for_comment(click: Click, ctx: Context) -> Modal:
    """[Add a comment] opens a window."""
    poll = _poll_of(click, ctx)
    return _comment_window(ctx, poll)


@plugin.modal("comment")
def take_comment(form: Form, ctx: Context) -> None:
    """Keep what was written; sent again, it replaces what was written before, and an empty one takes it back."""
    poll = _poll_of(form, ctx)
    poll.comment = form.values["comment"]
    _say(ctx, poll)


@plugin.ticket_verb("rate", help=later("rates the help with your own closed request"))
def open_rating(words: Words, ctx: Context) -> Modal:
    """The poll in a window, for whoever does not find the message any more."""
    poll, t = _poll_of(words, ctx), ctx.reader(words.person).t
    scores = {str(score): t(label) for score, label in SCORES.items()}
    blocks = [radio("score", t("How was the help?"), scores), *_comment(ctx, t, poll)]
    return Modal("rating", title=t("Your rating"), blocks=blocks, submit=t("Send"), ticket_id=poll.ticket_id)


@plugin.modal("rating")
def take_rating(form: Form, ctx: Context) -> Modal | str | None:
    """Rating and comment together."""
    poll = _poll_of(form, ctx)
    poll.comment = form.values["comment"]
    return _rate(ctx, poll, int(form.values["score"] or 0))


def _rate(ctx: Context, poll: Poll, score: int) -> Modal | str | None:
    """Keep the rating; whoever gives a low one is asked why, and need not say it."""
    t = ctx.reader(poll.requester).t
    if score not in SCORES:
        raise WrongState(later("A rating is a number from 1 to 5."))
    if poll.score == score:
        is_the_same = not ctx.session.is_modified(poll)
        _say(ctx, poll)
        return t("You have already given {score} of 5. Thank you.", score=score) if is_the_same else None
    if poll.rated_at is None:
        poll.rated_at = ctx.now
        end_later(ctx, poll)
    poll.score = score
    _say(ctx, poll)
    return _comment_window(ctx, poll) if is_low(poll, ctx) and not poll.comment else None


def _say(ctx: Context, poll: Poll) -> None:
    say_poll(ctx, poll)
    tell_lead(ctx, poll)


def _comment_window(ctx: Context, poll: Poll) -> Modal:
    t = ctx.reader(poll.requester).t
    blocks = _comment(ctx, t, poll)
    return Modal("comment", title=t("Your comment"), blocks=blocks, submit=t("Send"), ticket_id=poll.ticket_id)


def _comment(ctx: Context, t: Translate, poll: Poll) -> list[Block]:
    label = t("What went well, what should be better?")
    promise = [context(t(PROMISE))] if is_anonymous(poll, ctx) else []
    return [text_input("comment", label, initial=poll.comment or "", optional=True), *promise]


def _poll_of(given: Click | Form | Words, ctx: Context) -> Poll:
    """The open poll, for its requester. Raises WrongState, NotAllowed."""
    poll = None if given.ticket is None else ctx.session.get(Poll, given.ticket.id)
    if poll is None or given.ticket is None:
        raise WrongState(
            later(
                "There is no poll about this ticket. It comes a while after somebody closed it, and not after each one."
            )
        )
    if given.person != poll.requester:
        raise NotAllowed(later("Only <@{requester}>, who asked for it, can rate this."), requester=poll.requester)
    if not is_open(poll, given.ticket, ctx):
        raise _too_late(poll, given.ticket, ctx)
    return poll


def _too_late(poll: Poll, ticket: TicketView, ctx: Context) -> WrongState:
    when = ctx.reader(poll.requester).instant(min(ends_at(poll, ctx.config), poll.ended_at or ctx.now))
    if poll.score is not None:
        return WrongState(
            later("You gave {score} of 5 for {number}. That could be changed until {when}."),
            score=poll.score,
            number=ticket.number,
            when=when,
        )
    if poll.is_void or (poll.ended_at is None and ctx.now < ends_at(poll, ctx.config)):
        return WrongState(
            later("{number} was opened again before it was rated: there is nothing to rate."), number=ticket.number
        )
    return WrongState(
        later("The poll about {number} has ended {when}, without a rating. Thank you all the same."),
        number=ticket.number,
        when=when,
    )
