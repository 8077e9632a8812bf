"""A form about a ticket: who may open it, what it asks, and which use case its answers go to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slackdesk.errors import InvalidInput, NotFound
from slackdesk.i18n import later
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.slack import ids
from slackdesk.slack.drawings import card_actions
from slackdesk.slack.edge import Asked
from slackdesk.slack.payloads import Values
from slackdesk.tickets import lifecycle, rights
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.rights import Action
from slackdesk.tickets.service import steps

OFFERED: Mapping[ids.Click, str] = {
    **card_actions.LABELS,
    ids.Click.DUPLICATE: later("Mark as a duplicate"),
    ids.Click.CONFIRM: later("It is solved, close it"),
    ids.Click.ADD_DETAILS: later("Add details"),
    ids.Click.CANCEL: later("Cancel the request"),
}
"""Everything that can be done with a ticket, in the order in which it is offered."""


@dataclass(frozen=True)
class TicketForm:
    """``draw(asked, ticket, context, given)`` makes the view, with ``given`` (text typed behind a verb) filled in.

    ``submit(asked, ticket_id, values)`` calls the use case.
    """

    draw: Callable[[Asked, Ticket, ids.Context, str], dict[str, Any]]
    submit: Callable[[Asked, int, Values], object]


def right(click: ids.Click) -> Action:
    """The right that a click needs."""
    return Action.DESCRIBE if click is ids.Click.ADD_DETAILS else Action(click)


def ticket_of(asked: Asked, ticket_id: int | None) -> Ticket:
    """The ticket that an id of ours names. Raises NotFound."""
    ticket = None if ticket_id is None else asked.tx.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound("That ticket does not exist any more.")
    return ticket


def check(asked: Asked, ticket: Ticket, click: ids.Click) -> None:
    """Raises NotAllowed or WrongState before a form is opened in vain; the use case checks again."""
    steps.check(asked.tx, ticket, asked.person, right(click))


def possible(asked: Asked, ticket: Ticket) -> list[ids.Click]:
    """What this person can do with the ticket now."""
    found = lifecycle.actions_in(ticket.status)
    return [
        click
        for click in OFFERED
        if click is not ids.Click.ACTIONS
        and right(click) in found
        and rights.allowed(right(click), asked.tx.policy, ticket, asked.person, is_guest=asked.is_guest())
    ]


def topics(policy: ResolvedPolicy) -> dict[str, dict[str, str]]:
    """Name of a queue → its topics (value → text), for a grouped choice; the queue follows from the topic."""
    return {
        queue.name: {topic_value(queue.key, topic): topic for topic in queue.topics} or {f"{queue.key}:": queue.name}
        for queue in policy.queues.values()
    }


def topic_value(queue_key: str, topic: str) -> str:
    """Value of the option of a topic."""
    return f"{queue_key}:{topic}"


def parse_topic(value: str | None, policy: ResolvedPolicy) -> tuple[str, str | None]:
    """Queue key and topic of an option. Raises InvalidInput for one that the policy has no more."""
    key, _, topic = (value or "").partition(":")
    if key not in policy.queues or (topic and topic not in policy.queue(key).topics):
        raise InvalidInput("topic", "Please choose a topic; the list has changed.")
    return key, topic or None
