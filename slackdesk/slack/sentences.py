"""What the desk answers at once: texts in mrkdwn, everything quoted in them made inert."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from slackdesk.i18n import later
from slackdesk.slack import escape, ids
from slackdesk.slack.drawings.parts import PRIORITY_WORDS, STATUS_WORDS, Reader, actions, button, mention, section
from slackdesk.slack.drawings.requester import promise_sentence, state_sentence
from slackdesk.slack.edge import Asked
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.service import Filed

DESCRIPTION_CHARACTERS = 1500
"""As much of a request as an answer repeats."""

TITLE_CHARACTERS = 100

ASKED_BEFORE = later("You asked for this a moment ago: it is *{number}*, and it is open.")


def reader(asked: Asked) -> Reader:
    """The person, as drawings know readers."""
    return Reader(asked.t, asked.timezone, asked.tx.now)


def filed_sentence(asked: Asked, filed: Filed) -> str:
    """The number and the promise."""
    ticket, t = filed.ticket, asked.t
    if filed.existing:
        return t(ASKED_BEFORE, number=ticket.number)
    promise = promise_sentence(asked.tx, reader(asked), ticket, asked.extensions)
    if ticket.requester != asked.person:
        head = t("Filed as *{number}* for <@{requester}>.", number=ticket.number, requester=ticket.requester)
    else:
        head = t("Filed as *{number}*.", number=ticket.number)
    return f"{head} {promise}"


def ticket_line(asked: Asked, ticket: Ticket, badges: str = "") -> str:
    """One ticket in a list, with its badges."""
    status = asked.t(STATUS_WORDS[ticket.status])
    title = escape.inline(ticket.title or asked.t("(no title)"), TITLE_CHARACTERS)
    return f"• *{ticket.number}* {title} · {status}" + (f" · {badges}" if badges else "")


def ticket_list(asked: Asked, head: str, tickets: Sequence[Ticket], badges: Mapping[int, str], *, limit: int) -> str:
    """At most ``limit`` tickets below ``head``, with their badges by id; whether there are more is said."""
    lines = [head, *(ticket_line(asked, ticket, badges.get(ticket.id, "")) for ticket in tickets[:limit])]
    if len(tickets) > limit:
        lines.append(asked.t("… and more. `/ticket show 42` shows any of them."))
    return "\n".join(lines)


def ticket_text(asked: Asked, ticket: Ticket) -> str:
    """One ticket for somebody who may see it; nothing internal in it."""
    t = asked.t
    facts = [
        t("Status: {status}", status=t(STATUS_WORDS[ticket.status])),
        t("Priority: {priority}", priority=t(PRIORITY_WORDS[ticket.priority])),
        t("Topic: {topic}", topic=escape.inline(ticket.topic or t("none"), TITLE_CHARACTERS)),
        t("Tier: {tier}", tier=escape.inline(ticket.tier, TITLE_CHARACTERS)),
        t("Requester: {person}", person=mention(ticket.requester)),
        t("Assignee: {person}", person=mention(ticket.assignee) if ticket.assignee else t("nobody yet")),
        t("Filed: {instant}", instant=reader(asked).instant(ticket.created_at)),
    ]
    title = escape.inline(ticket.title or t("(no title)"), TITLE_CHARACTERS)
    lines = [f"*{ticket.number}* {title}", " · ".join(facts)]
    if ticket.requester == asked.person and ticket.status in OPEN:
        lines.append(state_sentence(asked.tx, reader(asked), ticket, asked.extensions))
    if ticket.description and ticket.description.strip() != (ticket.title or "").strip():
        lines.append(quote(ticket.description))
    if ticket.resolution:
        lines += [t("What solved it:"), quote(ticket.resolution)]
    return "\n".join(lines)


def quote(text: str) -> str:
    """What a person wrote, set apart and inert."""
    return "\n".join(f"> {line}" for line in escape.mrkdwn(text, DESCRIPTION_CHARACTERS).split("\n"))


def filed_blocks(asked: Asked, filed: Filed, sentence: str) -> list[dict[str, Any]]:
    """The same sentence with [Add details], for whoever may add them."""
    blocks: list[Block] = [section(sentence)]
    if filed.ticket.requester == asked.person:
        number = filed.ticket.number
        add = button(
            asked.t("Add details"),
            ids.action(ids.Click.ADD_DETAILS, filed.ticket.id),
            about=asked.t("Add details to {number}", number=number),
        )
        blocks += actions("filed", filed.ticket.version, [add])
    return [block.to_dict() for block in blocks]
