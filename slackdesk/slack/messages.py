"""What people write in Slack: into a ticket's thread, to the app, into a request channel."""

from collections.abc import Callable
from functools import partial

from slackdesk.i18n import later
from slackdesk.policy.model import Queue, ResolvedPolicy
from slackdesk.slack import escape, fields
from slackdesk.slack.answers import answer
from slackdesk.slack.edge import Asked, Edge, with_names
from slackdesk.slack.fields import reading
from slackdesk.slack.payloads import Delivery, Message, Place
from slackdesk.slack.sentences import ASKED_BEFORE
from slackdesk.slack.too_early import require_arrived, require_ours_known, require_turn
from slackdesk.slack.words import is_small_talk
from slackdesk.tickets import queries, service
from slackdesk.tickets.model import Source
from slackdesk.tickets.transaction import Transaction

HELLO = later(
    "Hello! Write what you need, here or with `/ticket`, and it becomes a request. `/ticket mine` shows yours, "
    "`/ticket help` everything else."
)


def written(edge: Edge, message: Message, author: str, key: str, *, addressed: bool) -> None:
    """Keep what somebody wrote in a ticket's thread; file what is a request; leave everything else alone.

    ``addressed``: it mentions the app. Raises AlreadyAccepted, DatabaseBusy, Refused; TooEarly while the head of its
    thread may be a message of ours that Slack has and the desk does not know yet, or others of the thread wait.
    """
    with edge.desk.reading() as tx:
        if message.thread_ts is not None:
            require_ours_known(edge, tx, message.channel, message.thread_ts)
        if not _concerns_the_desk(tx, message, addressed):
            return
        if message.thread_ts is not None:
            require_turn(edge, tx, message.channel, message.thread_ts)
    with edge.asked(author, key) as asked:
        found = queries.ticket_at(asked.tx.session, message.channel, message.thread_ts) if message.thread_ts else None
        if found is None:
            _file(asked, message)
            return
        ticket, posting = found
        record: Callable[..., object] = service.record_agent_message
        if posting.kind != "card":
            record = partial(service.record_requester_message, arrived_at=asked.tx.now - edge.waited)
        record(
            asked.tx,
            ticket_id=ticket.id,
            author=author,
            text=readable(asked, message),
            files=message.files,
            channel=message.channel,
            ts=message.ts,
        )


def edited(edge: Edge, delivery: Delivery, channel: str) -> None:
    """Take over the new text of a message. Slack says "changed" for previews of links too: those change no text.

    Raises TooEarly while the message itself may still be delivered.
    """
    with reading("message_changed"):
        now, before = delivery.event["message"], delivery.event.get("previous_message") or {}
        if now.get("subtype") == "tombstone":  # deleted, but there are replies
            deleted(edge, delivery, channel, fields.ts(now["ts"]))
            return
        if "edited" not in now or now.get("text") == before.get("text"):
            return
        message = Message.read(now, channel)
    if message.author is None:
        return
    with edge.asked(message.author, delivery.key) as asked:
        require_arrived(edge, asked.tx, channel, message.ts)
        service.edit_message(asked.tx, channel=channel, ts=message.ts, text=readable(asked, message))


def deleted(edge: Edge, delivery: Delivery, channel: str, ts: str) -> None:
    """Empty a message that its author deleted. Raises TooEarly while the message itself may still be delivered."""
    with reading("message_deleted"):
        if "bot_id" in (delivery.event.get("previous_message") or {}):
            return
    with edge.desk.transaction(delivery.key) as tx:
        require_arrived(edge, tx, channel, ts)
        service.delete_message(tx, channel=channel, ts=ts)


def readable(asked: Asked, message: Message) -> str:
    """The text of a message as people see it."""
    return escape.from_slack(with_names(asked.tx, message.text))


def queue_for(policy: ResolvedPolicy, channel: str | None = None) -> Queue:
    """Whose request something is that was written in that channel; without one, the first queue that is not private."""
    queues = list(policy.queues.values())
    by_channel = next((queue for queue in queues if channel in queue.request_channels), None)
    return by_channel or next((queue for queue in queues if not queue.private), queues[0])


def _concerns_the_desk(tx: Transaction, message: Message, addressed: bool) -> bool:
    if addressed or message.is_direct:
        return True
    if message.thread_ts is not None:
        return queries.ticket_at(tx.session, message.channel, message.thread_ts) is not None
    in_request_channel = any(message.channel in queue.request_channels for queue in tx.policy.queues.values())
    return in_request_channel and (bool(message.files) or not is_small_talk(message.text))


def _file(asked: Asked, message: Message) -> None:
    place = Place(asked.person) if message.is_direct else Place(message.channel, message.ts, message.thread_ts)
    if is_small_talk(message.text) and not message.files:
        answer(asked, place, HELLO)
        return
    filed = service.file_ticket(
        asked.tx,
        requester=asked.person,
        filed_by=asked.person,
        queue=queue_for(asked.tx.policy, message.channel).key,
        topic=None,
        text=readable(asked, message),
        source=Source.DIRECT_MESSAGE if message.is_direct else Source.CHANNEL,
        source_channel=message.channel,
        source_ts=message.thread_ts or message.ts,
        files=message.files,
    )
    if filed.existing:
        answer(asked, place, ASKED_BEFORE, {"number": filed.ticket.number})
