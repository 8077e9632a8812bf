"""``/ticket`` and ``/desk``: words in, one sentence back in the acknowledgement."""

from collections.abc import Callable, Sequence
from typing import Any

from slackdesk.errors import AlreadyAccepted, InvalidInput, Unavailable
from slackdesk.i18n import later
from slackdesk.slack import escape, ids, modals, words
from slackdesk.slack.checkup import ask_doctor
from slackdesk.slack.edge import Asked, Edge, excuse, marked_up
from slackdesk.slack.fields import Malformed
from slackdesk.slack.help import desk_help, ticket_help, usage
from slackdesk.slack.ledger_text import ledger_text
from slackdesk.slack.messages import queue_for
from slackdesk.slack.modals.parts import INPUT_CHARACTERS
from slackdesk.slack.payloads import Command
from slackdesk.slack.sentences import filed_blocks, filed_sentence, reader, ticket_list, ticket_text
from slackdesk.slack.verbs import DIRECT
from slackdesk.tickets import queries, rights, service
from slackdesk.tickets.model import Source, Ticket

LIST_LENGTH = 15
"""Tickets in an answer."""

REPEATED_CHARACTERS = 3000
"""As much of a text as is given back when it could not be saved."""


def command(edge: Edge, given: Command) -> dict[str, Any]:
    """Do what the words say; returns the acknowledgement. When nothing could be saved, it gives the words back."""
    handler = {"/ticket": _ticket, "/desk": _desk}.get(given.command)
    if handler is None:
        raise Malformed(f"unknown command {given.command!r}")
    try:
        return handler(edge, given)
    except AlreadyAccepted as repeated:
        return repeated.answer or {}
    except Malformed:
        raise
    except Exception as error:  # noqa: BLE001 — the person is told, the operator reads the log
        t = edge.t(given.person)
        text = marked_up(excuse(error), t)
        if isinstance(error, Unavailable) and given.text.strip():
            words_again = escape.mrkdwn(escape.from_slack(given.text), REPEATED_CHARACTERS)
            text = "\n".join([text, t("This is what you wrote:"), f"> {given.command} {words_again}"])
        return {"text": text}


def _ticket(edge: Edge, given: Command) -> dict[str, Any]:
    plugin_verbs = edge.extensions.verbs(edge.t(given.person))
    free_verbs = [name for name, verb in plugin_verbs.items() if not verb.needs_ticket]
    meaning = words.parse_ticket(given.text, plugin_verbs, free_verbs)
    if isinstance(meaning, words.OpenForm):
        return _open(edge, given, ids.Modal.FILE, ids.Context(source=Source.FORM))
    if isinstance(meaning, words.File):
        return _answered(edge, given, lambda asked: _file(asked, given, meaning.text))
    if isinstance(meaning, words.FreeVerb):
        return edge.extensions.verb(edge, given, meaning.name, None, meaning.text)
    if isinstance(meaning, words.Verb) and meaning.name in plugin_verbs:
        return edge.extensions.verb(edge, given, meaning.name, meaning.number, meaning.text)
    if isinstance(meaning, words.Verb):
        return _verb(edge, given, meaning)
    with edge.looking(given.person) as asked:
        if isinstance(meaning, words.Usage):
            return {"text": usage(asked.t, meaning.verb, plugin_verbs)}
        if isinstance(meaning, words.Mine):
            return {"text": _mine(edge, asked)}
        return {"text": ticket_help(asked.t, plugin_verbs)}


def _desk(edge: Edge, given: Command) -> dict[str, Any]:
    word, rest = words.parse_desk(given.text)
    if word == "doctor":
        return _answered(edge, given, lambda asked: {"text": ask_doctor(asked, given)})
    plugin_words = edge.extensions.desk_words(edge.t(given.person))
    if word in plugin_words:
        return edge.extensions.command(edge, given, word, rest)
    with edge.looking(given.person) as asked:
        if word == "queue":
            return {"text": _queue(edge, asked)}
        if word == "help":
            return {"text": desk_help(asked.t, plugin_words)}
        shown = escape.inline(f"{word} {rest}".strip(), 100)
        unknown = asked.t("`/desk` does not know “{words}”.", words=shown)
        return {"text": f"{unknown}\n{desk_help(asked.t, plugin_words)}"}


def _answered(edge: Edge, given: Command, act: Callable[[Asked], dict[str, Any]]) -> dict[str, Any]:
    with edge.asked(given.person, given.key) as asked:
        acknowledgement = act(asked)
        asked.tx.answer(acknowledgement)
    return acknowledgement


def _open(edge: Edge, given: Command, modal: ids.Modal, context: ids.Context, text: str = "") -> dict[str, Any]:
    with edge.looking(given.person) as asked:
        view = modals.draw(asked, modal, context, text)
    edge.open_view(given.trigger_id, view)
    return {}


def _file(asked: Asked, given: Command, text: str) -> dict[str, Any]:
    filed = service.file_ticket(
        asked.tx,
        requester=asked.person,
        filed_by=asked.person,
        queue=queue_for(asked.tx.policy, given.channel).key,
        topic=None,
        text=escape.from_slack(text),
        source=Source.QUICK,
    )
    sentence = filed_sentence(asked, filed)
    return {"text": sentence, "blocks": filed_blocks(asked, filed, sentence)}


