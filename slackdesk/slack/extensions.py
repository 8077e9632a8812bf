"""What the edge and the drawings ask of whoever adds to them: the plugins. Without any, nothing is added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from slack_sdk.models.blocks import Block

from slackdesk.errors import Refused
from slackdesk.i18n import Translate, later
from slackdesk.slack.payloads import Command, Press, Submission
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.transaction import Transaction

if TYPE_CHECKING:
    from slackdesk.slack.drawings.parts import Reader
    from slackdesk.slack.edge import Edge

NOT_RUNNING = later("This belongs to {plugin}, which is not running just now. Nothing was changed.")


@dataclass(frozen=True)
class MoreVerb:
    """A verb behind ``/ticket`` that the core does not have."""

    does: str
    """As ``/ticket help`` shows it."""
    needs_ticket: bool = True
    """False: it is followed by nothing but text."""


class Extensions(Protocol):
    """Adds to what is shown, and answers what the core does not know. Nothing of it raises for what a plugin does."""

    def card(self, tx: Transaction, ticket: Ticket) -> Sequence[Block]:
        """Blocks for the card: sections, and a row of buttons."""
        ...

    def badges(self, tx: Transaction, reader: "Reader", tickets: Sequence[Ticket]) -> Mapping[int, str]:
        """Ticket id → badges with their words, for the tickets that have any; mrkdwn."""
        ...

    def home(self, tx: Transaction, person: str) -> Sequence[Block]:
        """Blocks for a person's App Home."""
        ...

    def shown_on_cards(self, tx: Transaction) -> Sequence[str]:
        """Names of the plugins that may have put something on a card."""
        ...

    def shown_on_homes(self, tx: Transaction) -> Sequence[str]:
        """Names of the plugins that may have put something on an App Home."""
        ...

    def press(self, edge: "Edge", pressed: Press) -> None:
        """A button whose name contains a dot. Raises Refused, whose text is for the person."""
        ...

    def submit(self, edge: "Edge", submission: Submission) -> dict[str, Any]:
        """A modal whose name contains a dot; returns the acknowledgement. Raises Refused."""
        ...

    def command(self, edge: "Edge", given: Command, word: str, rest: str) -> dict[str, Any]:
        """``/desk word rest``, for a word of ``desk_words()``. Raises Refused."""
        ...

    def verb(self, edge: "Edge", given: Command, name: str, number: str | None, rest: str) -> dict[str, Any]:
        """``/ticket name number rest``, for a name of ``verbs()``; without a number for one that needs no ticket.

        Raises Refused.
        """
        ...

    def verbs(self, t: Translate) -> Mapping[str, MoreVerb]:
        """Verbs by their names, explained in that language."""
        ...

    def desk_words(self, t: Translate) -> Mapping[str, str]:
        """Word → what it does, as ``/desk help`` shows it."""
        ...


class NoExtensions:
    """A desk without plugins."""

    def card(self, tx: Transaction, ticket: Ticket) -> Sequence[Block]:
        """Nothing."""
        return ()

    def badges(self, tx: Transaction, reader: "Reader", tickets: Sequence[Ticket]) -> Mapping[int, str]:
        """None."""
        return {}

    def home(self, tx: Transaction, person: str) -> Sequence[Block]:
        """Nothing."""
        return ()

    def shown_on_cards(self, tx: Transaction) -> Sequence[str]:
        """None."""
        return ()

    def shown_on_homes(self, tx: Transaction) -> Sequence[str]:
        """None."""
        return ()

    def press(self, edge: "Edge", pressed: Press) -> None:
        """A button of a plugin that is not there any more."""
        raise Refused(NOT_RUNNING, plugin=pressed.action.name.partition(".")[0])

    def submit(self, edge: "Edge", submission: Submission) -> dict[str, Any]:
        """A modal of a plugin that is not there any more."""
        raise Refused(NOT_RUNNING, plugin=submission.modal.partition(".")[0])

    def command(self, edge: "Edge", given: Command, word: str, rest: str) -> dict[str, Any]:
        """No word is known."""
        raise Refused(NOT_RUNNING, plugin=word)

    def verb(self, edge: "Edge", given: Command, name: str, number: str | None, rest: str) -> dict[str, Any]:
        """No verb is known."""
        raise Refused(NOT_RUNNING, plugin=name)

    def verbs(self, t: Translate) -> Mapping[str, MoreVerb]:
        """None."""
        return {}

    def desk_words(self, t: Translate) -> Mapping[str, str]:
        """None."""
        return {}


NONE: Extensions = NoExtensions()
