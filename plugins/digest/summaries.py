"""Sending a summary: the message with its picture and its table, to a person or to a channel."""

from collections.abc import Sequence

from slackdesk_plugins.digest.message import as_message
from slackdesk_plugins.digest.periods import Compared
from slackdesk_plugins.digest.report import make_report

from slackdesk.api import ChannelPost, Context, DirectMessage, Reader


def is_person(place: str) -> bool:
    """Whether an id of Slack is that of a person."""
    return place.startswith(("U", "W"))


def reader_of(ctx: Context, place: str) -> Reader:
    """For whom a summary there is said: the person, or what a channel reads."""
    return ctx.reader(place if is_person(place) else None)


def send_summary(
    ctx: Context, place: str, queues: Sequence[str], compared: Compared, *, topic: str | None, key: str
) -> None:
    """Count and send it. ``place`` is the id of a person or of a channel, ``queues`` what its readers may see."""
    reader = reader_of(ctx, place)
    message = as_message(make_report(ctx, reader, compared, queues, topic), reader)
    ctx.say(DirectMessage(place) if is_person(place) else ChannelPost(place), message, key=key)
