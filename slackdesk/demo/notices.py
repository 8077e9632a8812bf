"""What the plugins tell the people of the tour, as it stands on their screens now."""

import struct
from collections.abc import Iterator

from slackdesk.demo.actors import Actor
from slackdesk.sandbox.seen import SeenFile, SeenMessage

PNG_BEGINS, PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def reminders(agent: Actor, number: str) -> list[SeenMessage]:
    """That a clock of the ticket is due soon, in the own direct messages."""
    return [seen for seen in agent.about(number, "dm") if "Due soon" in seen.text]


def alerts(lead: Actor, number: str) -> list[SeenMessage]:
    """That a clock of the ticket was not kept, in the own direct messages."""
    return [seen for seen in lead.about(number, "dm") if "Missed their time" in seen.text]


def explanations(reader: Actor, number: str) -> list[SeenMessage]:
    """Answers of ``/ticket sla``."""
    return [seen for seen in reader.about(number, "dm") if f"{number}: its clocks" in seen.text]


def summaries(reader: Actor, place: str) -> list[SeenMessage]:
    """Summaries of a queue, oldest first."""
    return [seen for seen in reader.person.messages(place) if "compared with" in seen.text and seen.thread_ts is None]


def chart_of(summary: SeenMessage) -> SeenFile | None:
    """The picture in the thread of a summary."""
    return next(_pictures(summary), None)


def size_of(picture: SeenFile) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG that has a beginning and an end; None for anything else."""
    content = picture.content
    if not (content.startswith(PNG_BEGINS) and content.endswith(PNG_ENDS)):
        return None
    width, height = struct.unpack(">II", content[16:24])  # https://www.w3.org/TR/png-3/#11IHDR
    return width, height


def _pictures(summary: SeenMessage) -> Iterator[SeenFile]:
    for share in [summary, *summary.thread()]:
        yield from (share.file(name) for name in share.files if name.endswith(".png"))
