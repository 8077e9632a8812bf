"""The tour: one day of a help desk, played by the people of the company on a running desk."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from slackdesk.demo.actors import Actor
from slackdesk.demo.requests import Request, Story
from slackdesk.demo.stage import Stage

L1, L2, L3, HR = "#it-l1", "#it-l2", "#it-l3", "#hr-private"
L1_AGENTS, L2_AGENT, L3_AGENT, LEAD = ("rina", "agus"), "dewi", "bayu", "helpdesk-lead"

UP = {Story.ESCALATED, Story.DEEP, Story.SENT_BACK}
"""Stories that leave L1."""
DROPPED = {Story.CANCELLED, Story.NOT_A_REQUEST, Story.DUPLICATE}
"""Stories that end without being resolved."""


class Act(StrEnum):
    """What happens in the day; each can be left out, to see which milestones are then missed."""

    FILE = "file"
    CLAIM = "claim"
    TAKE_OVER = "take_over"
    REPLY = "reply"
    ANSWER = "answer"
    NOTE = "note"
    CANCEL = "cancel"
    NOT_A_REQUEST = "not_a_request"
    DUPLICATE = "duplicate"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    NEXT_DAYS = "next_days"
    """Time passes until what nobody answered is closed."""


@dataclass
class Ticket:
    """A request of the day as the tour follows it: only what its people read on their screens."""

    request: Request
    number: str
    agent: str
    channel: str
    first_answer: str = ""
    """What the head of the requester's thread said right after filing."""
    trouble: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scene:
    """Something that one person does with one ticket."""

    actor: str
    ticket: Ticket
    play: Callable[[Actor, Ticket], None]


class Tour:
    """Plays the day. ``progress(done, total, phase)`` is told after every scene."""

    def __init__(
        self,
        stage: Stage,
        requests: list[Request],
        *,
        leave_out: Iterable[Act] = (),
        progress: Callable[[int, int, str], None] = lambda *_: None,
    ) -> None:
        self.stage = stage
        self.requests = requests
        self.leave_out = frozenset(leave_out)
        self.progress = progress
        self.tickets: list[Ticket] = []
        self.trouble: list[str] = []
        """What did not go as the script has it, in words of what was visible instead."""
        self._actors: dict[str, Actor] = {}

    def actor(self, handle: str) -> Actor:
        """Somebody of the company, always the same object."""
        return self._actors.setdefault(handle, Actor(self.stage, handle))

    def of(self, *stories: Story) -> list[Ticket]:
        """The tickets of these stories, in the order of the day."""
        return [ticket for ticket in self.tickets if ticket.request.story in stories]

    def all_but(self, stories: Iterable[Story]) -> list[Ticket]:
        """The tickets of all other stories."""
        without = set(stories)
        return [ticket for ticket in self.tickets if ticket.request.story not in without]

    def play(self) -> None:
        """The whole day, phase by phase; within a phase people act side by side, each one thing after the other."""
        self._file()
        self._phase("claims", Act.CLAIM, self.all_but({Story.CANCELLED}), _claim)
        self._phase("a colleague takes over", Act.TAKE_OVER, self.of(Story.TAKEN_OVER), _take_over, by=_colleague)
        self._phase("notes", Act.NOTE, self.of(Story.SOLVED, Story.DEEP)[:6], _note)
        self._phase("replies", Act.REPLY, self.of(Story.ASKS, Story.TAKEN_OVER), _ask_back)
        self._phase("answers", Act.ANSWER, self.of(Story.ASKS), _answer, by=_requester)
        self._phase("cancelled requests", Act.CANCEL, self.of(Story.CANCELLED), _cancel, by=_requester)
        self._phase("not a request", Act.NOT_A_REQUEST, self.of(Story.NOT_A_REQUEST), _not_a_request)
        self._phase("duplicates", Act.DUPLICATE, self.of(Story.DUPLICATE), self._mark_duplicate)
        self.stage.advance("45m")
        self._phase("escalations to L2", Act.ESCALATE, self.of(*UP), _escalate_to_l2)
        self._phase("hand-offs accepted by L2", Act.ACCEPT, self.of(Story.ESCALATED, Story.DEEP), _accept, by=_l2)
        self._phase("hand-offs sent back", Act.SEND_BACK, self.of(Story.SENT_BACK), _send_back, by=_l2)
        self._phase("escalations to L3", Act.ESCALATE, self.of(Story.DEEP), _escalate_to_l3)
        self._phase("hand-offs accepted by L3", Act.ACCEPT, self.of(Story.DEEP), _accept, by=_l3)
        self.stage.advance("90m")
        self._phase("resolutions", Act.RESOLVE, self.all_but(DROPPED), _resolve)
        confirming = self.all_but(DROPPED | {Story.UNANSWERED, Story.REOPENED})
        self._phase("confirmations", Act.CONFIRM, confirming, _confirm, by=_requester)
        self._phase("reopened requests", Act.REOPEN, self.of(Story.REOPENED), _reopen, by=_requester)
        self._phase("second resolutions", Act.RESOLVE, self.of(Story.REOPENED), _resolve)
        self._phase("second confirmations", Act.CONFIRM, self.of(Story.REOPENED), _confirm, by=_requester)
        if Act.NEXT_DAYS not in self.leave_out:
            self.stage.advance("7d")

    def _file(self) -> None:
        if Act.FILE in self.leave_out:
            return
        tickets = [self._expected(request) for request in self.requests]
        scenes = [Scene(ticket.request.by, ticket, _file) for ticket in tickets]
        self._play_side_by_side("requests", scenes)
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
    ) -> None:
        if act not in self.leave_out:
            self._play_side_by_side(name, [Scene(by(each) if by else each.agent, each, play) for each in tickets])

    def _play_side_by_side(self, phase: str, scenes: list[Scene]) -> None:
        of_person: dict[str, list[Scene]] = defaultdict(list)
        for scene in scenes:
            of_person[scene.actor].append(scene)
        done = 0
        self.progress(done, len(scenes), phase)
        with ThreadPoolExecutor(max_workers=max(1, len(of_person))) as pool:
            for finished in pool.map(self._play_scenes, of_person.values()):
                done += finished
                self.progress(done, len(scenes), phase)

    def _play_scenes(self, scenes: list[Scene]) -> int:
        for scene in scenes:
            self._play_scene(scene)
        return len(scenes)

    def _play_scene(self, scene: Scene) -> None:
        try:
            scene.play(self.actor(scene.actor), scene.ticket)
        except AssertionError as error:
            what = scene.ticket.number or scene.ticket.request.text[:40]
            scene.ticket.trouble.append(str(error))
            self.trouble.append(f"{what}: {error}")

    def _mark_duplicate(self, actor: Actor, ticket: Ticket) -> None:
        first = self.of(Story.SOLVED)[0]
        actor.chooses("Mark as a duplicate", ticket.number, ticket.channel)
        actor.fills({actor.t("Which ticket does {number} repeat?", number=ticket.number): first.number})


