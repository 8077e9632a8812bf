"""The history of a ticket: append-only, chained by hashes; each entry is work for whoever subscribed to its kind."""

import secrets
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from slackdesk.dispatch.model import WorkKind
from slackdesk.tickets.chain import digest_of, hash_of
from slackdesk.tickets.events import EVENTS, Event
from slackdesk.tickets.model import HistoryEntry, Ticket
from slackdesk.tickets.transaction import Transaction


def record(tx: Transaction, ticket: Ticket, event: Event, text: str | None = None) -> HistoryEntry:
    """Append the event to the ticket's history, and give every subscriber of its kind a row of work.

    ``text`` is the personal text of what happened. The ticket has to be in the status that the event leads to: the
    entry keeps it, so that pauses can be told from the history alone.
    """
    values = _adapter(event.kind).dump_python(event, mode="json")
    entry = _chained(ticket, event, values, text)
    tx.session.add(entry)
    ticket.history_count += 1
    ticket.history_head = entry.hash
    ticket.version += 1
    tx.session.flush()
    for handler in tx.subscribers.get(event.kind, ()):
        tx.add_work(
            WorkKind.HANDLE,
            handler,
            {"kind": event.kind, "sequence": entry.sequence, "event": values},
            dedupe_key=f"handle:{handler}:{ticket.id}:{entry.sequence}",
            queue="slow",
            ticket_id=ticket.id,
        )
    return entry


def event_in(payload: dict[str, Any]) -> Event:
    """The event in the payload of a handler's row of work; raises KeyError for a kind that does not exist."""
    return _adapter(payload["kind"]).validate_python(payload["event"])


def _chained(ticket: Ticket, event: Event, values: dict[str, Any], text: str | None) -> HistoryEntry:
    data = {key: value for key, value in values.items() if key not in ("ticket_id", "at", "actor")}
    data["status"] = str(ticket.status)
    salt = None if text is None else secrets.token_hex(16)
    entry = HistoryEntry(
        ticket_id=ticket.id,
        sequence=ticket.history_count,
        at=event.at,
        actor=event.actor,
        kind=event.kind,
        data=data,
        text=text,
        salt=salt,
        digest="" if text is None or salt is None else digest_of(salt, text),
    )
    entry.hash = entry_hash(entry, ticket.history_head)
    return entry


def entry_hash(entry: HistoryEntry, previous: str, sequence: int | None = None) -> str:
    """The hash that the entry has when it follows ``previous``; as if at ``sequence``, by default its own."""
    return hash_of(
        previous,
        ticket_id=entry.ticket_id,
        sequence=entry.sequence if sequence is None else sequence,
        at=entry.at,
        actor=entry.actor,
        kind=entry.kind,
        data=entry.data,
        digest=entry.digest,
    )


@cache
def _adapter(kind: str) -> TypeAdapter[Event]:
    return TypeAdapter(EVENTS[kind])
