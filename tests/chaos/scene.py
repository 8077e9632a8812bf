"""How people get something done while things break: they look, try again, and believe only what they were told."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from slackdesk.i18n import Translate, translator
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.sandbox.surfaces import Modal

from .expected import TOO_LATE, Expected
from .plan import LEAD
from .reading import says
from .sights import Acknowledgements, Sights, facts
from .world import World

T = TypeVar("T")

PATIENCE_SECONDS = 600.0
"""How long people go on with one deed: far longer than any fault and what follows it, also on a busy machine."""
UNANSWERED_SECONDS = 4.0
"""After a press that was not answered or was refused, people look for that long before they press again."""
PAUSE_SECONDS = 0.3
LOOK_SECONDS = 0.15

GENERAL_WORDS = (
    "The helpdesk cannot save anything just now. Nothing was changed; please try again in a minute.",
    "The helpdesk is just posting something here. Nothing was changed; please try again soon.",
    "Something went wrong in the helpdesk, and its operators can see it. Please try again.",
    "Slack did not open the window in time. Nothing was changed; please try again.",
    TOO_LATE,
)
"""What a person may be told about any deed, without the ticket's number."""


class NotDone(Exception):
    """What people tried again and again did not go, or was accepted and had no effect."""


class Company:
    """All people of a world: each does one thing at a time, whoever's request it is about."""

    def __init__(self, world: World, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.world, self.patience_seconds = world, patience_seconds
        self.sights = Sights(world.sandbox)
        self.acknowledgements = Acknowledgements(world.journal)
        self._hands = {user.name: threading.RLock() for user in world.sandbox.workspace.users.values()}
        self.t: Mapping[str, Translate] = {
            user.name: translator(user.locale) for user in world.sandbox.workspace.users.values()
        }
        self._lock = threading.Lock()
        self.unanswered = 0
        """Presses that were refused or not answered and were tried again."""

    @contextmanager
    def hands_of(self, handle: str) -> Iterator[Person]:
        """Somebody, who does nothing else meanwhile."""
        with self._hands[handle]:
            yield self.world.stage.person(handle)

    def tries_again(self) -> None:
        """Count it."""
        with self._lock:
            self.unanswered += 1


class Scene:
    """One request with the people around it."""

    def __init__(self, company: Company, expected: Expected) -> None:
        self.company, self.expected = company, expected
        self.deadline = time.monotonic() + company.patience_seconds
        self.t = company.t

    def begin(self) -> None:
        """Another deed: patience begins anew."""
        self.deadline = time.monotonic() + self.company.patience_seconds

    # Looking

    def person(self, handle: str) -> Person:
        """Somebody who only looks."""
        return self.company.world.stage.person(handle)

    def card(self, tier: str | None = None) -> SeenMessage | None:
        """The newest card of the ticket in that tier's channel, by default the current one's."""
        channel = f"#it-{(tier or self.expected.tier).lower()}"
        cards = self.company.sights.cards(self.expected.number, self.person(LEAD), channel)
        return cards[-1] if cards else None

    def card_says(self, **wanted: str) -> bool:
        """Whether the current card says so: ``Status="Resolved"``."""
        card = self.card()
        return card is not None and wanted.items() <= facts(card).items()

    def root(self) -> SeenMessage | None:
        """The head of the requester's thread."""
        roots = self.company.sights.roots(self.expected.number, self.person(self.expected.journey.requester))
        return roots[-1] if roots else None

    def wait(self, look: Callable[[], T | None], what: str) -> T:
        """What it finds, once it finds something. Raises NotDone when patience is over."""
        found = self._look(look, self.deadline)
        if found is None or found is False:
            raise NotDone(f"{what} was not seen")
        return found

    # Doing

    def press(
        self,
        handle: str,
        label: str,
        on: Callable[[], SeenMessage | None],
        effect: Callable[[], bool],
        times: int = 1,
    ) -> None:
        """Press a button of a message (``times`` at once), again until what it does is seen.

        Raises NotDone when a press was accepted and nothing came of it, neither what it does nor a word.
        """
        while True:
            started = time.time()
            outcome = self.pressed(handle, label, on, effect, times)
            if outcome is None:
                return
            if outcome:
                self._look(lambda since=started: effect() or bool(self.refusals(handle, since)), self.deadline)
                if effect():
                    return
                if not self.refusals(handle, started):
                    raise NotDone(f"{handle} pressed [{label}], which was accepted: no effect and no word was seen")
            if self._look(effect, time.monotonic() + UNANSWERED_SECONDS):
                return
            self.try_again(f"[{label}] was not there, not answered, or refused: {self.refusals(handle, started)}")

    def pressed(
        self, handle: str, label: str, on: Callable[[], SeenMessage | None], effect: Callable[[], bool], times: int = 1
    ) -> bool | None:
        """Press a button once it is there; whether that was acknowledged. None where the effect was there before."""
        labels = {label, self.t[handle](label)}

        def pressable() -> tuple[SeenMessage, str] | bool | None:
            message = on()
            found = labels & set(message.buttons) if message is not None else ()
            return (message, next(iter(found))) if message is not None and found else effect() or None

        target = self.wait(pressable, f"a button [{label}]")
        if isinstance(target, bool):
            return None
        with self.company.hands_of(handle) as person:
            errors, gone = len(person.errors), threading.Event()

            def click() -> None:
                try:
                    person.click(target[1], in_=target[0], within_seconds=0)
                except AssertionError:  # redrawn or deleted meanwhile, or the channel takes nothing now
                    gone.set()

            together(*[click] * times)
            return len(person.errors) == errors and not (gone.is_set() and times == 1)

    def fill(
        self, handle: str, open_form: Callable[[Person], object], answers: dict[str, str], *, twice: bool
    ) -> Modal:
        """Open a form, fill it in and submit it (``twice`` at once) until it is taken; returns it as it is then."""
        while True:
            with self.company.hands_of(handle) as person:
                modal = self._opened(person, open_form)
                if modal is not None and self._submitted(person, modal, answers, twice=twice):
                    return modal
            self.try_again("the form was not opened, or not taken")

    def refusals(self, handle: str, since: float) -> list[str]:
        """What that person alone was told since then about this ticket, or about anything."""
        person, number = self.person(handle), self.expected.numbers[0] if self.expected.numbers else "\0"
        offers = {"Undo", self.t[handle]("Undo")}
        told = [seen.text for seen in self.company.sights.told(person, since) if not offers & set(seen.buttons)]
        general = GENERAL_WORDS
        return [
            text
            for text in told
            # English for somebody whose language is not known while the database is away
            if number in text or any(says(text, each, {}, person.user.locale, "en") for each in general)
        ]

    def try_again(self, why: str) -> None:
        """A moment later. Raises NotDone when patience is over."""
        if time.monotonic() > self.deadline:
            raise NotDone(why)
        self.company.tries_again()
        time.sleep(PAUSE_SECONDS)

    def accepted(self, is_taken: Callable[[], bool | None], what: str) -> bool:
        """Whether the app took what was written in Slack; False when Slack has given up delivering it."""
        outcome = self._look(lambda: {True: "taken", False: "given up", None: None}[is_taken()], self.deadline)
        if outcome is None:
            raise NotDone(f"{what} was neither taken nor given up")
        return outcome == "taken"

    def _opened(self, person: Person, open_form: Callable[[Person], object]) -> Modal | None:
        if person.has_modal:
            person.modal.close(all_views=True)
        try:
            open_form(person)
        except AssertionError:
            return None
        if not person.has_modal:
            return None
        modal = person.modal
        number = self.expected.numbers[0] if self.expected.numbers else ""  # a form that came late is another ticket's
        return modal if number in modal.title + modal.text else None

    def _submitted(self, person: Person, modal: Modal, answers: dict[str, str], *, twice: bool) -> bool:
        t = self.t[person.handle]
        if not {t(label) for label in answers} <= set(modal.labels):
            return False
        modal.fill({t(label): text for label, text in answers.items()})
        while modal.is_open and modal._view.content.get("submit"):  # an answer in its place has none
            clicks: list[Callable[[], object]] = [modal.submit]
            if twice:
                clicks.append(lambda: person.interactions.submit(person.user, modal._view))
            together(*clicks)
            if not modal.errors and not modal.trouble:
                return True
            self.try_again(f"the form {modal.title!r} was not taken: {modal.errors or modal.trouble}")
        return True

    def _look(self, look: Callable[[], T | None], until: float) -> T | None:
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > until:
                return None
            time.sleep(LOOK_SECONDS)


def together(*acts: Callable[[], object]) -> None:
    """All at the same moment. Raises the first of their NotDone."""
    failures: list[NotDone] = []
    barrier = threading.Barrier(len(acts))

    def act(one: Callable[[], object]) -> None:
        barrier.wait()
        try:
            one()
        except NotDone as failure:
            failures.append(failure)

    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
