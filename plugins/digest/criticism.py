"""`/ticket feedback`: a box for criticism and suggestions, quoted only as its author allows."""

from uuid import uuid4

from slackdesk_plugins.digest.declared import Feedback, plugin
from sqlalchemy import select

from slackdesk.api import (
    Context,
    Erasure,
    Form,
    InvalidInput,
    Modal,
    NotAllowed,
    Slot,
    Words,
    choice,
    context,
    inline,
    later,
    mention,
    quoted,
    section,
    text_input,
)

QUOTE = {
    "never": later("Read by the operators only, not quoted"),
    "unnamed": later("Quoted in summaries without my name"),
    "named": later("Quoted in summaries with my name"),
}
DESK = ":desk"
"""Value of the choice for the whole desk; no key of a queue begins like this."""
SHOWN_MAX = 20
DELETED_AT_ONCE = 500


@plugin.ticket_verb("feedback", help=later("tells us what was bad and what could be better"), needs_ticket=False)
def ask(words: Words, ctx: Context) -> Modal:
    """`/ticket feedback the form is too long` opens the window with what was typed."""
    t = ctx.reader(words.person).t
    about = {DESK: t("The whole desk")} | {key: queue.name for key, queue in ctx.policy.queues.items()}
    blocks = [
        text_input("text", t("What was bad, what could be better?"), initial=words.text),
        choice("about", t("What is it about?"), about, initial=DESK),
        choice("quote", t("May it be quoted?"), {key: t(label) for key, label in QUOTE.items()}, initial="never"),
        context(t("What is about a private queue is never quoted. For help with something, file a request instead.")),
    ]
    return Modal("feedback", title=t("Feedback"), blocks=blocks, submit=t("Send"))


@plugin.modal("feedback")
def take(form: Form, ctx: Context) -> str:
    """Keep it."""
    text, about, quote = form.values["text"], form.values["about"], form.values["quote"]
    if not (text or "").strip():
        raise InvalidInput("text", later("Write what was bad, or what could be better."))
    feedback = Feedback(
        id=uuid4().hex,
        at=ctx.now,
        author=form.person,
        queue=about if about in ctx.policy.queues else None,
        text=(text or "").strip(),
        quote=quote if quote in QUOTE else "never",
    )
    ctx.session.add(feedback)
    return ctx.reader(form.person).t("Thank you. The people who run the desk will read it.")


@plugin.every("40 3 * * *")
def delete_old(_slot: Slot, ctx: Context) -> None:
    """What people wrote is kept no longer than the texts of tickets."""
    old = select(Feedback).where(Feedback.at < ctx.now - ctx.policy.desk.retention)
    for feedback in ctx.session.scalars(old.order_by(Feedback.at).limit(DELETED_AT_ONCE)):
        ctx.session.delete(feedback)


@plugin.erasure
def erase_own(erased: Erasure, ctx: Context) -> None:
    """What the person wrote is gone; that somebody wrote still counts."""
    for feedback in ctx.session.scalars(select(Feedback).where(Feedback.author == erased.person, Feedback.text != "")):
        feedback.text = ""


@plugin.command("feedback", help=later("shows operators what people think of the desk"))
def read(words: Words, ctx: Context) -> Modal:
    """`/desk feedback`; that about a private queue is for its leads alone."""
    t = ctx.reader(words.person).t
    own = [key for key, queue in ctx.policy.queues.items() if any(words.person == tier.lead for tier in queue.tiers)]
    if words.person not in ctx.policy.desk.operators and not own:
        raise NotAllowed(later("Feedback is read by operators and leads."))
    readable = [key for key, queue in ctx.policy.queues.items() if key in own or not queue.private]
    of_these = Feedback.queue.is_(None) | Feedback.queue.in_(readable)
    written = select(Feedback).where(of_these, Feedback.text != "")
    blocks = []
    for one in ctx.session.scalars(written.order_by(Feedback.at.desc()).limit(SHOWN_MAX)):
        about = t("The whole desk") if one.queue is None else ctx.policy.queue(one.queue).name
        who = mention(one.author) if one.quote == "named" else t("somebody")
        blocks += [quoted(one.text), context(f"{inline(about, 75)} · {who} · {one.at:%Y-%m-%d}")]
    return Modal("read", title=t("Feedback"), blocks=blocks or [section(t("Nobody has written anything yet."))])