def _verb(edge: Edge, given: Command, verb: words.Verb) -> dict[str, Any]:
    with edge.looking(given.person) as asked:
        ticket = queries.ticket_by_number(asked.tx.session, verb.number)
        if verb.name in _SHOWN:
            rights.require(rights.Action.VIEW, asked.tx.policy, ticket, asked.person, is_guest=asked.is_guest())
            return {"text": _SHOWN[verb.name](asked, ticket)}
    if _needs_a_form(verb):
        text = escape.from_slack(verb.text)
        if len(text) > INPUT_CHARACTERS:
            raise InvalidInput("text", "That is too long for the form. Please write it into the ticket's thread.")
        return _open(edge, given, ids.Modal(verb.name), ids.Context(ticket_id=ticket.id), text)
    return _answered(edge, given, lambda asked: {"text": _done(asked, ticket, verb)})


def _needs_a_form(verb: words.Verb) -> bool:
    """A hand-off and a resolution are always written in their forms; the rest when words are missing."""
    if verb.name in ("escalate", "resolve"):
        return True
    return verb.name in _WITH_WORDS and not (verb.text or verb.person or verb.priority or verb.duration)


def _assign(asked: Asked, ticket: Ticket, verb: words.Verb) -> object:
    assignee = asked.person if verb.person in (None, "me") else verb.person
    return service.assign_ticket(asked.tx, ticket.id, asked.person, assignee or asked.person)


def _priority(asked: Asked, ticket: Ticket, verb: words.Verb) -> object:
    return service.set_priority(asked.tx, ticket.id, asked.person, verb.priority or ticket.priority)


def _snooze(asked: Asked, ticket: Ticket, verb: words.Verb) -> object:
    until = asked.tx.now + verb.duration if verb.duration else asked.tx.now
    return service.snooze_ticket(asked.tx, ticket.id, asked.person, until=until)


def _note(asked: Asked, ticket: Ticket, verb: words.Verb) -> object:
    return service.add_note(asked.tx, ticket.id, asked.person, escape.from_slack(verb.text))


def _reply(asked: Asked, ticket: Ticket, verb: words.Verb) -> object:
    return service.reply_to_requester(asked.tx, ticket.id, asked.person, escape.from_slack(verb.text))


def _hold(asked: Asked, ticket: Ticket, verb: words.Verb) -> object:
    return service.hold_ticket(asked.tx, ticket.id, asked.person, reason=escape.from_slack(verb.text))


_SHOWN = {"show": ticket_text, "sla": ledger_text}

_WITH_WORDS: dict[str, Callable[[Asked, Ticket, words.Verb], object]] = {
    "assign": _assign,
    "priority": _priority,
    "snooze": _snooze,
    "note": _note,
    "reply": _reply,
    "hold": _hold,
}

_DONE = {
    "claim": later("{number} is yours."),
    "accept": later("You accepted the hand-off: {number} is yours."),
    "assign": later("{number} is assigned."),
    "priority": later("The priority of {number} is changed."),
    "note": later("Your note on {number} is saved. Only agents read it."),
    "reply": later("Your reply about {number} leaves in {delay}; until then you can undo it in the card's thread."),
    "wait": later("{number} waits for its requester."),
    "hold": later("{number} is on hold."),
    "resume": later("{number} goes on."),
    "snooze": later("{number} is hidden from your list until {until}."),
    "reopen": later("{number} is open again."),
    "close": later("{number} is closed."),
    "cancel": later("{number} is cancelled."),
}


def _done(asked: Asked, ticket: Ticket, verb: words.Verb) -> str:
    if verb.name in _WITH_WORDS:
        _WITH_WORDS[verb.name](asked, ticket, verb)
    elif verb.name == "reopen":
        service.reopen_ticket(asked.tx, ticket.id, asked.person, reason=escape.from_slack(verb.text) or None)
    else:
        DIRECT[ids.Click(verb.name)](asked.tx, ticket.id, asked.person)
    t, tx = asked.t, asked.tx
    until = t.instant(tx.now + verb.duration, now=tx.now, timezone=asked.timezone) if verb.duration else ""
    return t(_DONE[verb.name], number=ticket.number, delay=t.duration(tx.undo), until=until)


def _mine(edge: Edge, asked: Asked) -> str:
    tickets = queries.tickets_of(asked.tx.session, asked.person, limit=LIST_LENGTH + 1)
    if not tickets:
        return asked.t("You have no requests. Type `/ticket` and what you need.")
    return _list(edge, asked, asked.t("Your requests:"), tickets)


def _queue(edge: Edge, asked: Asked) -> str:
    tx = asked.tx
    if not rights.is_agent(tx.policy, asked.person):
        return asked.t("You belong to no tier. `/ticket mine` shows your own requests.")
    tickets = queries.queue_of(tx.session, tx.policy, asked.person, tx.now, limit=LIST_LENGTH + 1)
    if not tickets:
        return asked.t("Nothing is waiting for you or your tiers.")
    head = asked.t("Open in your tiers, your own first:")
    return _list(edge, asked, head, tickets)


def _list(edge: Edge, asked: Asked, head: str, tickets: Sequence[Ticket]) -> str:
    badges = edge.extensions.badges(asked.tx, reader(asked), tickets[:LIST_LENGTH])
    return ticket_list(asked, head, tickets, badges, limit=LIST_LENGTH)
