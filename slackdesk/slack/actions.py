"""Buttons and overflow menus: of the card, the requester's thread, the question, the App Home."""

import re

from slackdesk.errors import AlreadyAccepted
from slackdesk.i18n import later
from slackdesk.slack import ids, modals
from slackdesk.slack.answers import answer, tell_in_conversation, tell_in_window
from slackdesk.slack.edge import Edge
from slackdesk.slack.fields import Malformed, row_id
from slackdesk.slack.ids import Click, Modal
from slackdesk.slack.payloads import Press
from slackdesk.slack.verbs import DIRECT
from slackdesk.tickets import outgoing, service
from slackdesk.tickets.model import Source, Ticket

UNDONE = later("Nothing was sent: the reply of {number} is taken back.")


def press(edge: Edge, pressed: Press) -> None:
    """Do what the button says, or say to whoever pressed it why not. Raises Malformed for a button that is not ours."""
    if pressed.action.name not in list(Click) and not ids.is_of_plugin(pressed.action.name):
        raise Malformed(f"unknown button {pressed.action.name!r}")
    try:
        if ids.is_of_plugin(pressed.action.name):
            edge.extensions.press(edge, pressed)
        else:
            _do(edge, pressed, Click(pressed.action.name))
    except AlreadyAccepted:
        return
    except Malformed:
        raise
    except Exception as error:  # noqa: BLE001 — the person is told, the operator reads the log
        if pressed.place is not None:
            tell_in_conversation(edge, pressed.person, pressed.key, pressed.place, error)
        else:
            on_modal = pressed.view_type == "modal"
            tell_in_window(edge, pressed.person, pressed.trigger_id, error, on_modal=on_modal)


def _do(edge: Edge, pressed: Press, click: Click) -> None:
    ticket_id = pressed.action.ticket_id
    if click is Click.LINK:
        return
    if click is Click.UNDO:
        _undo(edge, pressed)
    elif click in DIRECT:
        if ticket_id is None:
            raise Malformed(f"the button {click.value!r} names no ticket")
        with edge.asked(pressed.person, pressed.key) as asked:
            DIRECT[click](asked.tx, ticket_id, pressed.person)
            if pressed.view_type == "home":
                outgoing.home(asked.tx, pressed.person)
    else:
        modal = {Click.SHOW: Modal.TOLD}.get(click) or Modal(click)
        source = Source.HOME if pressed.view_type == "home" else Source.FORM
        context = ids.Context(ticket_id=ticket_id, source=source if click is Click.FILE else None)
        with edge.looking(pressed.person) as asked:
            view = modals.draw(asked, modal, context)
        edge.open_view(pressed.trigger_id, view, on_modal=pressed.view_type == "modal")


def _undo(edge: Edge, pressed: Press) -> None:
    extra = pressed.action.extra or ""
    message_id = row_id(int(extra) if re.fullmatch("[0-9]{1,10}", extra) else None)
    with edge.asked(pressed.person, pressed.key) as asked:
        message = service.undo_reply(asked.tx, message_id, pressed.person)
        ticket = asked.tx.session.get_one(Ticket, message.ticket_id)
        if pressed.place is not None:
            answer(asked, pressed.place, UNDONE, {"number": ticket.number})
