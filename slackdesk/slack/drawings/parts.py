"""What every message is made of: readers, words, blocks and the two calls that place it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    InteractiveElement,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from slackdesk.dispatch.runners import SlackCall
from slackdesk.i18n import Translate, later, translator, zone
from slackdesk.slack import escape, ids
from slackdesk.tickets.model import Posting, Priority, Status, Ticket
from slackdesk.tickets.people import person
from slackdesk.tickets.transaction import Transaction

FALLBACK_CHARACTERS = 3900
"""``chat.update`` refuses a text over 4,000 characters (https://docs.slack.dev/reference/methods/chat.update)."""

SECTION_CHARACTERS = 3000
"""Characters in the text of a section block (https://docs.slack.dev/reference/block-kit/blocks/section-block)."""

MESSAGE_CHARACTERS = 12_000
"""As much of what somebody wrote as one message carries; a longer text goes on in the next one."""

HEADER_CHARACTERS = 150
LABEL_CHARACTERS = 75
"""Of a button, an option, an accessibility label."""

TITLE_CHARACTERS = 120
"""As much of a title as is quoted in a sentence or a list."""

STATUS_WORDS = {
    Status.NEW: later("New"),
    Status.IN_PROGRESS: later("In progress"),
    Status.WAITING: later("Waiting for the requester"),
    Status.ON_HOLD: later("On hold"),
    Status.RESOLVED: later("Resolved"),
    Status.CLOSED: later("Closed"),
    Status.NOT_A_REQUEST: later("Not a request"),
    Status.DUPLICATE: later("Duplicate"),
    Status.CANCELLED: later("Cancelled"),
}

PRIORITY_WORDS = {
    Priority.LOW: later("Low"),
    Priority.NORMAL: later("Normal"),
    Priority.HIGH: later("High"),
    Priority.URGENT: later("Urgent"),
}


@dataclass(frozen=True)
class Reader:
    """For whom a message is written: a person, or a channel, which reads the desk's language and time."""

    t: Translate
    timezone: str
    now: datetime

    def local(self, instant: datetime) -> datetime:
        """The same instant with the date and the hour of the reader's wall clock."""
        return instant.astimezone(zone(self.timezone))

    def instant(self, instant: datetime) -> str:
        """An instant by the reader's wall clock: ``Mon 11:00``."""
        return self.t.instant(instant, now=self.now, timezone=self.timezone)


def channel_reader(tx: Transaction) -> Reader:
    """Many people at once."""
    desk = tx.policy.desk
    return Reader(translator(desk.locale), desk.timezone, tx.now)


def person_reader(tx: Transaction, user: str) -> Reader:
    """One person; like a channel while the desk does not know the person."""
    known = person(tx.session, user)
    return Reader(translator(known.locale), known.timezone, tx.now) if known else channel_reader(tx)


def title_of(t: Translate, ticket: Ticket) -> str:
    """The title on one line, for plain text objects."""
    return escape.line(ticket.title or "", TITLE_CHARACTERS) or t("(no title)")


def mention(user: str) -> str:
    """Shown by Slack as the person's current name."""
    return f"<@{user}>"


def date_token(reader: Reader, instant: datetime) -> str:
    """Shown by Slack in the time zone of whoever looks; the fallback is the reader's."""
    return f"<!date^{int(instant.timestamp())}^{{date_short_pretty}} {{time}}|{reader.instant(instant)}>"


def section(text: str) -> SectionBlock:
    """A sentence of ours; whatever it quotes was escaped before."""
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))


def quoted(text: str) -> SectionBlock:
    """What a person wrote, as it was written; at most ``SECTION_CHARACTERS``."""
    return SectionBlock(text=PlainTextObject(text=text, emoji=False))


def header(text: str) -> HeaderBlock:
    """One line of plain text, cut to fit."""
    return HeaderBlock(text=PlainTextObject(text=escape.line(text, HEADER_CHARACTERS), emoji=False))


def context(*texts: str) -> ContextBlock:
    """Small print."""
    return ContextBlock(elements=[MarkdownTextObject(text=text, verbatim=True) for text in texts])


def actions(name: str, revision: int | str, elements: Sequence[InteractiveElement]) -> list[Block]:
    """A row of buttons, under a block id of its own for each revision; nothing without buttons."""
    return [ActionsBlock(block_id=ids.block(name, revision), elements=elements)] if elements else []


def button(
    label: str,
    action_id: str,
    *,
    about: str,
    style: str | None = None,
    confirm: ConfirmObject | None = None,
) -> ButtonElement:
    """A button; ``about`` says to a screen reader what the button is for, the ticket's number included."""
    return ButtonElement(
        text=PlainTextObject(text=label, emoji=False),
        action_id=action_id,
        accessibility_label=escape.line(about, LABEL_CHARACTERS),
        style=style,
        confirm=confirm,
    )


def confirmation(t: Translate, *, title: str, text: str, confirm: str) -> ConfirmObject:
    """The question before something that is not easily undone; ``confirm`` is the verb itself."""
    plain = [PlainTextObject(text=part) for part in (title, text, confirm, t("Go back"))]
    return ConfirmObject(title=plain[0], text=plain[1], confirm=plain[2], deny=plain[3], style="danger")


def post(channel: str, thread_ts: str | None, text: str, blocks: Sequence[Block]) -> SlackCall:
    """A new message, in a thread where ``thread_ts`` is given."""
    arguments = _content(text, blocks) | {"channel": channel, "unfurl_links": False, "unfurl_media": False}
    if thread_ts is not None:
        arguments["thread_ts"] = thread_ts
    return SlackCall("chat.postMessage", arguments)


def update(posting: Posting, text: str, blocks: Sequence[Block]) -> SlackCall:
    """The same message with new content."""
    return SlackCall("chat.update", _content(text, blocks) | {"channel": posting.channel, "ts": posting.ts})


def whisper(channel: str, user: str, thread_ts: str | None, text: str, blocks: Sequence[Block]) -> SlackCall:
    """A message that only ``user`` sees, in answer to something that the person did."""
    arguments = _content(text, blocks) | {"channel": channel, "user": user}
    if thread_ts is not None:
        arguments["thread_ts"] = thread_ts
    return SlackCall("chat.postEphemeral", arguments)


def respond(url: str, text: str, blocks: Sequence[Block]) -> SlackCall:
    """The same through the response URL of what the person did, where the app may be no member."""
    body = _content(text, blocks) | {"response_type": "ephemeral", "replace_original": False}
    return SlackCall("response_url", {"url": url, "body": body})


def _content(text: str, blocks: Sequence[Block]) -> dict[str, Any]:
    return {"text": text, "blocks": [block.to_dict() for block in blocks], "link_names": False}
