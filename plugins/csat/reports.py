"""Who reads which numbers: `/desk csat` for a queue's own people, `slackdesk csat` for operators."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from slackdesk_plugins.csat.declared import Poll, plugin
from slackdesk_plugins.csat.rules import ANSWERS_MIN, is_anonymous, is_one_of_many
from slackdesk_plugins.csat.scores import By, Score, scores
from sqlalchemy import select

from slackdesk.api import Context, Translate, Words, inline, later, mention

DAYS = 90
"""How far back `/desk csat` looks."""

NAME_CHARACTERS = 75
COMMENT_CHARACTERS = 200
COMMENTS_MAX = 10
ANSWER_CHARACTERS = 2_800
"""What an answer carries, with room for the line that says that there is more."""


@plugin.command("csat", help=later("shows how requesters rate the help; also: csat tiers, csat agents, csat comments"))
def show_scores(words: Words, ctx: Context) -> str:
    """The queues of whoever asks: as agent, lead or stakeholder."""
    t = ctx.reader(words.person).t
    own = _queues_of(words.person, ctx)
    if not own:
        return t("You belong to no queue. Ratings are shown to its agents, leads and stakeholders.")
    what = words.text.strip().lower()
    head = t("Ratings of requests closed in the last {days} days:", days=DAYS)
    if what == "comments":
        return _fitting(t, _comments(words.person, own, ctx, t))
    if what == "agents":
        return _fitting(t, [head, *_of_agents(words.person, own, ctx, t)])
    if what == "tiers":
        return _fitting(t, [head, *(_line(t, _name(ctx, one), one) for one in _counted(ctx, By.TIER, own))])
    if what:
        return t("Type `/desk csat`, `/desk csat tiers`, `/desk csat agents` or `/desk csat comments`.")
    found = {one.queue: one for one in _counted(ctx, By.QUEUE, own)}
    return _fitting(t, [head, *(_line(t, _queue_name(ctx, key), found.get(key)) for key in own)])


@plugin.cli("csat")
def print_scores(
    ctx: Context,
    by: Annotated[By, typer.Option(help="What is counted together")] = By.QUEUE,
    days: Annotated[int, typer.Option(min=1, help="How far back to look, by the date of the close")] = DAYS,
) -> None:
    """Print how requesters rate the help. Private queues are left out: their own people type /desk csat."""
    public = [queue.key for queue in ctx.policy.queues.values() if not queue.private]
    found = _counted(ctx, by, public, days)
    Console().print(_table(ctx, by, found) if found else f"Nobody was asked about what was closed in {days} days.")
    if private := len(ctx.policy.queues) - len(public):
        Console().print(f"Left out: private queues ({private}).")


def _counted(ctx: Context, by: By, queues: Sequence[str], days: int = DAYS) -> list[Score]:
    """In the order of the policy file."""
    found = scores(ctx.session, by, queues, ctx.now - timedelta(days=days))
    now_anonymous = {key for key in queues if ctx.policy.queue(key).anonymous_csat}
    marked = [replace(one, is_anonymous=True) if one.queue in now_anonymous else one for one in found]
    return sorted(marked, key=lambda one: list(queues).index(one.queue))


def _queues_of(person: str, ctx: Context) -> list[str]:
    known = ctx.person(person)
    if known is not None and known.is_guest:
        return []
    return [
        queue.key
        for queue in ctx.policy.queues.values()
        if person in queue.stakeholders or any(person in tier.members or person == tier.lead for tier in queue.tiers)
    ]


def _leads(person: str, queue: str, ctx: Context) -> bool:
    return any(person == tier.lead for tier in ctx.policy.queue(queue).tiers)


def _of_agents(person: str, own: Sequence[str], ctx: Context, t: Translate) -> list[str]:
    """All agents of the queues that the person leads; of others only the person's own ratings."""
    found = [one for one in _counted(ctx, By.AGENT, own) if one.part == person or _leads(person, one.queue, ctx)]
    lines = [_line(t, _name(ctx, one), one) for one in found]
    return lines or [t("Nobody has rated your own work. The work of others is shown to their leads.")]


