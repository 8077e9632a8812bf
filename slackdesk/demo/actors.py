"""What people of the tour do, each in his or her own language, by what is on the screen."""

import re
from collections.abc import Callable, Iterable

from slackdesk.demo.requests import Door, Request
from slackdesk.demo.stage import Stage
from slackdesk.i18n import Translate, translator
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.records import Message
from slackdesk.sandbox.seen import SeenMessage

NUMBER = re.compile(r"\b[A-Z]{2,}-\d+\b")
"""How a ticket's number looks to somebody who reads it."""


class Actor:
    """Somebody of the company. Raises AssertionError, which says what was visible, when something does not go."""

    def __init__(self, stage: Stage, handle: str) -> None:
        self.person: Person = stage.person(handle)
        self.t: Translate = translator(self.person.user.locale)
        self.handle = handle

    # As a requester

    def file(self, request: Request) -> str:
        """File a request through its door; returns the number that was read."""
        doors = {
            Door.FORM: lambda: self._file_by_form(request, lambda: self.person.slash("/ticket")),
            Door.SHORTCUT: lambda: self._file_by_form(request, lambda: self.person.shortcut("File a request")),
            Door.HOME: lambda: self._file_by_form(request, self._press_file_on_home),
            Door.BEHALF: lambda: self._file_by_form(request, lambda: self.person.slash("/ticket")),
            Door.QUICK: lambda: self._file_by_text(request),
            Door.MESSAGE: lambda: self._file_by_message(request),
            Door.CHANNEL: lambda: self._file_in_channel(request),
            Door.MESSAGE_SHORTCUT: lambda: self._file_by_form(request, lambda: self._make_ticket_of_message(request)),
        }
        number = doors[request.door]()
        if request.file is not None:
            self.person.uploads(request.file, b"demo file\n" * 20, in_=self.root(number))
        return number

    def root(self, number: str) -> SeenMessage:
        """The head of the requester's thread: the first message of the app that names the ticket."""
        return self._first(
            number,
            lambda seen: seen.author == self.person.workspace.bot.name and not seen.ephemeral,
            "the head of a thread",
        )

    def writes(self, number: str, text: str) -> None:
        """Write into the thread of an own request."""
        self.person.says(text, in_=self.root(number))

    def answers_question(self, number: str, *, solved: bool) -> None:
        """Press [Yes, close] or [No, reopen]."""
        label = self.t("Yes, close") if solved else self.t("No, reopen")
        question = self._newest(number, lambda seen: label in seen.buttons, f"a question with [{label}]")
        self.person.click(label, in_=question)

    def cancels(self, number: str) -> None:
        """Press [Cancel request] at the head of the thread."""
        self.person.click(self.t("Cancel request"), in_=self.root(number))

    # As an agent

    def card(self, number: str, channel: str) -> SeenMessage:
        """The card of a ticket in a tier's channel."""
        return self._newest(
            number, lambda seen: seen.channel == channel and seen.thread_ts is None, f"a card in {channel}"
        )

    def presses(self, label: str, number: str, channel: str) -> None:
        """Press a button on a card, which speaks the desk's language."""
        card = self._newest(
            number,
            lambda seen: seen.channel == channel and label in seen.buttons,
            f"a card with [{label}] in {channel}",
        )
        self.person.click(label, in_=card)

    def chooses(self, label: str, number: str, channel: str) -> None:
        """[All actions…] on a card, then one of them."""
        self.presses("All actions…", number, channel)
        self.fills({"What do you want to do?": self.t(label)})

    def fills(self, answers: dict[str, str]) -> None:
        """Fill in the modal on the screen, by labels of its English form, and submit it."""
        modal = self.person.modal
        modal.fill({self.t(label): text for label, text in answers.items()})
        modal.submit()
        if modal.errors or modal.trouble:
            raise AssertionError(f"{self.handle}: {modal.title!r} was not taken: {modal.errors or modal.trouble}")

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
        modal.submit()
        if modal.errors or modal.trouble:
            raise AssertionError(f"{self.handle}: the form was not taken: {modal.errors or modal.trouble}")
        told = self.person.modal
        number = _number_in(told.title)
        told.close()
        return number

    def _press_file_on_home(self) -> None:
        self.person.opens_home()
        self.person.click(self.t("File a request"), in_="home")

    def _file_by_text(self, request: Request) -> str:
        answer = self.person.slash(f"/ticket {request.text}")
        if answer.error:
            raise AssertionError(f"{self.handle}: /ticket was answered with {answer.error}")
        return _number_in(answer.text)

    def _file_by_message(self, request: Request) -> str:
        return self._number_answering(self.person.says(request.text, in_="dm"))

    def _file_in_channel(self, request: Request) -> str:
        return self._number_answering(self.person.says(request.text, in_="#help-it"))

    def _make_ticket_of_message(self, request: Request) -> None:
        message = self.person.says(request.text, in_="#general")
        self.person.message_shortcut("Make a ticket", message)

    def _number_answering(self, message: SeenMessage) -> str:
        """The number in the first answer after a message: in its thread, or in the direct message."""

        def look() -> str | None:
            for seen in map(self.person.eyes.seen, self.person.eyes.messages()):
                is_answer = seen.thread_ts == message.ts or (seen.channel == "dm" == message.channel)
                if is_answer and seen.ts > message.ts and (found := NUMBER.search(seen.text)):
                    return found.group()
            return None

        return self.person.wait_for(look, 10, lambda: f"{self.handle} reads no number after {message.text[:60]!r}")

    def _newest(self, number: str, fits: Callable[[SeenMessage], bool], what: str) -> SeenMessage:
        return self._find(number, reversed, fits, what)

    def _first(self, number: str, fits: Callable[[SeenMessage], bool], what: str) -> SeenMessage:
        return self._find(number, iter, fits, what)

    def _find(
        self,
        number: str,
        order: Callable[[list[Message]], Iterable[Message]],
        fits: Callable[[SeenMessage], bool],
        what: str,
    ) -> SeenMessage:
        pattern = re.compile(rf"\b{number}\b")

        def look() -> SeenMessage | None:
            for message in order(self.person.eyes.messages()):
                if pattern.search(self.person.eyes.read(message)):
                    seen = self.person.eyes.seen(message)
                    if fits(seen):
                        return seen
            return None

        return self.person.wait_for(look, 10, lambda: f"{self.handle} does not see {what} of {number}")


def _number_in(text: str) -> str:
    found = NUMBER.search(text)
    if found is None:
        raise AssertionError(f"no ticket number in {text!r}")
    return found.group()
