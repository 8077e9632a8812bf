"""What has to be seen at the end of the tour, read from the screens of its people and from the workspace's journal."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slackdesk.demo.actors import CHANNEL_LANGUAGE
from slackdesk.demo.requests import Story
from slackdesk.demo.script import DROPPED, HR, L1, L2, L3, LEAD, UP, Ticket
from slackdesk.demo.tour import Tour
from slackdesk.i18n import Translate
from slackdesk.sandbox.journal import Journal
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.slack.drawings.parts import STATUS_WORDS
from slackdesk.tickets.model import Status

SOLVED = "{number} is solved and closed: {by} said so. Thank you."
ENDS = {
    Story.CANCELLED: Status.CANCELLED,
    Story.NOT_A_REQUEST: Status.NOT_A_REQUEST,
    Story.DUPLICATE: Status.DUPLICATE,
}


@dataclass(frozen=True)
class Milestone:
    """``missing(tour)`` yields a sentence for everything that is not as it should be."""

    name: str
    missing: Callable[[Tour], Iterator[str]]


def settle(tour: Tour, within_seconds: float) -> dict[str, list[str]]:
    """Name of each milestone → what is missing; waits until nothing is, or until the time is over."""
    deadline = time.monotonic() + within_seconds
    while True:
        missing = {milestone.name: list(milestone.missing(tour)) for milestone in MILESTONES}
        if not any(missing.values()) or time.monotonic() > deadline:
            return missing
        time.sleep(0.5)


def _numbers(tour: Tour) -> Iterator[str]:
    if not tour.requests or len(tour.tickets) < len(tour.requests):
        yield f"{len(tour.tickets)} of {len(tour.requests)} requests were answered with a number"
    if len({ticket.number for ticket in tour.tickets}) < len(tour.tickets):
        yield "two requests were answered with the same number"


def _promises(tour: Tour) -> Iterator[str]:
    for ticket in _own(tour):
        templates = ("Next answer by {answer_by}.", "The help desk is closed now; next answer by {answer_by}.")
        if not any(_says(tour, ticket, template, ticket.first_answer) for template in templates):
            yield f"{ticket.number}: {ticket.request.requester} read no promise, but {ticket.first_answer!r}"


def _cards(tour: Tour) -> Iterator[str]:
    for ticket in tour.tickets:
        for channel in _channels(ticket):
            count = sum(
                1
                for seen in tour.actor(LEAD).about(ticket.number, channel)
                if not seen.thread_ts and not seen.ephemeral
            )
            if count != 1:
                yield f"{ticket.number} has {count} cards in {channel}"
    if not tour.tickets:
        yield "there is no card"


def _claims(tour: Tour) -> Iterator[str]:
    claimed = tour.all_but({Story.CANCELLED})
    yield from _everybody_reads(tour, claimed, "{by} is working on {number} now.")


def _hand_offs(tour: Tour) -> Iterator[str]:
    up = tour.of(*UP)
    for ticket in up:
        if not any("needs rights that L1" in seen.text for seen in tour.actor(LEAD).about(ticket.number, L2)):
            yield f"{ticket.number}: no hand-off to L2 was seen"
    for ticket in tour.of(Story.DEEP):
        if not any("network core" in seen.text for seen in tour.actor(LEAD).about(ticket.number, L3)):
            yield f"{ticket.number}: no hand-off to L3 was seen"
    if not up:
        yield "nothing was handed up"


def _acceptances(tour: Tour) -> Iterator[str]:
    accepted = tour.of(Story.ESCALATED, Story.DEEP)
    yield from _sender_reads(tour, accepted, "{by} accepted {number} in {tier}. You are told what becomes of it.")


def _returns(tour: Tour) -> Iterator[str]:
    yield from _sender_reads(tour, tour.of(Story.SENT_BACK), "{by} sent {number} back from {from_tier}.")


def _replies(tour: Tour) -> Iterator[str]:
    asked = tour.of(Story.ASKS)
    for ticket in asked:
        requester = tour.actor(ticket.request.requester)
        if not any("Since when does it happen" in seen.text for seen in requester.thread(ticket.number)):
            yield f"{ticket.number}: the reply did not reach {requester.handle}"
    if not asked:
        yield "nobody was asked back"


def _answers(tour: Tour) -> Iterator[str]:
    asked = tour.of(Story.ASKS)
    for ticket in asked:
        card = next(iter(_cards_of(tour, ticket, L1)), None)
        if card is None or not any("Sejak kemarin sore" in seen.text for seen in card.thread()):
            yield f"{ticket.number}: the requester's answer did not reach the agents' thread"
    if not asked:
        yield "nobody answered"


def _notes(tour: Tour) -> Iterator[str]:
    if not tour.actor(LEAD).reads("Internal: I saw", L1):
        yield "no note was written"
    for handle in {ticket.request.requester for ticket in tour.tickets}:
        if tour.actor(handle).reads("Internal: I saw", "dm"):
            yield f"{handle} read an internal note"


def _confirmations(tour: Tour) -> Iterator[str]:
    confirmed = tour.all_but(DROPPED | {Story.UNANSWERED, Story.REOPENED})
    yield from _everybody_reads(tour, confirmed, SOLVED)
    yield from _ended(tour, confirmed, Status.CLOSED)


def _reopenings(tour: Tour) -> Iterator[str]:
    reopened = tour.of(Story.REOPENED)
    for ticket in reopened:
        card = next(iter(_cards_of(tour, ticket, L1)), None)
        if card is None or not any(f"reopened {ticket.number}" in seen.text for seen in card.thread()):
            yield f"{ticket.number}: the agents did not read that it was reopened"
    yield from _everybody_reads(tour, reopened, SOLVED)
    yield from _ended(tour, reopened, Status.CLOSED)


def _automatic_closings(tour: Tour) -> Iterator[str]:
    unanswered = tour.of(Story.UNANSWERED)
    template = (
        "{number} was closed because there was no answer for {hours} business hours. Write in this thread if you need "
        "more, and it goes on."
    )
    yield from _everybody_reads(tour, unanswered, template)
    yield from _ended(tour, unanswered, Status.CLOSED)


def _ratings(tour: Tour) -> Iterator[str]:
    rated = [ticket for ticket in tour.tickets if ticket.score]
    for ticket in rated:
        seen = tour.actor(ticket.request.requester).about(ticket.number, "dm")
        polls = [each for each in seen if re.search(rf"\b{ticket.score} \w+ 5\b", each.text)]  # in whatever language
        if len(polls) != 1:
            yield f"{ticket.number}: {ticket.request.requester} has {len(polls)} polls"
        cards = _cards_of(tour, ticket, _channels(ticket)[-1])
        is_shown = any(f"Rated {ticket.score} of 5" in card.text for card in cards)
        if is_shown is (ticket.request.story is Story.PRIVATE):  # ratings of its queue are anonymous
            yield f"{ticket.number}: its card {'shows' if is_shown else 'does not show'} the rating"
    if not rated:
        yield "nobody rated the help"


def _other_ends(tour: Tour) -> Iterator[str]:
    for story, status in ENDS.items():
        yield from _ended(tour, tour.of(story), status)


def _privacy(tour: Tour) -> Iterator[str]:
    private = tour.of(Story.PRIVATE)
    if not private:
        yield "nothing was asked of the people team"
    for ticket in private:
        allowed = {ticket.request.requester, LEAD, "indah"}
        for user in tour.stage.sandbox.workspace.users.values():
            if user.name in allowed or user.is_bot:
                continue
            if tour.actor(user.name).reads(ticket.request.text):
                yield f"{ticket.number}: {user.name} can read a private request"


def _rules(tour: Tour) -> Iterator[str]:
    yield from broken_rules(tour.stage.sandbox.journal)


def broken_rules(journal: Journal) -> Iterator[str]:
    """What an app did that Slack forbids or that its people would suffer from, each in a sentence."""
    yield from (f"illegal: {entry.illegal[0]}" for entry in journal.illegal())
    yield from (f"{call.method} without fallback text" for call in journal.missing_fallback_text())
    yield from (f"{call.method} inside a Retry-After" for call in journal.inside_retry_after())
    for late in journal.late():
        yield f"{late.kind} {late.delivery_id} was not acknowledged in time: {late.error or late.acked_after_seconds}"


MILESTONES = (
    Milestone("everybody who asked read a number", _numbers),
    Milestone("everybody who asked read a promise", _promises),
    Milestone("each ticket has one card in each of its tiers", _cards),
    Milestone("requesters read who works on it", _claims),
    Milestone("hand-offs arrived in the next tier", _hand_offs),
    Milestone("senders read that a hand-off was accepted", _acceptances),
    Milestone("senders read that a hand-off came back", _returns),
    Milestone("replies reached the requesters", _replies),
    Milestone("answers reached the agents", _answers),
    Milestone("notes stayed inside", _notes),
    Milestone("what was confirmed is closed", _confirmations),
    Milestone("what was not solved was reopened, then closed", _reopenings),
    Milestone("what nobody answered was closed with a reason", _automatic_closings),
    Milestone("requesters were asked how it was, and cards show it", _ratings),
    Milestone("cancelled, not a request, duplicate: each ended as such", _other_ends),
    Milestone("private requests stayed private", _privacy),
    Milestone("nothing broke Slack's rules", _rules),
)


def _own(tour: Tour) -> list[Ticket]:
    return [ticket for ticket in tour.tickets if ticket.request.by == ticket.request.requester]


def _channels(ticket: Ticket) -> list[str]:
    story = ticket.request.story
    if story is Story.PRIVATE:
        return [HR]
    if story is Story.URGENT:
        return [L2]
    return [L1, *([L2] if story in UP else []), *([L3] if story is Story.DEEP else [])]


def _cards_of(tour: Tour, ticket: Ticket, channel: str) -> list[SeenMessage]:
    return [seen for seen in tour.actor(LEAD).about(ticket.number, channel) if not seen.thread_ts]


def _said(t: Translate, template: str, text: str) -> bool:
    """Whether the text has that sentence, whatever stands in its places."""
    said = re.escape(t(template, **{name: f"\0{name}\0" for name in re.findall(r"{(\w+)}", template)}))
    return re.search(re.sub("\0\\w+\0", ".+?", said), text) is not None


def _says(tour: Tour, ticket: Ticket, template: str, text: str) -> bool:
    """Whether the requester reads that sentence in the text, in the own language or in that of channels."""
    return any(_said(t, template, text) for t in (tour.actor(ticket.request.requester).t, CHANNEL_LANGUAGE))


def _everybody_reads(tour: Tour, tickets: list[Ticket], template: str) -> Iterator[str]:
    for ticket in tickets:
        requester = tour.actor(ticket.request.requester)
        if not any(_says(tour, ticket, template, seen.text) for seen in requester.thread(ticket.number)):
            yield f"{ticket.number}: {requester.handle} did not read “{template}”"
    if not tickets:
        yield f"nobody read “{template}”"


def _sender_reads(tour: Tour, tickets: list[Ticket], template: str) -> Iterator[str]:
    for ticket in tickets:
        senders = [tour.actor(handle) for handle in ("rina", "agus")]
        texts = [(actor.t, seen.text) for actor in senders for seen in actor.about(ticket.number, "dm")]
        if not any(_said(t, template, text) for t, text in texts):
            yield f"{ticket.number}: its sender did not read “{template}”"
    if not tickets:
        yield f"nobody read “{template}”"


def _ended(tour: Tour, tickets: list[Ticket], status: Status) -> Iterator[str]:
    word = STATUS_WORDS[status]
    for ticket in tickets:
        requester = tour.actor(ticket.request.requester)
        root = requester.root_now(ticket.number)
        if root is None or not any(t(word) in root.text for t in (requester.t, CHANNEL_LANGUAGE)):
            seen = root.text if root else "nothing is seen"
            yield f"{ticket.number} is not “{word}” for {requester.handle}: {seen!r}"
    if not tickets:
        yield "there was no such request"