def _comments(person: str, own: Sequence[str], ctx: Context, t: Translate) -> list[str]:
    """The newest of the queues that the person leads.

    Anonymous ones are cut loose from request, score and date, and only of agents with enough answers. What was written
    about a private request under a name stays on its card.
    """
    led = [key for key in own if _leads(person, key, ctx)]
    if not led:
        return [t("Comments are shown to the leads of a queue, and on the cards.")]
    since = ctx.now - timedelta(days=DAYS)
    written = select(Poll).where(Poll.queue.in_(led), Poll.closed_at >= since, Poll.comment.is_not(None))
    named, loose = [], []
    for poll in ctx.session.scalars(written.order_by(Poll.closed_at.desc()).limit(COMMENTS_MAX)):
        ticket, text = ctx.ticket(poll.ticket_id), inline(poll.comment or "", COMMENT_CHARACTERS)
        if is_anonymous(poll, ctx):
            if is_one_of_many(poll, ctx.session):
                loose.append(t("• {queue}: {text}", queue=_queue_name(ctx, poll.queue), text=text))
        elif not ticket.private:
            named.append(t("• {number}, {score} of 5: {text}", number=ticket.number, score=poll.score, text=text))
    return [t("What requesters wrote:"), *named, *sorted(loose)] if named or loose else [t("There are no comments.")]


def _line(t: Translate, name: str, one: Score | None) -> str:
    if one is None:
        return t("• {queue}: nobody was asked", queue=name)
    if one.is_hidden:
        return t(
            "• {queue}: {sent} asked; anonymous, so nothing is shown below {min} answers",
            queue=name,
            sent=one.sent,
            min=ANSWERS_MIN,
        )
    if one.score_percent is None:
        return t("• {queue}: {sent} asked, no answer yet", queue=name, sent=one.sent)
    return t(
        "• {queue}: {score} % satisfied (n = {answered}; {rate} % of {sent} answered; mean {mean})",
        queue=name,
        score=one.score_percent,
        answered=one.answered,
        rate=one.rate_percent,
        sent=one.sent,
        mean=one.mean,
    )


def _name(ctx: Context, one: Score) -> str:
    """``IT help, L1`` or ``IT help, @rina``."""
    if one.part is None:
        return _queue_name(ctx, one.queue)
    is_tier = any(one.part == tier.name for tier in ctx.policy.queue(one.queue).tiers)
    part = inline(one.part, NAME_CHARACTERS) if is_tier else mention(one.part)
    return f"{_queue_name(ctx, one.queue)}, {part}"


def _queue_name(ctx: Context, key: str) -> str:
    return inline(ctx.policy.queue(key).name, NAME_CHARACTERS)


def _fitting(t: Translate, lines: Iterable[str]) -> str:
    """As many lines as an answer carries, and that there are more."""
    answer = ""
    for line in lines:
        if len(answer) + len(line) > ANSWER_CHARACTERS:
            return answer + t("…and more. Your operators can print all of it.")
        answer += line + "\n"
    return answer.strip()


def _table(ctx: Context, by: By, found: Sequence[Score]) -> Table:
    parts = [] if by is By.QUEUE else [by.title()]
    table = Table("Queue", *parts, "Asked", "Answered", "Rate", "Satisfied", "Mean")
    for one in found:
        numbers = [f"<{ANSWERS_MIN}", "-", "-", "-"]
        if not one.is_hidden:
            satisfied = "-" if one.score_percent is None else f"{one.score_percent} %"
            numbers = [str(one.answered), f"{one.rate_percent} %", satisfied, str(one.mean or "-")]
        part = _printed(ctx, by, one.part)
        table.add_row(one.queue, *([part] if parts else []), str(one.sent), *numbers)
    return table


def _printed(ctx: Context, by: By, part: str | None) -> str:
    known = ctx.person(part) if by is By.AGENT and part else None
    return (known.name if known else "") or part or "-"
