"""``docs/rights.md``: what was found in every cell, in two tables and what they do not say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from .rights_actions import ACTIONS, DONE, FILE, FILE_FOR, NO_RIGHT, NOT_FOUND, TAKEN, UNCHANGED, WRONG_STATUS
from .rights_world import PEOPLE, PRIVATE, PUBLIC, SITUATIONS, VALIDATED, VALIDATOR

Cells = Mapping[tuple[str, str, str, str], str]
"""Queue, role, action, situation → what became of it."""

READS = {
    TAKEN: "reads that somebody else has it",
    UNCHANGED: "changes nothing, and reads no error",
    NO_RIGHT: "reads that the right is missing",
    WRONG_STATUS: "reads that it is not possible now",
    NOT_FOUND: "reads that there is no such ticket",
    DONE: "does it",
}
WHERE = {
    frozenset({PUBLIC}): ", where the requester confirms",
    frozenset({PRIVATE, VALIDATED}): ", where validators are asked",
    frozenset({PRIVATE}): ", in a private queue",
}
"""Queues in which an exception holds → how that is said."""

HEAD = """# Rights

Who may do what with a ticket, and when. This page is written by the tests: each cell is what became of it when it was
tried, by a person who is nothing but that, on a ticket of a database. It is written anew by
`SLACKDESK_WRITE_DOCS=1 pytest -n 0 tests/usecase/test_rights_table.py`; a test fails while it says something else.

Rights are checked where a ticket is changed, not where a button is drawn: whoever presses a button without the right
reads why not, and nothing changes. Somebody who is several things at once may do what any of them may. A guest is at
most a requester, whatever lists name the guest.
"""
TAIL = """
In a private queue, whoever may not view a ticket reads of every action that there is no such ticket.

Who can write in a thread is decided by Slack. What is written in the thread of a card is a note, whoever wrote it. What
is written in the requester's thread is shown to the agents; only the requester's own message puts a waiting ticket in
progress or reopens a resolved one, and a message of somebody who may reply counts as an answer.
"""


def page(cells: Cells) -> str:
    """The whole page."""
    may, possible = _rights(cells), _possible(cells)
    return "\n".join(
        [
            HEAD,
            "## Who may\n",
            "A dash: reads that the right is missing, and whom to ask.\n",
            *_who(may),
            "\n## When\n",
            "For somebody who may. A dash: reads that it is not possible now, and what to do first. *Handed up* is a "
            "ticket in\nprogress that the next tier has not accepted yet.\n",
            *_when(possible),
            "\n## What the tables do not say\n",
            *_exceptions(cells, may, possible),
            TAIL,
        ]
    )


def _home(role: str) -> str:
    """The queue in which the role is looked at: only some ask validators."""
    return VALIDATED if role == VALIDATOR else PUBLIC


def _rights(cells: Cells) -> dict[tuple[str, str], bool]:
    """Role and action → whether it is ever done, or refused for another reason than the right."""
    found = {(role, action): False for role in PEOPLE for action in (*ACTIONS, FILE, FILE_FOR)}
    for (queue, role, action, _), outcome in cells.items():
        if queue == _home(role) and outcome in (DONE, TAKEN):
            found[role, action] = True
    return found


def _possible(cells: Cells) -> set[tuple[str, str]]:
    """Action and situation in which anybody does it."""
    return {(action, situation) for (_, _, action, situation), outcome in cells.items() if outcome == DONE}


def _who(may: Mapping[tuple[str, str], bool]) -> Iterable[str]:
    actions = (*ACTIONS, FILE, FILE_FOR)
    groups: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for role in PEOPLE:
        groups[tuple(may[role, action] for action in actions)].append(role)
    columns = ["", *(",<br>".join(roles) for roles in groups.values())]
    rows = [[action, *(_mark(rights[number]) for rights in groups)] for number, action in enumerate(actions)]
    return _table(columns, rows)


def _when(possible: set[tuple[str, str]]) -> Iterable[str]:
    rows = [[action, *(_mark((action, one) in possible) for one in SITUATIONS)] for action in ACTIONS]
    return _table(["", *SITUATIONS], [row for row in rows if "yes" in row])


def _mark(is_so: bool) -> str:
    return "yes" if is_so else "–"


def _table(head: list[str], rows: list[list[str]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _exceptions(cells: Cells, may: Mapping[tuple[str, str], bool], possible: set[tuple[str, str]]) -> Iterable[str]:
    """A line for each action, outcome and set of situations in which the tables would say something else."""
    queues: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for (queue, role, action, situation), outcome in cells.items():
        if (queue, role) == (PUBLIC, VALIDATOR) or action in (FILE, FILE_FOR):
            continue
        said = DONE if (action, situation) in possible else WRONG_STATUS
        if not may[role, action]:
            said = NOT_FOUND if queue == PRIVATE and not may[role, "view"] else NO_RIGHT
        if outcome != said:
            queues[action, outcome, role, situation].add(queue)
    lines: dict[tuple[str, str, str, frozenset[str]], list[str]] = defaultdict(list)
    for (action, outcome, role, situation), found in queues.items():
        lines[action, outcome, role, frozenset(found)].append(situation)
    merged: dict[tuple[str, str, tuple[str, ...], str], list[str]] = defaultdict(list)
    for (action, outcome, role, found_in), situations in lines.items():
        merged[action, outcome, tuple(situations), WHERE.get(found_in, "")].append(role)
    for (action, outcome, situations, where), roles in merged.items():
        when = "whenever" if len(situations) == len(SITUATIONS) else _or(situations)
        yield f"- **{action}**, {when}{where}: {_or(roles)} {READS[outcome]}."


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
