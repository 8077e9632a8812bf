"""The modals: opening one, and what happens when it is submitted."""

import logging
from collections.abc import Mapping
from typing import Any

from slackdesk.errors import AlreadyAccepted, InvalidInput, Refused
from slackdesk.slack import ids
from slackdesk.slack.edge import Asked, Edge, excuse, marked_up
from slackdesk.slack.fields import Malformed, identifier, reading
from slackdesk.slack.modals import changes, conversation, endings, handoff, parts, waiting
from slackdesk.slack.modals.everything import draw_actions, draw_ticket
from slackdesk.slack.modals.filing import draw_filing, submit_filing
from slackdesk.slack.modals.form import TicketForm, check, ticket_of
from slackdesk.slack.payloads import Submission, inputs_of
from slackdesk.slack.verbs import DIRECT

logger = logging.getLogger(__name__)

TICKET_FORMS: dict[ids.Modal, TicketForm] = {
    **handoff.FORMS,
    **conversation.FORMS,
    **changes.FORMS,
    **waiting.FORMS,
    **endings.FORMS,
}

CLEAR = {"response_action": "clear"}


def draw(asked: Asked, modal: ids.Modal, context: ids.Context, given: str = "") -> dict[str, Any]:
    """The view of a modal. Raises Refused when it would be opened in vain."""
    if modal is ids.Modal.FILE:
        return draw_filing(asked, context, given)
    if modal is ids.Modal.ACTIONS:
        return draw_actions(asked, context)
    if modal is ids.Modal.TOLD:
        return draw_ticket(asked, context.ticket_id)
    ticket = ticket_of(asked, context.ticket_id)
    check(asked, ticket, ids.Click(modal))
    return TICKET_FORMS[modal].draw(asked, ticket, context, given)


def submit(edge: Edge, submission: Submission) -> dict[str, Any]:
    """Do what was asked for; returns the acknowledgement. What is refused stays in the modal, with the reason."""
    try:
        if ids.is_of_plugin(submission.modal):
            return edge.extensions.submit(edge, submission)
        with edge.asked(submission.person, submission.key) as asked:
            acknowledgement = _submitted(asked, submission)
            asked.tx.answer(acknowledgement)
        return acknowledgement
    except AlreadyAccepted as repeated:
        return repeated.answer or CLEAR
    except Malformed as error:
        return _told(edge, submission.person, submission.inputs, _outdated(error))
    except Exception as error:  # noqa: BLE001 — the person is told, the operator reads the log
        return _told(edge, submission.person, submission.inputs, excuse(error))


def submit_unread(edge: Edge, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """``submit`` for what Slack delivered. A form that cannot be read stays open too: its words are still in it."""
    try:
        submission = Submission.read(body)
    except Malformed as malformed:
        refused = _outdated(malformed)
    else:
        return submit(edge, submission)
    try:
        with reading("view_submission"):
            person, inputs = identifier(body["user"]["id"]), inputs_of(body["view"])
    except Malformed:
        return None
    return _told(edge, person, inputs, refused)


def _submitted(asked: Asked, submission: Submission) -> dict[str, Any]:
    if submission.modal not in list(ids.Modal):
        raise Malformed("an unknown modal")
    modal, context = ids.Modal(submission.modal), submission.context
    if modal is ids.Modal.FILE:
        return submit_filing(asked, submission)
    if modal is ids.Modal.ACTIONS:
        return _chosen(asked, submission)
    if context.ticket_id is None or modal not in TICKET_FORMS:
        raise Malformed(f"nothing to submit in {submission.modal!r} for ticket {context.ticket_id!r}")
    TICKET_FORMS[modal].submit(asked, context.ticket_id, submission.values)
    return CLEAR


def _chosen(asked: Asked, submission: Submission) -> dict[str, Any]:
    """Do what was chosen from the list, or ask in the same window for the words that it needs."""
    choice = submission.values.choice("click")
    if choice is None or choice not in list(ids.Click):
        raise InvalidInput("click", "Please choose what you want to do.")
    click, context = ids.Click(choice), submission.context
    if choice in list(ids.Modal):
        return {"response_action": "update", "view": draw(asked, ids.Modal(choice), context)}
    if click not in DIRECT or context.ticket_id is None:
        raise Malformed(f"{choice!r} cannot be chosen for ticket {context.ticket_id!r}")
    DIRECT[click](asked.tx, context.ticket_id, asked.person)
    return CLEAR


def _outdated(error: Malformed) -> Refused:
    logger.warning("acknowledged and left alone: %s", error)
    return Refused(
        "The helpdesk cannot read this form any more. Copy what you wrote, close the form, and open it again."
    )


def _told(edge: Edge, person: str, inputs: Mapping[str, str], refused: Refused) -> dict[str, Any]:
    t = edge.t(person)
    if not inputs:
        return {"response_action": "update", "view": parts.told(t, t("Not done"), marked_up(refused, t))}
    name = refused.field if isinstance(refused, InvalidInput) and refused.field in inputs else None
    block_id = inputs[name] if name else next(iter(inputs.values()))
    return {"response_action": "errors", "errors": {block_id: edge.plain(refused, t)}}
