"""One message for all that waits for the same recipient and minute, looked at once more before it is said."""

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import Block
from slackdesk_plugins.sla.declared import plugin
from slackdesk_plugins.sla.reminders import BREACH, Reminders, is_person
from slackdesk_plugins.sla.sight import Sight, see
from slackdesk_plugins.sla.tables import Delivery, Reminder
from slackdesk_plugins.sla.telling import Told, tell
from sqlalchemy import select

from slackdesk.api import (
    ChannelPost,
    Context,
    DirectMessage,
    Erasure,
    Message,
    Reader,
    Timer,
    actions,
    button,
    context,
    section,
)

AT_ONCE = 150
"""Reminders looked at in one go; what is beyond waits a minute."""

SECTION_CHARACTERS = 2_900
"""One block carries 3,000."""

LINES_MAX = 10
"""Tickets named under one head; the others are counted."""


@plugin.timer("deliver")
def deliver(timer: Timer, ctx: Context) -> None:
    """Say what is still true; what is not was dropped, or waits for somebody else or for later."""
    waiting = select(Reminder).where(
        Reminder.delivery == timer.key, Reminder.sent_at.is_(None), Reminder.dropped.is_(None)
    )
    rows = list(ctx.session.scalars(waiting.order_by(Reminder.ticket_id, Reminder.level.desc()).limit(AT_ONCE + 1)))
    sights = {row.ticket_id: see(ctx, ctx.ticket(row.ticket_id)) for row in rows}
    said: list[Reminder] = []
    for row in rows:
        reminders = Reminders(ctx, sights[row.ticket_id])
        is_due = reminders.is_still_due(row) and row.dropped is None and row.delivery == timer.key
        if is_due and (len(said) == AT_ONCE or not reminders.is_welcome(row)):
            reminders.plan(row, row.recipient)
        elif is_due:
            if any((row.ticket_id, row.clock, row.cycle) == (one.ticket_id, one.clock, one.cycle) for one in said):
                row.dropped = "a later one"
            else:
                said.append(row)
    if said:
        recipient = said[0].recipient
        for row in said:
            row.sent_at = ctx.now
        ctx.session.add(delivery := Delivery(key=timer.key, recipient=recipient, sent_at=ctx.now))
        say(ctx, delivery, said, sights)


@plugin.erasure
def say_without_titles(erased: Erasure, ctx: Context) -> None:
    """Reminders that wait are said all the same, of what is there now."""
    for key in erased.unsaid:
        delivery = ctx.session.get(Delivery, key.removeprefix("delivery:"))
        of_message = select(Reminder).where(Reminder.delivery == key.removeprefix("delivery:"))
        said = of_message.where(Reminder.sent_at.is_not(None)).order_by(Reminder.ticket_id, Reminder.level.desc())
        rows = list(ctx.session.scalars(said))
        if delivery is not None and rows:
            say(ctx, delivery, rows, {row.ticket_id: see(ctx, ctx.ticket(row.ticket_id)) for row in rows})


def say(ctx: Context, delivery: Delivery, rows: Sequence[Reminder], sights: dict[int, Sight]) -> None:
    """Post the message, or bring it up to date: without its buttons once somebody has answered."""
    recipient = delivery.recipient
    reader = ctx.reader(recipient) if is_person(recipient) else ctx.reader()
    heads, t = _heads(reader, rows, sights), reader.t
    blocks: list[Block] = []
    texts: list[str] = []
    for head, lines in heads:
        shown = lines[:LINES_MAX]
        if len(lines) > LINES_MAX:
            shown.append(t("… and {count} more", count=len(lines) - LINES_MAX))
        blocks += _sections([f"*{head}*", *(f"• {line}" for line in shown)])
        texts.append(" ".join([head, *shown]))
    if delivery.answer is not None:
        answer = _answer(reader, delivery)
        blocks.append(context(answer))
        texts.append(answer)
    elif any(row.level != BREACH for row in rows):
        blocks += _buttons(reader, delivery)
    text = " ".join(texts).replace("*", "")
    place = DirectMessage(recipient) if is_person(recipient) else ChannelPost(recipient)
    ctx.say(place, Message(text[:3_800], blocks), key=f"delivery:{delivery.key}")


def _sections(lines: Iterable[str]) -> list[Block]:
    """The lines, in as many blocks as they need."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + len(line) < SECTION_CHARACTERS:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [section(text) for text in texts]


def _heads(reader: Reader, rows: Iterable[Reminder], sights: dict[int, Sight]) -> list[tuple[str, list[str]]]:
    """What the lines are about → the lines, one for each reminder."""
    t = reader.t
    heads: dict[Told, tuple[str, list[str]]] = {
        Told.OVERDUE: (t("Overdue"), []),
        Told.DUE: (t("Due soon"), []),
        Told.BREACH: (t("Missed their time"), []),
        Told.BUDGET: (t("Longer in a tier than its budget"), []),
    }
    for row in rows:
        kind, line = tell(reader, sights[row.ticket_id], row)
        heads[kind][1].append(line)
    return [(head, lines) for head, lines in heads.values() if lines]


def _buttons(reader: Reader, delivery: Delivery) -> list[Block]:
    t = reader.t
    labels = {
        "on_it": t("On it"),
        "snooze_30": t("Snooze 30 min"),
        "snooze_120": t("Snooze 2 h"),
        "snooze_tomorrow": t("Snooze until tomorrow"),
    }
    return actions(
        "reminder",
        delivery.key.replace(":", "-"),
        [
            button(label, plugin.action_id(name, None, delivery.key), about=t("{label}: these reminders", label=label))
            for name, label in labels.items()
        ],
    )


def _answer(reader: Reader, delivery: Delivery) -> str:
    t, person = reader.t, f"<@{delivery.answered_by}>"
    if delivery.answer == "on_it" or delivery.until is None:
        return t("✔ {person} is on it.", person=person)
    return t("{person} has put this off until {until}.", person=person, until=reader.instant(delivery.until))
