"""What is told of missed targets: which, caused where, what became of them, and how many there are this week.

Of private queues and tickets numbers are told and nothing else, and small ones not even as numbers.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block
from slackdesk_plugins.digest.declared import Missed, Subscription
from slackdesk_plugins.digest.lists import OTHER_ENDS
from slackdesk_plugins.digest.periods import parse_period
from slackdesk_plugins.digest.report import HIDDEN_BELOW
from slackdesk_plugins.digest.saying import TOO_SMALL
from slackdesk_plugins.digest.summaries import is_person, reader_of
from sqlalchemy import select

from slackdesk.api import (
    ChannelPost,
    Context,
    DirectMessage,
    Message,
    Reader,
    Status,
    TargetMissed,
    context,
    history_table,
    inline,
    later,
    section,
    ticket_table,
)

AT_ONCE = 1_000
"""Missed targets in one message; what is beyond goes into the next one."""

LISTED_MAX = 10
"""Missed targets that are named in a message; the others are counted."""

QUEUES_MAX = 20
TITLE_CHARACTERS = 80
NAME_CHARACTERS = 75
TEXT_CHARACTERS = 3_800

CLOCKS = {
    "first_response": later("first response"),
    "next_response": later("next response"),
    "resolution": later("resolution"),
}
"""What is measured, in words."""

SOLVED = (Status.RESOLVED, Status.CLOSED)


def tell_missed(ctx: Context, subscription: Subscription, queues: Sequence[str], key: str) -> bool:
    """Say what has gathered, as far as its readers may know of these queues; whether there is more than that."""
    waiting = select(Missed).where(Missed.subscription == subscription.id)
    rows = ctx.session.scalars(waiting.order_by(Missed.missed_at, Missed.ticket_id).limit(AT_ONCE)).all()
    tickets = _tickets(ctx, rows)
    for row in rows:
        ctx.session.delete(row)
    topic = subscription.topic
    told = [row for row in rows if row.queue in queues and topic in (None, tickets[row.ticket_id].topic)]
    if told:
        message = _Telling(ctx, reader_of(ctx, subscription.place), tickets, topic).message(told)
        place = subscription.place
        ctx.say(DirectMessage(place) if is_person(place) else ChannelPost(place), message, key=f"missed:{key}")
    return len(rows) == AT_ONCE


def _tickets(ctx: Context, rows: Sequence[Missed]) -> Mapping[int, Any]:
    table = ticket_table.c
    columns = (table.id, table.prefix, table.title, table.topic, table.private, table.status, table.tier)
    found = select(*columns, table.requester).where(table.id.in_({row.ticket_id for row in rows}))
    return {ticket.id: ticket for ticket in ctx.session.execute(found)}


class _Telling:
    """One message."""

    def __init__(self, ctx: Context, reader: Reader, tickets: Mapping[int, Any], topic: str | None) -> None:
        self.ctx, self.reader, self.t, self.tickets, self.topic = ctx, reader, reader.t, tickets, topic

    def message(self, rows: Sequence[Missed]) -> Message:
        """What is still open first."""
        t = self.t
        named = [row for row in rows if not self._is_private(row)]
        named.sort(key=lambda row: self.tickets[row.ticket_id].status in (*SOLVED, *OTHER_ENDS))
        head = t.plural("{count} target was missed", "{count} targets were missed", len(named))
        lines = [f"*{head if named else t('Targets were missed')}*"]
        lines += [self._line(row) for row in named[:LISTED_MAX]]
        if len(named) > LISTED_MAX:
            lines.append(t("… and {count} more", count=len(named) - LISTED_MAX))
        notes = "\n".join([*self._weeks(rows), t("/desk subscriptions stops these messages.")])
        blocks: list[Block] = [*(section(line) for line in lines), context(notes)]
        return Message(_fitting([*lines, notes]), blocks)

    def _is_private(self, row: Missed) -> bool:
        return self.tickets[row.ticket_id].private or self.ctx.policy.queue(row.queue).private

    def _line(self, row: Missed) -> str:
        ticket = self.tickets[row.ticket_id]
        title = inline(ticket.title or "", TITLE_CHARACTERS)
        return self.t(
            "{ticket}: {clock}, {queue}, caused by {tier}. {since}",
            ticket=f"*{ticket.prefix}-{ticket.id}* {title}".rstrip(),
            clock=self.t(CLOCKS[row.clock]) if row.clock in CLOCKS else inline(row.clock, NAME_CHARACTERS),
            queue=inline(self.ctx.policy.queue(row.queue).name, NAME_CHARACTERS),
            tier=inline(row.tier, NAME_CHARACTERS),
            since=self._since(row, ticket),
        )

    def _since(self, row: Missed, ticket: Any) -> str:
        """What became of it."""
        t, history = self.t, self.ctx.history(row.ticket_id)

        def when(*kinds: str) -> str:
            return self.reader.instant(max(entry.at for entry in history if entry.kind in kinds))

        if ticket.status in SOLVED:
            return t("Solved {when}.", when=when("resolved"))
        if ticket.status in OTHER_ENDS:
            return t("Ended without a solution {when}.", when=when(*OTHER_ENDS))
        answers = [
            entry.at
            for entry in history
            if entry.kind == "reply_sent" and entry.at >= row.missed_at and entry.actor != ticket.requester
        ]
        if answers and row.clock != "resolution":
            return t("Answered {when}.", when=self.reader.instant(answers[0]))
        return t("Still open in {tier}.", tier=inline(ticket.tier, NAME_CHARACTERS))

    def _weeks(self, rows: Sequence[Missed]) -> Iterator[str]:
        """How many there are in each of the queues, this week and in as much of the week before."""
        t, queues = self.t, sorted({row.queue for row in rows})
        now, before = self._counted()
        for queue in queues[:QUEUES_MAX]:
            is_private = self.ctx.policy.queue(queue).private
            name = inline(self.ctx.policy.queue(queue).name, NAME_CHARACTERS)
            name = t("{queue} (private)", queue=name) if is_private else name
            counts = [_hidden(count[queue]) if is_private else str(count[queue]) for count in (now, before)]
            yield t(
                "{queue}: {now} missed this week, {before} by this time of the week before",
                queue=name, now=counts[0], before=counts[1],
            )  # fmt: skip
        unnamed = [row for row in rows if self._is_private(row) and not self.ctx.policy.queue(row.queue).private]
        if unnamed:
            yield t("Of private tickets, which are not named: {count}", count=_hidden(len(unnamed)))

    def _counted(self) -> tuple[Counter[str], Counter[str]]:
        """Queue → missed targets, of both weeks."""
        compared = parse_period("this week", self.ctx.now, self.reader.timezone)
        table = history_table.c
        recorded = (
            select(table.data)
            .join(ticket_table, ticket_table.c.id == table.ticket_id)
            .where(table.kind == TargetMissed.kind, table.at >= compared.before.since)
        )
        if self.topic is not None:
            recorded = recorded.where(ticket_table.c.topic == self.topic)
        counts = Counter[str](), Counter[str]()
        for data in self.ctx.session.scalars(recorded):
            missed_at = datetime.fromisoformat(data["missed_at"])
            for count, span in zip(counts, (compared.span, compared.before), strict=True):
                count[data["queue"]] += span.since <= missed_at < span.until
        return counts


def _hidden(count: int) -> str:
    return str(count) if count >= HIDDEN_BELOW else TOO_SMALL


def _fitting(lines: Sequence[str]) -> str:
    """The whole lines that a message's text can hold."""
    text = "\n".join(lines)
    return text if len(text) <= TEXT_CHARACTERS else text[:TEXT_CHARACTERS].rsplit("\n", 1)[0] + "\n…"
