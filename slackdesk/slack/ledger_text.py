"""Where a ticket's time went: the tier ledger as arithmetic that anybody can check."""

from datetime import datetime, timedelta

from slackdesk.businesstime import Span
from slackdesk.i18n import later
from slackdesk.slack import escape
from slackdesk.slack.edge import Asked
from slackdesk.slack.sentences import reader
from slackdesk.tickets import queries
from slackdesk.tickets.ledger import business_time, pauses_of
from slackdesk.tickets.model import StayBegin, Ticket, TierStay

BEGUN = {
    StayBegin.FILED: later("filed"),
    StayBegin.ESCALATED: later("handed up"),
    StayBegin.SENT_BACK: later("sent back"),
    StayBegin.REOPENED: later("reopened"),
    StayBegin.MOVED: later("moved from another queue"),
}


def ledger_text(asked: Asked, ticket: Ticket) -> str:
    """The calendar, every stay in a tier with its working time and pauses against the budget, and the sum."""
    t, tx = asked.t, asked.tx
    queue = tx.policy.queue(ticket.queue)
    calendar = t(
        "Only working hours count: calendar “{calendar}” ({timezone}); waiting and holding do not.",
        calendar=escape.inline(queue.calendar, 75),
        timezone=tx.policy.calendars[queue.calendar].timezone,
    )
    stays = [stay for stay in queries.stays_of(tx.session, ticket.id) if stay.queue in tx.policy.queues]
    pauses = pauses_of(tx.session, ticket, tx.now)
    spent = [business_time(tx.policy, stay, pauses, tx.now) for stay in stays]
    lines = [t("*{number}*: where its time went", number=ticket.number), calendar]
    lines += [_stay(asked, stay, pauses, time) for stay, time in zip(stays, spent, strict=True)]
    terms = " + ".join(t.duration(time) for time in spent) or "0"
    lines.append(t("Sum: {terms} = {total}", terms=terms, total=t.duration(sum(spent, timedelta()))))
    return "\n".join(lines)


def _stay(asked: Asked, stay: TierStay, pauses: list[Span], spent: timedelta) -> str:
    t, at = asked.t, reader(asked).instant
    budget = timedelta(seconds=stay.budget_seconds)
    end = stay.left_at or asked.tx.now
    gross = business_time(asked.tx.policy, stay, (), asked.tx.now)
    values = {
        "tier": escape.inline(stay.tier, 75),
        "how": t(BEGUN[StayBegin(stay.entered_how)]),
        "begin": at(stay.entered_at),
        "end": at(stay.left_at) if stay.left_at else t("now"),
        "gross": t.duration(gross),
        "paused": t.duration(gross - spent),
        "spent": t.duration(spent),
        "budget": t.duration(budget),
    }
    line = t("• {tier}, {how}: {begin} to {end}: {gross} − {paused} paused = {spent} of {budget}", **values)
    if spent > budget:
        line += " " + t("({over} over)", over=t.duration(spent - budget))
    paused_at = [_span(asked, pause) for pause in pauses if pause[0] < end and pause[1] > stay.entered_at]
    return line + (" " + t("(paused {spans})", spans=", ".join(paused_at)) if paused_at else "")


def _span(asked: Asked, pause: tuple[datetime, datetime]) -> str:
    at = reader(asked).instant
    return f"{at(pause[0])}–{at(pause[1])}"
