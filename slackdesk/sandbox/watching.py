"""How a person waits for something to be seen, and how the acts are noted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from slackdesk.sandbox.interactions import Interactions, Outcome
from slackdesk.sandbox.journal import ActEntry
from slackdesk.sandbox.records import User
from slackdesk.sandbox.seen import Eyes, Place, SeenMessage

if TYPE_CHECKING:
    from slackdesk.sandbox.server import Sandbox

T = TypeVar("T")

PATIENCE_SECONDS = 15.0
MOST_LISTED = 30
"""Messages that a failed look lists."""


class Watching:
    """The eyes of a person."""

    def __init__(self, sandbox: Sandbox, user: User) -> None:
        self.sandbox = sandbox
        self.workspace = sandbox.workspace
        self.user = user
        self.eyes = Eyes(self.workspace, user)
        self.interactions = Interactions(sandbox)
        self.errors: list[str] = []
        """What Slack has shown this person about acts that the app did not answer as it should, oldest first."""

    @property
    def handle(self) -> str:
        return self.user.name

    def sees(self, text: str, in_: Place = None, within_seconds: float = PATIENCE_SECONDS) -> SeenMessage:
        """The newest visible message that contains the text; waits for it.

        Raises AssertionError that lists what is visible there instead.
        """
        seen = self.wait_for(
            lambda: self.eyes.find(text, in_),
            within_seconds,
            lambda: (
                f"{self.handle} does not see {text!r}{_where(in_)} within {within_seconds} s, but:\n{self._all(in_)}"
            ),
        )
        return self.eyes.seen(seen)

    def sees_not(self, text: str, in_: Place = None) -> None:
        """Raises AssertionError that shows the message if one contains the text now."""
        with self.workspace.lock:
            found = self.eyes.find(text, in_)
            if found is not None:
                raise AssertionError(f"{self.handle} does see {text!r}{_where(in_)}:\n{_line(self.eyes.seen(found))}")

    def messages(self, in_: Place = None) -> list[SeenMessage]:
        """What is visible there now, oldest first, threads and own ephemeral messages included."""
        with self.workspace.lock:
            return [self.eyes.seen(message) for message in self.eyes.messages(in_)]

    def wait_for(self, look: Callable[[], T | None], within_seconds: float, complaint: Callable[[], str]) -> T:
        """What `look` finds; it is asked anew after every change in the workspace, with the lock held.

        Raises AssertionError with the complaint when the time is over.
        """
        deadline = time.monotonic() + within_seconds
        while True:
            with self.workspace.changed:
                started = time.monotonic()
                found = look()
                if found is not None:
                    return found
                took_seconds = time.monotonic() - started
                left_seconds = deadline - time.monotonic()
                if left_seconds <= 0:
                    raise AssertionError(complaint())
                self.workspace.changed.wait(left_seconds)
            # Nobody else gets on while somebody looks: at most a tenth of the time may go into it.
            time.sleep(max(0.0, min(9 * took_seconds, deadline - time.monotonic())))

    def note(self, act: str, **details: Any) -> ActEntry:
        entry = ActEntry(person=self.handle, act=act, details=details)
        self.sandbox.journal.record(entry)
        return entry

    def remember(self, act: ActEntry, outcome: Outcome) -> None:
        """Where the app did not answer as it should, the person is told so."""
        if outcome.error:
            act.error = outcome.error
            self.errors.append(f"{act.act}: {outcome.error}")

    def _all(self, place: Place) -> str:
        seen = self.messages(place)
        left_out = f"... {len(seen) - MOST_LISTED} older ones\n" if len(seen) > MOST_LISTED else ""
        return left_out + ("\n".join(_line(message) for message in seen[-MOST_LISTED:]) or "nothing")


def _where(place: Place) -> str:
    if place is None:
        return ""
    return f" in {place}" if isinstance(place, str) else f" in the thread of {place.text.splitlines()[:1]}"


def _line(message: SeenMessage) -> str:
    marks = " (ephemeral)" if message.ephemeral else " (reply)" if message.thread_ts else ""
    buttons = "".join(f" [{button}]" for button in message.buttons)
    return f"- {message.channel}{marks} {message.author}: {message.text!r}{buttons}"
