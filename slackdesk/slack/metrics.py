"""What ``/metrics`` says, in the text form of Prometheus. docs/operation.md explains each metric.

Gauges are read from SQL when they are asked for, so that every process tells the same; calls of Slack are counted in
Redis, because workers fork; acknowledgements are counted by the process that gives them. No label holds anything of a
person, and none has more values than the policy has queues, tiers and statuses.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis import Redis, RedisError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from slackdesk.dispatch.condition import Condition, look
from slackdesk.dispatch.counting import SECONDS_LIMITS, read_calls
from slackdesk.dispatch.jobs import QUEUES
from slackdesk.dispatch.model import Blockage, WorkKind, WorkState
from slackdesk.errors import ConfigurationError, Unavailable
from slackdesk.policy.model import ResolvedPolicy
from slackdesk.policy.store import current_policy
from slackdesk.tickets.lifecycle import OPEN
from slackdesk.tickets.model import Status, Ticket
from slackdesk.tickets.transaction import Desk

logger = logging.getLogger(__name__)

PROCESS_KINDS = ("app", "beat", *(f"worker-{queue}" for queue in QUEUES))
"""What has to live in every desk: told as 0 when none does."""

ACKNOWLEDGEMENT_LIMITS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Upper limits of the buckets in seconds; Slack gives up after three."""

Values = Mapping[tuple[str, ...], float]
"""Values of the labels → value."""

_PAYLOADS = {
    "block_actions": "action",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "view_submission": "view_submission",
    "view_closed": "view_closed",
    "event_callback": "event",
}


def acknowledgement_seconds() -> Histogram:
    """How long deliveries took, by kind of payload; a new one, which one process fills."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # when a series began is no figure of ours
    return Histogram(
        "slackdesk_acknowledgement_seconds",
        "From a delivery's arrival at a thread of the edge to its acknowledgement",
        ["payload"],
        buckets=ACKNOWLEDGEMENT_LIMITS,
        registry=None,
    )


def payload_kind(body: Mapping[str, Any]) -> str:
    """The label of a delivery: ``command``, ``action``, ``event`` …, ``other`` for what Slack does not send."""
    if "command" in body:
        return "command"
    kind = body.get("type")
    return _PAYLOADS.get(kind, "other") if isinstance(kind, str) else "other"


def exposition(collectors: Iterable[Collector]) -> bytes:
    """What the collectors say now, as ``text/plain; version=0.0.4``."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry)


class DeskCollector(Collector):
    """What SQL knows. While it cannot be read, ``slackdesk_database_up`` says so, and nothing else is told."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def collect(self) -> Iterator[Metric]:
        """Every gauge, of one moment."""
        yield _gauge("slackdesk_build_info", "The version that runs here", {(version("slackdesk"),): 1}, ["version"])
        is_up, found = 0, list[Metric]()
        try:
            with self.desk.database.read() as session:
                found = [*_delivery(look(session, self.desk.clock.now(session))), *_of_tables(session)]
            with self.desk.database.begin():
                is_up = 1
        except Unavailable as away:
            logger.warning("the metrics go without the database: %s", away)
        yield _gauge("slackdesk_database_up", "1 while the database can be written", {(): is_up})
        yield from found


class CallCollector(Collector):
    """What was counted in Redis. One that does not answer is told by ``slackdesk_redis_up``, and nothing else is."""

    def __init__(self, redis: "Redis") -> None:
        self.redis = redis

    def collect(self) -> Iterator[Metric]:
        """Calls by method and outcome, and how long they took."""
        calls = CounterMetricFamily(
            "slackdesk_slack_calls", "Calls of Slack for work rows", labels=["method", "outcome"]
        )
        seconds = HistogramMetricFamily(
            "slackdesk_slack_call_seconds", "How long Slack took to answer them", labels=["method"]
        )
        try:
            counted = read_calls(self.redis)
        except (RedisError, OSError) as error:
            logger.warning("the metrics go without Redis: %s", error)
            yield _gauge("slackdesk_redis_up", "1 while Redis answers", {(): 0})
            return
        yield _gauge("slackdesk_redis_up", "1 while Redis answers", {(): 1})
        for method, one in counted.items():
            for outcome, number in one.outcomes.items():
                calls.add_metric([method, outcome], number)
            limits = [*map(str, SECONDS_LIMITS), "+Inf"]
            reached = [sum(one.within.get(limit, 0) for limit in limits[: n + 1]) for n in range(len(limits))]
            seconds.add_metric([method], list(zip(limits, map(float, reached), strict=True)), one.seconds)
        yield calls
        yield seconds


def _delivery(condition: Condition) -> Iterator[Metric]:
    """Work and the processes that do it."""
    due: dict[tuple[str, ...], float] = {(kind, queue): 0 for kind in WorkKind for queue in QUEUES}
    oldest = dict(due)
    for one in condition.waiting:
        place = (str(one.kind), one.queue)
        due[place] = due.get(place, 0) + one.due
        oldest[place] = max(oldest.get(place, 0), one.oldest_due_seconds)
    yield _gauge("slackdesk_work_due", "Rows of work that a worker could run now", due, ["kind", "queue"])
    yield _gauge(
        "slackdesk_work_oldest_due_seconds", "How long the oldest of them has waited", oldest, ["kind", "queue"]
    )
    waiting = (WorkState.PENDING, WorkState.QUEUED, WorkState.AMBIGUOUS)
    states = {str(state): condition.in_state(state) for state in waiting}
    states |= {"running": condition.running, "dead": condition.dead}
    yield _gauge("slackdesk_work", "Rows of work whose time has come, by state", _by(states), ["state"])
    processes = dict.fromkeys(PROCESS_KINDS, 0) | dict(condition.processes)
    yield _gauge("slackdesk_processes", "Living processes", _by(processes), ["kind"])
    age: Values = {} if condition.beat_age_seconds is None else {(): condition.beat_age_seconds}
    yield _gauge("slackdesk_beat_age_seconds", "Since a beat last said that it lives", age)


def _of_tables(session: Session) -> Iterator[Metric]:
    blocked = session.scalar(select(func.count()).select_from(Blockage)) or 0
    yield _gauge("slackdesk_blocked_places", "Places where Slack lets nothing pass", {(): blocked})
    try:
        policy = current_policy(session)
    except ConfigurationError:  # none yet: then there are no tickets either
        return
    labels = ["queue", "tier", "status"]
    yield _gauge("slackdesk_tickets_open", "Open tickets", _open_tickets(session, policy), labels)


def _open_tickets(session: Session, policy: ResolvedPolicy) -> dict[tuple[str, ...], float]:
    """One short walk of the index for each tier: what has ended may be millions."""
    found: dict[tuple[str, ...], float] = {}
    for queue in policy.queues.values():
        for tier in queue.tiers:
            found |= {(queue.key, tier.name, str(status)): 0 for status in Status if status in OPEN}
            counts = (
                select(Ticket.status, func.count())
                .where(Ticket.queue == queue.key, Ticket.tier == tier.name, Ticket.status.in_(OPEN))
                .group_by(Ticket.status)
            )
            found |= {(queue.key, tier.name, str(status)): number for status, number in session.execute(counts)}
    return found


def _by(values: Mapping[str, float]) -> Values:
    """Values of one label."""
    return {(label,): value for label, value in values.items()}


def _gauge(name: str, documentation: str, values: Values, labels: Sequence[str] = ()) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, documentation, labels=labels)
    for label_values, value in values.items():
        gauge.add_metric([str(label) for label in label_values], value)
    return gauge
