"""Everything that a person can do with a ticket, as it is done, and what becomes of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from slackdesk.errors import AlreadyClaimed, NotAllowed, NotFound, WrongState
from slackdesk.i18n import translator
from slackdesk.slack import ids, modals
from slackdesk.slack.edge import Asked
from slackdesk.tickets import people, service
from slackdesk.tickets.model import Source
from slackdesk.tickets.service import steps
from slackdesk.tickets.transaction import Transaction

from .rights_world import COLLEAGUE, FOREIGN, OTHER_TIER, PEOPLE, World

DONE, UNCHANGED, TAKEN = "done", "nothing changes", "somebody else has it"
NO_RIGHT, WRONG_STATUS, NOT_FOUND = "no right", "not in this status", "not found"

Act = Callable[[World, Transaction, int, str], object]
"""``act(world, tx, ticket_id, actor)``"""


def _view(_world: World, tx: Transaction, ticket_id: int, actor: str) -> object:
    asked = Asked(tx, actor, translator("en"), "UTC", people.person(tx.session, actor))
    return modals.draw(asked, ids.Modal.TOLD, ids.Context(ticket_id=ticket_id))


def _undo_own(_world: World, tx: Transaction, ticket_id: int, actor: str) -> object:
    message = service.reply_to_requester(tx, ticket_id, actor, "A slip")
    return service.undo_reply(tx, message.id, actor)


def _move(_world: World, tx: Transaction, ticket_id: int, actor: str) -> object:
    return service.set_topic(tx, ticket_id, actor, FOREIGN, "Other")


def _escalate(_world: World, tx: Transaction, ticket_id: int, actor: str) -> object:
    return service.escalate_ticket(tx, ticket_id, actor, reason="firewall", tried="restart", asked="open a port")


def _duplicate(world: World, tx: Transaction, ticket_id: int, actor: str) -> object:
    ticket = next(ticket for ticket in world.tickets.values() if ticket.id == ticket_id)
    return service.mark_duplicate(tx, ticket_id, actor, world.others[ticket.queue])


FILE, FILE_FOR = "file", "file for somebody else"

ACTIONS: dict[str, Act] = {
    "view": _view,
    "add details": lambda _, tx, id_, who: service.describe_ticket(tx, id_, who, topic=None, text="Since Friday"),
    "confirm": lambda _, tx, id_, who: service.confirm_ticket(tx, id_, who),
    "cancel": lambda _, tx, id_, who: service.cancel_ticket(tx, id_, who),
    "reopen": lambda _, tx, id_, who: service.reopen_ticket(tx, id_, who),
    "claim": lambda _, tx, id_, who: service.claim_ticket(tx, id_, who),
    "take over": lambda _, tx, id_, who: service.take_over_ticket(tx, id_, who),
    "accept": lambda _, tx, id_, who: service.accept_ticket(tx, id_, who),
    "send back": lambda _, tx, id_, who: service.send_back_ticket(tx, id_, who, "not ours"),
    "escalate": _escalate,
    "reply": lambda _, tx, id_, who: service.reply_to_requester(tx, id_, who, "Please restart"),
    "undo one's own reply": _undo_own,
    "undo somebody else's reply": lambda world, tx, id_, who: service.undo_reply(tx, world.replies[id_], who),
    "note": lambda _, tx, id_, who: service.add_note(tx, id_, who, "The router was off"),
    "priority": lambda _, tx, id_, who: service.set_priority(tx, id_, who, "high"),
    "topic": lambda _, tx, id_, who: service.set_topic(tx, id_, who, _queue_of(tx, id_), "Network and VPN"),
    "move to another queue": _move,
    "wait": lambda _, tx, id_, who: service.wait_for_requester(tx, id_, who),
    "hold": lambda _, tx, id_, who: service.hold_ticket(tx, id_, who, "for a cable"),
    "resume": lambda _, tx, id_, who: service.resume_ticket(tx, id_, who),
    "snooze": lambda _, tx, id_, who: service.snooze_ticket(tx, id_, who, tx.now + timedelta(hours=2)),
    "resolve": lambda _, tx, id_, who: service.resolve_ticket(tx, id_, who, topic="Other", resolution="New battery"),
    "close": lambda _, tx, id_, who: service.close_ticket(tx, id_, who),
    "not a request": lambda _, tx, id_, who: service.mark_not_a_request(tx, id_, who),
    "duplicate of": _duplicate,
    "hand to a colleague": lambda _, tx, id_, who: service.assign_ticket(tx, id_, who, COLLEAGUE),
    "hand to another tier": lambda _, tx, id_, who: service.assign_ticket(tx, id_, who, PEOPLE[OTHER_TIER]),
}


def _queue_of(tx: Transaction, ticket_id: int) -> str:
    return steps.locked(tx, ticket_id).queue


def _file(requester: str | None) -> Act:
    """In the ticket's queue, for somebody else or (None) for oneself."""

    def act(_world: World, tx: Transaction, ticket_id: int, actor: str) -> object:
        return service.file_ticket(
            tx,
            requester=requester or actor,
            filed_by=actor,
            queue=_queue_of(tx, ticket_id),
            topic=None,
            text="My screen flickers",
            source=Source.FORM,
        )

    return act


FILING: dict[str, Act] = {FILE: _file(None), FILE_FOR: _file("U0EDI")}
"""What needs no ticket."""


class Look:
    """Tries things out in one transaction, and keeps nothing of them."""

    def __init__(self, world: World, tx: Transaction) -> None:
        self.world, self.tx = world, tx
        self._writes = 0
        self._savepoint = tx.session.begin_nested()
        event.listen(tx.session.connection(), "before_cursor_execute", self._count)

    def outcome(self, act: Act, ticket_id: int, actor: str) -> str:
        """What becomes of it."""
        self._writes = 0
        found = _tried(lambda: act(self.world, self.tx, ticket_id, actor))
        has_written = self._writes > 0
        if has_written or self.tx.session.dirty:
            self._savepoint.rollback()
            self._savepoint = self.tx.session.begin_nested()
        if found != DONE:
            assert not has_written, "refused, and yet something was written"
            return found
        return DONE if has_written or act is _view else UNCHANGED

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self._writes += statement.startswith(("INSERT", "UPDATE", "DELETE"))


def _tried(act: Callable[[], object]) -> str:
    try:
        act()
    except AlreadyClaimed:
        return TAKEN
    except NotAllowed:
        return NO_RIGHT
    except WrongState:
        return WRONG_STATUS
    except NotFound:
        return NOT_FOUND
    return DONE
