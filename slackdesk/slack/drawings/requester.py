"""The requester's side: the head of the thread with the promise, and the question whether it is solved.

Nothing internal is drawn here: no note, no hand-off, no link into an agents' channel.
"""

from typing import Any

from slack_sdk.models.blocks import Block, InteractiveElement

from slackdesk.dispatch.runners import AfterRefusal, Drawing, SlackCall
from slackdesk.i18n import Translate
from slackdesk.slack import escape, ids
from slackdesk.slack.drawings import parts, places
from slackdesk.slack.drawings.card import labelled
from slackdesk.slack.drawings.parts import Reader, mention
from slackdesk.slack.extensions import NONE, Extensions
from slackdesk.slack.ids import Click
from slackdesk.slack.sender import CHANNEL_ERRORS
from slackdesk.tickets import service
from slackdesk.tickets.lifecycle import OPEN, PAUSED, actions_in
from slackdesk.tickets.model import Posting, Status, Ticket
from slackdesk.tickets.promise import promise_for
from slackdesk.tickets.rights import Action
from slackdesk.tickets.transaction import Transaction


class RootDrawing(Drawing):
    """Post or redraw the head of the requester's thread: in a DM, or under the message that was made a ticket."""

    def __init__(self, extensions: Extensions = NONE) -> None:
        self.extensions = extensions

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """In the requester's language; in the desk's where a channel reads it."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        place = places.source_thread(ticket) or places.Place(ticket.requester)
        reader = places.requester_reader(tx, ticket, place)
        text, blocks = _root(tx, reader, ticket, self.extensions, is_shared=place.is_shared)
        roots = places.postings(tx, ticket.id, "root")
        if roots:
            return parts.update(roots[-1], text, blocks)
        return parts.post(place.channel, place.thread_ts, text, blocks)

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember a new root; a private ticket that was asked for in a channel leaves a stub there."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        if places.remember(tx, ticket.id, "root", response) and places.public_source(ticket):
            stream = f"ticket:{ticket.id}:requester"
            payload = {"ticket_id": ticket.id}
            places.send_also(tx, "stub", payload, key=str(ticket.id), stream=stream, ticket_id=ticket.id)

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """A root that is gone is posted anew: by direct message where what was above it, or the channel, is gone."""
        roots = places.postings(tx, payload["ticket_id"], "root")
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        source = places.source_thread(ticket)
        is_closed = source is not None and source.is_shared and places.is_one_of(error, CHANNEL_ERRORS)
        if not roots and source and (is_closed or places.is_one_of(error, places.THREAD_GONE)):
            service.lose_source(tx, ticket.id)
            return AfterRefusal.DRAW_AGAIN
        lost = places.MESSAGE_GONE | (CHANNEL_ERRORS if is_closed else set())
        return places.forget_lost(tx, roots[-1] if roots else None, error, lost)


class StubDrawing(Drawing):
    """All that a channel reads of a private ticket that was asked for there."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when the ticket is not private (any more)."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        place = places.public_source(ticket)
        if place is None:
            return None
        text = parts.channel_reader(tx).t(
            "{number}: this is with {queue} now and goes on in a direct message.",
            number=ticket.number,
            queue=escape.inline(places.queue_name(tx.policy, ticket.queue), 75),
        )
        return parts.post(place.channel, place.thread_ts, text, [parts.section(text)])


class QuestionDrawing(Drawing):
    """ "Did this solve it?" with [Yes, close] and [No, reopen]."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None once the ticket is not in that resolution any more."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        resolved_at = ticket.resolved_at.isoformat() if ticket.resolved_at else None
        if ticket.status != Status.RESOLVED or resolved_at != payload["resolved_at"]:
            return None
        place = places.requester_place(tx, ticket)
        t = places.requester_reader(tx, ticket, place).t
        by = mention(ticket.resolved_by) if ticket.resolved_by else t("The team")
        question = t("{by} resolved {number}. Did this solve it?", by=by, number=ticket.number)
        solution = escape.mrkdwn(ticket.resolution or "", 2000)
        hint = t("Without an answer it is closed later; writing in this thread reopens it.")
        blocks = [
            parts.section(question),
            *labelled(t("What solved it"), ticket.resolution),
            *parts.actions("question", ticket.version, question_buttons(t, ticket)),
            parts.context(hint),
        ]
        text = " ".join(part for part in (question, solution, t("Answer with the buttons here."), hint) if part)
        return parts.post(place.channel, place.thread_ts, text, blocks)

    def sent(self, tx: Transaction, payload: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember the question: its buttons go once it is answered. Those of the one before it go now.

        A ticket that was reopened and resolved again in one go was not open when the answer to that one was drawn.
        """
        ticket_id = payload["ticket_id"]
        before = places.postings(tx, ticket_id, "question")
        if places.remember(tx, ticket_id, "question", response) and before:
            about, stream = {"ticket_id": ticket_id, "ts": before[-1].ts}, f"ticket:{ticket_id}:requester"
            key = f"{ticket_id}:{before[-1].ts}"
            places.send_also(tx, "question_answered", about, key=key, stream=stream, ticket_id=ticket_id)

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """Ask in the DM itself when its thread is gone."""
        return places.forget_root(tx, payload["ticket_id"], error)


def question_buttons(t: Translate, ticket: Ticket) -> list[InteractiveElement]:
    """[Yes, close] and [No, reopen]."""
    return [
        parts.button(
            t("Yes, close"),
            ids.action(Click.CONFIRM, ticket.id),
            about=t("Yes, {number} is solved: close it", number=ticket.number),
            style="primary",
        ),
        parts.button(
            t("No, reopen"),
            ids.action(Click.REOPEN, ticket.id),
            about=t("No, {number} is not solved: reopen it", number=ticket.number),
        ),
    ]


