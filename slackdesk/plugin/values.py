"""What plugin functions are handed, and what they return. All of it is public: ``slackdesk.api`` shows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.models.blocks import Block

from slackdesk.tickets.model import Priority, Source, Status


@dataclass(frozen=True)
class TicketView:
    """A ticket as it was when the function was called. Instants are desk time, aware, in UTC."""

    id: int
    number: str
    """What people call it, such as ``IT-42``."""
    queue: str
    """Key of the queue in the policy."""
    tier: str
    status: Status
    priority: Priority
    topic: str | None
    title: str | None
    requester: str
    """Slack user id, as for everybody else here."""
    filed_by: str
    assignee: str | None
    private: bool
    source: Source
    created_at: datetime
    first_response_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    """None on a closed ticket: it was closed automatically."""
    reopened_count: int
    version: int


@dataclass(frozen=True)
class PersonView:
    """What the desk knows of somebody, as Slack last said it."""

    id: str
    name: str
    """As Slack shows it; empty once it was erased."""
    is_guest: bool
    is_bot: bool
    is_deleted: bool
    """Whether the account is deactivated."""


@dataclass(frozen=True)
class StayView:
    """A stay of a ticket in a tier. ``worked`` is its working time so far, without waiting and hold."""

    queue: str
    tier: str
    entered_at: datetime
    entered_how: str
    """``filed``, ``escalated``, ``sent_back``, ``reopened`` or ``moved``."""
    left_at: datetime | None
    """None: the ticket is there."""
    handed_by: str | None
    accepted_by: str | None
    accepted_at: datetime | None
    budget: timedelta
    """As it was when the stay began."""
    worked: timedelta


@dataclass(frozen=True)
class Click:
    """Somebody pressed a button of the plugin. ``ticket`` is set when the button names one that the person may see."""

    person: str
    ticket: TicketView | None
    value: str | None


@dataclass(frozen=True)
class Form:
    """A modal of the plugin was submitted. ``values`` is input name → what was typed or chosen; empty is None."""

    person: str
    ticket: TicketView | None
    value: str | None
    values: Mapping[str, str | None]


@dataclass(frozen=True)
class Words:
    """Somebody typed ``/desk <word> <text>``, ``/ticket <verb> <text>``, or ``/ticket <verb> 42 <text>``.

    Of these, only the last one is about a ``ticket``.

    ``text`` is plain: mentions, channels and links are as the person saw them.
    """

    person: str
    ticket: TicketView | None
    text: str


@dataclass(frozen=True)
class Timer:
    """Something that was scheduled is due. ``due_at`` is the instant that was asked for."""

    key: str
    payload: Mapping[str, Any]
    due_at: datetime
    ticket_id: int | None


@dataclass(frozen=True)
class Slot:
    """The instant of a recurring run; after an outage only the latest one is run."""

    at: datetime


@dataclass(frozen=True)
class Badge:
    """A sign on the card and in lists. ``words`` say the same to whoever cannot see the sign."""

    sign: str
    words: str


@dataclass(frozen=True)
class Measured:
    """What came of something that a policy promises: ``is_met`` is None while nobody can say."""

    queue: str
    priority: Priority
    what: str
    """A word of the plugin's, such as ``resolution``."""
    is_met: bool | None
    is_breached: bool
    """Whether it was ever late, whatever came later."""


@dataclass(frozen=True)
class Modal:
    """A window that the core opens. ``name`` is that of a ``@plugin.modal``; without ``submit`` it is only read."""

    name: str
    title: str
    blocks: Sequence[Block]
    submit: str | None = None
    ticket_id: int | None = None
    value: str | None = None


UNITS = ("count", "percent", "minutes", "score")
"""In what figures are measured."""


@dataclass(frozen=True)
class Period:
    """What a summary is about: from ``since`` on, before ``until`` (desk time, aware, in UTC)."""

    since: datetime
    until: datetime
    queues: tuple[str, ...]
    """Keys of the queues in the policy."""


@dataclass(frozen=True)
class Figure:
    """One number of a summary."""

    key: str
    """Unique within a summary: it begins with the plugin's name and ``_``, such as ``csat_score``."""
    label: str
    """An English template, with ``values`` in the places of its ``{names}``."""
    value: float | int | None
    """None: there is no data."""
    unit: str
    """``count``, ``percent``, ``minutes`` or ``score``."""
    n: int | None = None
    """On how many it was measured."""
    tickets: Callable[[], Sequence[int]] | None = None
    """Returns the ids of the tickets behind the number, for whoever wants it explained."""
    wanted: str | None = None
    """``more`` or ``less``: which change is for the better. None: neither is."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the label names, such as a tier. Whoever makes the summary gets the label filled in, and no values."""


@dataclass(frozen=True)
class ReportSection:
    """What a plugin contributes to a summary."""

    title: str
    figures: Sequence[Figure]


@dataclass(frozen=True)
class RequesterThread:
    """The requester's side of a ticket: what stands there is read by the requester."""

    ticket_id: int


@dataclass(frozen=True)
class RequesterOnly:
    """What the requester alone reads: the requester's thread, or a direct message where that thread is in a channel."""

    ticket_id: int


@dataclass(frozen=True)
class AgentsThread:
    """The thread of the ticket's card: internal."""

    ticket_id: int


@dataclass(frozen=True)
class DirectMessage:
    """To one person."""

    person: str


@dataclass(frozen=True)
class ChannelPost:
    """Into a channel of which the app is a member; ``channel`` is its id."""

    channel: str


Place = RequesterThread | RequesterOnly | AgentsThread | DirectMessage | ChannelPost


@dataclass(frozen=True)
class File:
    """A file that comes with a message; a picture is shown, others can be opened."""

    name: str
    """With its extension, by which Slack knows what it is; within a message, each has its own."""
    content: bytes = field(repr=False)
    title: str
    alt_text: str | None = None
    """What a picture shows, for whoever cannot see it; a picture needs one."""


@dataclass(frozen=True)
class Message:
    """Blocks, and a text that says all of it to whoever sees no blocks (notifications, screen readers).

    ``files`` stand in the thread of the message, in one message of their own.
    """

    text: str
    blocks: Sequence[Block] = field(default_factory=tuple)
    files: Sequence[File] = field(default_factory=tuple)
    quotes: Sequence[str] = field(default_factory=tuple)
    """User ids of people whose words are in it, where the call has not looked at their tickets by ``ctx``.

    While the message waits to be sent, an erasure of what one of them wrote empties it.
    """


@dataclass(frozen=True)
class Erasure:
    """Somebody's text is erased. A large one comes in parts, one call for each."""

    person: str
    ticket_ids: Sequence[int]
    """The person's own requests, of which all text is erased, and tickets in which the person wrote."""
    unsaid: Sequence[str]
    """Keys of the plugin's messages that waited and may have said something of it: they say it no more."""
