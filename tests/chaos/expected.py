"""A ticket as its people were told that it is: what was acknowledged, and therefore has to be seen."""

from dataclasses import dataclass, field

from slackdesk.slack.drawings.sentences import AGENTS, PERSON, REQUESTER
from slackdesk.slack.sentences import ASKED_BEFORE
from slackdesk.tickets.model import Status
from slackdesk.tickets.outgoing import Notice

from .plan import TIERS, Journey

TOO_LATE = "Too late to undo: <@{requester}> has the reply already. Write another one to correct it."
QUESTION = "{by} resolved {number}. Did this solve it?"
ANSWERED = (
    "{number} was not solved yet: it is open again.",
    "{number} is solved and closed: {by} said so. Thank you.",
    "{number} is closed by {by}.",
)
"""What stands in the place of a question that was answered."""


@dataclass
class Line:
    """A message that has to be seen, at least and at most so often.

    It is one of these sentences (``templates``) with these words in the places that are known, or, with ``text``, it
    contains that text.
    """

    templates: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    text: str = ""
    least: int = 1
    most: int = 1

    def __str__(self) -> str:
        return f"“{self.text or self.templates[0]}” {self.known or ''}".strip()


@dataclass
class Expected:
    """What the acknowledged deeds about one request have made of it."""

    journey: Journey
    text: str
    """Of the request."""
    numbers: list[str] = field(default_factory=list)
    """Told by the desk; a second one only where the text was typed again after more than two minutes."""
    status: Status = Status.NEW
    assignee: str | None = None
    priority: str = "Normal"
    tier: str = "L1"
    awaits_acceptance: bool = False
    visited: list[str] = field(default_factory=lambda: ["L1"])
    watchers: set[str] = field(default_factory=set)
    senders: dict[str, str] = field(default_factory=dict)
    """Tier → who handed the ticket up to it."""
    requester_lines: list[Line] = field(default_factory=list)
    agents_lines: list[Line] = field(default_factory=list)
    person_lines: dict[str, list[Line]] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    """Texts of notes, and of replies that were taken back: no requester may ever read one."""
    order: dict[str, list[str]] = field(default_factory=lambda: {"requester": [], "agents": []})
    """Side → texts in the order in which they were written."""
    trouble: str = ""
    """What did not go, though it was tried again and again; then the journey ended."""

    @property
    def number(self) -> str:
        """What the requester was told first."""
        return self.numbers[0]

    # What deeds change. The names of the people are handles.

    def may_be_asked_before(self, times: int) -> None:
        """Written so often again, the request may be answered with its number."""
        if times:
            self.requester_lines.append(Line((ASKED_BEFORE,), least=0, most=times))

    def claimed(self, by: str) -> None:
        """By claiming, taking over or accepting."""
        self.requester_lines.append(_notice(REQUESTER, Notice.CLAIMED, by=by))
        self.assignee, self.awaits_acceptance = by, False
        if self.status is Status.NEW:
            self.status = Status.IN_PROGRESS

    def taken_over(self, by: str) -> None:
        """Agents and the previous assignee are told."""
        previous = self.assignee or ""
        self.agents_lines.append(_notice(AGENTS, Notice.TAKEN_OVER, by=by, previous=previous))
        self._tell(previous, Notice.TAKEN_OVER, by=by)
        self.claimed(by)

    def prioritized(self, by: str, priority: str) -> None:
        """By an agent."""
        self.agents_lines.append(_notice(AGENTS, Notice.PRIORITY_CHANGED, by=by))
        self.priority = priority

    def written(self, text: str, times: int) -> None:
        """By the requester, into the thread, so often until it was taken; a resolved ticket is open again by that."""
        self.agents_lines.append(Line(text=text, most=times))
        self.order["agents"].append(text)
        if self.status is Status.RESOLVED:
            self.reopened()

    def replied(self, text: str, *, shown: bool, least: int = 1, most: int = 1) -> None:
        """By an agent; ``shown`` to the others once it left, where they have not read it before."""
        self.requester_lines.append(Line(text=text, least=least, most=most))
        if shown:
            self.agents_lines.append(Line(text=text, least=least, most=most))
        if least:
            self.order["requester"].append(text)

    def noted(self, text: str, *, copied: bool) -> None:
        """By an agent; a note that was written in the thread itself is not copied."""
        self.secrets.append(text)
        if copied:
            self.agents_lines.append(Line(text=text))

    def escalated(self, by: str) -> None:
        """To the next tier."""
        from_tier, self.tier = self.tier, TIERS[TIERS.index(self.tier) + 1]
        self.agents_lines.append(_notice(AGENTS, Notice.HANDED_OFF, by=by, from_tier=from_tier))
        self.requester_lines.append(_notice(REQUESTER, Notice.HANDED_OFF, tier=self.tier))
        self.watchers.add(by)
        self.senders[self.tier] = by
        self.status, self.assignee, self.awaits_acceptance = Status.IN_PROGRESS, None, True
        if self.tier not in self.visited:
            self.visited.append(self.tier)

    def accepted(self, by: str) -> None:
        """Whoever watches is told."""
        self._tell_watchers(by, Notice.ACCEPTED, tier=self.tier)
        self.claimed(by)

    def sent_back(self, by: str) -> None:
        """To the tier below, and to whoever handed it up."""
        from_tier, sender = self.tier, self.senders[self.tier]
        self.tier = TIERS[TIERS.index(from_tier) - 1]
        self.agents_lines.append(_notice(AGENTS, Notice.SENT_BACK, by=by, from_tier=from_tier))
        self._tell_watchers(by, Notice.SENT_BACK, from_tier=from_tier)
        self.status, self.assignee, self.awaits_acceptance = Status.IN_PROGRESS, sender, False

    def resolved(self, by: str) -> None:
        """The requester is asked whether it is solved."""
        self.agents_lines.append(_notice(AGENTS, Notice.RESOLVED, by=by))
        self._tell_watchers(by, Notice.RESOLVED)
        for line in self.requester_lines:
            if QUESTION in line.templates:  # its buttons may have stayed, and are as good as those of another one
                line.least = 0
        self.requester_lines.append(Line((QUESTION, *ANSWERED)))
        self.status, self.awaits_acceptance = Status.RESOLVED, False

    def closed(self, by: str) -> None:
        """By the requester's word or by an agent, who does not wait until the question is asked."""
        self.agents_lines.append(_notice(AGENTS, Notice.CLOSED, by=by))
        if by != self.journey.requester:
            self.requester_lines[-1].least = 0
            self.requester_lines.append(_notice(REQUESTER, Notice.CLOSED, by=by))
        self.status = Status.CLOSED

    def reopened(self) -> None:
        """By the requester."""
        by = self.journey.requester
        self.agents_lines.append(_notice(AGENTS, Notice.REOPENED, by=by))
        self._tell_watchers(by, Notice.REOPENED, also=self.assignee)
        self.status = Status.IN_PROGRESS

    def cancelled(self) -> None:
        """By the requester."""
        self.agents_lines.append(_notice(AGENTS, Notice.CANCELLED, by=self.journey.requester))
        self._tell_watchers(self.journey.requester, Notice.CANCELLED, also=self.assignee)
        self.status = Status.CANCELLED

    def marked_not_a_request(self, by: str) -> None:
        """By an agent."""
        self.agents_lines.append(_notice(AGENTS, Notice.NOT_A_REQUEST, by=by))
        self.requester_lines.append(_notice(REQUESTER, Notice.NOT_A_REQUEST, by=by))
        self.status = Status.NOT_A_REQUEST

    def _tell_watchers(self, by: str, notice: Notice, also: str | None = None, **known: str) -> None:
        for person in sorted((self.watchers | ({also} if also else set())) - {by}):
            self._tell(person, notice, by=by, **known)

    def _tell(self, person: str, notice: Notice, **known: str) -> None:
        self.person_lines.setdefault(person, []).append(_notice(PERSON, notice, **known))


def _notice(sentences: dict[str, str], notice: Notice, **known: str) -> Line:
    people = {name: f"@{value}" for name, value in known.items() if name in ("by", "previous")}
    return Line((sentences[notice],), known | people)
