"""The buttons of a card: what can be done in the ticket's state, most likely first."""

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ConfirmObject,
    InteractiveElement,
    Option,
    OverflowMenuElement,
    PlainTextObject,
)

from slackdesk.i18n import Translate, later
from slackdesk.slack import ids
from slackdesk.slack.drawings import parts
from slackdesk.slack.ids import Click
from slackdesk.tickets.lifecycle import OPEN, actions_in
from slackdesk.tickets.model import Ticket

LABELS = {
    Click.CLAIM: later("Claim"),
    Click.TAKE_OVER: later("Take over"),
    Click.REPLY: later("Reply"),
    Click.NOTE: later("Add a note"),
    Click.ESCALATE: later("Escalate"),
    Click.ACCEPT: later("Accept"),
    Click.SEND_BACK: later("Send back"),
    Click.RESOLVE: later("Resolve"),
    Click.REOPEN: later("Reopen"),
    Click.CLOSE: later("Close"),
    Click.WAIT: later("Wait for the requester"),
    Click.HOLD: later("Put on hold"),
    Click.RESUME: later("Resume"),
    Click.SNOOZE: later("Snooze"),
    Click.ASSIGN: later("Assign"),
    Click.PRIORITY: later("Change the priority"),
    Click.TOPIC: later("Change the topic"),
    Click.NOT_A_REQUEST: later("Not a request"),
    Click.ACTIONS: later("All actions…"),
}

_MENU = (Click.WAIT, Click.HOLD, Click.NOTE, Click.PRIORITY, Click.ASSIGN, Click.TOPIC, Click.NOT_A_REQUEST)
"""Order of the entries; the first of them that are possible, then ``Click.ACTIONS``, which opens the rest."""

MENU_OPTIONS = 5
"""Options of an overflow menu (https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element)."""


def row(t: Translate, ticket: Ticket, *, awaits_accept: bool, has_tier_above: bool) -> list[Block]:
    """The row under the card. Only what has to happen next is primary: [Claim] or [Accept]."""
    possible = actions_in(ticket.status)
    wanted = [click for click in _wanted(ticket, awaits_accept, has_tier_above) if click.value in possible]
    elements: list[InteractiveElement] = [_button(t, ticket, click) for click in wanted]
    elements.append(_menu(t, ticket))
    return parts.actions("card", ticket.version, elements)


def _wanted(ticket: Ticket, awaits_accept: bool, has_tier_above: bool) -> list[Click]:
    if ticket.status not in OPEN:
        return [Click.REOPEN, Click.CLOSE]
    unclaimed = [Click.CLAIM] if ticket.assignee is None else []
    first = [Click.ACCEPT, Click.SEND_BACK] if awaits_accept else unclaimed
    escalate = [Click.ESCALATE] if has_tier_above else []
    last = [Click.TAKE_OVER] if ticket.assignee is not None else []
    return [*first, Click.RESUME, Click.REPLY, *escalate, Click.RESOLVE, *last]


def _button(t: Translate, ticket: Ticket, click: Click) -> ButtonElement:
    label = t(LABELS[click])
    return parts.button(
        label,
        ids.action(click, ticket.id),
        about=f"{label}: {ticket.number}",
        style="primary" if click in (Click.CLAIM, Click.ACCEPT) else None,
        confirm=_take_over(t, ticket) if click is Click.TAKE_OVER else None,
    )


def _take_over(t: Translate, ticket: Ticket) -> ConfirmObject:
    text = t("{number} becomes yours. Its assignee is told.", number=ticket.number)
    plain = [PlainTextObject(text=part) for part in (t("Take over?"), text, t("Take over"), t("Go back"))]
    return ConfirmObject(title=plain[0], text=plain[1], confirm=plain[2], deny=plain[3])


def _menu(t: Translate, ticket: Ticket) -> OverflowMenuElement:
    possible = actions_in(ticket.status)
    entries = [click for click in _MENU if click.value in possible][: MENU_OPTIONS - 1]
    options = [
        Option(value=click.value, text=PlainTextObject(text=t(LABELS[click]))) for click in (*entries, Click.ACTIONS)
    ]
    return OverflowMenuElement(action_id=ids.action(Click.MORE, ticket.id), options=options)
