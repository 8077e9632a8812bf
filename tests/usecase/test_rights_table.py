"""Every action by everybody in every situation: what becomes of it, held against the rule as it was decided.

The rule stands here in its own words. Each cell is found by running the use case on a database; ``docs/rights.md``
shows what was found.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slackdesk.database import Database
from slackdesk.migrations import migrate
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.tickets import service
from slackdesk.tickets.lifecycle import actions_in
from slackdesk.tickets.model import Status, Ticket
from slackdesk.tickets.queries import messages_of
from slackdesk.tickets.rights import Action

from .rights_actions import (
    ACTIONS,
    DONE,
    FILE,
    FILE_FOR,
    FILING,
    NO_RIGHT,
    NOT_FOUND,
    TAKEN,
    UNCHANGED,
    WRONG_STATUS,
    Look,
)
from .rights_page import Cells, page
from .rights_world import (
    ASSIGNEE,
    CANCELLED,
    CLOSED,
    DUPLICATE,
    FOREIGN_AGENT,
    FOREIGN_LEAD,
    GUEST_REQUESTER,
    HANDED_UP,
    IN_PROGRESS,
    LEAD,
    MEMBER,
    NEW,
    NOT_A_REQUEST,
    ON_HOLD,
    OTHER_LEAD,
    OTHER_TIER,
    PEOPLE,
    PRIVATE,
    PUBLIC,
    REQUESTER,
    RESOLVED,
    SITUATIONS,
    VALIDATED,
    VALIDATOR,
    WAITING,
    WATCHER,
    World,
    build_world,
)

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"
WRITE = "SLACKDESK_WRITE_DOCS"
WRITES = WRITE in os.environ
"""Whether the page is written before it is compared. Read at once: no test sees a variable of ours."""

REQUESTERS = {REQUESTER, GUEST_REQUESTER}
TIER = {MEMBER, ASSIGNEE}
LEADS = {LEAD, OTHER_LEAD}
AGENTS = {*TIER, *LEADS, OTHER_TIER, FOREIGN_AGENT, FOREIGN_LEAD}

MAY: dict[str, set[str]] = {
    "view": {*REQUESTERS, *TIER, *LEADS, OTHER_TIER, VALIDATOR},
    "add details": REQUESTERS | LEADS,
    "confirm": {*REQUESTERS, *LEADS, VALIDATOR},
    "cancel": REQUESTERS | LEADS,
    "reopen": {*REQUESTERS, *TIER, *LEADS, VALIDATOR},
    "note": {*TIER, *LEADS, OTHER_TIER},
    "hand to a colleague": {ASSIGNEE, *LEADS},
    "hand to another tier": LEADS,
    "undo somebody else's reply": set(),
}
"""Who may; whatever is not here, the members and leads of the current tier may."""

STARTED = {IN_PROGRESS, HANDED_UP, WAITING, ON_HOLD}
OPEN = {NEW, *STARTED}
ENDED = {CLOSED, NOT_A_REQUEST, DUPLICATE, CANCELLED}

POSSIBLE: dict[str, set[str]] = {
    "view": OPEN | ENDED | {RESOLVED},
    "note": OPEN | ENDED | {RESOLVED},
    "undo somebody else's reply": OPEN | ENDED | {RESOLVED},
    "reply": {*OPEN, RESOLVED, CLOSED},
    "undo one's own reply": {*OPEN, RESOLVED, CLOSED},
    "topic": {*OPEN, RESOLVED},
    "confirm": {RESOLVED},
    "close": {RESOLVED},
    "reopen": {RESOLVED, *ENDED},
    "wait": STARTED - {WAITING},
    "hold": STARTED - {ON_HOLD},
    "resume": {WAITING, ON_HOLD},
    "accept": STARTED,
    "send back": STARTED,
}
"""When; whatever is not here is possible while the ticket is open."""

HAS_ASSIGNEE = {IN_PROGRESS, WAITING, ON_HOLD}


def _exception(queue: str, role: str, action: str, situation: str) -> str | None:
    """What neither table says."""
    if action in ("claim", "accept", "take over") and situation in HAS_ASSIGNEE and role in TIER | LEADS:
        if role == ASSIGNEE:
            return UNCHANGED
        return None if action == "take over" else TAKEN
    if action == "hand to a colleague" and role == ASSIGNEE and situation in (NEW, HANDED_UP):
        return NO_RIGHT  # nobody is the assignee
    if action == "hand to another tier" and role == ASSIGNEE and situation in (RESOLVED, *ENDED):
        return WRONG_STATUS  # handing on at all is
    if action == "escalate" and situation == HANDED_UP and role == WATCHER:
        return WRONG_STATUS  # a second click of whoever handed it up reads that it is done
    if action == "confirm":
        asks_validators = queue != PUBLIC
        if situation == RESOLVED and role in REQUESTERS and asks_validators:
            return WRONG_STATUS
        if situation == CLOSED and role in ({VALIDATOR} if asks_validators else REQUESTERS):
            return UNCHANGED
    return None


def _expected(queue: str, role: str, action: str, situation: str) -> str:
    exception = _exception(queue, role, action, situation)
    if exception is not None:
        return exception
    if (role == VALIDATOR and queue == PUBLIC) or role not in MAY.get(action, TIER | LEADS):
        return NO_RIGHT if queue != PRIVATE or role in MAY["view"] else NOT_FOUND
    return DONE if situation in POSSIBLE.get(action, OPEN) else WRONG_STATUS


def _cells_of(world: World, queue: str, roles: set[str]) -> Iterator[tuple[tuple[str, str, str, str], str]]:
    with world.helpdesk.desk.transaction() as tx:
        look = Look(world, tx)
        for role in [role for role in PEOPLE if role in roles]:
            for situation in SITUATIONS:
                ticket = world.tickets[queue, situation, role == GUEST_REQUESTER]
                for action, act in (ACTIONS | (FILING if situation == NEW else {})).items():
                    yield (queue, role, action, situation), look.outcome(act, ticket.id, PEOPLE[role])


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
    helpdesk_on: Callable[..., Any],
    policy_with: Callable[..., ResolvedPolicy],
) -> Iterator[World]:
    """On SQLite: ten thousand answers of a server take minutes, and no right depends on where the rows are."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('rights') / 'slackdesk.sqlite3'}")
    migrate(database)
    yield build_world(database, helpdesk_on, policy_with(), queues=(PUBLIC, PRIVATE, VALIDATED))
    database.close()


