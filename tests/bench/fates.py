"""What becomes of a ticket: claimed, answered, handed up, resolved, reopened, closed.

A life goes on until it is over or the present has come, so that what is open now is what such a desk would have open.
"""

import json
from datetime import datetime, timedelta

from lives import Ended, Life, NotYet, Scene, work_row

from slackdesk.tickets import events
from slackdesk.tickets.model import MessageKind, Priority, Side, Source, Status, StayBegin

REQUESTS = (
    "My VPN drops every few minutes since this morning, and I cannot reach the file server from home.",
    "The laptop does not start any more after the update last night; the screen stays black and the fan runs.",
    "I need access to the reporting database for the quarterly figures, read only, until the end of next month.",
    "Could somebody install the design software on my machine? My manager has approved the licence already.",
    "The printer on the third floor says that it is out of paper although it is not, and eats every second page.",
)
ANSWER = "Thank you for asking. Please restart the client and tell us what it says; we look at the server meanwhile."
SOLUTION = "The certificate had run out; it is renewed, and the client takes it at the next start."


def lead_life(scene: Scene, ticket_id: int, filed_at: datetime) -> bool:
    """Leave the rows of one ticket that was filed then; whether its life is over."""
    life = _filed(scene, ticket_id, filed_at)
    try:
        _is_worked_on(life)
        _is_resolved(life)
    except Ended:
        return True
    except NotYet:
        return False
    return True


def _filed(scene: Scene, ticket_id: int, at: datetime) -> Life:
    random = scene.random
    queue = random.choices(list(scene.policy.queues.values()), [9, *[1] * (len(scene.policy.queues) - 1)])[0]
    requester, text = random.choice(scene.employees), f"{random.choice(REQUESTS)} ({ticket_id})"
    priority = random.choices(list(Priority), [15, 65, 15, 5])[0]
    topic = random.choice(queue.topics) if random.random() < 0.7 else None
    source = random.choices([Source.FORM, Source.QUICK, Source.HOME], [40, 50, 10])[0]
    tier = queue.first_tier(priority).name
    filed = {"queue": queue.key, "tier": tier, "priority": priority, "topic": topic, "source": source}
    row = filed | {
        "id": ticket_id,
        "prefix": queue.prefix,
        "status": Status.NEW,
        "title": text[:80],
        "description": text,
        "requester": requester,
        "filed_by": requester,
        "private": queue.private,
        "created_at": at,
        "promised_from": at,
        "reopened_count": 0,
        "version": 1,
        "history_count": 0,
        "history_head": "",
    }
    life = Life(scene, queue, at, dict.fromkeys(_EMPTY) | row)
    scene.rows["ticket"].append(life.row)
    life.say(Side.REQUESTER, MessageKind.REQUEST, requester, text)
    life.enter(StayBegin.FILED)
    life.post("root", life.direct)
    life.record(events.TicketFiled, requester, text, **filed, requester=requester, follows=None)
    return life


def _is_worked_on(life: Life) -> None:
    random, row, requester = life.scene.random, life.row, life.row["requester"]
    life.passes(1.0)
    if random.random() < 0.06:
        _ends_early(life)
    agent = _takes(life)
    life.become(Status.IN_PROGRESS)
    life.record(events.TicketClaimed, agent)
    life.passes(0.3)
    _answers(life, agent)
    if random.random() < 0.25:
        life.become(Status.WAITING)
        life.record(events.RequesterAwaited, agent)
        life.passes(6.0)
        life.become(Status.IN_PROGRESS)
        row["promised_from"] = life.at
        message_id = life.say(Side.REQUESTER, MessageKind.MESSAGE, requester, f"It says error 809 ({row['id']}).")
        written = {"message_id": message_id, "reopens": False}
        life.record(events.RequesterWrote, requester, f"It says error 809 ({row['id']}).", **written)
    if random.random() < 0.18 and life.queue.tier_after(row["tier"]) is not None:
        _goes_up(life, agent)
    if random.random() < 0.03:
        life.become(Status.ON_HOLD)
        life.record(events.TicketHeld, row["assignee"], "The part is ordered.")
        life.passes(150.0)
        life.become(Status.IN_PROGRESS)
        life.record(events.TicketResumed, row["assignee"])
    life.passes(8.0)


def _takes(life: Life) -> str:
    agent = life.scene.random.choice(sorted(life.queue.tier(life.row["tier"]).members))
    life.row |= {"assignee": agent, "assigned_at": life.at}
    return agent


def _answers(life: Life, agent: str) -> None:
    message_id = life.say(Side.AGENTS, MessageKind.REPLY, agent, ANSWER)
    life.record(events.ReplyWritten, agent, ANSWER, message_id=message_id)
    is_first, life.row["first_response_at"] = life.row["first_response_at"] is None, life.at
    life.record(events.ReplySent, agent, message_id=message_id, is_first_response=is_first)


