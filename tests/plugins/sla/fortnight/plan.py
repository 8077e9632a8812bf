"""What people do in the fortnight: drawn from a seed, always something that is possible."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .hours import Hours, first_minute

REQUESTER = "ayu"

MUTED = timedelta(hours=2)
"""So long somebody wants to hear nothing of a ticket."""

AFTER = {
    "wait": "waiting",
    "hold": "on_hold",
    "resume": "in_progress",
    "resolve": "resolved",
    "cancel": "cancelled",
    "reopen": "in_progress",
    "object": "in_progress",
    "move": "new",
}
"""Verb → the status to which it leads."""

PRESSES = ("on_it", "snooze_30", "snooze_120", "snooze_tomorrow")
"""Buttons of the last reminder about the ticket, if there is one to press."""

VERBS = (
    *(
        "file",
        "claim",
        "assign",
        "reply",
        "note",
        "write",
        "thank",
        "priority",
        "move",
        "mute",
        "wait",
        "hold",
        "resume",
    ),
    *("escalate", "send_back", "resolve", "cancel", "reopen", "object", *PRESSES),
)
"""All that is done in the fortnight: ``write`` and ``thank`` by the requester, ``object`` to a solution."""


@dataclass(frozen=True)
class Deed:
    """Somebody does something with a ticket; ``value`` is a priority, a queue or a person.

    What was pressed is the button of the message that was read at ``said_at`` in ``queue`` (a place), and ``value`` one
    of the clocks in it.
    """

    at: datetime
    ticket: int
    verb: str
    actor: str
    value: str = ""
    queue: str = ""
    said_at: datetime | None = None


@dataclass
class _Course:
    """What is possible with one ticket."""

    queues: Mapping[str, Any]
    hours: Mapping[str, Hours]
    end: datetime
    queue: str
    priority: str
    randomly: random.Random
    status: str = "new"
    tier: int = 0
    assignee: str = ""
    handed_by: str = ""
    is_thanked: bool = False

    @property
    def tiers(self) -> list[Mapping[str, Any]]:
        return list(self.queues[self.queue]["tiers"])

    @property
    def lead(self) -> str:
        return _name(self.tiers[self.tier]["lead"])

    @property
    def members(self) -> list[str]:
        return [_name(member) for member in self.tiers[self.tier]["members"]]

    def instant(self, after: datetime, minutes: int) -> datetime:
        """Most often while people work, and never close to the full minute in which messages leave."""
        at = after + timedelta(minutes=self.randomly.randint(0, minutes))
        at_work = first_minute(at, self.hours[self.queue]) + timedelta(minutes=self.randomly.randint(0, 60))
        chosen = at_work if self.randomly.randrange(4) and at_work < self.end else at
        return chosen.replace(second=self.randomly.randint(12, 45), microsecond=0)

    def possible(self) -> list[str]:
        """Verbs, the usual ones several times."""
        if self.status == "cancelled" or (self.status == "resolved" and self.is_thanked):
            return ["reopen"]
        if self.status == "resolved":
            return ["reopen", "object", "thank"]
        verbs = ["reply", "reply", "write", "write", "thank", "priority", "resolve", "note", "cancel", "assign"]
        verbs += ["mute", "mute", "move", *PRESSES, *PRESSES]
        verbs += ["claim", "claim"] if not self.assignee else []
        verbs += ["escalate"] if self.tier == 0 and len(self.tiers) > 1 else []
        verbs += ["send_back"] if self.tier == 1 and self.handed_by and self.status != "new" else []
        verbs += ["wait", "hold"] if self.status == "in_progress" else []
        verbs += ["resume", "resume"] if self.status in ("waiting", "on_hold") else []
        return verbs

    def take(self, verb: str) -> tuple[str, str] | None:
        """Who does it with which value, and what becomes of the ticket; None where it would change nothing."""
        self.is_thanked = verb == "thank"
        if verb in ("claim", "assign"):
            return self._give(verb)
        if verb in ("escalate", "send_back"):
            return self._hand(verb)
        if verb in ("priority", "move"):
            return self.lead, self._change(verb)
        if verb in ("write", "thank"):
            self.status = "in_progress" if self.status == "waiting" else self.status
        self.status = AFTER.get(verb, self.status)
        if verb == "mute":
            return self.assignee or self.lead, ""
        return (REQUESTER if verb in ("write", "thank", "object", "cancel") else self.lead), ""

    def _change(self, verb: str) -> str:
        if verb == "priority":
            others = [one for one in ("urgent", "high", "normal") if one != self.priority]
            self.priority = self.randomly.choice(others)
            return self.priority
        self.queue = self.randomly.choice([one for one in self.queues if one != self.queue])
        self.status, self.tier, self.assignee, self.handed_by = "new", 0, "", ""
        return self.queue

    def _give(self, verb: str) -> tuple[str, str] | None:
        others = [member for member in self.members if member != self.assignee]
        if not others:
            return None
        self.assignee = self.randomly.choice(others)
        self.status = "in_progress" if self.status == "new" else self.status
        return (self.assignee, "") if verb == "claim" else (self.lead, self.assignee)

    def _hand(self, verb: str) -> tuple[str, str]:
        self.status = "in_progress"
        if verb == "escalate":
            self.handed_by, self.assignee, self.tier = self.assignee or self.members[0], "", 1
            return self.handed_by, ""
        actor = self.lead
        self.assignee, self.handed_by, self.tier = self.handed_by, "", 0
        return actor, self.assignee


def plan(policy: Mapping[str, Any], seed: int, tickets: int, begin: datetime, days: int) -> list[Deed]:
    """All deeds in order."""
    randomly, queues, calendars = random.Random(seed), policy["queues"], policy["calendars"]
    sections = {key: calendars[queue["calendar"]] for key, queue in queues.items()}
    hours = {key: Hours(section, section["timezone"]) for key, section in sections.items()}
    end, deeds = begin + timedelta(days=days) - timedelta(hours=1), list[Deed]()
    for number in range(tickets):
        queue = randomly.choice(list(queues))
        priority = randomly.choice(["urgent", "high", "normal", "normal", "low"])
        deeds += _of_ticket(_Course(queues, hours, end, queue, priority, randomly), number, begin, days)
    return sorted(deeds, key=lambda deed: deed.at)


def _of_ticket(course: _Course, number: int, begin: datetime, days: int) -> Iterator[Deed]:
    randomly, queue, at = course.randomly, course.queue, course.instant(begin, days * 24 * 60 * 2 // 3)
    yield Deed(at, number, "file", REQUESTER, course.priority, queue)
    for _ in range(randomly.randint(0, 9)):
        at = course.instant(at + timedelta(minutes=3), randomly.choice([60, 3 * 60, 8 * 60, 30 * 60]))
        verb = randomly.choice(course.possible())
        done = course.take(verb) if at < course.end else None
        if done is not None:
            yield Deed(at, number, verb, *done, queue=queue)


def _name(reference: str) -> str:
    return reference.removeprefix("@")
