"""What waits to be said or done says nothing any more of text that is erased.

Work that has ended keeps nothing of what it was about; only what waits has to be looked through.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import or_, select, update

from slackdesk.dispatch.model import LIVE, Work, WorkKind, states_sql
from slackdesk.dispatch.retries import WORKER_ENDED
from slackdesk.i18n import later
from slackdesk.tickets.model import Ticket
from slackdesk.tickets.transaction import Transaction

ERASED = later("What stood here was erased on request before it was sent.")
"""In the place of a message whose own words may be those of the person."""

_TEXT_VALUES = frozenset({"reason", "tried", "asked", "text", "resolution"})
"""Values of notices that people wrote."""

_WRITTEN = frozenset({"message", "app_mention"})
"""Events that carry what somebody wrote."""


def erase_work_of(tx: Transaction, ticket: Ticket, person: str, *, own: bool) -> None:
    """Empty what people wrote in notices about a ticket, and what an error may quote of it."""
    of_ticket = Work.ticket_id == ticket.id
    for row in tx.session.scalars(select(Work).where(of_ticket, Work.kind == WorkKind.SEND, states_sql(LIVE))):
        values: dict[str, Any] = row.payload.get("values", {})
        if values.keys() & _TEXT_VALUES and (own or person in (values.get("by"), values.get("author"))):
            emptied = {key: "" if key in _TEXT_VALUES else value for key, value in values.items()}
            row.payload = {**row.payload, "values": emptied}
    tx.session.execute(
        update(Work).where(of_ticket, Work.last_error != WORKER_ENDED).values(last_error="(erased on request)"),
        execution_options={"synchronize_session": False},
    )


def erase_waiting(tx: Transaction, person: str, ticket_ids: frozenset[int]) -> Iterator[tuple[str, str]]:
    """Empty what belongs to no ticket: events to be taken later, answers, messages of plugins.

    Yields plugin and key of each message that was emptied; its files are the caller's to forget.
    """
    waiting = select(Work).where(
        states_sql(LIVE),
        or_(Work.name.in_(("event", "answer")), Work.stream.startswith("plugin:")),
    )
    for row in tx.session.scalars(waiting.order_by(Work.id)):
        payload = row.payload
        if row.name == "event" and _wrote(payload, person):
            row.payload = {}
        elif row.name == "answer" and ("said" in payload or payload["person"] == person):
            kept = {key: payload[key] for key in ("channel", "person", "thread_ts", "response_url") if key in payload}
            row.payload = kept | {"template": ERASED, "values": {}}
        elif "plugin" in payload and _is_about(payload, person, ticket_ids):
            row.payload = {key: value for key, value in payload.items() if key not in ("text", "blocks")}
            yield payload["plugin"], payload["key"]


def _wrote(delivery: Mapping[str, Any], person: str) -> bool:
    event = delivery.get("event", {})
    nested = (event.get(part) or {} for part in ("message", "previous_message"))
    return delivery.get("type") in _WRITTEN and person in (event.get("user"), *(one.get("user") for one in nested))


def _is_about(payload: Mapping[str, Any], person: str, ticket_ids: frozenset[int]) -> bool:
    if "about" not in payload:  # an older version has not noted it
        return True
    return person in payload["quotes"] or not ticket_ids.isdisjoint(payload["about"])
