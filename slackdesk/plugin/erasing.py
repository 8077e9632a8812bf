"""Erasing a person's text on the whole desk: by the core, then by every plugin in its own tables."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import inspect

from slackdesk.database import Base, Database
from slackdesk.plugin import files
from slackdesk.plugin.context import Context
from slackdesk.plugin.errors import said_where
from slackdesk.plugin.points import ErasureFunction
from slackdesk.plugin.registry import Registry
from slackdesk.plugin.unit_of_work import run_and_write
from slackdesk.plugin.values import Erasure
from slackdesk.tickets.erasure import ErasedText, erase_person
from slackdesk.tickets.transaction import Desk

AT_ONCE = 10
"""Tickets, and messages, of one call of a plugin's function: it may ask for ten things for each of them."""


@dataclass(frozen=True)
class Report:
    """What was erased and what was not."""

    tickets: int
    failures: Sequence[str]
    """Sentences about plugins whose own tables may still hold what the person wrote."""
    left_tables: Sequence[str]
    """Tables of plugins that do not run: nobody knows what in them is a person's."""


def erase(desk: Desk, registry: Registry, person: str) -> Report:
    """Erase it everywhere; again does no harm, and reaches what was written since. One plugin's failure stops no other.

    Raises DatabaseBusy.
    """
    with desk.transaction() as tx:
        erased = erase_person(tx, person)
        for of, key in erased.unsaid:
            files.forget(tx, {"plugin": of, "key": key})
    failures = []
    for name, plugin in sorted(registry.active.items()):
        for function in plugin.erasures:
            try:
                for part in _parts(person, erased, name):
                    own = partial(_call, function, part)
                    run_and_write(desk, registry, plugin, own, inbox_key=f"erasure:{uuid.uuid4()}")
            except Exception as error:  # noqa: BLE001 — a plugin may raise anything; the operator is told
                failures.append(f"The plugin {name} failed to erase its own: {said_where(error)}")
    return Report(len(erased.ticket_ids), failures, _left_tables(desk.database, registry))


def _call(function: ErasureFunction, part: Erasure, ctx: Context) -> None:
    function(part, ctx)


def _parts(person: str, erased: ErasedText, plugin: str) -> Iterator[Erasure]:
    """At least one: what a plugin keeps need not be about a ticket."""
    keys = sorted({key for of, key in erased.unsaid if of == plugin})
    for start in range(0, max(1, len(erased.ticket_ids), len(keys)), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        yield Erasure(person, erased.ticket_ids[part], keys[part])


def _left_tables(database: Database, registry: Registry) -> list[str]:
    return [
        table
        for table in sorted(inspect(database.engine).get_table_names())
        if table not in Base.metadata.tables
        and not table.endswith("alembic_version")
        and not any(plugin.owns(table) for plugin in registry.active.values())
    ]
