"""How the milestones read what is on the screens of the tour's people."""

import re
from collections.abc import Iterator

from slackdesk.demo.actors import CHANNEL_LANGUAGE
from slackdesk.demo.requests import Story
from slackdesk.demo.script import HR, L1, L2, L3, LEAD, UP, Ticket
from slackdesk.demo.tour import Tour
from slackdesk.i18n import Translate
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.slack.drawings.parts import STATUS_WORDS
from slackdesk.tickets.model import Status


def channels(ticket: Ticket) -> list[str]:
    story = ticket.request.story
    if story is Story.PRIVATE:
        return [HR]
    if story is Story.URGENT:
        return [L2]
    return [L1, *([L2] if story in UP else []), *([L3] if story is Story.DEEP else [])]


def cards_of(tour: Tour, ticket: Ticket, channel: str) -> list[SeenMessage]:
    about = tour.actor(LEAD).about(ticket.number, channel)
    return [seen for seen in about if not seen.thread_ts and not seen.ephemeral]


def said(t: Translate, template: str, text: str) -> bool:
    """Whether the text has that sentence, whatever stands in its places."""
    said = re.escape(t(template, **{name: f"\0{name}\0" for name in re.findall(r"{(\w+)}", template)}))
    return re.search(re.sub("\0\\w+\0", ".+?", said), text) is not None


def says(tour: Tour, ticket: Ticket, template: str, text: str) -> bool:
    """Whether the requester reads that sentence in the text, in the own language or in that of channels."""
    return any(said(t, template, text) for t in (tour.actor(ticket.request.requester).t, CHANNEL_LANGUAGE))


def everybody_reads(tour: Tour, tickets: list[Ticket], template: str) -> Iterator[str]:
    for ticket in tickets:
        requester = tour.actor(ticket.request.requester)
        if not any(says(tour, ticket, template, seen.text) for seen in requester.thread(ticket.number)):
            yield f"{ticket.number}: {requester.handle} did not read “{template}”"
    if not tickets:
        yield f"nobody read “{template}”"


def sender_reads(tour: Tour, tickets: list[Ticket], template: str) -> Iterator[str]:
    for ticket in tickets:
        senders = [tour.actor(handle) for handle in ("rina", "agus")]
        texts = [(actor.t, seen.text) for actor in senders for seen in actor.about(ticket.number, "dm")]
        if not any(said(t, template, text) for t, text in texts):
            yield f"{ticket.number}: its sender did not read “{template}”"
    if not tickets:
        yield f"nobody read “{template}”"


def ended(tour: Tour, tickets: list[Ticket], status: Status) -> Iterator[str]:
    word = STATUS_WORDS[status]
    for ticket in tickets:
        requester = tour.actor(ticket.request.requester)
        root = requester.root_now(ticket.number)
        if root is None or not any(t(word) in root.text for t in (requester.t, CHANNEL_LANGUAGE)):
            seen = root.text if root else "nothing is seen"
            yield f"{ticket.number} is not “{word}” for {requester.handle}: {seen!r}"
    if not tickets:
        yield "there was no such request"
