"""How a ticket ends: resolved, a duplicate of another one, or cancelled by whoever asked."""

from typing import Any

from slackdesk.errors import InvalidInput
from slackdesk.slack import escape, ids
from slackdesk.slack.edge import Asked
from slackdesk.slack.modals import parts
from slackdesk.slack.modals.form import TicketForm, ticket_of
from slackdesk.slack.payloads import Values
from slackdesk.slack.words import is_number
from slackdesk.tickets import queries, service
from slackdesk.tickets.model import Ticket


def _draw_resolve(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t, queue = asked.t, asked.tx.policy.queue(ticket.queue)
    blocks = [parts.text_input("resolution", t("What solved it?"), initial=given, hint=t("The requester reads this."))]
    if queue.topics:
        options = {topic: topic for topic in queue.topics}
        blocks.insert(0, parts.choice("topic", t("What was it about?"), options, initial=ticket.topic))
    title = t("Resolve {number}", number=ticket.number)
    return parts.modal(t, ids.Modal.RESOLVE, title, blocks, submit=t("Resolve"), context=context)


def _submit_resolve(asked: Asked, ticket_id: int, values: Values) -> object:
    topic = values.choice("topic") or ticket_of(asked, ticket_id).topic
    return service.resolve_ticket(asked.tx, ticket_id, asked.person, topic=topic, resolution=values.text("resolution"))


def _draw_duplicate(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t = asked.t
    label = t("Which ticket does {number} repeat?", number=ticket.number)
    hint = t("Its number, such as 42. {number} ends here, and its requester is told.", number=ticket.number)
    blocks = [parts.text_input("of", label, initial=given, hint=hint, multiline=False)]
    return parts.modal(t, ids.Modal.DUPLICATE, t("Duplicate"), blocks, submit=t("Mark"), context=context)


def _submit_duplicate(asked: Asked, ticket_id: int, values: Values) -> object:
    number = values.text("of")
    if not is_number(number):
        raise InvalidInput("of", "“{text}” is no ticket number; write it like 42 or IT-42.", text=number)
    of = queries.ticket_by_number(asked.tx.session, number)
    return service.mark_duplicate(asked.tx, ticket_id, asked.person, of=of.id)


def _draw_cancel(asked: Asked, ticket: Ticket, context: ids.Context, _given: str) -> dict[str, Any]:
    t = asked.t
    question = t("Cancel *{number}*? Nobody will work on it any more.", number=ticket.number)
    blocks = [parts.sentence(question), parts.quoted(escape.line(ticket.title or t("(no title)"), 150))]
    return parts.modal(
        t, ids.Modal.CANCEL, t("Cancel the request"), blocks, submit=t("Cancel request"), context=context
    )


def _submit_cancel(asked: Asked, ticket_id: int, _values: Values) -> object:
    return service.cancel_ticket(asked.tx, ticket_id, asked.person)


FORMS = {
    ids.Modal.RESOLVE: TicketForm(_draw_resolve, _submit_resolve),
    ids.Modal.DUPLICATE: TicketForm(_draw_duplicate, _submit_duplicate),
    ids.Modal.CANCEL: TicketForm(_draw_cancel, _submit_cancel),
}