class QuestionAnsweredDrawing(Drawing):
    """A question without its buttons, and what became of it: the newest, or an earlier one (``ts``)."""

    def draw(self, tx: Transaction, payload: dict[str, Any]) -> SlackCall | None:
        """None when nothing was asked, or the newest question is still open."""
        ticket = tx.session.get_one(Ticket, payload["ticket_id"])
        question, is_earlier = _question(tx, payload), "ts" in payload
        if question is None or (ticket.status == Status.RESOLVED and not is_earlier):
            return None
        place = places.requester_place(tx, ticket)
        t = places.requester_reader(tx, ticket, place).t
        values = {"number": ticket.number, "by": mention(ticket.closed_by) if ticket.closed_by else ""}
        if ticket.status != Status.CLOSED or is_earlier:
            text = t("{number} was not solved yet: it is open again.", **values)
        elif ticket.closed_by is None:
            text = t("{number} is closed: there was no answer.", **values)
        elif ticket.closed_by == ticket.requester:
            text = t("{number} is solved and closed: {by} said so. Thank you.", **values)
        else:
            text = t("{number} is closed by {by}.", **values)
        return parts.update(question, text, [parts.section(text)])

    def failed(self, tx: Transaction, payload: dict[str, Any], error: str) -> AfterRefusal:
        """A question that is gone has no buttons to take away."""
        return places.forget_lost(tx, _question(tx, payload), error, places.MESSAGE_GONE)


def _question(tx: Transaction, payload: dict[str, Any]) -> Posting | None:
    questions = places.postings(tx, payload["ticket_id"], "question")
    return next((one for one in reversed(questions) if payload.get("ts") in (None, one.ts)), None)


def promise_sentence(tx: Transaction, reader: Reader, ticket: Ticket, extensions: Extensions = NONE) -> str:
    """When the desk answers next, by the reader's clock."""
    t, promise = reader.t, promise_for(tx.policy, ticket, tx.now, extensions.promise(tx, ticket))
    answer_by = reader.instant(promise.answer_by)
    if promise.answer_by <= tx.now:
        return t("We promised an answer by {answer_by} and are late. You are not forgotten.", answer_by=answer_by)
    if promise.closed_until is not None:
        return t("The help desk is closed now; next answer by {answer_by}.", answer_by=answer_by)
    return t("Next answer by {answer_by}.", answer_by=answer_by)


def state_sentence(tx: Transaction, reader: Reader, ticket: Ticket, extensions: Extensions = NONE) -> str:
    """Where the request stands and what happens next, in the requester's words."""
    t = reader.t
    by = mention(ticket.assignee) if ticket.assignee else t("the team")
    if ticket.status == Status.WAITING:
        return t("Waiting for you: please answer in the thread of the request.")
    if ticket.status in PAUSED:
        return t("On hold with {by}. You are told as soon as it goes on.", by=by)
    if ticket.status in OPEN:
        state = t("In progress with {by}.", by=by) if ticket.assignee else t("Nobody has taken it yet.")
        return f"{state} {promise_sentence(tx, reader, ticket, extensions)}"
    ended = {
        Status.RESOLVED: t("Resolved. Please say in the thread of the request whether it is solved for you."),
        Status.CLOSED: t("Closed. Write in its thread if you need more."),
        Status.CANCELLED: t("Cancelled. Nothing more is done about it."),
        Status.NOT_A_REQUEST: t("The team sees nothing to do here. Write in its thread if there is."),
        Status.DUPLICATE: t("The same was asked before; it is being worked on there."),
    }
    return ended[ticket.status]


def _root(
    tx: Transaction, reader: Reader, ticket: Ticket, extensions: Extensions, *, is_shared: bool
) -> tuple[str, list[Block]]:
    t = reader.t
    queue = escape.inline(places.queue_name(tx.policy, ticket.queue), 75)
    status = t(parts.STATUS_WORDS[ticket.status])
    head = t("*{number}* with {queue}. Status: {status}.", number=ticket.number, queue=queue, status=status)
    state = state_sentence(tx, reader, ticket, extensions)
    blocks: list[Block] = [parts.section(head)]
    if not is_shared:  # in a channel the request stands right above
        blocks.append(parts.quoted(parts.title_of(t, ticket)))
    blocks.append(parts.section(state))
    hint = ""
    if ticket.status in OPEN:
        hint = t("Everything that you write in this thread reaches the people who work on it.")
        blocks.append(parts.context(hint))
        blocks += parts.actions("root", ticket.version, _open_buttons(t, ticket))
    elif Action.REOPEN in actions_in(ticket.status) and ticket.status != Status.RESOLVED:
        blocks += parts.actions("root", ticket.version, [_reopen(t, ticket)])
    title = escape.inline(ticket.title or t("(no title)"), 300)
    return f"{head.replace('*', '')} {title}. {state} {hint}".strip(), blocks


def _open_buttons(t: Translate, ticket: Ticket) -> list[InteractiveElement]:
    return [
        parts.button(
            t("Add details"),
            ids.action(Click.ADD_DETAILS, ticket.id),
            about=t("Add details to {number}", number=ticket.number),
        ),
        parts.button(
            t("Cancel request"),
            ids.action(Click.CANCEL, ticket.id),
            about=t("Cancel request {number}", number=ticket.number),
            style="danger",
            confirm=parts.confirmation(
                t,
                title=t("Cancel this request?"),
                text=t("{number} is closed and nobody works on it any more.", number=ticket.number),
                confirm=t("Cancel request"),
            ),
        ),
    ]


def _reopen(t: Translate, ticket: Ticket) -> InteractiveElement:
    about = t("Reopen {number}", number=ticket.number)
    return parts.button(t("Reopen"), ids.action(Click.REOPEN, ticket.id), about=about)
