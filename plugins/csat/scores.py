"""The numbers: how many were asked, how many answered, the score and the mean, for each queue, tier or agent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from slackdesk_plugins.csat.declared import Poll
from slackdesk_plugins.csat.rules import ANSWERS_MIN
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

SATISFIED = 4
"""This score and above count as satisfied (the usual CSAT of two upper boxes)."""


class By(StrEnum):
    """What is counted together."""

    QUEUE = "queue"
    TIER = "tier"
    AGENT = "agent"


_PART = {By.TIER: Poll.tier, By.AGENT: Poll.agent}


@dataclass(frozen=True)
class Score:
    """The polls of a queue, or of one tier or agent in it, about tickets that were closed since some instant."""

    queue: str
    part: str | None
    """The tier's name or the agent's id; None for a whole queue, and for tickets that nobody had."""
    sent: int
    answered: int
    satisfied: int
    points: int
    """All scores added up."""
    is_anonymous: bool
    """Whether some of them were promised that no name is shown."""

    @property
    def is_hidden(self) -> bool:
        """Whether the numbers would say what single people have answered."""
        return self.is_anonymous and self.answered < ANSWERS_MIN

    @property
    def rate_percent(self) -> Decimal:
        """Answers in a hundred polls."""
        return _rounded(100 * self.answered, self.sent, "1")

    @property
    def score_percent(self) -> Decimal | None:
        """Satisfied answers in a hundred; None without answers."""
        return _rounded(100 * self.satisfied, self.answered, "1") if self.answered else None

    @property
    def mean(self) -> Decimal | None:
        """Of the scores, 1.0 to 5.0; None without answers."""
        return _rounded(self.points, self.answered, "0.1") if self.answered else None


def scores(session: Session, by: By, queues: Collection[str], since: datetime) -> list[Score]:
    """One for each queue, tier or agent of these queues about which anybody was asked; in the order of their names."""
    parts = [_PART[by]] if by in _PART else []
    counted = select(
        Poll.queue,
        *parts,
        func.count(),
        func.count(Poll.score),
        func.coalesce(func.sum(case((Poll.score >= SATISFIED, 1), else_=0)), 0),
        func.coalesce(func.sum(Poll.score), 0),
        func.max(case((Poll.is_anonymous, 1), else_=0)),
    ).where(Poll.queue.in_(queues), Poll.closed_at >= since)
    grouped = counted.group_by(Poll.queue, *parts).order_by(Poll.queue, *parts)
    found = []
    for row in session.execute(grouped):
        queue, *part, sent, answered, satisfied, points, anonymous = row
        found.append(Score(queue, part[0] if part else None, sent, answered, satisfied, points, bool(anonymous)))
    return found


def _rounded(count: int, of: int, places: str) -> Decimal:
    """As people round: a half goes up."""
    return (Decimal(count) / Decimal(of)).quantize(Decimal(places), ROUND_HALF_UP)
