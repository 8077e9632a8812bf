"""What a declaration is made of: one value for each kind of extension point, and the functions that they hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block

from slackdesk.plugin.context import Context
from slackdesk.plugin.read_context import ReadContext
from slackdesk.plugin.values import (
    Badge,
    Click,
    Erasure,
    Form,
    Measured,
    Modal,
    Period,
    ReportSection,
    Slot,
    TicketView,
    Timer,
    Words,
)
from slackdesk.tickets.rights import Action

Answer = str | Modal | None
"""A text (mrkdwn) for whoever asked, a window, or nothing to say."""

Handler = Callable[[Any, Context], None]
TimerFunction = Callable[[Timer, Context], None]
SlotFunction = Callable[[Slot, Context], None]
ActionFunction = Callable[[Click, Context], Answer]
ModalFunction = Callable[[Form, Context], Answer]
WordsFunction = Callable[[Words, Context], Answer]
CardFunction = Callable[[TicketView, ReadContext], Sequence[Block]]
BadgeFunction = Callable[[TicketView, ReadContext], Badge | None]
ReplayFunction = Callable[[Any, ReadContext], Sequence[Measured]]
ErasureFunction = Callable[[Erasure, Context], None]
PromiseFunction = Callable[[TicketView, ReadContext], datetime | None]
ShownFunction = Callable[[TicketView, ReadContext], bool]
ReportFunction = Callable[[Period, ReadContext], ReportSection | None]
HomeFunction = Callable[[str, ReadContext], Sequence[Block]]


@dataclass(frozen=True)
class Recurring:
    """A function that runs at each slot of a cron expression."""

    name: str
    cron: str
    timezone: str | None
    """None: that of the desk."""
    function: SlotFunction


@dataclass(frozen=True)
class TicketButton:
    """A button on the card."""

    name: str
    label: str
    order: int
    right: Action
    shown: ShownFunction | None
    function: ActionFunction


@dataclass(frozen=True)
class Word:
    """A word behind ``/desk``, or a verb behind ``/ticket``."""

    name: str
    help: str
    function: WordsFunction
    needs_ticket: bool = False
    """Of a verb: whether the number of a ticket follows it."""


@dataclass(frozen=True)
class Section:
    """Part of the card, of the App Home or of a summary; the lower ``order`` stands first."""

    order: int
    function: Callable[[Any, ReadContext], Any]
