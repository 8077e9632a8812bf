"""Shortcuts: file a request, and what can be made of a message."""

from slackdesk.errors import AlreadyAccepted, NotFound, Refused
from slackdesk.slack import ids, modals
from slackdesk.slack.answers import answer, tell_in_conversation, tell_in_window
from slackdesk.slack.edge import Asked, Edge
from slackdesk.slack.fields import Malformed
from slackdesk.slack.ids import Modal, Shortcut
from slackdesk.slack.messages import readable
from slackdesk.slack.payloads import Message, ShortcutUse
from slackdesk.slack.reactions import FILES_STAY
from slackdesk.slack.too_early import wait_until_ours_known
from slackdesk.tickets import queries, service
from slackdesk.tickets.model import Source, Ticket


def use(edge: Edge, used: ShortcutUse) -> None:
    """Do what the shortcut says, or say why not. Raises Malformed for one that the manifest does not declare."""
    if used.callback_id not in list(Shortcut):
        raise Malformed(f"unknown shortcut {used.callback_id!r}")
    shortcut = Shortcut(used.callback_id)
    if (used.message is None) is not (shortcut is Shortcut.FILE_REQUEST):
        raise Malformed(f"the shortcut {shortcut.value!r} is {'not ' if used.message is None else ''}on a message")
    try:
        _do(edge, used, shortcut)
    except AlreadyAccepted:
        return
    except Malformed:
        raise
    except Exception as error:  # noqa: BLE001 — the person is told, the operator reads the log
        if used.place is not None:
            tell_in_conversation(edge, used.person, used.key, used.place, error)
        else:
            tell_in_window(edge, used.person, used.trigger_id, error, on_modal=False)


def _do(edge: Edge, used: ShortcutUse, shortcut: Shortcut) -> None:
    if used.message is not None and shortcut is not Shortcut.MAKE_TICKET:
        wait_until_ours_known(edge, used.message.channel, used.message.thread_ts or used.message.ts)
    if shortcut is Shortcut.SEND_TO_REQUESTER and used.message and used.message.author == used.person:
        with edge.asked(used.person, used.key) as asked:
            send_to_requester(asked, used.message)
            if used.message.files and used.place:
                answer(asked, used.place, FILES_STAY)
        return
    with edge.looking(used.person) as asked:
        view = _view(asked, used, shortcut)
    edge.open_view(used.trigger_id, view)


def _view(asked: Asked, used: ShortcutUse, shortcut: Shortcut) -> dict[str, object]:
    message = used.message
    if message is None:
        return modals.draw(asked, Modal.FILE, ids.Context(source=Source.SHORTCUT))
    if shortcut is Shortcut.MAKE_TICKET:
        return _make_ticket(asked, message)
    ticket = ticket_of_thread(asked, message)
    if shortcut is Shortcut.TICKET_ACTIONS:
        return modals.draw(asked, Modal.ACTIONS, ids.Context(ticket_id=ticket.id))
    # Somebody else's message is not sent on unseen: the form shows it first.
    return modals.draw(asked, Modal.REPLY, ids.Context(ticket_id=ticket.id), readable(asked, message))


def _make_ticket(asked: Asked, message: Message) -> dict[str, object]:
    existing = queries.ticket_at(asked.tx.session, message.channel, message.ts)
    if existing is not None:
        return modals.draw(asked, Modal.ACTIONS, ids.Context(ticket_id=existing[0].id))
    # Elsewhere the app may be no member, and then nothing could be said in the thread.
    is_request_channel = any(message.channel in queue.request_channels for queue in asked.tx.policy.queues.values())
    context = ids.Context(
        channel=message.channel if is_request_channel else None,
        ts=(message.thread_ts or message.ts) if is_request_channel else None,
        author=message.author if message.author != asked.person else None,
        source=Source.SHORTCUT,
    )
    files = [f"{file['name']}: {file['permalink']}" for file in message.files]
    given = "\n".join([readable(asked, message), *files])
    return modals.draw(asked, Modal.FILE, context, given)


def send_to_requester(asked: Asked, message: Message) -> Ticket:
    """Send one's own message of a card's thread to the requester, as a reply that can still be undone."""
    ticket = ticket_of_thread(asked, message)
    if not message.text.strip():
        raise Refused("Files cannot be sent to the requester from here; only text can.")
    service.reply_to_requester(asked.tx, ticket.id, asked.person, readable(asked, message), shown_to_agents=True)
    return ticket


def ticket_of_thread(asked: Asked, message: Message) -> Ticket:
    """The ticket in whose thread a message stands. Raises NotFound."""
    found = queries.ticket_at(asked.tx.session, message.channel, message.thread_ts or message.ts)
    if found is None:
        raise NotFound("There is no ticket in this thread.")
    return found[0]
