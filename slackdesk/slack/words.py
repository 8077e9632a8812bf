"""What the words behind a slash command ask for. Pure: nothing here knows whether a ticket exists.

A text that merely begins with a verb is a request: "show me how to print" is filed, "show 42" is a command.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from slackdesk.tickets.model import Priority
from slackdesk.tickets.thanks import is_thanks

LONGEST_SNOOZE = timedelta(days=366)
"""A longer snooze is a slip of the finger."""


class Rest(Enum):
    """What may follow the number of a verb."""

    NOTHING = auto()
    TEXT = auto()
    PERSON = auto()
    PRIORITY = auto()
    DURATION = auto()


VERBS: dict[str, Rest] = {
    "show": Rest.NOTHING,
    "claim": Rest.NOTHING,
    "accept": Rest.NOTHING,
    "assign": Rest.PERSON,
    "priority": Rest.PRIORITY,
    "escalate": Rest.TEXT,
    "note": Rest.TEXT,
    "reply": Rest.TEXT,
    "wait": Rest.NOTHING,
    "hold": Rest.TEXT,
    "resume": Rest.NOTHING,
    "snooze": Rest.DURATION,
    "resolve": Rest.TEXT,
    "reopen": Rest.TEXT,
    "close": Rest.NOTHING,
    "cancel": Rest.NOTHING,
    "sla": Rest.NOTHING,
}
"""Verbs that need a number, each with what may follow it. What is left out is asked for in a form."""


@dataclass(frozen=True)
class OpenForm:
    """Nothing was written: open the form."""


@dataclass(frozen=True)
class File:
    """A request, to be filed at once."""

    text: str


@dataclass(frozen=True)
class Help:
    """The list of what can be written."""


@dataclass(frozen=True)
class Mine:
    """The person's own tickets."""


@dataclass(frozen=True)
class Usage:
    """A verb that lacks its number, or is followed by something that it cannot take."""

    verb: str


@dataclass(frozen=True)
class Verb:
    """Something to do to one ticket. ``number`` is as it was written: ``42``, ``IT-42`` or ``#42``."""

    name: str
    number: str
    text: str = ""
    person: str | None = None
    """Slack user id, or ``me``."""
    priority: Priority | None = None
    duration: timedelta | None = None


@dataclass(frozen=True)
class FreeVerb:
    """A verb of a plugin about no ticket, with everything that follows it."""

    name: str
    text: str = ""


TicketWords = OpenForm | File | Help | Mine | Usage | Verb | FreeVerb

_NUMBER = re.compile(r"#?(?:[a-z][a-z0-9]*-)?[0-9]{1,12}", re.IGNORECASE | re.ASCII)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_DURATION = re.compile(r"([0-9]{1,6})\s*([a-z]+)\s*", re.IGNORECASE | re.ASCII)
_UNIT_SECONDS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "menit"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "jam", "j"), 3600),
    **dict.fromkeys(("d", "day", "days", "hari"), 86_400),
    **dict.fromkeys(("w", "week", "weeks", "minggu"), 604_800),
}


def parse_ticket(text: str, more_verbs: Collection[str] = (), free_verbs: Collection[str] = ()) -> TicketWords:
    """What ``/ticket text`` asks for; ``text`` as Slack sends it, with mentions as ``<@U1|name>``. Never fails.

    ``more_verbs`` (of plugins) may be followed by a number and any text, ``free_verbs`` by any text at once.
    """
    words = text.split(maxsplit=2)
    if not words:
        return OpenForm()
    first = words[0].lower()
    if first in free_verbs:
        return FreeVerb(first, text.split(maxsplit=1)[1].strip() if len(words) > 1 else "")
    if len(words) == 1:
        if first in ("help", "?"):
            return Help()
        if first == "mine":
            return Mine()
        return Usage(first) if first in VERBS or first in more_verbs else File(text.strip())
    if (first not in VERBS and first not in more_verbs) or not _NUMBER.fullmatch(words[1]):
        return File(text.strip())
    rest = words[2].strip() if len(words) == 3 else ""
    if first in more_verbs:
        return Verb(first, words[1], text=rest)
    verb = _verb(first, words[1], rest)
    if verb is not None:
        return verb
    # IT-42 and #42 leave no doubt that a ticket is meant; neither does a single word, mistyped
    surely_a_command = not words[1].isdigit() or len(rest.split()) == 1
    return Usage(first) if surely_a_command else File(text.strip())


def parse_desk(text: str) -> tuple[str, str]:
    """The word that ``/desk text`` begins with, in lower case (``help`` when there is none), and what follows it."""
    first, _, rest = text.strip().partition(" ")
    return first.lower() or "help", rest.strip()


def parse_duration(text: str) -> timedelta | None:
    """``30m``, ``2h``, ``1d 4h``, ``2 jam``; None for anything else, for nothing, and beyond a year."""
    seconds, position, text = 0, 0, text.strip()
    while position < len(text):
        match = _DURATION.match(text, position)
        if match is None or match[2].lower() not in _UNIT_SECONDS:
            return None
        seconds += int(match[1]) * _UNIT_SECONDS[match[2].lower()]
        position = match.end()
    return timedelta(seconds=seconds) if 0 < seconds <= LONGEST_SNOOZE.total_seconds() else None


def is_number(text: str) -> bool:
    """Whether a text can be the number of a ticket: ``42``, ``IT-42``, ``#42``."""
    return _NUMBER.fullmatch(text.strip()) is not None


def _verb(name: str, number: str, rest: str) -> Verb | None:
    """The verb with what follows its number; None when that is nothing it can take."""
    takes = VERBS[name]
    if not rest:
        return Verb(name, number)
    if takes is Rest.TEXT:
        return Verb(name, number, text=rest)
    if takes is Rest.PERSON:
        mention = _MENTION.fullmatch(rest)
        person = mention[1] if mention else "me" if rest.lower() == "me" else None
        return Verb(name, number, person=person) if person else None
    if takes is Rest.PRIORITY and rest.lower() in [priority.value for priority in Priority]:
        return Verb(name, number, priority=Priority(rest.lower()))
    if takes is Rest.DURATION and (duration := parse_duration(rest)) is not None:
        return Verb(name, number, duration=duration)
    return None


_GREETING_WORDS = (
    "hi hello hey hallo halo hai hei hola yo good morning afternoon evening night day dear team all everyone there "
    "selamat pagi siang sore malam assalamualaikum permisi test testing tes ping help bantuan "
    "thanks thank you thx terima kasih terimakasih makasih"
)
_GREETINGS = frozenset(_GREETING_WORDS.split())
_NAMES_OF_EMOJI = re.compile(r":[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:", re.IGNORECASE)
_MARKUP = re.compile(r"<[@#!][^<>]*>")


def is_small_talk(text: str) -> bool:
    """Whether a message asks for nothing: a greeting, thanks, an emoji. Nothing at all counts as small talk too."""
    bare = _NAMES_OF_EMOJI.sub(" ", _MARKUP.sub(" ", text)).lower()
    words = re.findall(r"\w+", bare)
    return (len(words) <= 8 and all(word in _GREETINGS for word in words)) or is_thanks(text)
