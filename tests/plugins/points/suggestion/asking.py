"""What people ask for: by a verb, in a window, by a word, on the command line."""

import typer
from sqlalchemy import select

from slackdesk.api import (
    Context,
    Form,
    InvalidInput,
    Modal,
    Words,
    channel_input,
    checkbox,
    later,
    multi_choice,
    quoted,
    section,
    text_input,
)

from .declared import Suggestion, plugin

ABOUT = {"form": later("The form"), "speed": later("How long it takes"), "words": later("How we write")}
LIST_MAX = 20
TEXT_CHARACTERS = 1_000


@plugin.ticket_verb("suggest", help=later("tells us what could be better"), needs_ticket=False)
def suggest(words: Words, ctx: Context) -> str | Modal:
    """`/ticket suggest the form is too long`; alone, it opens a window"""
    t = ctx.reader(words.person).t
    if not words.text:
        about = {key: t(label) for key, label in ABOUT.items()}
        blocks = [
            text_input("text", t("What could be better?")),
            multi_choice("about", t("What is it about?"), about, optional=True),
            channel_input("channel", t("Where did it come up?"), optional=True),
            checkbox("unnamed", t("Your name"), t("Do not name me")),
        ]
        return Modal("suggest", title=t("Suggest something"), blocks=blocks, submit=t("Send"))
    ctx.session.add(Suggestion(at=ctx.now, text=words.text[:TEXT_CHARACTERS], person=words.person))
    return t("Thank you. We have kept it.")


@plugin.modal("suggest")
def take(form: Form, ctx: Context) -> str:
    """Keep what was put into the window."""
    text = form.values["text"] or ""
    if len(text) > TEXT_CHARACTERS:
        raise InvalidInput("text", later("Please say it in 1,000 characters."))
    person = None if form.values["unnamed"] else form.person
    about, channel = form.values["about"], form.values["channel"]
    ctx.session.add(Suggestion(at=ctx.now, text=text, person=person, about=about, channel=channel))
    return ctx.reader(form.person).t("Thank you. We have kept it.")


@plugin.cli("suggestions", under="audit")
def print_all(ctx: Context) -> None:
    """Print what was suggested, without names."""
    for one in ctx.session.scalars(select(Suggestion).order_by(Suggestion.id)):
        typer.echo(f"{one.at:%Y-%m-%d} {' '.join(one.text.split())}")


@plugin.command("suggestions", help=later("shows what was suggested"))
def show(words: Words, ctx: Context) -> str | Modal:
    """`/desk suggestions` opens a window to read."""
    t = ctx.reader(words.person).t
    if words.person not in ctx.policy.desk.operators:
        return t("Only operators read them.")
    blocks = []
    for one in ctx.session.scalars(select(Suggestion).order_by(Suggestion.id.desc()).limit(LIST_MAX)):
        labels = ", ".join(t(ABOUT[key]) for key in (one.about or "").split(",") if key in ABOUT)
        where, who = one.channel and f"<#{one.channel}>", one.person and f"<@{one.person}>"
        blocks += [quoted(one.text), section(" · ".join(filter(None, (who, where, labels))) or t("Not named"))]
    return Modal("shown", title=t("Suggestions"), blocks=blocks or [section(t("Nobody has suggested anything."))])
