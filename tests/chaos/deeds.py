"""What agents and requesters do with a request once it is filed. Each deed notes what has to be seen from then on."""

import time
from collections.abc import Callable

from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.slack.actions import UNDONE

from . import claiming, filing
from .expected import TOO_LATE
from .plan import Deed, Step
from .reading import says
from .scene import Scene


def change_priority(scene: Scene, step: Step) -> None:
    """`/ticket priority 42 high`."""
    number = scene.expected.number
    claiming.slash(scene, step.by, f"/ticket priority {number} high", "The priority of {number} is changed.")
    scene.expected.prioritized(step.by, "High")


def note(scene: Scene, step: Step) -> None:
    """Written into the card's thread."""
    _say(scene, step.by, step.text, scene.card)
    scene.expected.noted(step.text, copied=False)


def note_by_form(scene: Scene, step: Step) -> None:
    """[Add a note] in the card's menu."""
    _form(scene, step, "Add a note", {"Your note": step.text})
    scene.expected.noted(step.text, copied=True)


def reply(scene: Scene, step: Step) -> None:
    """[Reply]."""
    _form(scene, step, "Reply", {"Your reply": step.text})
    scene.expected.replied(step.text, shown=True)


def reply_by_reaction(scene: Scene, step: Step) -> None:
    """Written into the card's thread, then 📤."""
    message = _say(scene, step.by, step.text, scene.card)[-1]
    filing.react(scene, step.by, message, "outbox_tray")
    scene.expected.replied(step.text, shown=False)


def reply_and_undo(scene: Scene, step: Step) -> None:
    """[Reply], then [Undo], which may come too late while things break: then the requester has read it."""
    _form(scene, step, "Reply", {"Your reply": step.text})

    def offer() -> SeenMessage | None:
        told = scene.company.sights.told(scene.person(step.by), 0)
        return next((seen for seen in told if step.text in seen.text and seen.buttons), None)

    scene.wait(lambda: offer() or _was_read(scene, step.text), f"neither [Undo] nor the reply {step.text!r}")
    word = _word_about_undo(scene, step, offer())
    if scene.t[step.by](UNDONE, number=scene.expected.number) in word:
        scene.expected.replied(step.text, shown=True, least=0, most=0)
        scene.expected.secrets.append(step.text)
    else:
        is_known = not word or says(word, TOO_LATE, {}, scene.person(step.by).user.locale)
        scene.expected.replied(step.text, shown=True, least=int(is_known))


def delete_card(scene: Scene, step: Step) -> None:
    """By somebody who may."""
    while card := scene.wait(scene.card, "a card"):
        with scene.company.hands_of(step.by) as person:
            try:
                person.deletes(card)
                break
            except AssertionError as refused:
                why = str(refused)
        scene.try_again(why)


def write(scene: Scene, step: Step) -> None:
    """As requester, into the own thread."""
    times = len(_say(scene, step.by, step.text, scene.root))
    scene.expected.written(step.text, times)


def escalate(scene: Scene, step: Step) -> None:
    """[Escalate] with the three answers of a hand-off."""
    answers = ("Why does it go up?", "What was tried so far?", "What is the next tier asked to do?")
    _form(scene, step, "Escalate", dict.fromkeys(answers, step.text))
    scene.expected.escalated(step.by)


def accept(scene: Scene, step: Step) -> None:
    """[Accept] on the card in the next tier."""
    scene.press(step.by, "Accept", scene.card, lambda: scene.card_says(Assignee=f"@{step.by}"))
    scene.expected.accepted(step.by)


def send_back(scene: Scene, step: Step) -> None:
    """[Send back] with a reason."""
    _form(scene, step, "Send back", {"Why does it go back?": step.text})
    scene.expected.sent_back(step.by)


def resolve(scene: Scene, step: Step, *, twice: bool = False) -> None:
    """[Resolve] with topic and solution."""
    _form(scene, step, "Resolve", {"What was it about?": "Other", "What solved it?": step.text}, twice=twice)
    scene.expected.resolved(step.by)


def confirm(scene: Scene, step: Step) -> None:
    """[Yes, close]."""
    scene.press(step.by, "Yes, close", lambda: question(scene), lambda: scene.card_says(Status="Closed"))
    scene.expected.closed(step.by)


def reopen(scene: Scene, step: Step) -> None:
    """[No, reopen]."""
    scene.wait(lambda: question(scene), "the question")
    scene.press(
        step.by,
        "No, reopen",
        lambda: question(scene),
        lambda: question(scene) is None and scene.card_says(Status="In progress"),
    )
    scene.expected.reopened()


def reopen_by_writing(scene: Scene, step: Step) -> None:
    """A message in the thread of a resolved request."""
    scene.wait(lambda: question(scene), "the question")
    write(scene, step)


