"""Sending a summary: the message with its picture and its table, to a person or to a channel."""

from collections.abc import Sequence
from dataclasses import replace

from slackdesk_plugins.digest import chart
from slackdesk_plugins.digest.message import as_message, title_of
from slackdesk_plugins.digest.periods import Compared
from slackdesk_plugins.digest.report import Report, make_report
from slackdesk_plugins.digest.tables import as_csv

from slackdesk.api import ChannelPost, Context, DirectMessage, File, Reader


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
    report = make_report(ctx, reader, compared, queues, topic)
    message = as_message(report, reader, without_chart=bool(report.days) and not chart.is_available())
    files = _files(report, reader)
    where = DirectMessage(place) if is_person(place) else ChannelPost(place)
    ctx.say(where, replace(message, files=files), key=key)


def _files(report: Report, reader: Reader) -> list[File]:
    """The picture, where there is one, and the table."""
    first, _ = report.compared.span.dates(report.compared.timezone)
    name, title, picture = f"summary-{first}", title_of(report, reader), chart.draw(report, reader)
    table = File(f"{name}.csv", as_csv(report, reader).encode(), title)
    return [table] if picture is None else [File(f"{name}.png", picture.content, title, picture.alt_text), table]
