"""One sentence for each notice and reader."""

from slackdesk.i18n import later
from slackdesk.tickets.outgoing import Notice

AGENTS: dict[str, str] = {
    Notice.TAKEN_OVER: later("{by} took {number} over from {previous}."),
    Notice.PRIORITY_CHANGED: later("{by} changed the priority from {old} to {new}."),
    Notice.DESCRIBED: later("{by} added details to the request."),
    Notice.MOVED: later("{by} moved {number} here from {queue}, {tier}."),
    Notice.HELD: later("{by} put {number} on hold."),
    Notice.HANDED_OFF: later("{by} handed {number} up from {from_tier}. Accept it or send it back on the card."),
    Notice.HANDED_OFF_BY_RULE: later("{number} came up from {from_tier}: its priority is {priority} now."),
    Notice.SENT_BACK: later("{by} sent {number} back from {from_tier}."),
    Notice.RESOLVED: later("{by} resolved {number}. The requester is asked whether it is solved."),
    Notice.CONFIRMED: later("{by} says that {number} is solved ({votes} of {needed})."),
    Notice.REOPENED: later("{by} reopened {number}."),
    Notice.CLOSED: later("{by} closed {number}."),
    Notice.CLOSED_AUTOMATICALLY: later("{number} was closed: no answer for {hours} business hours."),
    Notice.CANCELLED: later("{by} cancelled {number}. Nothing more has to be done."),
    Notice.NOT_A_REQUEST: later("{by} marked {number} as not a request."),
    Notice.DUPLICATE: later("{by} marked {number} as a duplicate of {of}."),
    Notice.MESSAGE_EDITED: later("{author} edited a message. It now reads:"),
    Notice.MESSAGE_DELETED: later("{author} deleted a message."),
}
"""In the thread of the card."""

REQUESTER: dict[str, str] = {
    Notice.CLAIMED: later("{by} is working on {number} now."),
    Notice.MOVED: later("{number} is with {queue} now."),
    Notice.WAITING: later("{by} needs an answer from you to go on. Please write it in this thread."),
    Notice.HANDED_OFF: later("{number} was handed to {tier}, who know more about it."),
    Notice.RESOLVED: later("{by} resolved {number}. It is closed once the people who check it agree."),
    Notice.REOPENED: later("{by} reopened {number}. It is being worked on again."),
    Notice.CLOSED: later("{by} closed {number}. Write in this thread if you need more."),
    Notice.CLOSED_AUTOMATICALLY: later(
        "{number} was closed because there was no answer for {hours} business hours. Write in this thread if you need "
        "more, and it goes on."
    ),
    Notice.NOT_A_REQUEST: later("{by} sees nothing to do about {number}. Write in this thread if there is."),
    Notice.DUPLICATE: later("{number} is the same as {of}, where it is being worked on."),
    Notice.FOLLOW_UP: later("This request is closed, so your message became a new one: {number}. It goes on there."),
}
"""In the requester's thread."""

PROMISING = frozenset({Notice.MOVED, Notice.HANDED_OFF})
"""After these the requester reads by when the next answer comes, as it is promised when the notice leaves."""

REQUESTER_WITHOUT_NUMBER_OF_OTHER: dict[str, str] = {
    Notice.DUPLICATE: later("Somebody else asked the same as {number}, and it is being worked on there."),
}
"""Where the other ticket is not the requester's to know."""

PERSON: dict[str, str] = {
    Notice.ASSIGNED: later("{by} assigned {number} to you."),
    Notice.TAKEN_OVER: later("{by} took {number} over from you."),
    Notice.ACCEPTED: later("{by} accepted {number} in {tier}. You are told what becomes of it."),
    Notice.SENT_BACK: later("{by} sent {number} back from {from_tier}."),
    Notice.RESOLVED: later("{by} resolved {number}, which you handed up."),
    Notice.VALIDATION_ASKED: later("{by} resolved {number} and you are asked to check it. Is it solved?"),
    Notice.REOPENED: later("{by} reopened {number}. It needs work again."),
    Notice.CANCELLED: later("{by} cancelled {number}. You do not have to do anything more."),
}
"""By direct message."""

UNKNOWN = later("Something changed about {number}.")
"""For a notice that this version does not know, left by a newer one."""

QUOTED = {
    "reason": later("Reason"),
    "tried": later("Tried so far"),
    "asked": later("What is asked"),
    "resolution": later("What solved it"),
    "text": later("Text"),
}
"""Values that are what a person wrote, in the order in which they are shown under the sentence."""
