"""Events: what happens in Slack without anybody pressing anything. Whatever is not accepted is delivered again."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from slack_sdk import WebClient

from slackdesk.dispatch import blockages
from slackdesk.dispatch.model import Work
from slackdesk.dispatch.runners import Later
from slackdesk.errors import AlreadyAccepted, Refused, TooEarly
from slackdesk.i18n import later
from slackdesk.slack import fields, messages, reactions, too_early, trouble
from slackdesk.slack.answers import refuse
from slackdesk.slack.edge import Edge, ask_later
from slackdesk.slack.fields import identifier, mapping, reading, words
from slackdesk.slack.payloads import Delivery, Message, Place
from slackdesk.tickets import home_tab, outgoing, people
from slackdesk.tickets.transaction import Desk

logger = logging.getLogger(__name__)

REQUESTS_ARCHIVED = later(
    "The channel <#{channel}>, in which requests for {queue} were made, was archived. Unarchive it, or name another "
    "channel in the policy."
)

WRITTEN = (None, "file_share", "thread_broadcast")
"""Subtypes of what somebody has newly written."""


def receive(edge: Edge, delivery: Delivery) -> None:
    """Accept an event; one that is of no use to the desk, or that came too early, is accepted too.

    Raises DatabaseBusy, or whatever went wrong, when Slack has to deliver it again; Malformed when that is no use.
    """
    try:
        _take(edge, delivery)
    except TooEarly as early:
        logger.info("a worker looks at %s again: %s", delivery.key, early)
        with edge.desk.transaction() as tx:
            ask_later(tx, "event", asdict(delivery), key=delivery.key, stream=_thread(delivery))


def _thread(delivery: Delivery) -> str | None:
    """Messages of a thread that wait for its head are taken in the order in which they came; all else by itself."""
    event = delivery.event
    is_written = delivery.type in ("message", "app_mention") and event.get("subtype") in WRITTEN
    return too_early.stream(event["channel"], event["thread_ts"]) if is_written and event.get("thread_ts") else None


def look_again(client: WebClient, desk: Desk, row: Work) -> None:
    """Take an event that came too early: as soon as what it is about is there, and in the end without that.

    Raises Later when it is still too early, DatabaseBusy.
    """
    if not row.payload:  # what was written there was erased meanwhile
        return
    with desk.reading() as tx:
        age = tx.real_now - row.created_at
    try:
        _take(Edge(desk, client, waited=age), Delivery(**row.payload))
    except TooEarly as early:
        raise Later(too_early.wait(age), str(early)) from early


def _take(edge: Edge, delivery: Delivery) -> None:
    handler = HANDLERS.get(delivery.type)
    if handler is None:
        logger.info("no use for the event %s", delivery.type)
        return
    is_own = delivery.bot_user_id is not None and delivery.event.get("user") == delivery.bot_user_id
    if is_own and delivery.type != "member_joined_channel":
        return  # what the app did itself
    try:
        handler(edge, delivery)
    except AlreadyAccepted:
        logger.debug("accepted before: %s", delivery.key)


def _message(edge: Edge, delivery: Delivery) -> None:
    event = delivery.event
    subtype = event.get("subtype")
    with reading("message event"):
        channel = identifier(event["channel"])
    if subtype == "message_changed":
        messages.edited(edge, delivery, channel)
    elif subtype == "message_deleted":
        with reading("message_deleted"):
            deleted_ts = fields.ts(event["deleted_ts"])
        messages.deleted(edge, delivery, channel, deleted_ts)
    elif subtype in WRITTEN:
        _written(edge, delivery, Message.read(event, channel), addressed=False)


def _mention(edge: Edge, delivery: Delivery) -> None:
    with reading("app_mention"):
        message = Message.read(delivery.event, identifier(delivery.event["channel"]))
    _written(edge, delivery, message, addressed=True)


def _written(edge: Edge, delivery: Delivery, message: Message, *, addressed: bool) -> None:
    author = message.author
    if author is None:
        return  # apps, this one included, file nothing and answer nobody: no loops
    # A message that mentions the app arrives as two events: one key for both.
    key = f"message:{message.channel}:{message.ts}"
    place = Place(message.channel, message.ts, message.thread_ts)
    mention = f"<@{delivery.bot_user_id}>" if delivery.bot_user_id else ""
    message = replace(message, text=message.text.strip().removeprefix(mention).lstrip(" :,"))
    _answering(edge, author, key, place, lambda: messages.written(edge, message, author, key, addressed=addressed))


def _reaction(edge: Edge, delivery: Delivery) -> None:
    with reading("reaction_added"):
        event, item = delivery.event, delivery.event["item"]
        if item["type"] != "message" or event["reaction"].partition("::")[0] not in reactions.REACTIONS:
            return
        person, channel, ts = identifier(event["user"]), identifier(item["channel"]), fields.ts(item["ts"])
        react = reactions.REACTIONS[event["reaction"].partition("::")[0]]
    place = Place(channel, ts, thread_ts=ts)
    _answering(edge, person, delivery.key, place, lambda: react(edge, person, delivery.key, place))


def _answering(edge: Edge, person: str, key: str, place: Place, act: Callable[[], None]) -> None:
    """Do it; what is refused is told to the person, and accepted by that."""
    try:
        act()
    except Refused as refused:
        refuse(edge, person, key, place, refused)


def _home_opened(edge: Edge, delivery: Delivery) -> None:
    if delivery.event.get("tab") != "home":
        return
    with reading("app_home_opened"):
        person = identifier(delivery.event["user"])
    with edge.asked(person, delivery.key) as asked:
        home_tab.remember_opened(asked.tx.session, person, asked.tx.now)
        outgoing.home(asked.tx, person)


def _person_changed(edge: Edge, delivery: Delivery) -> None:
    with reading(delivery.type):
        user = _user(mapping(delivery.event["user"]))
    with edge.desk.transaction(delivery.key) as tx:
        people.remember_person(tx.session, user, tx.now)


def _user(user: Mapping[str, Any]) -> dict[str, Any]:
    profile = mapping(user.get("profile") or {})
    shown = {key: words(profile.get(key)) for key in ("display_name", "real_name")}
    texts = {key: words(user.get(key)) for key in ("name", "real_name", "tz", "locale")}
    return {**user, **texts, "id": identifier(user["id"]), "profile": shown}


def _group_changed(edge: Edge, delivery: Delivery) -> None:
    with reading(delivery.type):
        event = delivery.event
        group = identifier(event["subteam_id"] if "subteam_id" in event else event["subteam"]["id"])
    with edge.desk.transaction(delivery.key) as tx:
        if group in tx.policy.user_groups:
            ask_later(tx, "refresh_group", {"group": group}, key=f"{group}:{delivery.key}")


def _channel_archived(edge: Edge, delivery: Delivery) -> None:
    with reading(delivery.type):
        channel = identifier(delivery.event["channel"])
    with edge.desk.transaction(delivery.key) as tx:
        queues = tx.policy.queues.values()
        is_of_tier = any(channel == tier.channel for queue in queues for tier in queue.tiers)
        if is_of_tier and blockages.begin(tx.session, channel, "is_archived", tx.real_now):
            trouble.tell_blocked(tx, channel, "is_archived")
        for queue in queues:
            if channel not in queue.request_channels:
                continue
            logger.error("channel %s of queue %s was archived: unarchive it or change the policy", channel, queue.key)
            values = {"channel": channel, "queue": queue.name}
            outgoing.operators(tx, REQUESTS_ARCHIVED, values, key=f"{queue.key}:{delivery.key}")


def _channel_opened(edge: Edge, delivery: Delivery) -> None:
    """Unarchived, or the app was invited: what waits for the channel leaves now, not at the next try."""
    with reading(delivery.type):
        channel, person = identifier(delivery.event["channel"]), identifier(delivery.event["user"])
    if delivery.type == "member_joined_channel" and person != delivery.bot_user_id:
        return
    with edge.desk.transaction(delivery.key) as tx:
        blockages.end(tx.session, channel, real_now=tx.real_now)


HANDLERS: dict[str, Callable[[Edge, Delivery], None]] = {
    "message": _message,
    "app_mention": _mention,
    "reaction_added": _reaction,
    "app_home_opened": _home_opened,
    "user_change": _person_changed,
    "team_join": _person_changed,
    "subteam_updated": _group_changed,
    "subteam_members_changed": _group_changed,
    "channel_archive": _channel_archived,
    "group_archive": _channel_archived,
    "channel_unarchive": _channel_opened,
    "group_unarchive": _channel_opened,
    "member_joined_channel": _channel_opened,
}
"""Event type → what becomes of it. Those whose use is none are accepted and forgotten."""
