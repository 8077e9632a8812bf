"""What needs no words: a ticket, a person, and it is done."""

from collections.abc import Callable, Mapping

from slackdesk.slack.ids import Click
from slackdesk.tickets import service
from slackdesk.tickets.model import Status, Ticket
from slackdesk.tickets.transaction import Transaction

Verb = Callable[[Transaction, int, str], Ticket]
"""``verb(tx, ticket_id, actor)``"""


def close(tx: Transaction, ticket_id: int, actor: str) -> Ticket:
    """An agent closes; the requester of a resolved ticket confirms, which is what "close" means to her or him."""
    ticket = tx.session.get(Ticket, ticket_id)
    if ticket is not None and ticket.requester == actor and ticket.status is Status.RESOLVED:
        return service.confirm_ticket(tx, ticket_id, actor)
    return service.close_ticket(tx, ticket_id, actor)


DIRECT: Mapping[Click, Verb] = {
    Click.CLAIM: service.claim_ticket,
    Click.TAKE_OVER: service.take_over_ticket,
    Click.ACCEPT: service.accept_ticket,
    Click.WAIT: service.wait_for_requester,
    Click.RESUME: service.resume_ticket,
    Click.CONFIRM: service.confirm_ticket,
    Click.REOPEN: service.reopen_ticket,
    Click.CLOSE: close,
    Click.NOT_A_REQUEST: service.mark_not_a_request,
    Click.CANCEL: service.cancel_ticket,
}