@pytest.fixture(scope="module")
def cells(world: World) -> Cells:
    everybody = set(PEOPLE)
    return {
        **dict(_cells_of(world, PUBLIC, everybody)),
        **dict(_cells_of(world, PRIVATE, everybody)),
        **dict(_cells_of(world, VALIDATED, {VALIDATOR, *REQUESTERS})),
    }


pytestmark = pytest.mark.xdist_group("rights")


def test_rights_of_everybody_in_every_situation(cells: Cells) -> None:
    assert len(cells) > 9000
    filed = {cell: outcome for cell, outcome in cells.items() if cell[2] in FILING}
    wrong = {
        cell: f"{outcome}, expected: {_expected(*cell)}"
        for cell, outcome in cells.items()
        if cell not in filed and outcome != _expected(*cell)
    }
    assert wrong == {}
    assert {cell[1] for cell in filed if cell[2] == FILE and filed[cell] == DONE} == set(PEOPLE)
    assert {cell[1] for cell in filed if cell[2] == FILE_FOR and filed[cell] == DONE} == AGENTS
    assert {outcome for cell, outcome in filed.items() if outcome != DONE} == {NO_RIGHT}


def test_rights_table_leaves_no_action_and_no_status_out(world: World) -> None:
    by_words = {"describe": "add details", "move": "move to another queue", "duplicate": "duplicate of"}
    named = {by_words.get(action, action.replace("_", " ")) for action in Action}
    assert named - set(ACTIONS) == {"message", "assign"}
    assert {ticket.status for ticket in world.tickets.values()} == set(Status)
    assert Action.MESSAGE in actions_in(Status.CANCELLED), "its test is below: Slack decides who writes in a thread"


def _writes(world: World, ticket: Ticket, record: Callable[..., Ticket], role: str) -> tuple[Status, str]:
    """Status afterwards, and what the message counts as; nothing of it is kept."""
    with world.helpdesk.desk.transaction() as tx:
        savepoint = tx.session.begin_nested()
        message: dict[str, Any] = {"text": "More about it", "files": (), "channel": "C0ANY", "ts": "1764000000.1"}
        written_on = record(tx, ticket_id=ticket.id, author=PEOPLE[role], **message)
        found = written_on.status, str(messages_of(tx.session, written_on.id)[-1].kind)
        savepoint.rollback()
    return found


@pytest.mark.parametrize("role", PEOPLE)
def test_rights_in_threads_are_slacks_but_only_the_requester_moves_the_ticket(world: World, role: str) -> None:
    is_requester, may_reply = role in REQUESTERS, role in TIER | LEADS
    for situation, status in ((WAITING, Status.WAITING), (RESOLVED, Status.RESOLVED)):
        ticket = world.tickets[PUBLIC, situation, role == GUEST_REQUESTER]
        found = _writes(world, ticket, service.record_requester_message, role)
        kind = "reply" if may_reply else "message"
        assert found == ((Status.IN_PROGRESS, "message") if is_requester else (status, kind))
        assert _writes(world, ticket, service.record_agent_message, role) == (status, "note")


def test_rights_page_shows_what_was_found(cells: Cells) -> None:
    written = page(cells)
    if WRITES:
        PAGE.write_text(written, "utf-8")
    assert PAGE.read_text("utf-8") == written, f"{WRITE}=1 pytest -n 0 {Path(__file__).name} writes the page anew"
