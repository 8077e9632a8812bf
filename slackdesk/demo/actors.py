"""What people of the tour do, each in his or her own language, by what is on the screen."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

from slackdesk.demo.requests import Door, Request
from slackdesk.demo.stage import Stage
from slackdesk.i18n import Translate, translator
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.records import Message
from slackdesk.sandbox.seen import SeenMessage
from slackdesk.sandbox.surfaces import Modal

T = TypeVar("T")

NUMBER = re.compile(r"\b[A-Z]{2,}-\d+\b")
"""How a ticket's number looks to somebody who reads it."""
PATIENCE_SECONDS = 30.0
"""How long somebody of the tour waits for something to appear before the tour is not as planned."""
BUSY = "The helpdesk cannot save anything just now. Nothing was changed; please try again in a minute."
CHANNEL_LANGUAGE = translator("en")
"""What channels read: the locale of the desk in the example policy."""


class Actor:
    """Somebody of the company. Raises AssertionError, which says what was visible, when something does not go."""

    def __init__(self, stage: Stage, handle: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.person: Person = stage.person(handle)
        self.t: Translate = translator(self.person.user.locale)
        self.handle = handle
        self.patience_seconds = patience_seconds

    # As a requester

    def file(self, request: Request) -> str:
        """File a request through its door; returns the number that was read."""
        doors = {
            Door.FORM: lambda: self._file_by_form(request, lambda: self.person.slash("/ticket")),
            Door.SHORTCUT: lambda: self._file_by_form(request, lambda: self.person.shortcut("File a request")),
            Door.HOME: lambda: self._file_by_form(request, self._press_file_on_home),
            Door.BEHALF: lambda: self._file_by_form(request, lambda: self.person.slash("/ticket")),
            Door.QUICK: lambda: self.asks(request.text),
            Door.MESSAGE: lambda: self._file_by_message(request),
            Door.CHANNEL: lambda: self._file_in_channel(request),
            Door.MESSAGE_SHORTCUT: lambda: self._file_by_form(request, lambda: self._make_ticket_of_message(request)),
        }
        number = doors[request.door]()
        if request.file is not None:
            self.person.uploads(request.file, b"demo file\n" * 20, in_=self.root(number))
        return number

    def asks(self, text: str, in_: str = "dm") -> str:
        """File a request by `/ticket` and the text; returns the number that was read."""
        answer = self._again_while_busy(
            lambda: self.person.slash(f"/ticket {text}", in_=in_), lambda answer: self.t(BUSY) in answer.text
        )
        if answer.error:
            raise AssertionError(f"{self.handle}: /ticket was answered with {answer.error}")
        return _number_in(answer.text)

    def root(self, number: str, shows: str = "") -> SeenMessage:
        """The head of the requester's thread: the first message of the app that names the ticket.

        Waits until it shows that text.
        """
        return self._wait(lambda: self._root(number, shows), f"{shows!r} at the head of a thread of {number}")

    def root_now(self, number: str) -> SeenMessage | None:
        """The same, without waiting for it."""
        with self.person.workspace.lock:
            return self._root(number)

    def thread(self, number: str) -> list[SeenMessage]:
        """The requester's thread as it is now, its head first; empty without one."""
        root = self.root_now(number)
        return [] if root is None else self.person.messages(root)

    def about(self, number: str, place: str) -> list[SeenMessage]:
        """What is visible there now and names the ticket, oldest first."""
        with self.person.workspace.lock:
            return list(self._naming(number, self.person.eyes.messages(place)))

    def reads(self, text: str, place: str | None = None) -> bool:
        """Whether a message with that text is visible now."""
        with self.person.workspace.lock:
            return self.person.eyes.find(text, place) is not None

    def writes(self, number: str, text: str) -> None:
        """Write into the thread of an own request."""
        self.person.says(text, in_=self.root(number))

    def answers_question(self, number: str, *, solved: bool) -> None:
        """Press [Yes, close] or [No, reopen]."""
        self._presses_own("Yes, close" if solved else "No, reopen", number)

    def cancels(self, number: str) -> None:
        """Press [Cancel request] at the head of the thread."""
        self._presses_own("Cancel request", number)

    def polls(self, number: str) -> list[SeenMessage]:
        """Polls about an own request, as they are now: messages with a button for each score."""
        return [seen for seen in self.about(number, "dm") if all(_scoring(seen, score) for score in range(1, 6))]

    def asked_about(self, numbers: Iterable[str]) -> str:
        """Which of some own requests there is a poll about; waits for one."""
        among = list(numbers)
        return self._wait(
            lambda: next((each for each in among if self.polls(each)), None), f"a poll about one of {', '.join(among)}"
        )

    def rates(self, number: str, score: int, comment: str = "") -> None:
        """Press a score of the poll; say why, in the window, where there is a comment."""

        def poll() -> SeenMessage | None:
            return next(iter(self.polls(number)), None)

        self.person.click(_scoring(asked := self._wait(poll, f"a poll about {number}"), score) or "", in_=asked)
        if comment:
            more = self._wait(lambda: self._commentable(number), f"a way to comment on {number}")
            self.person.click(more.buttons[-1], in_=more)
            modal = self.person.modal
            modal.fill({modal.labels[0]: comment})
            modal.submit()

    # As an agent

    def card(self, number: str, channel: str, shows: str = "") -> SeenMessage:
        """The card of a ticket in a tier's channel; waits until it shows that text."""
        return self._newest(
            number, channel, lambda seen: seen.thread_ts is None and shows in seen.text, f"a card with {shows!r}"
        )

    def presses(self, label: str, number: str, channel: str) -> None:
        """Press a button on a card, which speaks the desk's language."""
        card = self._newest(number, channel, lambda seen: label in seen.buttons, f"a card with [{label}]")
        self.person.click(label, in_=card)

    def chooses(self, label: str, number: str, channel: str) -> None:
        """[All actions…] on a card, then one of them."""
        self.presses("All actions…", number, channel)
        self.fills({"What do you want to do?": self.t(label)})

    def fills(self, answers: dict[str, str]) -> None:
        """Fill in the modal on the screen, by labels of its English form, and submit it."""
        modal = self.person.modal
        modal.fill({self.t(label): text for label, text in answers.items()})
        self._submits(modal)

    def replies(self, number: str, channel: str, text: str) -> None:
        """[Reply] to the requester."""
        self.presses("Reply", number, channel)
        self.fills({"Your reply": text})

    def escalates(self, number: str, channel: str, *, reason: str, tried: str, asked: str) -> None:
        """[Escalate] with a hand-off to the next tier."""
        self.presses("Escalate", number, channel)
        self.fills(
            {"Why does it go up?": reason, "What was tried so far?": tried, "What is the next tier asked to do?": asked}
        )

    def sends_back(self, number: str, channel: str, reason: str) -> None:
        """[Send back] with a reason."""
        self.presses("Send back", number, channel)
        self.fills({"Why does it go back?": reason})

    def resolves(self, number: str, channel: str, topic: str, resolution: str) -> None:
        """[Resolve] with topic and what solved it."""
        self.presses("Resolve", number, channel)
        self.fills({"What was it about?": topic, "What solved it?": resolution})

    def _file_by_form(self, request: Request, open_form: Callable[[], object]) -> str:
        open_form()
        answers = {self.t("What is it about?"): request.topic, self.t("What do you need?"): request.text}
        if request.priority is not None:
            answers[self.t("How urgent is it?")] = self.t(request.priority)
        if request.door is Door.BEHALF:
            answers[self.t("For")] = request.requester
        modal = self.person.modal
        modal.fill(answers)
        self._submits(modal)
        told = self.person.modal
        number = _number_in(told.title)
        told.close()
        return number

    def _submits(self, modal: Modal) -> None:
        self._again_while_busy(modal.submit, lambda _: self.t(BUSY) in modal.errors.values())
        if modal.errors or modal.trouble:
            raise AssertionError(f"{self.handle}: {modal.title!r} was not taken: {modal.errors or modal.trouble}")

    def _again_while_busy(self, act: Callable[[], T], is_busy: Callable[[T], bool]) -> T:
        """Do what the desk asks for when it is busy, which takes it more than a second: try again."""
        deadline = time.monotonic() + self.patience_seconds
        while is_busy(done := act()) and time.monotonic() < deadline:
            pass
        return done

    def _press_file_on_home(self) -> None:
        self.person.opens_home()
        views = self.person.sandbox.views
        self._wait(lambda: views.home(self.person.user.id), "the Home tab")
        self.person.click(self.t("File a request"), in_="home")

    def _file_by_message(self, request: Request) -> str:
        return self._number_answering(self.person.says(request.text, in_="dm"))

    def _file_in_channel(self, request: Request) -> str:
        return self._number_answering(self.person.says(request.text, in_="#help-it"))

    def _make_ticket_of_message(self, request: Request) -> None:
        message = self.person.says(request.text, in_="#general")
        self.person.message_shortcut("Make a ticket", message)

    def _number_answering(self, message: SeenMessage) -> str:
        """The number in the first answer in the thread of a message."""

        def look() -> str | None:
            for answer in self.person.eyes.messages(message):
                if answer.ts > message.ts and (found := NUMBER.search(self.person.eyes.read(answer))):
                    return found.group()
            return None

        return self._wait(look, f"a number in answer to {message.text[:60]!r}")

    def _presses_own(self, label: str, number: str) -> None:
        """A button of the requester's side, in the requester's language or, in a channel, in the desk's."""
        labels = {self.t(label), CHANNEL_LANGUAGE(label)}
        message = self._newest(number, None, lambda seen: bool(labels & set(seen.buttons)), f"a message with [{label}]")
        self.person.click(next(each for each in message.buttons if each in labels), in_=message)

    def _commentable(self, number: str) -> SeenMessage | None:
        return next((seen for seen in self.polls(number) if len(seen.buttons) > len(range(1, 6))), None)

    def _root(self, number: str, shows: str = "") -> SeenMessage | None:
        bot = self.person.workspace.bot.name
        root = self._find(
            number,
            None,
            iter,
            lambda seen: seen.author == bot and not seen.ephemeral and seen.text.startswith(f"{number} "),
        )
        return root if root is not None and shows in root.text else None

    def _newest(self, number: str, channel: str | None, fits: Callable[[SeenMessage], bool], what: str) -> SeenMessage:
        where = f" in {channel}" if channel else ""
        return self._wait(lambda: self._find(number, channel, reversed, fits), f"{what} of {number}{where}")

    def _find(
        self,
        number: str,
        channel: str | None,
        order: Callable[[list[Message]], Iterable[Message]],
        fits: Callable[[SeenMessage], bool],
    ) -> SeenMessage | None:
        messages = order(self.person.eyes.messages(channel))
        return next((seen for seen in self._naming(number, messages) if fits(seen)), None)

    def _naming(self, number: str, messages: Iterable[Message]) -> Iterator[SeenMessage]:
        pattern = re.compile(rf"\b{number}\b")
        for message in messages:
            # Every message of the app names its ticket in the top-level text, which is cheap to search.
            if number in message.text and pattern.search(self.person.eyes.read(message)):
                yield self.person.eyes.seen(message)

    def notices(self, look: Callable[[], T | None], within_seconds: float) -> T | None:
        """What ``look`` finds; None when it does not within that time."""
        with suppress(AssertionError):
            return self.person.wait_for(look, within_seconds, lambda: "")
        return None

    def _wait(self, look: Callable[[], T | None], what: str) -> T:
        complaint = f"{self.handle} does not see {what}"
        return self.person.wait_for(look, self.patience_seconds, lambda: f"{complaint}; {self._last_lines()}")

    def _last_lines(self) -> str:
        """What was read last, for whoever has to find out why the tour is not as planned."""
        lines = [f"{seen.channel}: {seen.text[:60]!r}" for seen in self.person.messages()[-3:]]
        return f"errors shown: {self.person.errors[-3:] or 'none'}; newest: {', '.join(lines) or 'nothing'}"


def _number_in(text: str) -> str:
    found = NUMBER.search(text)
    if found is None:
        raise AssertionError(f"no ticket number in {text!r}")
    return found.group()


def _scoring(poll: SeenMessage, score: int) -> str | None:
    """The button for that score, in whatever language."""
    return next((label for label in poll.buttons if label.startswith(f"{score} ·")), None)
