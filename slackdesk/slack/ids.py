"""The one place that builds and reads action ids, block ids, callback ids and private metadata.

An action id is ``name``, ``name:ticket`` or ``name:ticket:extra``: a button says what it does, to which ticket, and,
where a ticket is not enough, to which part of it (the message that [Undo] takes back). Names of plugins contain a dot
(``csat.score``). Slack allows 255 characters in an id and 3,000 in private metadata
(https://docs.slack.dev/reference/block-kit/block-elements, https://docs.slack.dev/reference/views).
"""

import json
import re
from dataclasses import asdict, dataclass
from enum import StrEnum

ID_LENGTH = 255
"""Characters that Slack allows in an action id, a block id and a callback id."""

METADATA_LENGTH = 3000
"""Characters that Slack allows in a view's private metadata."""


class Click(StrEnum):
    """What a button, or an entry of the card's overflow menu, does."""

    CLAIM = "claim"
    TAKE_OVER = "take_over"
    REPLY = "reply"
    NOTE = "note"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"
    WAIT = "wait"
    HOLD = "hold"
    RESUME = "resume"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    PRIORITY = "priority"
    TOPIC = "topic"
    DUPLICATE = "duplicate"
    NOT_A_REQUEST = "not_a_request"
    CONFIRM = "confirm"
    """The requester's [Yes, close]; [No, reopen] is ``REOPEN``."""
    ADD_DETAILS = "add_details"
    CANCEL = "cancel"
    UNDO = "undo"
    """Takes a reply back; ``extra`` is the id of the message."""
    SHOW = "show"
    """Opens a ticket in a modal."""
    ACTIONS = "actions"
    """Opens the list of everything that can be done with a ticket."""
    FILE = "file"
    """Opens the form; needs no ticket."""
    MORE = "more"
    """The overflow menu itself: the chosen option's value is one of these names."""
    LINK = "link"
    """A button that only opens an address: Slack reports the click all the same."""


class Shortcut(StrEnum):
    """Callback ids of the shortcuts, as the manifest declares them."""

    FILE_REQUEST = "file_request"
    MAKE_TICKET = "make_ticket"
    SEND_TO_REQUESTER = "send_to_requester"
    TICKET_ACTIONS = "ticket_actions"


class Modal(StrEnum):
    """Callback ids of the modals."""

    FILE = "file"
    ADD_DETAILS = "add_details"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    REPLY = "reply"
    NOTE = "note"
    SEND_BACK = "send_back"
    HOLD = "hold"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    PRIORITY = "priority"
    TOPIC = "topic"
    DUPLICATE = "duplicate"
    CANCEL = "cancel"
    ACTIONS = "actions"
    TOLD = "told"
    """Only says something; nothing can be submitted."""


@dataclass(frozen=True)
class ActionId:
    """What an action id says."""

    name: str
    ticket_id: int | None = None
    extra: str | None = None


@dataclass(frozen=True)
class Context:
    """What a modal remembers between being opened and being submitted (its private metadata)."""

    ticket_id: int | None = None
    channel: str | None = None
    ts: str | None = None
    """With ``channel``: the message that the modal was opened for."""
    author: str | None = None
    """Who wrote that message, where it was somebody else than the one who opened the modal."""
    source: str | None = None
    """Value of ``Source``: the door through which the form was opened."""
    response_url: str | None = None
    """Where to answer an action on a message of a conversation in which the app is not a member."""
    value: str | None = None
    """What the plugin that opened the modal wants back."""


_ACTION = re.compile(r"(?P<name>[a-z][a-z0-9_.]*)(?::(?P<ticket>[0-9]{1,18})?(?::(?P<extra>.+))?)?", re.DOTALL)


def action(name: str, ticket_id: int | None = None, extra: str | int | None = None) -> str:
    """The action id of a button. Raises ValueError when it could not be read back or is too long for Slack."""
    text = name
    if ticket_id is not None or extra is not None:
        text += f":{'' if ticket_id is None else ticket_id}"
    if extra is not None:
        text += f":{extra}"
    parsed = parse_action(text)
    if (parsed.name, parsed.ticket_id, parsed.extra) != (name, ticket_id, None if extra is None else str(extra)):
        raise ValueError(f"action id {text!r} does not say {name!r}, {ticket_id!r}, {extra!r}")
    return text


def parse_action(action_id: str) -> ActionId:
    """What ``action`` put in. Raises ValueError for anything that it does not build."""
    match = _ACTION.fullmatch(action_id)
    if match is None or len(action_id) > ID_LENGTH:
        raise ValueError(f"not an action id: {action_id[:ID_LENGTH]!r}")
    ticket = match["ticket"]
    return ActionId(match["name"], int(ticket) if ticket else None, match["extra"])


def block(name: str, revision: int | str | None = None) -> str:
    """A block id: ``name``, or ``name:revision`` in a message that is updated.

    Slack asks for a new block id on each update; ``revision`` is the ticket's version, or whatever else changes
    whenever the block does.
    """
    text = name if revision is None else f"{name}:{revision}"
    if not name or ":" in name or len(text) > ID_LENGTH:
        raise ValueError(f"not a block id: {text[:ID_LENGTH]!r}")
    return text


SEPARATOR = ","
"""Between the values of several options that were chosen in one input."""


def is_of_plugin(name: str) -> bool:
    """Whether an action or a modal of this name belongs to a plugin."""
    return "." in name


def parse_block(block_id: str) -> str:
    """The name in a block id."""
    return block_id.partition(":")[0]


def metadata(context: Context) -> str:
    """Private metadata of a view. Raises ValueError when it is too long for Slack."""
    text = json.dumps({key: value for key, value in asdict(context).items() if value is not None})
    if len(text) > METADATA_LENGTH:
        raise ValueError(f"private metadata of {len(text)} characters; Slack allows {METADATA_LENGTH}")
    return text


def parse_metadata(text: str) -> Context:
    """What ``metadata`` put in. Raises ValueError for anything that it does not build."""
    try:
        context = Context(**json.loads(text or "{}"))
    except TypeError as error:
        raise ValueError(f"not private metadata: {text[:200]!r}") from error
    if context.ticket_id is not None and type(context.ticket_id) is not int:
        raise ValueError(f"ticket_id = {context.ticket_id!r}: private metadata holds a whole number")
    return context
