"""How the tour is played: phase by phase; within a phase people act side by side, each one thing after the other."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeVar
from zoneinfo import ZoneInfo

from slackdesk.demo.actors import PATIENCE_SECONDS, Actor
from slackdesk.demo.narrator import Narrator
from slackdesk.demo.requests import Request, Story
from slackdesk.demo.script import HR, L1, L1_AGENTS, L2, L2_AGENT, LEAD, Act, Ticket, file
from slackdesk.demo.stage import Stage
from slackdesk.policy.durations import parse_duration

T = TypeVar("T")

JAKARTA = ZoneInfo("Asia/Jakarta")
GLIMPSE_SECONDS = 3.0
"""How long something may take to appear before one more minute of desk time is let pass."""
MINUTES_MAX = 3
"""How many are let pass for it; then it is waited for."""


@dataclass(frozen=True)
class Scene:
    """Something that one person does with one ticket."""

    act: Act
    actor: str
    ticket: Ticket
    play: Callable[[Actor, Ticket], None]


class Phases:
    """The tickets and the people of a tour.

    What follows from an act that was left out, or that did not go, is not played: nobody waits in vain twice.
    """

    def __init__(
        self,
        stage: Stage,
        requests: list[Request],
        narrator: Narrator,
        *,
        leave_out: Iterable[Act] = (),
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.stage = stage
        self.requests = requests
        self.narrator = narrator
        self.leave_out = frozenset(leave_out)
        self.patience_seconds = patience_seconds
        self.tickets: list[Ticket] = []
        self.trouble: list[str] = []
        """What did not go as the script has it, of all tickets, each with its number."""
        self._actors: dict[str, Actor] = {}
        self._ahead = timedelta()

    def actor(self, handle: str) -> Actor:
        """Somebody of the company, always the same object."""
        if handle not in self._actors:
            self._actors[handle] = Actor(self.stage, handle, self.patience_seconds)
        return self._actors[handle]

    def of(self, *stories: Story) -> list[Ticket]:
        """The tickets of these stories, in the order of the day."""
        return [ticket for ticket in self.tickets if ticket.request.story in stories]

    def all_but(self, stories: Iterable[Story]) -> list[Ticket]:
        """The tickets of all other stories."""
        without = set(stories)
        return [ticket for ticket in self.tickets if ticket.request.story not in without]

    # Time

    @property
    def now(self) -> datetime:
        """Desk time, on the wall clock of Jakarta."""
        return (datetime.now(UTC) + self._ahead).astimezone(JAKARTA)

    def passes(self, duration: str) -> None:
        """Desk time moves forward, such as ``"90m"``."""
        self.stage.advance(duration)
        self._ahead += parse_duration(duration)

    def passes_until(self, actor: Actor, look: Callable[[], T | None]) -> T | None:
        """Somebody waits for what is due about now; None when it does not come.

        What is said at the next full minute, a moment after it became due, would else be waited for in real time.
        """
        for _ in range(MINUTES_MAX):
            if (found := actor.notices(look, GLIMPSE_SECONDS)) is not None:
                return found
            self.passes("1m")
        return actor.notices(look, self.patience_seconds)

    # Phases

    def tells(self, text: str) -> None:
        """Tell what happens now."""
        self.narrator.tells(self.now, text)

    def files(self, requests: Iterable[Request]) -> list[Ticket]:
        """Let them be filed; returns those that were answered with a number."""
        if Act.FILE in self.leave_out:
            return []
        tickets = [_expected(request) for request in requests]
        self._play_side_by_side("requests", [Scene(Act.FILE, each.request.by, each, file) for each in tickets])
        answered = [ticket for ticket in tickets if ticket.number]
        self.tickets = sorted([*self.tickets, *answered], key=lambda ticket: ticket.request.index)
        return answered

    def phase(
        self,
        name: str,
        act: Act,
        tickets: list[Ticket],
        play: Callable[[Actor, Ticket], None],
        by: Callable[[Ticket], str] | None = None,
        after: Act = Act.FILE,
    ) -> list[Ticket]:
        """Play an act with each of the tickets for which it was not left out, nor what it follows from.

        Returns those for which it went as planned.
        """
        if act in self.leave_out:
            return []
        ready = [ticket for ticket in tickets if after in ticket.done and not ticket.trouble]
        self._play_side_by_side(name, [Scene(act, by(each) if by else each.agent, each, play) for each in ready])
        return [ticket for ticket in ready if act in ticket.done]

    def _play_side_by_side(self, phase: str, scenes: list[Scene]) -> None:
        of_person: dict[str, list[Scene]] = defaultdict(list)
        for scene in scenes:
            of_person[scene.actor].append(scene)
        progress = _Progress(phase, len(scenes), self.narrator)
        results: SimpleQueue[BaseException | None] = SimpleQueue()

        def play(own: list[Scene]) -> None:
            try:
                self._play_scenes(own, progress)
            except BaseException as error:  # noqa: BLE001  raised again where the tour is played
                results.put(error)
            else:
                results.put(None)

        # Nobody is waited for when the tour is broken off: the threads of a pool would keep the process.
        for own in of_person.values():
            Thread(target=play, args=(own,), daemon=True).start()
        for _ in of_person:
            if (error := results.get()) is not None:
                raise error

    def _play_scenes(self, scenes: list[Scene], progress: "_Progress") -> None:
        for scene in scenes:
            self._play_scene(scene, progress)

    def _play_scene(self, scene: Scene, progress: "_Progress") -> None:
        ticket = scene.ticket
        try:
            scene.play(self.actor(scene.actor), ticket)
            ticket.done.add(scene.act)
        except AssertionError as error:
            ticket.trouble = str(error)
            self.trouble.append(f"{ticket.number or ticket.request.text[:40]}: {error}")
        progress.step()


class _Progress:
    def __init__(self, phase: str, total: int, narrator: Narrator) -> None:
        self._phase, self._total, self._narrator, self._done = phase, total, narrator, 0
        self._lock = Lock()
        narrator.progress(0, total, phase)

    def step(self) -> None:
        with self._lock:
            self._done += 1
            self._narrator.progress(self._done, self._total, self._phase)


def _expected(request: Request) -> Ticket:
    if request.story is Story.PRIVATE:
        return Ticket(request, "", LEAD, HR)
    if request.story is Story.URGENT:
        return Ticket(request, "", L2_AGENT, L2)
    return Ticket(request, "", L1_AGENTS[request.index % 2], L1)
