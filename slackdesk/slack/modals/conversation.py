"""A reply that goes out, and a note that never does."""

from typing import Any

from slackdesk.slack import escape, ids
from slackdesk.slack.edge import Asked
from slackdesk.slack.modals import parts
from slackdesk.slack.modals.form import TicketForm, parse_topic, topics
from slackdesk.slack.payloads import Values
from slackdesk.tickets import service
from slackdesk.tickets.model import Ticket


def _draw_reply(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t = asked.t
    explained = t(
        "This goes to <@{requester}> in the thread of {number}, {delay} after you send it. Until then you can undo it.",
        requester=ticket.requester,
        number=ticket.number,
        delay=t.duration(asked.tx.undo),
    )
    blocks = [parts.sentence(explained), parts.text_input("text", t("Your reply"), initial=given)]
    return parts.modal(t, ids.Modal.REPLY, t("Reply"), blocks, submit=t("Send"), context=context)


def _submit_reply(asked: Asked, ticket_id: int, values: Values) -> object:
    return service.reply_to_requester(asked.tx, ticket_id, asked.person, values.text("text"))


def _draw_note(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t = asked.t
    explained = t("Only agents read notes on {number}, never the requester.", number=ticket.number)
    blocks = [parts.sentence(explained), parts.text_input("text", t("Your note"), initial=given)]
    return parts.modal(t, ids.Modal.NOTE, t("Note"), blocks, submit=t("Save"), context=context)


def _submit_note(asked: Asked, ticket_id: int, values: Values) -> object:
    return service.add_note(asked.tx, ticket_id, asked.person, values.text("text"))


def _draw_add_details(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t = asked.t
    present = f"{ticket.queue}:{ticket.topic or ''}"
    title = escape.inline(ticket.title or "", parts.OPTION_CHARACTERS)
    blocks = [
        parts.sentence(f"*{ticket.number}* {title}"),
        parts.grouped_choice("topic", t("What is it about?"), topics(asked.tx.policy), initial=present, optional=True),
        parts.text_input("text", t("What else should we know?"), initial=given, optional=True),
    ]
    return parts.modal(t, ids.Modal.ADD_DETAILS, t("Add details"), blocks, submit=t("Add"), context=context)


def _submit_add_details(asked: Asked, ticket_id: int, values: Values) -> object:
    chosen = values.choice("topic")
    queue, topic = parse_topic(chosen, asked.tx.policy) if chosen else (None, None)
    return service.describe_ticket(
        asked.tx, ticket_id, asked.person, topic=topic, text=values.text("text"), **({"queue": queue} if queue else {})
    )


FORMS = {
    ids.Modal.REPLY: TicketForm(_draw_reply, _submit_reply),
    ids.Modal.NOTE: TicketForm(_draw_note, _submit_note),
    ids.Modal.ADD_DETAILS: TicketForm(_draw_add_details, _submit_add_details),
}