def _goes_up(life: Life, agent: str) -> None:
    row, above = life.row, life.queue.tier_after(life.row["tier"])
    assert above is not None
    life.passes(2.0)
    life.leave(StayBegin.ESCALATED)
    from_tier, row["tier"] = row["tier"], above.name
    row |= {"assignee": None, "assigned_at": None}
    life.enter(StayBegin.ESCALATED, agent, "Needs the firewall")
    life.scene.rows["watcher"].append({"ticket_id": row["id"], "person": agent, "since": life.at})
    where = {"from_tier": from_tier, "to_tier": above.name, "by_rule": False}
    life.record(events.TicketEscalated, agent, "Needs the firewall", **where)
    life.passes(3.0)
    accepted_by = _takes(life)
    life.stay |= {"accepted_by": accepted_by, "accepted_at": life.at}
    life.record(events.TicketAccepted, accepted_by, tier=above.name, handed_by=agent)


def _ends_early(life: Life) -> None:
    random, row = life.scene.random, life.row
    is_cancelled = random.random() < 0.5
    life.leave(Status.CANCELLED if is_cancelled else Status.NOT_A_REQUEST)
    life.become(Status.CANCELLED if is_cancelled else Status.NOT_A_REQUEST)
    if is_cancelled:
        life.record(events.TicketCancelled, row["requester"])
    else:
        life.record(events.TicketMarkedNotARequest, sorted(life.queue.tier(row["tier"]).members)[0])
    raise Ended


def _is_resolved(life: Life) -> None:
    row, random = life.row, life.scene.random
    agent, topic = row["assignee"], row["topic"] or random.choice(life.queue.topics)
    life.leave(Status.RESOLVED)
    life.become(Status.RESOLVED)
    row |= {"topic": topic, "resolution": SOLUTION, "resolved_at": life.at, "resolved_by": agent}
    life.record(events.TicketResolved, agent, SOLUTION, topic=topic)
    life.post("question", life.direct)
    auto_close = life.scene.policy.calendar(life.queue.key).due(life.at, life.queue.auto_close or timedelta(hours=24))
    if random.random() < 0.04:
        _is_reopened(life)
        return
    if random.random() < 0.4:
        life.at = auto_close
        if life.at > life.scene.now:
            key = f"auto_close:{row['id']}:{row['version']}"
            payload = json.dumps({"ticket_id": row["id"], "resolved_at": row["resolved_at"].isoformat()})
            timer = work_row("timer", "auto_close", key, row["id"], auto_close, payload, created_at=row["resolved_at"])
            life.scene.rows["work"].append(timer)
            raise NotYet
        _closes(life, None)
        return
    life.passes(3.0)
    life.record(events.ResolutionConfirmed, row["requester"], votes=1, needed=1)
    _closes(life, row["requester"])
    _is_polled(life)


def _is_polled(life: Life) -> None:
    row, random = life.row, life.scene.random
    score = random.choices([None, 1, 2, 3, 4, 5], [60, 2, 2, 4, 14, 18])[0]
    is_old = life.at < life.scene.present - timedelta(days=14)
    life.scene.rows["csat_poll"].append(
        {
            "ticket_id": row["id"],
            "requester": row["requester"],
            "agent": row["resolved_by"],
            "queue": row["queue"],
            "tier": row["tier"],
            "closed_at": life.at,
            "sent_at": life.at,
            "is_anonymous": life.queue.anonymous_csat,
            "score": score,
            "rated_at": None if score is None else life.at,
            "comment": None,
            "ended_at": life.at if score is None and is_old else None,
            "is_void": False,
            "revision": 1,
        }
    )


def _is_reopened(life: Life) -> None:
    row = life.row
    life.passes(2.0)
    life.become(Status.IN_PROGRESS)
    row["reopened_count"] += 1
    row |= dict.fromkeys(("resolved_at", "resolved_by", "resolution"))
    life.pauses.clear()
    life.enter(StayBegin.REOPENED, row["requester"])
    life.record(events.TicketReopened, row["requester"], was=Status.RESOLVED)
    life.passes(4.0)
    _is_resolved(life)


def _closes(life: Life, actor: str | None) -> None:
    life.become(Status.CLOSED)
    life.row |= {"closed_at": life.at, "closed_by": actor}
    life.record(events.TicketClosed, actor, automatically=actor is None)


_EMPTY = (
    "assignee",
    "assigned_at",
    "source_channel",
    "source_ts",
    "first_response_at",
    "resolved_at",
    "resolved_by",
    "resolution",
    "closed_at",
    "closed_by",
    "duplicate_of",
    "follows",
)
"""Columns of a ticket that was just filed."""
