"""What people will do and what will break, drawn from a seed alone: the same seed gives the same plan."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

AGENTS = ("rina", "agus")
TIERS = ("L1", "L2", "L3")
AGENT_OF = {"L2": "dewi", "L3": "bayu"}
LEAD = "helpdesk-lead"
WRITER, PLACE_OF_REACTIONS = "ratna", "#leadership"
"""Who writes a message that the lead makes a ticket with 🎫, and where; both are no place where requests are filed."""
EMPLOYEES = ("ayu", "budi", "citra", "dimas", "eka", "farhan", "gita", "hendra", "wei-ling", "jonas", "maya", "prakash",
             "sari", "yohana", "lukas")  # fmt: skip
STRIKE_SECONDS = (0.5, 4.0)
"""How long a fault lasts, where it lasts."""


class Door(StrEnum):
    """How a request comes in."""

    COMMAND = "command"
    FORM = "form"
    DIRECT_MESSAGE = "direct message"
    CHANNEL = "channel message"
    REACTION = "reaction"


class Deed(StrEnum):
    """Something that somebody does about a request."""

    FILE = "file"
    RETYPE = "retype the request"
    OPEN_HOME = "open the Home tab"
    WRITE = "write as requester"
    PRIORITY = "change the priority"
    CLAIM = "claim"
    CLAIM_BY_DOUBLE_CLICK = "claim by double click"
    CLAIM_BY_COMMAND = "claim by command"
    CLAIM_BY_REACTION = "claim by reaction"
    RACE = "two claim at once"
    TAKE_OVER = "take over"
    NOTE = "note in the thread"
    NOTE_BY_FORM = "note by form"
    REPLY = "reply"
    REPLY_BY_REACTION = "reply by reaction"
    REPLY_AND_UNDO = "reply and undo"
    DELETE_CARD = "delete the card"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    SEND_BACK = "send back"
    RESOLVE = "resolve"
    RESOLVE_TWICE = "submit the resolution twice"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    REOPEN_BY_WRITING = "reopen by writing"
    CLOSE = "close"
    CANCEL = "cancel"
    NOT_A_REQUEST = "not a request"


@dataclass(frozen=True)
class Step:
    """One deed; ``text`` is what is written, if anything is, and occurs nowhere else in the plan."""

    deed: Deed
    by: str
    text: str = ""


@dataclass(frozen=True)
class Journey:
    """What happens about one request, one step after the other."""

    index: int
    requester: str
    door: Door
    submits_twice: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Strike:
    """A fault that strikes when that many deeds have begun, and is ended after that long, if it lasts."""

    at_deed: int
    fault: str
    lasts_seconds: float
    seed: int


@dataclass(frozen=True)
class Plan:
    """All of it. ``str`` gives what is printed before it is run."""

    seed: int
    journeys: tuple[Journey, ...]
    strikes: tuple[Strike, ...]

    @property
    def deed_count(self) -> int:
        """How many deeds all people do together, when everything goes as planned."""
        return sum(len(journey.steps) for journey in self.journeys)

    def __str__(self) -> str:
        doors = Counter(journey.door.value for journey in self.journeys)
        deeds = Counter(step.deed.value for journey in self.journeys for step in journey.steps)
        strikes = Counter(strike.fault for strike in self.strikes)
        listed = "\n".join(
            f"  {title}: {', '.join(f'{count} × {name}' for name, count in counts.most_common())}"
            for title, counts in (("doors", doors), ("deeds", deeds), ("faults", strikes))
        )
        size = f"{len(self.journeys)} requests, {self.deed_count} deeds, {len(self.strikes)} faults"
        return f"seed {self.seed}: {size}\n{listed}"


def make_plan(seed: int, requests: int, faults: Sequence[str], strikes: int) -> Plan:
    """The plan of a seed: every fault of ``faults`` strikes about equally often, spread over the deeds."""
    random = Random(seed)
    journeys = tuple(_journey(Random(f"{seed}:{index}"), index) for index in range(requests))
    deeds = sum(len(journey.steps) for journey in journeys)
    rounds = -(-strikes // len(faults)) if faults else 0
    names = [name for _ in range(rounds) for name in random.sample(sorted(faults), len(faults))][:strikes]
    at = sorted(random.randrange(max(1, deeds * 9 // 10)) for _ in names)
    return Plan(
        seed,
        journeys,
        tuple(
            Strike(at_deed, name, round(random.uniform(*STRIKE_SECONDS), 2), random.getrandbits(32))
            for at_deed, name in zip(at, names, strict=True)
        ),
    )


def _journey(random: Random, index: int) -> Journey:
    door = random.choices(list(Door), weights=(40, 20, 15, 15, 10))[0]
    requester = WRITER if door is Door.REACTION else random.choice(EMPLOYEES)
    story = _Story(random, index, requester)
    steps = tuple(story.steps(door))
    return Journey(index, requester, door, door is Door.FORM and random.random() < 0.3, steps)


THINGS = (
    "The printer on floor {n} hums",
    "VPN drops after {n} minutes",
    "My screen shows {n} lines",
    "Badge {n} opens no door",
    "The beamer in room {n} is dark",
    "License {n} has expired",
)
WORDS = {
    Deed.WRITE: "It still happens, and now it beeps",
    Deed.NOTE: "Saw this before, cable behind the desk",
    Deed.NOTE_BY_FORM: "Vendor was called, waiting",
    Deed.REPLY: "Please restart it and tell me what you see",
    Deed.REPLY_BY_REACTION: "We have ordered a new one",
    Deed.REPLY_AND_UNDO: "This was meant for somebody else",
    Deed.ESCALATE: "It needs rights that we do not have",
    Deed.SEND_BACK: "This is in the wiki, no rights needed",
    Deed.RESOLVE: "Changed the setting and tried it together",
    Deed.RESOLVE_TWICE: "Put in a new cable",
    Deed.REOPEN_BY_WRITING: "It is back again, sorry",
}


class _Story:
    """Writes the steps of one journey: what can be done next follows from what was done before."""

    def __init__(self, random: Random, index: int, requester: str) -> None:
        self._random, self._index, self._requester = random, index, requester
        self._count = 0

    def steps(self, door: Door) -> Iterator[Step]:
        random, me = self._random, self._requester
        yield self._step(Deed.FILE, LEAD if door is Door.REACTION else me, random.choice(THINGS).format(n=self._index))
        if door is Door.COMMAND and random.random() < 0.15:
            yield self._step(Deed.RETYPE, me)
        if random.random() < 0.1:
            yield self._step(Deed.OPEN_HOME, me)
        if random.random() < 0.2:
            yield self._step(Deed.WRITE, me)
        agent = random.choice(AGENTS)
        if random.random() < 0.15:
            yield self._step(Deed.PRIORITY, agent)
        end = random.random()
        if end < 0.08:
            yield self._step(Deed.CANCEL, me)
        elif end < 0.12:
            yield self._step(Deed.NOT_A_REQUEST, agent)
        elif end > 0.9:  # nobody takes it
            return
        else:
            yield from self._worked_on(agent)

    def _worked_on(self, agent: str) -> Iterator[Step]:
        random = self._random
        claim = random.choices(
            (Deed.CLAIM, Deed.CLAIM_BY_DOUBLE_CLICK, Deed.CLAIM_BY_COMMAND, Deed.CLAIM_BY_REACTION, Deed.RACE),
            weights=(45, 15, 10, 15, 15),
        )[0]
        yield self._step(claim, agent)
        yield from self._talk(agent)
        if random.random() < 0.15 and claim is not Deed.RACE:
            agent = next(other for other in AGENTS if other != agent)
            yield self._step(Deed.TAKE_OVER, agent)
        tier = 0
        while tier < 2 and random.random() < 0.35:
            yield self._step(Deed.ESCALATE, agent)
            above = AGENT_OF[TIERS[tier + 1]]
            if random.random() < 0.2:
                yield self._step(Deed.SEND_BACK, above)
                break
            tier, agent = tier + 1, above
            yield self._step(Deed.ACCEPT, agent)
            yield from self._talk(agent)
        if random.random() < 0.8:  # else it is left open
            yield from self._solved(agent)

    def _talk(self, agent: str) -> Iterator[Step]:
        deeds = (Deed.NOTE, Deed.NOTE_BY_FORM, Deed.REPLY, Deed.REPLY_BY_REACTION, Deed.REPLY_AND_UNDO, Deed.WRITE,
                 Deed.DELETE_CARD)  # fmt: skip
        chosen = self._random.choices(deeds, weights=(15, 10, 30, 12, 10, 18, 5), k=self._random.choice((0, 1, 1, 2)))
        for deed in chosen:
            by = {Deed.WRITE: self._requester, Deed.DELETE_CARD: LEAD}.get(deed, agent)
            yield self._step(deed, by)
            if deed is Deed.DELETE_CARD:  # what changes the ticket brings a new card
                yield self._step(Deed.WRITE, self._requester)

    def _solved(self, agent: str) -> Iterator[Step]:
        random, me = self._random, self._requester
        yield self._step(random.choices((Deed.RESOLVE, Deed.RESOLVE_TWICE), weights=(4, 1))[0], agent)
        end = random.random()
        if end < 0.5:
            yield self._step(Deed.CONFIRM, me)
        elif end < 0.75:
            yield self._step(Deed.REOPEN if end < 0.65 else Deed.REOPEN_BY_WRITING, me)
            yield self._step(Deed.RESOLVE, agent)
            yield self._step(Deed.CONFIRM, me)
        elif end < 0.85:
            yield self._step(Deed.CLOSE, agent)

    def _step(self, deed: Deed, by: str, words: str = "") -> Step:
        self._count += 1
        text = words or WORDS.get(deed, "")
        return Step(deed, by, f"{text} (ref {self._index}.{self._count})" if text else "")
