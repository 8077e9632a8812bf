"""`/desk subscribe` and `/desk subscriptions`: the windows in which people begin and end their summaries."""

from datetime import datetime
from uuid import uuid4

from slack_sdk.models.blocks import Block
from slackdesk_plugins.digest.asking import queues_for
from slackdesk_plugins.digest.declared import BREACH, Subscription, plugin
from slackdesk_plugins.digest.periods import DAY_BEGINS, DAY_ENDS
from slackdesk_plugins.digest.subscriptions import begin, queues_of, subscriptions_of
from slackdesk_plugins.digest.summaries import is_person

from slackdesk.api import (
    Context,
    Form,
    InvalidInput,
    Modal,
    Reader,
    Words,
    channel_input,
    choice,
    context,
    inline,
    later,
    mention,
    multi_choice,
    section,
)

SUBSCRIPTIONS_MAX = 20
"""Of one person."""
TOPICS_MAX = 100
"""Options of a list (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element)."""
NAME_CHARACTERS = 75

EVERY = {
    "day": later("Every day, about the day before"),
    "week": later("Every Monday, about the week before"),
    "month": later("On the first of every month, about the month before"),
    BREACH: later("When a target is missed"),
}


@plugin.command("subscribe", help=later("sends summaries: daily, weekly, monthly, or when a target is missed"))
def open_window(words: Words, ctx: Context) -> Modal:
    """`/desk subscribe`"""
    t, queues = ctx.reader(words.person).t, queues_for(ctx, words.person)
    names = {key: ctx.policy.queue(key).name for key in queues}
    topics = dict.fromkeys(topic for key in queues for topic in ctx.policy.queue(key).topics)
    hours = {str(hour): f"{hour:02}:00" for hour in range(DAY_BEGINS.hour, DAY_ENDS.hour)}
    blocks: list[Block] = [
        multi_choice("queues", t("Of which queues?"), names, initial=queues[:1]),
        choice("every", t("How often?"), {key: t(label) for key, label in EVERY.items()}, initial="week"),
        choice("hour", t("At what time?"), hours, initial="8"),
        context(t("When a target is missed, you read of it within minutes; at night, in the morning.")),
        channel_input(
            "channel",
            t("Into a channel"),
            hint=t("Empty: to you. In a channel, the time is that of the desk, and private queues are left out."),
            optional=True,
        ),
    ]
    if topics:
        options = {topic: topic for topic in list(topics)[:TOPICS_MAX]}
        blocks.insert(1, choice("topic", t("Only of one topic?"), options, optional=True))
    return Modal("subscribe", title=t("Subscribe"), blocks=blocks, submit=t("Subscribe"))


@plugin.modal("subscribe")
def take_subscription(form: Form, ctx: Context) -> str:
    """Begin it, and say when the first summary comes."""
    visible = queues_for(ctx, form.person)
    queues = [key for key in (form.values["queues"] or "").split(",") if key in visible]
    channel, every = form.values["channel"], form.values["every"] or "week"
    if channel is not None:
        queues = [key for key in queues if not ctx.policy.queue(key).private]
    if not queues:
        raise InvalidInput("queues", later("Choose a queue that may be shown there: private ones only go to you."))
    if len(list(subscriptions_of(ctx, form.person))) >= SUBSCRIPTIONS_MAX:
        raise InvalidInput("queues", later("You have too many subscriptions. Type /desk subscriptions to stop some."))
    subscription = Subscription(
        id=uuid4().hex,
        place=channel or form.person,
        owner=form.person,
        queues=",".join(queues),
        topic=form.values.get("topic"),
        every=every if every in EVERY else "week",
        weekday=0,
        hour=0 if every == BREACH else int(form.values["hour"] or DAY_BEGINS.hour),
        minute=0,
    )
    return _begun(ctx.reader(form.person), begin(ctx, subscription), channel)


def _begun(reader: Reader, first: datetime | None, channel: str | None) -> str:
    t = reader.t
    when = t("within minutes after a target is missed") if first is None else reader.instant(first)
    if channel is None:
        return t("The first summary comes {when}. /desk subscriptions stops it.", when=when)
    return t(
        "The first summary comes {when} in {channel}. If the app is not in that channel, invite it there. "
        "/desk subscriptions stops it.",
        when=when,
        channel=f"<#{channel}>",
    )


@plugin.command("subscriptions", help=later("shows your summaries, and stops them"))
def show_subscriptions(words: Words, ctx: Context) -> str | Modal:
    """`/desk subscriptions`"""
    reader = ctx.reader(words.person)
    t, own = reader.t, list(subscriptions_of(ctx, words.person))
    if not own:
        return t("You have no subscriptions. Type /desk subscribe to begin one.")
    blocks: list[Block] = [section(_described(ctx, reader, one)) for one in own]
    stoppable = {one.id: _label(ctx, reader, one) for one in own if one.owner == words.person}
    if not stoppable:
        return Modal("stop", title=t("Your subscriptions"), blocks=blocks)
    blocks.append(multi_choice("stop", t("Which ones shall stop?"), stoppable))
    return Modal("stop", title=t("Your subscriptions"), blocks=blocks, submit=t("Stop"))


@plugin.modal("stop")
def stop(form: Form, ctx: Context) -> str:
    """End what was chosen, of the person's own."""
    chosen, t = (form.values["stop"] or "").split(","), ctx.reader(form.person).t
    ended = [one for one in subscriptions_of(ctx, form.person) if one.owner == form.person and one.id in chosen]
    for one in ended:
        ctx.session.delete(one)
    return t.plural("{count} subscription was stopped.", "{count} subscriptions were stopped.", len(ended))


def _described(ctx: Context, reader: Reader, one: Subscription) -> str:
    t, place = reader.t, mention(one.place) if is_person(one.place) else f"<#{one.place}>"
    parts = [
        f"*{inline(_label(ctx, reader, one), 200)}*",
        t("to {place}", place=place),
        *([t("next {when}", when=reader.instant(one.next_slot))] if one.next_slot else []),
        *([t("ordered by the policy file")] if one.owner is None else []),
    ]
    return " · ".join(parts)


def _label(ctx: Context, reader: Reader, one: Subscription) -> str:
    """Plain text: what, and how often."""
    names = ", ".join(ctx.policy.queue(key).name for key in queues_of(ctx, one)) or reader.t("no queue any more")
    about = f"{names} ({one.topic})" if one.topic else names
    time = "" if one.every == BREACH else f" {one.hour:02}:{one.minute:02}"
    return f"{about[:NAME_CHARACTERS]} · {reader.t(OFTEN[one.every])}{time}"


OFTEN = {
    "day": later("daily"),
    "week": later("weekly"),
    "month": later("monthly"),
    BREACH: later("when a target is missed"),
}