def close(scene: Scene, step: Step) -> None:
    """[Close] on the card, without waiting for the requester."""
    scene.press(step.by, "Close", scene.card, lambda: scene.card_says(Status="Closed"))
    scene.expected.closed(step.by)


def cancel(scene: Scene, step: Step) -> None:
    """[Cancel request] at the head of the thread."""
    scene.press(step.by, "Cancel request", scene.root, lambda: scene.card_says(Status="Cancelled"))
    scene.expected.cancelled()


def not_a_request(scene: Scene, step: Step) -> None:
    """[All actions…] of the card, and there "Not a request"."""
    _form(scene, step, "All actions…", {})
    scene.expected.marked_not_a_request(step.by)


def open_home(scene: Scene, step: Step) -> None:
    """The Home tab; it has to be right from then on."""
    with scene.company.hands_of(step.by) as person:
        person.opens_home()


DEEDS: dict[Deed, Callable[[Scene, Step], None]] = {
    Deed.FILE: filing.file,
    Deed.RETYPE: filing.retype,
    Deed.OPEN_HOME: open_home,
    Deed.WRITE: write,
    Deed.PRIORITY: change_priority,
    Deed.CLAIM: claiming.claim,
    Deed.CLAIM_BY_DOUBLE_CLICK: lambda scene, step: claiming.claim(scene, step, times=2),
    Deed.CLAIM_BY_COMMAND: claiming.claim_by_command,
    Deed.CLAIM_BY_REACTION: claiming.claim_by_reaction,
    Deed.RACE: claiming.race,
    Deed.TAKE_OVER: claiming.take_over,
    Deed.NOTE: note,
    Deed.NOTE_BY_FORM: note_by_form,
    Deed.REPLY: reply,
    Deed.REPLY_BY_REACTION: reply_by_reaction,
    Deed.REPLY_AND_UNDO: reply_and_undo,
    Deed.DELETE_CARD: delete_card,
    Deed.ESCALATE: escalate,
    Deed.ACCEPT: accept,
    Deed.SEND_BACK: send_back,
    Deed.RESOLVE: resolve,
    Deed.RESOLVE_TWICE: lambda scene, step: resolve(scene, step, twice=True),
    Deed.CONFIRM: confirm,
    Deed.REOPEN: reopen,
    Deed.REOPEN_BY_WRITING: reopen_by_writing,
    Deed.CLOSE: close,
    Deed.CANCEL: cancel,
    Deed.NOT_A_REQUEST: not_a_request,
}


def question(scene: Scene) -> SeenMessage | None:
    """The newest message that asks the requester whether it is solved."""
    person = scene.person(scene.expected.journey.requester)
    labels = {"Yes, close", scene.t[person.handle]("Yes, close")}
    asking = [seen for seen in scene.company.sights.of(scene.expected.number, person) if labels & set(seen.buttons)]
    return asking[-1] if asking else None


def _form(scene: Scene, step: Step, label: str, answers: dict[str, str], *, twice: bool = False) -> None:
    """A button or an entry of the card's menu that opens a form."""
    if label == "All actions…":
        answers = {"What do you want to do?": scene.t[step.by]("Not a request")}

    def open_form(person: Person) -> None:
        card = scene.card()
        if card is None or label not in card.buttons:
            raise AssertionError(f"there is no card with [{label}]")
        person.click(label, in_=card, within_seconds=0)

    scene.wait(lambda: (card := scene.card()) is not None and label in card.buttons, f"a card with [{label}]")
    scene.fill(step.by, open_form, answers, twice=twice)


def _say(scene: Scene, handle: str, text: str, below: Callable[[], SeenMessage | None]) -> list[SeenMessage]:
    """Write into a thread, again when Slack could not deliver it; all that was written, the one that was taken last."""
    said: list[SeenMessage] = []
    while True:
        place = scene.wait(below, "the thread to write in")
        with scene.company.hands_of(handle) as person:
            try:
                said.append(person.says(text, in_=place))
                is_said = True
            except AssertionError:  # the thread is gone, or the channel takes nothing now
                is_said = False
        if is_said and scene.accepted(lambda: scene.company.acknowledgements.of_message(said[-1]), f"{text!r}"):
            return said
        scene.try_again(f"{text!r} was not taken")


def _word_about_undo(scene: Scene, step: Step, offer: SeenMessage | None) -> str:
    """That the reply is taken back, or that it is too late; "?" when that was not said, "" with nothing to press."""
    if offer is None:
        return ""
    started = time.time()
    if not scene.pressed(step.by, "Undo", lambda: offer, lambda: False):
        return "?"
    return scene.wait(lambda: "\n".join(scene.refusals(step.by, started)), "a word about [Undo]")


def _was_read(scene: Scene, text: str) -> bool:
    person = scene.person(scene.expected.journey.requester)
    return any(text in seen.text for seen in scene.company.sights.of(scene.expected.number, person))
