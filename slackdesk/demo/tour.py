"""The tour: one day of a help desk, played by the people of the company on a running desk."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

import holidays

from slackdesk.demo import script
from slackdesk.demo.actors import PATIENCE_SECONDS, Actor
from slackdesk.demo.requests import Request, Story
from slackdesk.demo.script import DROPPED, HR, L1, L1_AGENTS, L2, L2_AGENT, LEAD, UP, Act, Ticket
from slackdesk.demo.stage import Stage

JAKARTA = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True)
class Scene:
    """Something that one person does with one ticket."""

    act: Act
    actor: str
    ticket: Ticket
    play: Callable[[Actor, Ticket], None]


class Tour:
    """Plays the day. ``progress(done, total, phase)`` is told after every scene.

    What follows from an act that was left out, or that did not go, is not played: nobody waits in vain twice.
    """

    def __init__(
        self,
        stage: Stage,
        requests: list[Request],
        *,
        leave_out: Iterable[Act] = (),
        patience_seconds: float = PATIENCE_SECONDS,
        progress: Callable[[int, int, str], None] = lambda *_: None,
    ) -> None:
        self.stage = stage
        self.requests = requests
        self.leave_out = frozenset(leave_out)
        self.patience_seconds = patience_seconds
        self.progress = progress
        self.tickets: list[Ticket] = []
        self.trouble: list[str] = []
        """The same of all tickets, each with its number."""
        self.seconds: dict[str, float] = {}
        """How long each phase took."""
        self._actors: dict[str, Actor] = {}

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

    def play(self) -> None:
        """The whole day, phase by phase; within a phase people act side by side, each one thing after the other."""
        self.stage.advance(until_next_morning(datetime.now(UTC)))
        self._file()
        if not self.tickets:
            return
        self._morning()
        self.stage.advance("45m")
        self._hand_offs()
        self._phase("answers", Act.ANSWER, self.of(Story.ASKS), script.answer, by=script.requester, after=Act.REPLY)
        self.stage.advance("90m")
        self._evening()
        if Act.NEXT_DAYS not in self.leave_out:
            self.stage.advance("7d")

    def _morning(self) -> None:
        self._phase("cancelled requests", Act.CANCEL, self.of(Story.CANCELLED), script.cancel, by=script.requester)
        self._phase("claims", Act.CLAIM, self.all_but({Story.CANCELLED}), script.claim)
        taken = self.of(Story.TAKEN_OVER)
        self._phase("take-overs", Act.TAKE_OVER, taken, script.take_over, by=script.colleague, after=Act.CLAIM)
        self._phase("replies", Act.REPLY, self.of(Story.ASKS, Story.TAKEN_OVER), script.ask_back)
        self._phase("notes", Act.NOTE, self.of(Story.SOLVED, Story.DEEP)[:6], script.note)
        self._phase("not a request", Act.NOT_A_REQUEST, self.of(Story.NOT_A_REQUEST), script.not_a_request)
        self._phase("duplicates", Act.DUPLICATE, self.of(Story.DUPLICATE), self._mark_duplicate)

    def _hand_offs(self) -> None:
        deep, accepted = self.of(Story.DEEP), self.of(Story.ESCALATED, Story.DEEP)
        self._phase("escalations to L2", Act.ESCALATE, self.of(*UP), script.escalate_to_l2)
        self._phase("hand-offs accepted by L2", Act.ACCEPT, accepted, script.accept, by=script.l2, after=Act.ESCALATE)
        sent_back = self.of(Story.SENT_BACK)
        self._phase("hand-offs sent back", Act.SEND_BACK, sent_back, script.send_back, by=script.l2, after=Act.ESCALATE)
        self._phase("escalations to L3", Act.ESCALATE, deep, script.escalate_to_l3, after=Act.ACCEPT)
        self._phase("hand-offs accepted by L3", Act.ACCEPT, deep, script.accept, by=script.l3, after=Act.ESCALATE)

    def _evening(self) -> None:
        self._phase("resolutions", Act.RESOLVE, self.all_but(DROPPED), script.resolve)
        confirming = self.all_but(DROPPED | {Story.UNANSWERED, Story.REOPENED})
        self._phase("confirmations", Act.CONFIRM, confirming, script.confirm, by=script.requester, after=Act.RESOLVE)
        reopened = self.of(Story.REOPENED)
        self._phase("reopened requests", Act.REOPEN, reopened, script.reopen, by=script.requester, after=Act.RESOLVE)
        self._phase("second resolutions", Act.RESOLVE, reopened, script.resolve, after=Act.REOPEN)
        again = "second confirmations"
        self._phase(again, Act.CONFIRM, reopened, script.confirm, by=script.requester, after=Act.REOPEN)
        self.stage.advance("31m")
        asked = {each.request.requester: each for each in confirming[::4] if not self._is_guest(each)}
        self._phase("ratings", Act.RATE, list(asked.values()), self._rate, by=script.requester, after=Act.CONFIRM)

    def _file(self) -> None:
        if Act.FILE in self.leave_out:
            return
        tickets = [self._expected(request) for request in self.requests]
        self._play_side_by_side("requests", [Scene(Act.FILE, each.request.by, each, script.file) for each in tickets])
        self.tickets = [ticket for ticket in tickets if ticket.number]

    def _expected(self, request: Request) -> Ticket:
        if request.story is Story.PRIVATE:
            return Ticket(request, "", LEAD, HR)
        if request.story is Story.URGENT:
            return Ticket(request, "", L2_AGENT, L2)
        return Ticket(request, "", L1_AGENTS[request.index % 2], L1)

    def _phase(
        self,
        name: str,
        act: Act,
        tickets: list[Ticket],
        play: Callable[[Actor, Ticket], None],
        by: Callable[[Ticket], str] | None = None,
        after: Act = Act.FILE,
    ) -> None:
        if act in self.leave_out:
            return
        ready = [ticket for ticket in tickets if after in ticket.done and not ticket.trouble]
        self._play_side_by_side(name, [Scene(act, by(each) if by else each.agent, each, play) for each in ready])

    def _play_side_by_side(self, phase: str, scenes: list[Scene]) -> None:
        started = time.monotonic()
        of_person: dict[str, list[Scene]] = defaultdict(list)
        for scene in scenes:
            of_person[scene.actor].append(scene)
        progress = _Progress(phase, len(scenes), self.progress)
        with ThreadPoolExecutor(max_workers=max(1, len(of_person))) as pool:
            for _ in pool.map(lambda own: self._play_scenes(own, progress), of_person.values()):
                pass  # raises what a scene raised
        self.seconds[phase] = time.monotonic() - started

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

    def _is_guest(self, ticket: Ticket) -> bool:
        return self.actor(ticket.request.requester).person.user.is_guest

    def _rate(self, actor: Actor, ticket: Ticket) -> None:
        """Whoever asked for several things is asked about one of them."""
        own = {
            each.number: each
            for each in self.tickets
            if each.request.requester == ticket.request.requester and Act.CONFIRM in each.done
        }
        script.rate(actor, own[actor.asked_about(own)])

    def _mark_duplicate(self, actor: Actor, ticket: Ticket) -> None:
        first = self.of(Story.SOLVED)[0]
        actor.chooses("Mark as a duplicate", ticket.number, ticket.channel)
        actor.fills({actor.t("Which ticket does {number} repeat?", number=ticket.number): first.number})


class _Progress:
    def __init__(self, phase: str, total: int, tell: Callable[[int, int, str], None]) -> None:
        self._phase, self._total, self._tell, self._done = phase, total, tell, 0
        self._lock = Lock()
        tell(0, total, phase)

    def step(self) -> None:
        with self._lock:
            self._done += 1
            self._tell(self._done, self._total, self._phase)


def until_next_morning(now: datetime) -> str:
    """How far it is to 8:30 of the next day on which Jakarta works, as `slackdesk clock advance` takes it."""
    morning = now.astimezone(JAKARTA).replace(hour=8, minute=30, second=0, microsecond=0)
    closed = holidays.country_holidays("ID")
    while morning <= now or morning.weekday() > 3 or morning.date() in closed:  # Friday has a shorter day
        morning += timedelta(days=1)
    return f"{(morning - now) // timedelta(minutes=1) + 1}m"
