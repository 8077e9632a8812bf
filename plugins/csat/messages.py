"""What is said about a poll: the poll itself and its reminder to the requester, a low score to the lead."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement
from slackdesk_plugins.csat.declared import Poll, plugin
from slackdesk_plugins.csat.rules import ends_at, is_anonymous, is_one_of_many, is_open, lead_of

from slackdesk.api import (
    Action,
    Context,
    DirectMessage,
    Message,
    Reader,
    RequesterOnly,
    Status,
    TicketView,
    Translate,
    actions,
    button,
    context,
    desk_button,
    inline,
    later,
    mention,
    mrkdwn,
    quoted,
    section,
)

SCORES = {
    1: later("1 · very bad"),
    2: later("2 · bad"),
    3: later("3 · so-so"),
    4: later("4 · good"),
    5: later("5 · very good"),
}

PROMISE = later("Your name is not shown with your rating.")
"""To whoever rates in an anonymous queue."""

NAME_CHARACTERS = 75
FALLBACK_COMMENT_CHARACTERS = 600


def say_poll(ctx: Context, poll: Poll) -> None:
    """Post the poll, or bring it up to date, and its reminder, and whatever else shows it."""
    reader, ticket = ctx.reader(poll.requester), ctx.ticket(poll.ticket_id)
    ctx.say(RequesterOnly(poll.ticket_id), _poll(ctx, reader, poll, ticket), key=f"poll:{poll.ticket_id}")
    ctx.redraw(poll.ticket_id)
    if poll.reminded_at is not None:
        message = Message(_reminder(ctx, reader, poll, ticket))
        ctx.say(RequesterOnly(poll.ticket_id), message, key=f"reminder:{poll.ticket_id}")


def tell_lead(ctx: Context, poll: Poll) -> None:
    """A low score, once; what becomes of it is told in that message."""
    if poll.told_lead is None and is_low(poll, ctx):
        poll.told_lead = lead_of(poll, ctx)
    if poll.told_lead is None:
        return
    t, ticket = ctx.reader(poll.told_lead).t, ctx.ticket(poll.ticket_id)
    say = _of_somebody if is_anonymous(poll, ctx) else _of_requester
    ctx.say(DirectMessage(poll.told_lead), say(ctx, t, poll, ticket), key=f"low:{poll.ticket_id}")


def is_low(poll: Poll, ctx: Context) -> bool:
    """Whether the lead should know of the score."""
    return poll.score is not None and poll.score <= ctx.config.low_score


def score_buttons(t: Translate, number: str, ticket_id: int) -> list[ButtonElement]:
    """The five numbers, none of them preselected."""
    return [
        button(t(label), plugin.action_id("score", ticket_id, score), about=f"{t(label)}: {number}")
        for score, label in SCORES.items()
    ]


def _poll(ctx: Context, reader: Reader, poll: Poll, ticket: TicketView) -> Message:
    t, number = reader.t, ticket.number
    if poll.score is None:
        return _unrated(ctx, t, poll, ticket)
    text = t("You rated the help with {number}: {score} of 5. Thank you.", number=number, score=poll.score)
    if not is_open(poll, ticket, ctx):
        return Message(text)
    until = t("It can be changed until {when}.", when=reader.instant(ends_at(poll, ctx.config)))
    label = t("Change your comment") if poll.comment else t("Add a comment")
    comment = button(label, plugin.action_id("comment", poll.ticket_id), about=f"{label}: {number}")
    row = [*score_buttons(t, number, poll.ticket_id), comment]
    blocks = [section(text), *actions("poll", f"{poll.score}:{bool(poll.comment)}", row), context(until)]
    if is_low(poll, ctx) and ticket.status is Status.CLOSED:
        question = t("Is it not solved after all?")
        blocks += [section(question), *actions("poll-reopen", ticket.version, [_reopen(t, ticket)])]
        text = f"{text} {question}"
    return Message(f"{text} {until}", blocks)


def _unrated(ctx: Context, t: Translate, poll: Poll, ticket: TicketView) -> Message:
    number = ticket.number
    if poll.is_void:
        return Message(t("{number} was opened again before it was rated: there is nothing to rate.", number=number))
    if not is_open(poll, ticket, ctx):
        return Message(t("The poll about {number} has ended without a rating.", number=number))
    text = t("How was the help with {number}? Rate it from 1 (very bad) to 5 (very good).", number=number)
    promise = t(PROMISE) if is_anonymous(poll, ctx) else ""
    blocks = [section(text), *actions("poll", "open", score_buttons(t, number, poll.ticket_id))]
    return Message(f"{text} {promise}".strip(), [*blocks, *([context(promise)] if promise else [])])


def _reminder(ctx: Context, reader: Reader, poll: Poll, ticket: TicketView) -> str:
    t, number = reader.t, ticket.number
    if poll.score is not None:
        return t("You were reminded of the poll about {number}, and have rated it since.", number=number)
    if not is_open(poll, ticket, ctx):
        return t("You were reminded of the poll about {number}; it has ended.", number=number)
    return t(
        "A reminder, the only one: the poll about {number} above waits for your rating until {when}. "
        "`/ticket rate {id}` opens it, too.",
        number=number,
        when=reader.instant(ends_at(poll, ctx.config)),
        id=ticket.id,
    )


def _of_requester(ctx: Context, t: Translate, poll: Poll, ticket: TicketView) -> Message:
    """The lead reads who it was, and can reopen it; what was written about a private request stays on its card."""
    number, requester = ticket.number, mention(poll.requester)
    if not is_low(poll, ctx):
        return _sentence(
            t(
                "{requester} has changed the low rating of {number} to {score} of 5.",
                requester=requester,
                number=number,
                score=poll.score,
            )
        )
    text = t(
        "{requester} rated the help with {number} with {score} of 5. It was solved by {agent} in {tier} of {queue}.",
        requester=requester,
        number=number,
        score=poll.score,
        agent=mention(poll.agent) if poll.agent else t("somebody"),
        **_where(ctx, poll),
    )
    comment = poll.comment if not ticket.private else None
    notes = [t("What was written about it is on its card.")] if poll.comment and ticket.private else []
    if ticket.status is Status.CLOSED:
        return _sentence(text, t, comment, notes, actions("low", ticket.version, [_reopen(t, ticket)]))
    return _sentence(text, t, comment, [*notes, t("It was reopened.")])


def _of_somebody(ctx: Context, t: Translate, poll: Poll, ticket: TicketView) -> Message:
    """The lead reads neither who it was nor about which request, which would say who it was."""
    where = _where(ctx, poll)
    if not is_low(poll, ctx):
        return _sentence(t("A low rating of {tier} of {queue} was changed to {score} of 5.", score=poll.score, **where))
    text = t("Somebody rated the help of {tier} of {queue} with {score} of 5.", score=poll.score, **where)
    comment = poll.comment if not ticket.private and is_one_of_many(poll, ctx.session) else None
    note = t("Ratings of this queue are anonymous; whoever gave this one was offered to reopen the request.")
    return _sentence(text, t, comment, [note])


def _sentence(
    text: str,
    t: Translate | None = None,
    comment: str | None = None,
    notes: Sequence[str] = (),
    buttons: Sequence[Block] = (),
) -> Message:
    """A sentence, what was written, small print; the text says all of it."""
    blocks: list[Block] = [section(text)]
    if t is not None and comment:
        label = t("Comment")
        blocks += [context(f"*{label}*"), quoted(comment)]
        text += f" {label}: {mrkdwn(comment, FALLBACK_COMMENT_CHARACTERS)}"
    return Message(" ".join([text, *notes]), [*blocks, *map(context, notes), *buttons])


def _where(ctx: Context, poll: Poll) -> dict[str, str]:
    queue = ctx.policy.queues.get(poll.queue)
    name = poll.queue if queue is None else queue.name
    return {"tier": inline(poll.tier, NAME_CHARACTERS), "queue": inline(name, NAME_CHARACTERS)}


def _reopen(t: Translate, ticket: TicketView) -> ButtonElement:
    return desk_button(Action.REOPEN, ticket.id, t("Reopen"), about=t("Reopen {number}", number=ticket.number))
