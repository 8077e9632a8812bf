"""Who does it, how soon it is due, and what it is about."""

from typing import Any

from slackdesk.errors import InvalidInput
from slackdesk.slack import ids
from slackdesk.slack.drawings.parts import PRIORITY_WORDS
from slackdesk.slack.edge import Asked
from slackdesk.slack.modals import parts
from slackdesk.slack.modals.form import TicketForm, parse_topic, topic_value, topics
from slackdesk.slack.payloads import Values
from slackdesk.tickets import service
from slackdesk.tickets.model import Priority, Ticket


def priorities(asked: Asked) -> dict[str, str]:
    """Value → text of each priority."""
    return {priority.value: asked.t(PRIORITY_WORDS[priority]) for priority in Priority}


def _draw_assign(asked: Asked, ticket: Ticket, context: ids.Context, _given: str) -> dict[str, Any]:
    t = asked.t
    hint = t("Somebody of {tier}.", tier=ticket.tier)
    blocks = [parts.person_input("assignee", t("Who takes {number}?", number=ticket.number), hint=hint)]
    return parts.modal(t, ids.Modal.ASSIGN, t("Assign"), blocks, submit=t("Assign"), context=context)


def _submit_assign(asked: Asked, ticket_id: int, values: Values) -> object:
    assignee = values.person("assignee")
    if assignee is None:
        raise InvalidInput("assignee", "Please choose a person.")
    return service.assign_ticket(asked.tx, ticket_id, asked.person, assignee)


def _draw_priority(asked: Asked, ticket: Ticket, context: ids.Context, _given: str) -> dict[str, Any]:
    t = asked.t
    label = t("How soon does {number} have to be solved?", number=ticket.number)
    blocks = [parts.choice("priority", label, priorities(asked), initial=ticket.priority)]
    return parts.modal(t, ids.Modal.PRIORITY, t("Priority"), blocks, submit=t("Save"), context=context)


def _submit_priority(asked: Asked, ticket_id: int, values: Values) -> object:
    priority = values.choice("priority")
    if priority not in list(Priority):
        raise InvalidInput("priority", "Please choose a priority.")
    return service.set_priority(asked.tx, ticket_id, asked.person, Priority(priority))


def _draw_topic(asked: Asked, ticket: Ticket, context: ids.Context, _given: str) -> dict[str, Any]:
    t = asked.t
    blocks = [
        parts.grouped_choice(
            "topic",
            t("What is {number} about?", number=ticket.number),
            topics(asked.tx.policy),
            initial=topic_value(ticket.queue, ticket.topic or ""),
        ),
        parts.sentence(t("A topic of another team moves it there.")),
    ]
    return parts.modal(t, ids.Modal.TOPIC, t("Topic"), blocks, submit=t("Save"), context=context)


def _submit_topic(asked: Asked, ticket_id: int, values: Values) -> object:
    queue, topic = parse_topic(values.choice("topic"), asked.tx.policy)
    return service.set_topic(asked.tx, ticket_id, asked.person, queue=queue, topic=topic)


FORMS = {
    ids.Modal.ASSIGN: TicketForm(_draw_assign, _submit_assign),
    ids.Modal.PRIORITY: TicketForm(_draw_priority, _submit_priority),
    ids.Modal.TOPIC: TicketForm(_draw_topic, _submit_topic),
}
