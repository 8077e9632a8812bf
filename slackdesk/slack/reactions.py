"""Emoji that do something: 🎫 files, 👀 claims, ✅ offers to resolve, 📤 sends one's own message to the requester."""

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.dispatch.model import Work
from slackdesk.errors import AlreadyAccepted, NotAllowed, NotFound, Refused, WrongState
from slackdesk.i18n import later
from slackdesk.slack import escape, ids
from slackdesk.slack.answers import answer, refuse
from slackdesk.slack.edge import Asked, Edge, ask_later, with_names
from slackdesk.slack.messages import queue_for
from slackdesk.slack.payloads import Message, Place
from slackdesk.slack.too_early import require_arrived, require_ours_known
from slackdesk.tickets import outgoing, queries, service
from slackdesk.tickets.model import MessageKind, Side, Source, Ticket
from slackdesk.tickets.service.messages import message_at
from slackdesk.tickets.transaction import Desk, Transaction

FILES_STAY = later("Only the text of your message goes to the requester; its files stay here.")
RESOLVE_WITH_WORDS = later("What solved {number}? Press Resolve: its requester reads the answer.")

UNREADABLE = frozenset({"channel_not_found", "not_in_channel", "missing_scope", "is_archived"})
"""Errors of conversations.history that no repetition changes."""


def _file(edge: Edge, person: str, key: str, place: Place) -> None:
    """File the message for its author. Its text has to be fetched first, by a worker."""
    with edge.asked(person, key) as asked:
        if queries.ticket_at(asked.tx.session, place.channel, place.ts or "") is None:
            payload = {"channel": place.channel, "ts": place.ts, "person": person}
            ask_later(asked.tx, "file_from_reaction", payload, key=f"{place.channel}:{place.ts}:{person}")


def _claim(edge: Edge, person: str, key: str, place: Place) -> None:
    with edge.asked(person, key) as asked:
        ticket = _of_card(edge, asked, place)
        if ticket is not None:
            service.claim_ticket(asked.tx, ticket.id, person)


def _offer_to_resolve(edge: Edge, person: str, key: str, place: Place) -> None:
    with edge.asked(person, key) as asked:
        ticket = _of_card(edge, asked, place)
        if ticket is not None:
            outgoing.answer(
                asked.tx,
                channel=place.channel,
                person=person,
                template=RESOLVE_WITH_WORDS,
                values={"number": ticket.number, "ticket_id": ticket.id},
                thread_ts=place.thread_ts,
                blocks=ids.Click.RESOLVE,
            )


def _send(edge: Edge, person: str, key: str, place: Place) -> None:
    with edge.asked(person, key) as asked:
        require_arrived(edge, asked.tx, place.channel, place.ts or "")
        message = message_at(asked.tx, place.channel, place.ts or "")
        if message is None or message.side is not Side.AGENTS:
            return
        if message.author != person:
            raise NotAllowed("Only <@{author}>, who wrote it, can send this message on.", author=message.author)
        if message.kind is MessageKind.REPLY:
            raise WrongState("This message went to the requester already.")
        if not (message.text or "").strip():
            raise Refused("Files cannot be sent to the requester from here; only text can.")
        service.reply_to_requester(asked.tx, message.ticket_id, person, message.text or "", shown_to_agents=True)
        if message.files:
            answer(asked, place, FILES_STAY)


def _of_card(edge: Edge, asked: Asked, place: Place) -> Ticket | None:
    require_ours_known(edge, asked.tx, place.channel, place.ts or "")
    found = queries.ticket_at(asked.tx.session, place.channel, place.ts or "")
    return found[0] if found is not None and found[1].kind == "card" and found[1].ts == place.ts else None


REACTIONS: dict[str, Callable[[Edge, str, str, Place], None]] = {
    "ticket": _file,
    "eyes": _claim,
    "white_check_mark": _offer_to_resolve,
    "outbox_tray": _send,
}
"""Name of the emoji → what it does: ``(edge, person, key, place of the message)``."""


def file_from_reaction(client: WebClient, desk: Desk, row: Work) -> None:
    """Fetch the message to which 🎫 was added and file it for its author, by whoever added it.

    Raises what the Web API raises when it may answer later, and DatabaseBusy.
    """
    channel, ts, person = row.payload["channel"], row.payload["ts"], row.payload["person"]
    key = f"file_from_reaction:{channel}:{ts}:{person}"
    try:
        message = _fetch(client, channel, ts)
        with desk.transaction(key) as tx:
            _file_message(tx, message, person)
    except AlreadyAccepted:
        return
    except Refused as refused:
        refuse(Edge(desk, client), person, key, Place(channel, ts, thread_ts=ts), refused)


def _file_message(tx: Transaction, message: Message, person: str) -> None:
    if message.author is None:
        raise Refused("An app posted this message: there is nobody to answer. File it yourself with /ticket.")
    service.file_ticket(
        tx,
        requester=message.author,
        filed_by=person,
        queue=queue_for(tx.policy, message.channel).key,
        topic=None,
        text=escape.from_slack(with_names(tx, message.text)),
        source=Source.REACTION,
        source_channel=message.channel,
        source_ts=message.thread_ts or message.ts,
        files=message.files,
    )


def _fetch(client: WebClient, channel: str, ts: str) -> Message:
    """The message; raises NotFound when the app cannot read it. A reply is no part of a channel's history."""
    window: dict[str, Any] = {"channel": channel, "oldest": ts, "latest": ts, "inclusive": True, "limit": 1}
    try:
        found: list[dict[str, Any]] = client.conversations_history(**window).get("messages") or []
        if not any(one.get("ts") == ts for one in found):
            found = client.conversations_replies(ts=ts, **window).get("messages") or []
    except SlackApiError as error:
        if error.response.get("error") in UNREADABLE:
            raise NotFound("The app cannot read this message. Invite it to the channel, then add 🎫 again.") from error
        if error.response.get("error") != "thread_not_found":
            raise
        found = []
    for one in found:
        if one.get("ts") == ts:
            return Message.read(one, channel)
    raise NotFound("The message to which you added 🎫 is gone.")
