"""The numbers: how many were asked, how many answered, and the score, for each queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from slackdesk_plugins.csat.declared import Poll, plugin
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from slackdesk.api import Context, Words, inline, later

DAYS = 90
"""How far back `/desk csat` looks."""

SATISFIED = 4
"""This score and above count as satisfied (the usual CSAT of two upper boxes)."""


@dataclass(frozen=True)
class QueueScore:
    """The polls of one queue that were sent since some instant."""

    queue: str
    sent: int
    answered: int
    satisfied: int

    @property
    def rate_percent(self) -> int:
        """Answers in a hundred polls."""
        return round(100 * self.answered / self.sent) if self.sent else 0

    @property
    def score_percent(self) -> int | None:
        """Satisfied answers in a hundred; None without answers."""
        return round(100 * self.satisfied / self.answered) if self.answered else None


def queue_scores(session: Session, since: datetime) -> list[QueueScore]:
    """The score of every queue in which anybody was asked, by key."""
    satisfied = func.sum(case((Poll.score >= SATISFIED, 1), else_=0))
    counted = select(Poll.queue, func.count(), func.count(Poll.score), satisfied).where(Poll.sent_at >= since)
    rows = session.execute(counted.group_by(Poll.queue).order_by(Poll.queue))
    return [QueueScore(queue, sent, answered, int(good or 0)) for queue, sent, answered, good in rows]


@plugin.command("csat", help=later("shows how requesters rate the help of your queues"))
def show_scores(words: Words, ctx: Context) -> str:
    """The queues of whoever asks: as agent, lead or stakeholder."""
    t = ctx.reader(words.person).t
    own = [
        queue.key
        for queue in ctx.policy.queues.values()
        if words.person in queue.stakeholders
        or any(words.person in tier.members or words.person == tier.lead for tier in queue.tiers)
    ]
    if not own:
        return t("You belong to no queue. Ratings are shown to its agents, leads and stakeholders.")
    scores = {one.queue: one for one in queue_scores(ctx.session, ctx.now - timedelta(days=DAYS))}
    lines = [t("Ratings of the last {days} days:", days=DAYS)]
    for key in own:
        name, one = inline(ctx.policy.queue(key).name, 75), scores.get(key)
        if one is None:
            lines.append(t("• {queue}: nobody was asked", queue=name))
        elif one.score_percent is None:
            lines.append(t("• {queue}: {sent} asked, no answer yet", queue=name, sent=one.sent))
        else:
            lines.append(
                t(
                    "• {queue}: {score} % satisfied (n = {answered}; {rate} % of {sent} answered)",
                    queue=name,
                    score=one.score_percent,
                    answered=one.answered,
                    rate=one.rate_percent,
                    sent=one.sent,
                )
            )
    return "\n".join(lines)


@plugin.cli("csat")
def print_scores(ctx: Context, days: Annotated[int, typer.Option(min=1, help="How far back to look")] = DAYS) -> None:
    """Print how requesters rate the help, for each queue."""
    scores = queue_scores(ctx.session, ctx.now - timedelta(days=days))
    Console().print(_table(scores) if scores else f"Nobody was asked in the last {days} days.")


def _table(scores: Sequence[QueueScore]) -> Table:
    table = Table("Queue", "Asked", "Answered", "Rate", "Satisfied")
    for one in scores:
        satisfied = "-" if one.score_percent is None else f"{one.score_percent} %"
        table.add_row(one.queue, str(one.sent), str(one.answered), f"{one.rate_percent} %", satisfied)
    return table
