"""Who may have done what: read from the histories alone, against a table of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from slackdesk.policy.model import Queue, ResolvedPolicy, Tier
from slackdesk.tickets.model import HistoryEntry

OF_THE_TIER = frozenset(
    [
        "claimed",
        "taken_over",
        "priority_changed",
        "topic_changed",
        "moved",
        "waiting",
        "held",
        "resumed",
        "snoozed",
        "escalated",
        "accepted",
        "sent_back",
        "resolved",
        "not_a_request",
        "duplicate",
        "reply_written",
        "assigned",
        "closed",
        "reopened",
    ]
)
"""Done by members of the tier in which the ticket is, its assignee and the leads."""
OF_THE_QUEUE = OF_THE_TIER | {"note_added"}
OF_THE_REQUESTER = frozenset(["described", "confirmed", "closed", "reopened", "cancelled", "moved"])
OF_ANYBODY = frozenset(["requester_wrote", "reply_sent", "message_edited", "message_deleted", "reply_undone"])
"""Bound to the author of a message instead."""


@dataclass
class _Place:
    """Where a ticket is while its history is read."""

    queue: Queue
    tier: str
    requester: str
    assignee: str | None = None


def wrongs(session: Session, policy: ResolvedPolicy, since_history_id: int) -> Iterator[str]:
    """A sentence for everything that was done after that entry by somebody without the right to do it."""
    places: dict[int, _Place] = {}
    for entry in session.scalars(select(HistoryEntry).order_by(HistoryEntry.ticket_id, HistoryEntry.sequence)):
        if entry.kind == "filed":
            places[entry.ticket_id] = _Place(
                policy.queues[entry.data["queue"]], entry.data["tier"], entry.data["requester"]
            )
        place = places[entry.ticket_id]
        if entry.id > since_history_id and not _may(entry, place, policy):
            yield f"ticket {entry.ticket_id}: {entry.actor} {entry.kind} {entry.data} in {place.tier}"
        _follow(entry, place, policy)


def _may(entry: HistoryEntry, place: _Place, policy: ResolvedPolicy) -> bool:
    actor, kind = entry.actor, entry.kind
    tiers = place.queue.tiers
    is_lead = any(actor == tier.lead for tier in tiers)
    is_member = any(actor in tier.members for tier in tiers if tier.name == place.tier)
    if kind == "filed":
        agents = {person for queue in policy.queues.values() for tier in queue.tiers for person in _agents(tier)}
        return actor == place.requester or actor in agents
    if kind in OF_ANYBODY:
        return actor is not None
    if actor == place.requester and kind in OF_THE_REQUESTER:
        return True
    if kind in OF_THE_TIER and (is_member or actor == place.assignee):
        return True
    if kind == "note_added" and any(actor in tier.members for tier in tiers):
        return True
    return is_lead and kind in OF_THE_QUEUE | OF_THE_REQUESTER


def _agents(tier: Tier) -> set[str]:
    return {*tier.members, tier.lead}


def _follow(entry: HistoryEntry, place: _Place, policy: ResolvedPolicy) -> None:
    data = entry.data
    if entry.kind == "moved":
        place.queue = policy.queues[data["queue"]]
    place.tier = data.get("to_tier") or data.get("tier") or place.tier
    if entry.kind in ("claimed", "taken_over", "accepted"):
        place.assignee = entry.actor
    elif "assignee" in data:
        place.assignee = data["assignee"]
    elif entry.kind in ("escalated", "moved"):
        place.assignee = None
