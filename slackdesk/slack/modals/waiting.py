"""On hold with a reason, and out of one's own sight for a while."""

from datetime import UTC, datetime, timedelta
from typing import Any

from slackdesk.errors import InvalidInput
from slackdesk.slack import ids
from slackdesk.slack.edge import Asked
from slackdesk.slack.modals import parts
from slackdesk.slack.modals.form import TicketForm
from slackdesk.slack.payloads import Values
from slackdesk.slack.words import parse_duration
from slackdesk.tickets import service
from slackdesk.tickets.model import Ticket

SNOOZES = ("1h", "4h", "1d", "3d", "1w")


def _draw_hold(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t = asked.t
    explained = t("The clock of the tier stops until {number} is resumed.", number=ticket.number)
    blocks = [parts.sentence(explained), parts.text_input("reason", t("What does it wait for?"), initial=given)]
    return parts.modal(t, ids.Modal.HOLD, t("Put on hold"), blocks, submit=t("Put on hold"), context=context)


def _submit_hold(asked: Asked, ticket_id: int, values: Values) -> object:
    return service.hold_ticket(asked.tx, ticket_id, asked.person, reason=values.text("reason"))


def _draw_snooze(asked: Asked, ticket: Ticket, context: ids.Context, _given: str) -> dict[str, Any]:
    t = asked.t
    explained = t("Hides {number} from your list and mutes your reminders. Its clocks run on.", number=ticket.number)
    options = {value: _length(asked, value) for value in SNOOZES}
    blocks = [
        parts.sentence(explained),
        parts.choice("duration", t("For"), options, initial=SNOOZES[0], optional=True),
        parts.instant_input("until", t("Or until"), optional=True),
    ]
    return parts.modal(t, ids.Modal.SNOOZE, t("Snooze"), blocks, submit=t("Snooze"), context=context)


def _length(asked: Asked, value: str) -> str:
    length = parse_duration(value) or timedelta()
    if length < timedelta(days=1):
        return asked.t.duration(length)
    return asked.t.plural("{count} day", "{count} days", length.days)


def _submit_snooze(asked: Asked, ticket_id: int, values: Values) -> object:
    until = values.instant("until")
    duration = parse_duration(values.choice("duration") or "")
    if until is not None:
        return service.snooze_ticket(asked.tx, ticket_id, asked.person, until=datetime.fromtimestamp(until, UTC))
    if duration is None:
        raise InvalidInput("duration", "Please say for how long.")
    return service.snooze_ticket(asked.tx, ticket_id, asked.person, until=asked.tx.now + duration)


FORMS = {
    ids.Modal.HOLD: TicketForm(_draw_hold, _submit_hold),
    ids.Modal.SNOOZE: TicketForm(_draw_snooze, _submit_snooze),
}
