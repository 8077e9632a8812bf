"""Milestones of what the desk promises, and of what its bundled plugins do: remind, alert, explain, ask, sum up."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from slackdesk.demo.actors import Actor
from slackdesk.demo.notices import alerts, chart_of, explanations, reminders, size_of, summaries
from slackdesk.demo.reading import cards_of, channels, says
from slackdesk.demo.requests import Story
from slackdesk.demo.script import LEAD, LEADERSHIP, STAKEHOLDER, Ticket
from slackdesk.demo.tour import Tour
from slackdesk.sandbox.seen import SeenMessage

PROMISE = "Next answer by {answer_by}."
PROMISE_AT_NIGHT = "The help desk is closed now; next answer by {answer_by}."
CHART_PIXELS = 300
"""A chart is at least that wide and high."""


def promises(tour: Tour) -> Iterator[str]:
    """To those who asked for themselves, while the desk was open."""
    own = [ticket for ticket in tour.tickets if ticket.request.by == ticket.request.requester]
    yield from _promised(tour, [ticket for ticket in own if not ticket.request.at_night], PROMISE)


def promise_at_night(tour: Tour) -> Iterator[str]:
    asked = [ticket for ticket in tour.tickets if ticket.request.at_night]
    yield from _promised(tour, asked, PROMISE_AT_NIGHT)
    if not asked:
        yield "nobody asked while the desk was closed"


def _promised(tour: Tour, tickets: list[Ticket], template: str) -> Iterator[str]:
    for ticket in tickets:
        if not says(tour, ticket, template, ticket.first_answer):
            yield f"{ticket.number}: {ticket.request.requester} read no “{template}”, but {ticket.first_answer!r}"


def ratings(tour: Tour) -> Iterator[str]:
    rated = [ticket for ticket in tour.tickets if ticket.score]
    for ticket in rated:
        seen = tour.actor(ticket.request.requester).about(ticket.number, "dm")
        polls = [each for each in seen if re.search(rf"\b{ticket.score} \w+ 5\b", each.text)]  # in whatever language
        if len(polls) != 1:
            yield f"{ticket.number}: {ticket.request.requester} has {len(polls)} polls"
        cards = cards_of(tour, ticket, channels(ticket)[-1])
        is_shown = any(f"Rated {ticket.score} of 5" in card.text for card in cards)
        if is_shown is (ticket.request.story is Story.PRIVATE):  # ratings of its queue are anonymous
            yield f"{ticket.number}: its card {'shows' if is_shown else 'does not show'} the rating"
    if not rated:
        yield "nobody rated the help"


def reminded(tour: Tour) -> Iterator[str]:
    yield from _told_once(tour, reminders, lambda ticket: ticket.agent, lambda ticket: f"@{ticket.agent} is on it")


def alerted(tour: Tour) -> Iterator[str]:
    yield from _told_once(tour, alerts, lambda _: LEAD, lambda ticket: f"Caused by {_tier(ticket)}.")


def _tier(ticket: Ticket) -> str:
    return ticket.channel.rpartition("-")[2].upper()


def _told_once(
    tour: Tour,
    notices: Callable[[Actor, str], list[SeenMessage]],
    reader: Callable[[Ticket], str],
    words: Callable[[Ticket], str],
) -> Iterator[str]:
    """Whether the reader was told of each that is urgent, once, in words that hold these."""
    urgent = tour.of(Story.URGENT)
    for ticket in urgent:
        found = notices(tour.actor(reader(ticket)), ticket.number)
        if len(found) != 1:
            yield f"{ticket.number}: {reader(ticket)} was told {len(found)} times"
        elif words(ticket) not in found[0].text:
            yield f"{ticket.number}: {reader(ticket)} does not read “{words(ticket)}”, but {found[0].text!r}"
    if not urgent:
        yield "nothing was urgent"


def explained(tour: Tour) -> Iterator[str]:
    for ticket in tour.of(Story.URGENT):
        found = explanations(tour.actor(LEAD), ticket.number)
        if not found:
            yield f"{ticket.number}: the lead read no explanation of its clocks"
        for explanation in found[-1:]:
            yield from _wrong_sum(ticket, explanation)
    if not tour.of(Story.URGENT):
        yield "nothing was urgent"


def _wrong_sum(ticket: Ticket, explanation: SeenMessage) -> Iterator[str]:
    """The first clock of an explanation, which is not longer than an hour, added up once more."""
    added = re.search(r"^\+ \w+ (\d\d:\d\d)–(\d\d:\d\d): (\d+) min$", explanation.text, re.MULTILINE)
    total = re.search(r"^= (\d+) min of 15 min\. 🔴 Overdue", explanation.text, re.MULTILINE)
    if added is None or total is None:
        yield f"{ticket.number}: its explanation has no sum: {explanation.text!r}"
        return
    begin, end = (datetime.strptime(each, "%H:%M") for each in added.groups()[:2])  # noqa: DTZ007  a wall clock
    minutes = (end - begin).seconds // 60
    if added[3] != total[1] or abs(minutes - int(total[1])) > 1:  # seconds are not shown
        yield f"{ticket.number}: its sum is wrong: {added.group()!r}, {total.group()!r}"


def summed_up(tour: Tour) -> Iterator[str]:
    """On request: of seven days."""
    yield from _summary(tour, LEAD, "dm")


def subscribed(tour: Tour) -> Iterator[str]:
    """By subscription: of the week, which may have begun after the evening before."""
    yield from _summary(tour, STAKEHOLDER, LEADERSHIP, counts_evening=tour.began_in_that_week)


def _summary(tour: Tour, reader: str, place: str, *, counts_evening: bool = True) -> Iterator[str]:
    """Whether there is one, its numbers are those of the tour, and it has a chart with these numbers in words."""
    found = summaries(tour.actor(reader), place)
    if len(found) != 1:
        yield f"{reader} has {len(found)} summaries in {place}"
        return
    tickets = tour.all_but({Story.PRIVATE})
    opened = sum(counts_evening or not ticket.request.at_night for ticket in tickets)
    resolved = sum(ticket.resolutions for ticket in tickets)
    for said in (f"Opened: {opened}", f"Resolved: {resolved}"):
        if not re.search(rf"{said}\b", found[0].text):
            yield f"the summary in {place} does not say “{said}”, but {found[0].text!r}"
    chart = chart_of(found[0])
    if chart is None:
        yield f"the summary in {place} has no chart"
    elif min(size_of(chart) or (0, 0)) < CHART_PIXELS:
        yield f"the chart in {place} is no picture of at least {CHART_PIXELS} × {CHART_PIXELS} pixels"
    elif f"{opened} opened, {resolved} resolved" not in chart.alt_text:
        yield f"the chart in {place} does not say its numbers to those who cannot see it: {chart.alt_text!r}"
