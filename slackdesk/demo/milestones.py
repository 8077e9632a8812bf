"""What has to be seen at the end of the tour, read from the screens of its people and from the workspace's journal."""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from slackdesk.demo.plugin_milestones import (
    alerted,
    explained,
    promise_at_night,
    promises,
    ratings,
    reminded,
    subscribed,
    summed_up,
)
from slackdesk.demo.reading import cards_of, channels, ended, everybody_reads, sender_reads
from slackdesk.demo.requests import Story
from slackdesk.demo.script import DROPPED, L1, L2, L3, LEAD, UP
from slackdesk.demo.tour import Tour
from slackdesk.sandbox.journal import Journal
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


def settle(tour: Tour, within_seconds: float, *, expected: Collection[str] = ()) -> dict[str, list[str]]:
    """Name of each milestone → what is missing.

    Waits until nothing is, but for the milestones that are expected to be missed, or until the time is over.
    """
    deadline = time.monotonic() + within_seconds
    while True:
        missing = {milestone.name: list(milestone.missing(tour)) for milestone in MILESTONES}
        missed = {name for name, wrong in missing.items() if wrong}
        if missed <= set(expected) or time.monotonic() > deadline:
            return missing
        time.sleep(0.5)


def _numbers(tour: Tour) -> Iterator[str]:
    if not tour.requests or len(tour.tickets) < len(tour.requests):
        yield f"{len(tour.tickets)} of {len(tour.requests)} requests were answered with a number"
    if len({ticket.number for ticket in tour.tickets}) < len(tour.tickets):
        yield "two requests were answered with the same number"


def _cards(tour: Tour) -> Iterator[str]:
    for ticket in tour.tickets:
        for channel in channels(ticket):
            count = len(cards_of(tour, ticket, channel))
            if count != 1:
                yield f"{ticket.number} has {count} cards in {channel}"
    if not tour.tickets:
        yield "there is no card"


def _claims(tour: Tour) -> Iterator[str]:
    claimed = tour.all_but({Story.CANCELLED})
    yield from everybody_reads(tour, claimed, "{by} is working on {number} now.")


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
    yield from sender_reads(tour, accepted, "{by} accepted {number} in {tier}. You are told what becomes of it.")


def _returns(tour: Tour) -> Iterator[str]:
    yield from sender_reads(tour, tour.of(Story.SENT_BACK), "{by} sent {number} back from {from_tier}.")


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
        card = next(iter(cards_of(tour, ticket, L1)), None)
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
    yield from everybody_reads(tour, confirmed, SOLVED)
    yield from ended(tour, confirmed, Status.CLOSED)


def _reopenings(tour: Tour) -> Iterator[str]:
    reopened = tour.of(Story.REOPENED)
    for ticket in reopened:
        card = next(iter(cards_of(tour, ticket, L1)), None)
        if card is None or not any(f"reopened {ticket.number}" in seen.text for seen in card.thread()):
            yield f"{ticket.number}: the agents did not read that it was reopened"
    yield from everybody_reads(tour, reopened, SOLVED)
    yield from ended(tour, reopened, Status.CLOSED)


def _automatic_closings(tour: Tour) -> Iterator[str]:
    unanswered = tour.of(Story.UNANSWERED)
    template = (
        "{number} was closed because there was no answer for {hours} business hours. Write in this thread if you need "
        "more, and it goes on."
    )
    yield from everybody_reads(tour, unanswered, template)
    yield from ended(tour, unanswered, Status.CLOSED)


def _other_ends(tour: Tour) -> Iterator[str]:
    for story, status in ENDS.items():
        yield from ended(tour, tour.of(story), status)


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
    Milestone("everybody who asked read a promise", promises),
    Milestone("who asked at night read when the desk answers", promise_at_night),
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
    Milestone("who had not answered was reminded, once", reminded),
    Milestone("a broken promise was told to the lead, once", alerted),
    Milestone("/ticket sla explained the clock, and adds up", explained),
    Milestone("requesters were asked how it was, and cards show it", ratings),
    Milestone("a summary with its chart counts what was seen", summed_up),
    Milestone("the weekly summary came, with its chart", subscribed),
    Milestone("cancelled, not a request, duplicate: each ended as such", _other_ends),
    Milestone("private requests stayed private", _privacy),
    Milestone("nothing broke Slack's rules", _rules),
)
