"""What people see of it: on the card, in lists, in the App Home."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block
from sqlalchemy import select

from slackdesk.api import Badge, ReadContext, TicketView, actions, button, context, later, mention, section

from .declared import FollowUp, plugin

HOME_MAX = 4


@plugin.ticket_card(order=70)
def show_reminders(ticket: TicketView, ctx: ReadContext) -> Sequence[Block]:
    """Who will look at it again, and when."""
    reader = ctx.reader()
    own = select(FollowUp).where(FollowUp.ticket_id == ticket.id).order_by(FollowUp.due_at).limit(3)
    return [
        context(
            reader.t("{person} looks at it again {when}", person=mention(one.agent), when=reader.instant(one.due_at))
        )
        for one in ctx.session.scalars(own)
    ]


@plugin.badge
def badge(ticket: TicketView, ctx: ReadContext) -> Badge | None:
    """⏰ on tickets that somebody wants to be reminded of."""
    own = select(FollowUp.agent).where(FollowUp.ticket_id == ticket.id).limit(1)
    return Badge("⏰", later("Reminder set")) if ctx.session.scalar(own) else None


@plugin.home_section(order=70)
def show_own(person: str, ctx: ReadContext) -> Sequence[Block]:
    """One's own reminders, each with a button that forgets it."""
    reader, blocks = ctx.reader(person), []
    own = select(FollowUp).where(FollowUp.agent == person).order_by(FollowUp.due_at).limit(HOME_MAX)
    for one in ctx.session.scalars(own):
        number, when = ctx.ticket(one.ticket_id).number, reader.instant(one.due_at)
        label = reader.t("Forget it")
        forget = button(label, plugin.action_id("drop", one.ticket_id), about=f"{label}: {number}")
        blocks += [section(reader.t("{number}, {when}", number=number, when=when))]
        blocks += actions(f"followup-{one.ticket_id}", one.revision, [forget])
    return blocks
