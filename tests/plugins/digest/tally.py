"""An independent count of what happened: every ticket replayed event by event from the raw history, the slow way."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from slackdesk_plugins.digest.periods import Span

OPEN = ("new", "in_progress", "waiting", "on_hold")
PAUSED = ("waiting", "on_hold")


@dataclass
class Life:
    """One ticket, replayed event by event."""

    elapsed: Mapping[str, Callable[..., timedelta]]
    steps: list[dict[str, Any]] = field(default_factory=list)
    """State after each event: at, kind, status, queue, tier, assignee, topic."""

    def happens(self, row: Any) -> None:
        before = self.steps[-1] if self.steps else {"queue": None, "tier": None, "assigned": False, "left": None}
        kind, data = row.kind, row.data
        now = before | {"at": row.at, "kind": kind, "status": data["status"], "data": data, "was": before}
        if kind in ("filed", "moved"):
            now |= {"queue": data["queue"], "tier": data["tier"]}
        if kind in ("escalated", "sent_back"):
            now["tier"] = data["to_tier"]
        if kind in ("claimed", "assigned", "taken_over", "accepted"):
            now["assigned"] = True
        if kind in ("escalated", "moved"):
            now["assigned"] = False
        if kind == "sent_back":
            now["assigned"] = data["assignee"] is not None
        self.steps.append(now)

    def working_minutes(self, last: int) -> float:
        """Working time in which the desk had something to do, from the filing to the step of that number."""
        total = timedelta()
        for step, after in zip(self.steps[:last], self.steps[1 : last + 1], strict=True):
            if step["status"] in OPEN and step["status"] not in PAUSED:
                total += self.elapsed[step["queue"]](step["at"], after["at"])
        return total.total_seconds() / 60

    def minutes_since_filing(self, step: Mapping[str, Any]) -> float:
        return self.elapsed[step["queue"]](self.steps[0]["at"], step["at"]).total_seconds() / 60


@dataclass
class Tally:
    """Counts lives the slow way."""

    span: Span
    queues: Sequence[str]
    tiers: Mapping[str, Sequence[str]]
    lives: Sequence[Life]

    def numbers(self) -> dict[str, float | None]:
        events = [
            (life, n, step)
            for life in self.lives
            for n, step in enumerate(life.steps)
            if self.span.since <= step["at"] < self.span.until
        ]
        here = [(life, n, step) for life, n, step in events if step["queue"] in self.queues]
        of = Counter(step["kind"] for _, _, step in here)
        waiting = [
            (life, now)
            for life in self.lives
            for now in [step for step in life.steps if step["at"] < self.span.until][-1:]
            if now["queue"] in self.queues and now["status"] in OPEN
        ]
        found: dict[str, float | None] = {
            "opened": of["filed"],
            "resolved": of["resolved"],
            "closed": of["closed"],
            "reopened": of["reopened"],
            "ended_otherwise": of["cancelled"] + of["not_a_request"] + of["duplicate"],
            "backlog": len(waiting),
            "unassigned": sum(1 for _, now in waiting if not now["assigned"]),
            "moved_in": of["moved"],
            "moved_out": sum(
                1 for _, _, step in events if step["kind"] == "moved" and step["data"]["from_queue"] in self.queues
            ),
        }
        again = 0
        for life, n, step in here:
            before = [one for one in life.steps[:n] if one["kind"] not in NOT_A_STATE]
            if step["kind"] == "reopened" and step["data"]["was"] in ("resolved", "closed"):
                resolved = [one for one in before if one["kind"] == "resolved"][-1]
                again += step["at"] - resolved["at"] <= timedelta(days=7)
        found["reopen_rate"] = _percent(again, of["closed"])
        found |= self._ages(waiting) | self._times(here) | self._tiers(events)
        topics = Counter(step["data"]["topic"] for _, _, step in here if step["kind"] == "resolved")
        return found | {f"topic.{topic}": n for topic, n in topics.items() if topic}

    def _ages(self, waiting: Sequence[tuple[Life, Any]]) -> dict[str, float | None]:
        days = [(self.span.until - life.steps[0]["at"]) / timedelta(days=1) for life, _ in waiting]
        edges = (("under_1d", 0, 1), ("1d_3d", 1, 3), ("3d_7d", 3, 7), ("7d_30d", 7, 30), ("over_30d", 30, 10**6))
        return {f"backlog.{key}": sum(1 for one in days if low <= one < high) for key, low, high in edges}

    def _times(self, here: Sequence[tuple[Life, int, Any]]) -> dict[str, float | None]:
        first_assigned, answered, resolved = [], [], []
        for life, n, step in here:
            if step["assigned"] and not any(one["assigned"] for one in life.steps[:n]):
                first_assigned.append(life.minutes_since_filing(step))
            if step["kind"] == "reply_sent" and step["data"]["is_first_response"]:
                answered.append(life.minutes_since_filing(step))
            if step["kind"] == "resolved":
                resolved.append(life.working_minutes(n))
        return (
            _spread("first_assignment", first_assigned)
            | _spread("first_response", answered)
            | _spread("resolution", resolved)
        )

    def _tiers(self, events: Sequence[tuple[Life, int, Any]]) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        ends = ("resolved", "cancelled", "not_a_request", "duplicate", "moved", "escalated", "sent_back")
        for queue in self.queues:
            for tier in self.tiers[queue]:
                place, key = (queue, tier), f"tier.{queue}.{tier}"
                came = [
                    one
                    for _, _, one in events
                    if one["kind"] in ("filed", "moved", "escalated", "sent_back", "reopened")
                    and (one["queue"], one["tier"]) == place
                ]
                went = [
                    one["kind"]
                    for _, _, one in events
                    if one["kind"] in ends and (one["was"]["queue"], one["was"]["tier"]) == place
                ]
                found[f"{key}.inflow"] = len(came)
                found[f"{key}.escalated_out"] = _percent(went.count("escalated"), len(went))
                found[f"{key}.sent_back"] = _percent(went.count("sent_back"), len(went))
                waits = [
                    life.elapsed[queue](life.steps[handed]["at"], step["at"]).total_seconds() / 60
                    for life, n, step in events
                    if (step["queue"], step["tier"]) == place and (handed := _accepts(life, n)) is not None
                ]
                found[f"{key}.acceptance"] = _spread("x", waits)["x.median"]
        return found


NOT_A_STATE = ("note_added", "reply_written", "message_edited")


def _accepts(life: Life, n: int) -> int | None:
    """The number of the hand-off that this step accepts; None when it accepts none."""
    if life.steps[n]["kind"] not in ("accepted", "assigned", "claimed"):
        return None
    for before in range(n - 1, -1, -1):
        kind = life.steps[before]["kind"]
        if kind == "escalated":
            return before
        if kind in ("accepted", "assigned", "claimed", "sent_back", "moved", "filed", "reopened"):
            return None
    return None


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _spread(key: str, minutes: Sequence[float]) -> dict[str, float | None]:
    if not minutes:
        return dict.fromkeys((f"{key}.median", f"{key}.p90", f"{key}.mean"))
    ordered, n = sorted(minutes), len(minutes)
    median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    rank = next(k for k in range(1, n + 1) if 10 * k >= 9 * n)
    return {f"{key}.median": median, f"{key}.p90": ordered[rank - 1], f"{key}.mean": sum(ordered) / n}