def _requester(ticket: Ticket) -> str:
    return ticket.request.requester


def _colleague(ticket: Ticket) -> str:
    return next(agent for agent in L1_AGENTS if agent != ticket.agent)


def _l2(_ticket: Ticket) -> str:
    return L2_AGENT


def _l3(_ticket: Ticket) -> str:
    return L3_AGENT


def _file(actor: Actor, ticket: Ticket) -> None:
    ticket.number = actor.file(ticket.request)
    if ticket.request.requester == actor.handle:
        ticket.first_answer = actor.root(ticket.number).text


def _claim(actor: Actor, ticket: Ticket) -> None:
    actor.presses("Claim", ticket.number, ticket.channel)


def _take_over(actor: Actor, ticket: Ticket) -> None:
    actor.presses("Take over", ticket.number, ticket.channel)
    ticket.agent = actor.handle


def _note(actor: Actor, ticket: Ticket) -> None:
    actor.person.says(f"Internal: I saw {ticket.number} before, see the wiki.", in_=actor.card(ticket.number, L1))


def _ask_back(actor: Actor, ticket: Ticket) -> None:
    actor.replies(ticket.number, ticket.channel, "Thank you. Since when does it happen, and on which device?")


def _answer(actor: Actor, ticket: Ticket) -> None:
    actor.person.sees("Since when does it happen", in_=actor.root(ticket.number), within_seconds=20)
    actor.writes(ticket.number, "Since yesterday afternoon, only on my laptop. / Sejak kemarin sore 🙏")


def _cancel(actor: Actor, ticket: Ticket) -> None:
    actor.cancels(ticket.number)


def _not_a_request(actor: Actor, ticket: Ticket) -> None:
    actor.chooses("Not a request", ticket.number, ticket.channel)


def _escalate_to_l2(actor: Actor, ticket: Ticket) -> None:
    actor.escalates(
        ticket.number,
        L1,
        reason="It needs rights that L1 does not have.",
        tried="Restarted, checked the account, read the wiki.",
        asked="Please look at the server side.",
    )
    ticket.agent, ticket.channel = L2_AGENT, L2


def _accept(actor: Actor, ticket: Ticket) -> None:
    actor.presses("Accept", ticket.number, ticket.channel)


def _send_back(actor: Actor, ticket: Ticket) -> None:
    actor.sends_back(ticket.number, L2, "This is in the wiki under “first aid”; no rights needed.")
    ticket.agent, ticket.channel = L1_AGENTS[ticket.request.index % 2], L1


def _escalate_to_l3(actor: Actor, ticket: Ticket) -> None:
    actor.escalates(
        ticket.number,
        L2,
        reason="The cause is in the network core.",
        tried="Packet capture on both ends; the loss is between them.",
        asked="Please check the core switch, port 14.",
    )
    ticket.agent, ticket.channel = L3_AGENT, L3


def _resolve(actor: Actor, ticket: Ticket) -> None:
    topic = ticket.request.topic or "Other"
    actor.resolves(
        ticket.number, ticket.channel, topic, "Changed the setting and tried it together with the requester."
    )


def _confirm(actor: Actor, ticket: Ticket) -> None:
    actor.answers_question(ticket.number, solved=True)


def _reopen(actor: Actor, ticket: Ticket) -> None:
    actor.answers_question(ticket.number, solved=False)
