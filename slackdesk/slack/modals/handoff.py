"""Up a tier with a hand-off, and back down with a reason."""

from typing import Any

from slackdesk.errors import WrongState
from slackdesk.slack import ids
from slackdesk.slack.edge import Asked
from slackdesk.slack.modals import parts
from slackdesk.slack.modals.form import TicketForm
from slackdesk.slack.payloads import Values
from slackdesk.tickets import service
from slackdesk.tickets.model import Ticket


def _draw_escalate(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t, queue = asked.t, asked.tx.policy.queue(ticket.queue)
    names = [tier.name for tier in queue.tiers]
    above = names[names.index(ticket.tier) + 1 :]
    if not above:
        raise WrongState("{tier} is the last tier; {number} cannot go higher.", tier=ticket.tier, number=ticket.number)
    blocks = [
        parts.sentence(t("{number} goes up with what you write here. You keep watching it.", number=ticket.number)),
        parts.text_input("reason", t("Why does it go up?"), initial=given),
        parts.text_input("tried", t("What was tried so far?")),
        parts.text_input("asked", t("What is the next tier asked to do?")),
    ]
    if len(above) > 1:
        blocks.insert(1, parts.choice("to_tier", t("To"), {name: name for name in above}, initial=above[0]))
    return parts.modal(t, ids.Modal.ESCALATE, t("Escalate"), blocks, submit=t("Escalate"), context=context)


def _submit_escalate(asked: Asked, ticket_id: int, values: Values) -> object:
    return service.escalate_ticket(
        asked.tx,
        ticket_id,
        asked.person,
        reason=values.text("reason"),
        tried=values.text("tried"),
        asked=values.text("asked"),
        to_tier=values.choice("to_tier"),
    )


def _draw_send_back(asked: Asked, ticket: Ticket, context: ids.Context, given: str) -> dict[str, Any]:
    t = asked.t
    blocks = [
        parts.sentence(t("{number} returns to whoever handed it up, who is told why.", number=ticket.number)),
        parts.text_input("reason", t("Why does it go back?"), initial=given),
    ]
    return parts.modal(t, ids.Modal.SEND_BACK, t("Send back"), blocks, submit=t("Send back"), context=context)


def _submit_send_back(asked: Asked, ticket_id: int, values: Values) -> object:
    return service.send_back_ticket(asked.tx, ticket_id, asked.person, reason=values.text("reason"))


FORMS = {
    ids.Modal.ESCALATE: TicketForm(_draw_escalate, _submit_escalate),
    ids.Modal.SEND_BACK: TicketForm(_draw_send_back, _submit_send_back),
}
