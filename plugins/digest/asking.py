"""`/desk report`: a summary at once."""

from uuid import uuid4

from slackdesk_plugins.digest.declared import plugin
from slackdesk_plugins.digest.periods import parse_period
from slackdesk_plugins.digest.rights import visible_queues
from slackdesk_plugins.digest.summaries import send_summary

from slackdesk.api import Context, NotAllowed, Timer, Words, later

NOBODY = later(
    "Summaries are for agents, leads and stakeholders of a queue, and for operators. Ask an operator to make you a "
    "stakeholder of the queues that you follow."
)


def queues_for(ctx: Context, person: str) -> list[str]:
    """The queues whose numbers the person may see. Raises NotAllowed for whoever may see none."""
    queues = visible_queues(ctx, person)
    if not queues:
        raise NotAllowed(NOBODY)
    return queues


@plugin.command("report", help=later("sends you a summary: [queue] [last week, 30d, 2026-11]"))
def ask_for_report(words: Words, ctx: Context) -> str:
    """`/desk report it last week`; a worker counts, and sends it to whoever asked."""
    reader, queues = ctx.reader(words.person), queues_for(ctx, words.person)
    first, _, rest = words.text.strip().partition(" ")
    asked = [key for key in queues if key == first.lower()]
    period = rest if asked else words.text
    parse_period(period, ctx.now, reader.timezone)
    payload = {"person": words.person, "queues": asked or queues, "period": period}
    ctx.schedule("report", payload, due_at=ctx.now, key=uuid4().hex)
    return reader.t("Your summary comes in a moment, as a direct message.")


@plugin.timer("report")
def send_report(timer: Timer, ctx: Context) -> None:
    """Count as of the instant in which it was asked for, what the person may still see."""
    person, asked = timer.payload["person"], timer.payload["queues"]
    queues = [key for key in visible_queues(ctx, person) if key in asked]
    if queues:
        compared = parse_period(timer.payload["period"], timer.due_at, ctx.reader(person).timezone)
        send_summary(ctx, person, queues, compared, topic=None, key=f"report:{timer.key}")
