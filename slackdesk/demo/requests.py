"""The requests of the tour's day: who asks what through which door, and what becomes of it."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

LONG_TEXT_CHARACTERS = 3_900
"""A text just below the 4,000 characters that Slack advises for one message, and above what a form takes."""


class Door(StrEnum):
    """How a request comes in."""

    FORM = "form"
    QUICK = "quick"
    SHORTCUT = "shortcut"
    HOME = "home"
    MESSAGE = "message"
    CHANNEL = "channel"
    MESSAGE_SHORTCUT = "message_shortcut"
    """[Make a ticket] on a message in a channel that the app is not in."""
    BEHALF = "behalf"


class Story(StrEnum):
    """What becomes of a request."""

    SOLVED = "solved"
    ASKS = "asks"
    """The agent asks back, the requester answers."""
    ESCALATED = "escalated"
    """To L2."""
    DEEP = "deep"
    """To L3."""
    URGENT = "urgent"
    """Starts at L2 by rule."""
    SENT_BACK = "sent_back"
    REOPENED = "reopened"
    UNANSWERED = "unanswered"
    """Nobody says whether it is solved: closed automatically."""
    TAKEN_OVER = "taken_over"
    CANCELLED = "cancelled"
    NOT_A_REQUEST = "not_a_request"
    DUPLICATE = "duplicate"
    PRIVATE = "private"
    """To the people team."""


@dataclass(frozen=True)
class Request:
    """One request; ``requester`` is whom it is for."""

    index: int
    by: str
    requester: str
    door: Door
    story: Story
    text: str
    topic: str | None
    priority: str | None
    file: str | None
    at_night: bool = False
    """Filed in the evening before, when the desk is closed."""


def load_requests(count: int | None = None) -> list[Request]:
    """The requests in the order of the day; with ``count``, that many, of as many stories as possible."""
    source = files("slackdesk.demo") / "requests.toml"
    rows = tomllib.loads(source.read_text(encoding="utf-8"))["request"]
    requests = [_request(index, row) for index, row in enumerate(rows)]
    if count is None or count >= len(requests):
        return requests
    told: dict[Story, int] = {}
    nth_of_story: dict[int, int] = {}
    for request in requests:
        nth_of_story[request.index] = told[request.story] = told.get(request.story, 0) + 1
    chosen = sorted(requests, key=lambda request: (nth_of_story[request.index], request.index))[:count]
    return sorted(chosen, key=lambda request: request.index)


def _request(index: int, row: dict[str, Any]) -> Request:
    text = row["text"].strip()
    if "{padding}" in text:
        lines = (f"runner-{n:02d} waiting for a slot, {n * 17} s\n" for n in range(1_000))
        room = LONG_TEXT_CHARACTERS - len(text) + len("{padding}")
        text = text.replace("{padding}", "".join(lines)[:room])
    return Request(
        index=index,
        by=row["by"],
        requester=row.get("for", row["by"]),
        door=Door(row["door"]),
        story=Story(row["story"]),
        text=text,
        topic=row.get("topic"),
        priority=row.get("priority"),
        file=row.get("file"),
        at_night=row.get("at_night", False),
    )
