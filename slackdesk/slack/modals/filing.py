"""The form for a request: the topic first, since people know what it is about, not whose it is."""

from typing import Any

from slackdesk.errors import InvalidInput
from slackdesk.slack import escape, ids
from slackdesk.slack.edge import Asked
from slackdesk.slack.modals import parts
from slackdesk.slack.modals.changes import priorities
from slackdesk.slack.modals.form import parse_topic, topics
from slackdesk.slack.payloads import Submission
from slackdesk.slack.sentences import filed_sentence
from slackdesk.tickets import rights, service
from slackdesk.tickets.model import Priority, Source


def draw_filing(asked: Asked, context: ids.Context, given: str = "") -> dict[str, Any]:
    """The form, with ``given`` as what is needed. Agents may file for somebody else."""
    t = asked.t
    blocks = [
        parts.grouped_choice("topic", t("What is it about?"), topics(asked.tx.policy)),
        parts.text_input(
            "text",
            t("What do you need?"),
            initial=given,
            hint=t("Never write passwords here. Files go into the thread."),
        ),
        parts.choice("priority", t("How urgent is it?"), priorities(asked), optional=True),
    ]
    if rights.is_agent(asked.tx.policy, asked.person):
        hint = t("Leave it empty when you ask for yourself.")
        blocks.append(parts.person_input("requester", t("For"), initial=context.author, hint=hint, optional=True))
    return parts.modal(t, ids.Modal.FILE, t("File a request"), blocks, submit=t("File"), context=context)


def submit_filing(asked: Asked, submission: Submission) -> dict[str, Any]:
    """File it, and say its number and the promise in the same modal. Raises what ``file_ticket`` raises."""
    values, context, policy = submission.values, submission.context, asked.tx.policy
    queue, topic = parse_topic(values.choice("topic"), policy)
    priority = values.choice("priority")
    if priority is not None and priority not in list(Priority):
        raise InvalidInput("priority", "Please choose a priority.")
    filed = service.file_ticket(
        asked.tx,
        requester=values.person("requester") or asked.person,
        filed_by=asked.person,
        queue=queue,
        topic=topic,
        text=values.text("text"),
        priority=Priority(priority or Priority.NORMAL),
        source=Source(context.source) if context.source in list(Source) else Source.FORM,
        source_channel=context.channel,
        source_ts=context.ts,
    )
    title = escape.inline(filed.ticket.title or "", parts.OPTION_CHARACTERS)
    text = f"{filed_sentence(asked, filed)}\n> {title}"
    return {"response_action": "update", "view": parts.told(asked.t, filed.ticket.number, text)}
