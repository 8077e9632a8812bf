"""The use cases: the only writers of tickets.

Each takes a transaction, checks rights and status, and writes what changed, the history and the work that follows, or
raises a Refused whose text is for the person.
"""

from slackdesk.tickets.service.conversation import (
    add_note,
    record_agent_message,
    reply_to_requester,
    send_reply_now,
    undo_reply,
)
from slackdesk.tickets.service.ending import cancel_ticket, mark_duplicate, mark_not_a_request
from slackdesk.tickets.service.escalation import accept_ticket, escalate_ticket, send_back_ticket
from slackdesk.tickets.service.filing import Filed, describe_ticket, file_ticket
from slackdesk.tickets.service.ownership import (
    assign_ticket,
    claim_ticket,
    set_priority,
    set_topic,
    take_over_ticket,
)
from slackdesk.tickets.service.requester import delete_message, edit_message, lose_source, record_requester_message
from slackdesk.tickets.service.resolution import (
    close_ticket,
    close_ticket_automatically,
    confirm_ticket,
    reopen_ticket,
    resolve_ticket,
)
from slackdesk.tickets.service.targets import record_missed_target
from slackdesk.tickets.service.waiting import hold_ticket, resume_ticket, snooze_ticket, wait_for_requester

__all__ = [
    "Filed",
    "accept_ticket",
    "add_note",
    "assign_ticket",
    "cancel_ticket",
    "claim_ticket",
    "close_ticket",
    "close_ticket_automatically",
    "confirm_ticket",
    "delete_message",
    "describe_ticket",
    "edit_message",
    "escalate_ticket",
    "file_ticket",
    "hold_ticket",
    "lose_source",
    "mark_duplicate",
    "mark_not_a_request",
    "record_agent_message",
    "record_missed_target",
    "record_requester_message",
    "reopen_ticket",
    "reply_to_requester",
    "resolve_ticket",
    "resume_ticket",
    "send_back_ticket",
    "send_reply_now",
    "set_priority",
    "set_topic",
    "snooze_ticket",
    "take_over_ticket",
    "undo_reply",
    "wait_for_requester",
]
