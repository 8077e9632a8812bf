"""Where ratings are shown: on the card, in lists, in the App Home of whoever can still rate.

A card names its requester, so that of an anonymous rating nothing is shown there.
"""

from slack_sdk.models.blocks import Block
from slackdesk_plugins.csat.declared import Poll, plugin
from slackdesk_plugins.csat.messages import PROMISE, score_buttons
from slackdesk_plugins.csat.rules import is_anonymous
from sqlalchemy import select

from slackdesk.api import (
    Badge,
    Click,
    Context,
    Modal,
    ReadContext,
    TicketView,
    actions,
    context,
    later,
    quoted,
    section,
)

CARD_COMMENT_CHARACTERS = 300
"""A longer comment is read in a window."""

HOME_POLLS_MAX = 3

RATED = {
    1: later("Rated 1 of 5"),
    2: later("Rated 2 of 5"),
    3: later("Rated 3 of 5"),
    4: later("Rated 4 of 5"),
    5: later("Rated 5 of 5"),
}


@plugin.badge
def rating_badge(ticket: TicketView, ctx: ReadContext) -> Badge | None:
    """⭐ with the score; a private ticket's stands on its card alone."""
    poll = _rated(ticket, ctx)
    return None if poll is None or poll.score is None or ticket.private else Badge("⭐", RATED[poll.score])


@plugin.ticket_card(order=60)
def rating_on_card(ticket: TicketView, ctx: ReadContext) -> list[Block]:
    """What the requester wrote with the rating."""
    poll, t = _rated(ticket, ctx), ctx.reader().t
    if poll is None or poll.score is None:
        return []
    blocks: list[Block] = [context(f"⭐ {t(RATED[poll.score])}")] if ticket.private else []
    if poll.comment:
        label = t("The requester on the help")
        cut = poll.comment[:CARD_COMMENT_CHARACTERS] + ("…" if _is_long(poll) else "")
        blocks += [context(f"*{label}*"), quoted(cut)]
    return blocks


def _has_long_comment(ticket: TicketView, ctx: ReadContext) -> bool:
    poll = _rated(ticket, ctx)
    return poll is not None and _is_long(poll)


def _is_long(poll: Poll) -> bool:
    return len(poll.comment or "") > CARD_COMMENT_CHARACTERS


@plugin.ticket_button("read", label=later("Read the whole comment"), shown=_has_long_comment)
def read_comment(click: Click, ctx: Context) -> Modal | None:
    """The whole comment in a window."""
    poll = None if click.ticket is None else _rated(click.ticket, ctx)
    if poll is None or click.ticket is None or not poll.comment:
        return None
    return Modal("comment", title=click.ticket.number, blocks=[quoted(poll.comment)])


@plugin.home_section(order=40)
def polls_on_home(person: str, ctx: ReadContext) -> list[Block]:
    """Polls that wait for this person's rating."""
    t, since = ctx.reader(person).t, ctx.now - ctx.config.expires_after
    waiting = select(Poll).where(
        Poll.requester == person, Poll.sent_at > since, Poll.score.is_(None), Poll.ended_at.is_(None)
    )
    blocks: list[Block] = []
    for poll in ctx.session.scalars(waiting.order_by(Poll.sent_at.desc()).limit(HOME_POLLS_MAX)):
        number = ctx.ticket(poll.ticket_id).number
        blocks.append(section(t("How was the help with {number}?", number=number)))
        blocks += actions(f"poll-{poll.ticket_id}", "open", score_buttons(t, number, poll.ticket_id))
        blocks += [context(t(PROMISE))] if is_anonymous(poll, ctx) else []
    return blocks


def _rated(ticket: TicketView, ctx: ReadContext) -> Poll | None:
    """The ticket's poll, where the readers of its card may see it."""
    poll = ctx.session.get(Poll, ticket.id)
    return None if poll is None or is_anonymous(poll, ctx) else poll
