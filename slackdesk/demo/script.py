"""What people do in each act of the tour's day, and a ticket as the tour follows it."""

from dataclasses import dataclass, field
from enum import StrEnum

from slackdesk.demo.actors import Actor
from slackdesk.demo.notices import reminders
from slackdesk.demo.requests import Request, Story

L1, L2, L3, HR = "#it-l1", "#it-l2", "#it-l3", "#hr-private"
L1_AGENTS, L2_AGENT, L3_AGENT, LEAD = ("rina", "agus"), "dewi", "bayu", "helpdesk-lead"
STAKEHOLDER, LEADERSHIP = "ratna", "#leadership"

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
    RATE = "rate"
    REMIND = "remind"
    """Minutes pass in which nobody answers what is urgent, until its agent is reminded, and says to be on it."""
    EXPLAIN = "explain"
    """`/ticket sla` about what is urgent."""
    REPORT = "report"
    SUBSCRIBE = "subscribe"
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
    resolutions: int = 0
    """How often an agent resolved it."""
    score: int = 0
    """What its requester gave for the help, 1 to 5."""
    done: set[Act] = field(default_factory=set)
    trouble: str = ""
    """What did not go as the script has it, in words of what was visible instead; then its story ends."""


def requester(ticket: Ticket) -> str:
    return ticket.request.requester


def colleague(ticket: Ticket) -> str:
    return next(agent for agent in L1_AGENTS if agent != ticket.agent)


def l2(_ticket: Ticket) -> str:
    return L2_AGENT


def l3(_ticket: Ticket) -> str:
    return L3_AGENT


def lead(_ticket: Ticket) -> str:
    return LEAD


def file(actor: Actor, ticket: Ticket) -> None:
    ticket.number = actor.file(ticket.request)
    if ticket.request.requester == actor.handle:
        ticket.first_answer = actor.root(ticket.number).text


def claim(actor: Actor, ticket: Ticket) -> None:
    actor.presses("Claim", ticket.number, ticket.channel)


def take_over(actor: Actor, ticket: Ticket) -> None:
    actor.presses("Take over", ticket.number, ticket.channel)
    ticket.agent = actor.handle


def note(actor: Actor, ticket: Ticket) -> None:
    actor.person.says(f"Internal: I saw {ticket.number} before, see the wiki.", in_=actor.card(ticket.number, L1))


def ask_back(actor: Actor, ticket: Ticket) -> None:
    actor.replies(ticket.number, ticket.channel, "Thank you. Since when does it happen, and on which device?")


def on_it(actor: Actor, ticket: Ticket) -> None:
    found = reminders(actor, ticket.number)
    if not found:
        raise AssertionError(f"{actor.handle} was not reminded of {ticket.number}")
    actor.person.click("On it", in_=found[-1])


def explain(actor: Actor, ticket: Ticket) -> None:
    actor.person.slash(f"/ticket sla {ticket.number}")


def inform(actor: Actor, ticket: Ticket) -> None:
    actor.replies(ticket.number, ticket.channel, "A cable was cut; the provider is on site. Until then: use 4G.")


def answer(actor: Actor, ticket: Ticket) -> None:
    root = actor.root(ticket.number)
    actor.person.sees("Since when does it happen", in_=root, within_seconds=actor.patience_seconds)
    actor.writes(ticket.number, "Since yesterday afternoon, only on my laptop. / Sejak kemarin sore 🙏")


def cancel(actor: Actor, ticket: Ticket) -> None:
    actor.cancels(ticket.number)


def not_a_request(actor: Actor, ticket: Ticket) -> None:
    actor.chooses("Not a request", ticket.number, ticket.channel)


def escalate_to_l2(actor: Actor, ticket: Ticket) -> None:
    actor.escalates(
        ticket.number,
        L1,
        reason="It needs rights that L1 does not have.",
        tried="Restarted, checked the account, read the wiki.",
        asked="Please look at the server side.",
    )
    ticket.agent, ticket.channel = L2_AGENT, L2


def accept(actor: Actor, ticket: Ticket) -> None:
    actor.presses("Accept", ticket.number, ticket.channel)


def send_back(actor: Actor, ticket: Ticket) -> None:
    actor.sends_back(ticket.number, L2, "This is in the wiki under “first aid”; no rights needed.")
    ticket.agent, ticket.channel = L1_AGENTS[ticket.request.index % 2], L1


def escalate_to_l3(actor: Actor, ticket: Ticket) -> None:
    actor.escalates(
        ticket.number,
        L2,
        reason="The cause is in the network core.",
        tried="Packet capture on both ends; the loss is between them.",
        asked="Please check the core switch, port 14.",
    )
    ticket.agent, ticket.channel = L3_AGENT, L3


def resolve(actor: Actor, ticket: Ticket) -> None:
    topic = ticket.request.topic or "Other"
    actor.resolves(
        ticket.number, ticket.channel, topic, "Changed the setting and tried it together with the requester."
    )
    ticket.resolutions += 1


def confirm(actor: Actor, ticket: Ticket) -> None:
    actor.answers_question(ticket.number, solved=True)


def reopen(actor: Actor, ticket: Ticket) -> None:
    actor.answers_question(ticket.number, solved=False)


def ask_for_summary(actor: Actor) -> None:
    actor.person.slash("/desk report it 7d")


def subscribe(actor: Actor) -> None:
    """Every Monday at eight, which the window proposes, into the channel of those who follow the desk's numbers."""
    actor.person.slash("/desk subscribe")
    actor.fills({"Into a channel": LEADERSHIP})
    actor.person.modal.sees("/desk subscriptions stops it").close()


def rate(actor: Actor, ticket: Ticket) -> None:
    score = 3 + ticket.request.index % 3
    actor.rates(ticket.number, score, "Quick and friendly. / Cepat dan ramah." if score == 5 else "")
    ticket.score = score
