"""What people ask for: by buttons, in a window, by words, on the command line."""

from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import select

from slackdesk.api import (
    Action,
    Click,
    Context,
    Form,
    InvalidInput,
    Modal,
    TicketView,
    Words,
    later,
    mrkdwn,
    text_input,
)

from .declared import FollowUp, plugin

LIST_MAX = 20


@plugin.ticket_button("later", label=later("Remind me"), order=70, right=Action.NOTE)
def ask_when(click: Click, ctx: Context) -> Modal | None:
    """[Remind me] on the card opens a window."""
    if click.ticket is None:
        return None
    t = ctx.reader(click.person).t
    blocks = [text_input("days", t("In how many days?"), initial="1", multiline=False), text_input("why", t("Why?"))]
    return Modal("when", title=t("Remind me"), blocks=blocks, submit=t("Save"), ticket_id=click.ticket.id)


@plugin.modal("when")
def take_when(form: Form, ctx: Context) -> str:
    """Keep it; what cannot be is said at its input, and what was typed stays."""
    days = form.values["days"] or ""
    if not days.isdecimal() or not 1 <= int(days) <= 90:
        raise InvalidInput("days", later("Write a number of days from 1 to 90."))
    if form.ticket is None:
        raise InvalidInput("days", later("This ticket is gone."))
    due = _remember(ctx, form.ticket, form.person, timedelta(days=int(days)), form.values["why"])
    return ctx.reader(form.person).t("You will be reminded {when}.", when=due)


@plugin.action("drop")
def drop(click: Click, ctx: Context) -> str | None:
    """[Forget it] on the App Home."""
    reminder = None if click.ticket is None else ctx.session.get(FollowUp, (click.ticket.id, click.person))
    if reminder is None:
        return ctx.reader(click.person).t("There is no such reminder any more.")
    ctx.session.delete(reminder)
    ctx.redraw(reminder.ticket_id)
    return None


@plugin.command("followups", help=later("lists what you want to be reminded of"))
def list_own(words: Words, ctx: Context) -> str:
    """`/desk followups`"""
    reader = ctx.reader(words.person)
    own = select(FollowUp).where(FollowUp.agent == words.person).order_by(FollowUp.due_at).limit(LIST_MAX)
    lines = [
        reader.t("{number}, {when}", number=ctx.ticket(one.ticket_id).number, when=reader.instant(one.due_at))
        for one in ctx.session.scalars(own)
    ]
    return "\n".join(lines) or reader.t("You want to be reminded of nothing.")


@plugin.ticket_verb("followup", help=later("reminds you of it"))
def follow_up(words: Words, ctx: Context) -> str | None:
    """`/ticket followup 42 call the supplier`"""
    if words.ticket is None:
        return None
    due = _remember(ctx, words.ticket, words.person, ctx.config.after, words.text or None)
    return ctx.reader(words.person).t("You will be reminded {when}.", when=due)


@plugin.cli("followups")
def print_waiting(ctx: Context, person: Annotated[str | None, typer.Option(help="User id.")] = None) -> None:
    """Print who waits to be reminded of what."""
    for one in ctx.session.scalars(select(FollowUp).order_by(FollowUp.due_at)):
        if person in (None, one.agent):
            typer.echo(f"{one.due_at:%Y-%m-%d %H:%M} UTC {one.agent} {ctx.ticket(one.ticket_id).number}")


def _remember(ctx: Context, ticket: TicketView, person: str, wait: timedelta, why: str | None) -> str:
    """Remember it, and schedule the reminder; returns when, as the person's clock says it."""
    reminder = ctx.session.get(FollowUp, (ticket.id, person))
    if reminder is None:
        reminder = FollowUp(ticket_id=ticket.id, agent=person)
        ctx.session.add(reminder)
    reminder.due_at, reminder.why = ctx.now + wait, why and mrkdwn(why, 500)
    key = f"{ticket.id}:{person}:{reminder.due_at.isoformat()}"
    ctx.schedule("remind", {"agent": person}, due_at=reminder.due_at, key=key, ticket_id=ticket.id)
    ctx.redraw(ticket.id)
    return ctx.reader(person).instant(reminder.due_at)
