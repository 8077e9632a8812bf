"""What every door of the edge shares: one delivery of one person is one transaction, and its failure one sentence."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.dispatch.model import WorkKind
from slackdesk.errors import ConfigurationError, Refused, SlackdeskError, TooEarly, Unavailable
from slackdesk.i18n import Translate, translator
from slackdesk.slack import escape
from slackdesk.slack.extensions import NONE, Extensions
from slackdesk.tickets import people
from slackdesk.tickets.model import Person
from slackdesk.tickets.transaction import Desk, Transaction

logger = logging.getLogger(__name__)

VIEWS_TIMEOUT_SECONDS = 2
"""A trigger lives three seconds; one of them is left for everything else."""

QUOTED_CHARACTERS = 300
"""As much of a value as a refusal quotes."""

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")


@dataclass(frozen=True)
class Asked:
    """One delivery of one person, inside its transaction, with the language and the time zone of that person."""

    tx: Transaction
    person: str
    t: Translate
    timezone: str
    known: Person | None = None
    """What the desk remembers of the person; held here, the session need not read it again."""
    extensions: Extensions = NONE

    def is_guest(self) -> bool:
        """Whether Slack calls the person a guest; a stranger is none until Slack was asked."""
        return self.known is not None and self.known.is_guest


@dataclass(frozen=True)
class Edge:
    """Opens transactions for what people do, and modals: the only thing that the edge asks of Slack."""

    desk: Desk
    client: WebClient
    """Gives up after ``VIEWS_TIMEOUT_SECONDS`` and never repeats a call."""
    extensions: Extensions = NONE
    locales: dict[str, str] = field(default_factory=dict)
    """Person → locale as last read: a refusal has to be told when the database does not answer any more."""
    waited: timedelta = timedelta()
    """How long ago the event was accepted that is taken now; by default just now."""

    @contextmanager
    def asked(self, person: str, key: str) -> Iterator[Asked]:
        """A writing transaction that the delivery ``key`` enters once. Raises what ``Desk.transaction`` raises."""
        with self.desk.transaction(key) as tx:
            asked = self._asked(tx, person)
            meet(tx, person)
            yield asked

    @contextmanager
    def looking(self, person: str) -> Iterator[Asked]:
        """A transaction that only reads."""
        with self.desk.reading() as tx:
            yield self._asked(tx, person)

    def t(self, person: str) -> Translate:
        """The person's language as it was last read; English for somebody never seen."""
        return translator(self.locales.get(person, "en"))

    def open_view(self, trigger_id: str, view: dict[str, Any], *, on_modal: bool = False) -> None:
        """Open a modal, on top of the present one with ``on_modal``. Raises Refused when Slack does not open it."""
        call = self.client.views_push if on_modal else self.client.views_open
        try:
            call(trigger_id=trigger_id, view=view)
        except SlackApiError as error:
            logger.warning("Slack did not open a modal: %s", error.response.data)
            raise Refused("Slack did not open the window in time. Nothing was changed; please try again.") from error
        except OSError as error:  # no connection, or no answer within VIEWS_TIMEOUT_SECONDS
            logger.warning("Slack did not answer views.open: %s", error)
            raise Refused("Slack did not open the window in time. Nothing was changed; please try again.") from error

    def plain(self, refused: Refused, t: Translate) -> str:
        """A refusal for a plain text object, in which mentions have to be names."""
        text = refused.text(t)
        if _MENTION.search(text):
            try:
                with self.desk.reading() as tx:
                    text = with_names(tx, text)
            except SlackdeskError:
                logger.warning("no names for %r: the database does not answer", text)
        return escape.from_slack(text)

    def _asked(self, tx: Transaction, person: str) -> Asked:
        known = people.person(tx.session, person)
        locale = known.locale if known else tx.policy.desk.locale
        self.locales[person] = locale
        timezone = known.timezone if known else tx.policy.desk.timezone
        return Asked(tx, person, translator(locale), timezone, known, self.extensions)


def meet(tx: Transaction, person: str) -> None:
    """Ask Slack later who a person is whom the desk does not know yet, once a day at most."""
    if people.person(tx.session, person) is None:
        ask_later(tx, "refresh_person", {"person": person}, key=f"{person}:{tx.now.date()}")


def ask_later(tx: Transaction, name: str, payload: dict[str, Any], *, key: str, stream: str | None = None) -> None:
    """Have a worker do what needs Slack to be asked first; what is of one stream, one after the other."""
    tx.add_work(WorkKind.TIMER, name, payload, dedupe_key=f"{name}:{key}", stream=stream)


def excuse(error: Exception) -> Refused:
    """What a person is told of a failure. What is nobody's refusal is logged for the operator."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, TooEarly):
        return Refused("The helpdesk is just posting something here. Nothing was changed; please try again soon.")
    if isinstance(error, Unavailable):
        logger.warning("not accepted, the person was told: %s", error)
        return Refused("The helpdesk cannot save anything just now. Nothing was changed; please try again in a minute.")
    if isinstance(error, ConfigurationError):
        logger.error("%s", error)
        return Refused("The helpdesk is not set up yet. Please tell the people who run it.")
    logger.error("an error at the edge", exc_info=error)
    return Refused("Something went wrong in the helpdesk, and its operators can see it. Please try again.")


def marked_up(refused: Refused, t: Translate) -> str:
    """A refusal for mrkdwn: mentions stay mentions, what people wrote is inert."""
    return t(refused.template, **safe(refused.values))


def safe(values: Mapping[str, object]) -> dict[str, object]:
    """Values for a sentence in mrkdwn."""
    return {
        key: escape.inline(value, QUOTED_CHARACTERS) if isinstance(value, str) else value
        for key, value in values.items()
    }


def with_names(tx: Transaction, text: str) -> str:
    """Mentions without a name get the name that the desk knows: ``<@U1>`` → ``<@U1|Ayu>``."""

    def named(match: re.Match[str]) -> str:
        known = people.person(tx.session, match[1])
        return f"<@{match[1]}|{escape.to_slack(known.name)}>" if known else match[0]

    return _MENTION.sub(named, text)
