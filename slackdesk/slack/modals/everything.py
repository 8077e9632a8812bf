"""Everything that can be done with one ticket, and the ticket itself, each in a modal."""

from typing import Any

from slackdesk.slack import ids
from slackdesk.slack.edge import Asked
from slackdesk.slack.modals import parts
from slackdesk.slack.modals.form import OFFERED, possible, ticket_of
from slackdesk.slack.sentences import ticket_text
from slackdesk.tickets import rights


def draw_actions(asked: Asked, context: ids.Context) -> dict[str, Any]:
    """The list of what this person can do with the ticket now."""
    t, ticket = asked.t, ticket_of(asked, context.ticket_id)
    rights.require(rights.Action.VIEW, asked.tx.policy, ticket, asked.person, is_guest=asked.is_guest())
    options = {click.value: t(OFFERED[click]) for click in possible(asked, ticket)}
    blocks = [parts.sentence(ticket_text(asked, ticket))]
    if not options:
        return parts.modal(t, ids.Modal.TOLD, ticket.number, blocks)
    label = t("What do you want to do?")
    return parts.modal(
        t,
        ids.Modal.ACTIONS,
        ticket.number,
        [*blocks, parts.choice("click", label, options)],
        submit=t("Continue"),
        context=context,
    )


def draw_ticket(asked: Asked, ticket_id: int | None) -> dict[str, Any]:
    """One ticket, to be read."""
    ticket = ticket_of(asked, ticket_id)
    rights.require(rights.Action.VIEW, asked.tx.policy, ticket, asked.person, is_guest=asked.is_guest())
    return parts.told(asked.t, ticket.number, ticket_text(asked, ticket))
