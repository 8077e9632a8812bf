"""How the outcome of the tour is shown: what each person saw, what became of the requests, and the milestones."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from slackdesk.demo.milestones import MILESTONES
from slackdesk.demo.tour import Tour
from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage

LINE_CHARACTERS = 240
"""A message of the transcript is one line; what is longer is cut there (not on the screen it was read from)."""
REASON_CHARACTERS = 300
"""Of what is missing, or was not as planned."""
TROUBLES = 5
"""That many are printed; the others are counted."""
THREADS_PER_PERSON = 3
"""Threads that are shown whole for each person; the rest is counted."""


def show_transcript(console: Console, sandbox: Sandbox) -> None:
    """For everybody who took part: the longest threads that he or she was in, in real time on the own wall clock."""
    for user in [user for user in sandbox.workspace.users.values() if not user.is_bot]:
        person = sandbox.person(user.name)
        threads = _threads(person)
        if not threads:
            continue
        shown = sorted(sorted(threads, key=len, reverse=True)[:THREADS_PER_PERSON], key=lambda thread: thread[0].ts)
        body = Text("\n\n").join(_thread(thread) for thread in shown)
        if len(threads) > len(shown):
            body.append(f"\n\n… and {len(threads) - len(shown)} more threads", style="dim")
        role = "guest" if user.is_guest else user.title
        title = f"{user.real_name} · {role} · {user.locale} · {user.tz}"
        console.print(Panel(body, title=Text(title), title_align="left", border_style="cyan"))


def _threads(person: Person) -> list[list[SeenMessage]]:
    """Direct messages, and threads of channels in which the person wrote or is named, each with its root first."""
    threads: dict[tuple[str, str], list[SeenMessage]] = {}
    for seen in person.messages():
        threads.setdefault((seen.channel, seen.thread_ts or seen.ts), []).append(seen)
    handle, mention = person.handle, f"@{person.handle}"
    return [
        thread
        for (channel, _), thread in threads.items()
        if channel != "#general"
        and (channel == "dm" or any(seen.author == handle or mention in seen.text for seen in thread))
    ]


def show_outcome(console: Console, tour: Tour, missing: dict[str, list[str]]) -> None:
    """What was filed and what became of it, the workspace's journal, and the milestones."""
    stories = Counter(request.story for request in tour.requests)
    table = Table(title="What became of the requests", title_justify="left")
    for column in ("Story", "Requests", "Numbers"):
        table.add_column(column, justify="left" if column != "Requests" else "right")
    for story, count in sorted(stories.items()):
        numbers = ", ".join(ticket.number for ticket in tour.of(story))
        table.add_row(story.replace("_", " "), str(count), numbers)
    console.print(table)
    console.print(_journal(tour))
    console.print(Text("\nMilestones, read from people's screens", "italic"))
    for milestone in MILESTONES:
        wrong = missing[milestone.name]
        console.print(Text("  ✗ " if wrong else "  ✓ ", "red" if wrong else "green").append(milestone.name, "default"))
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        for reason in wrong[:1]:
            console.print(
                Padding(Text(f"{' '.join(reason[:REASON_CHARACTERS].split())}{more}", "yellow"), (0, 0, 0, 6))
            )
    for line in tour.trouble[:TROUBLES]:
        console.print(Text(f"Not as planned: {line[:REASON_CHARACTERS]}", "yellow"))
    if len(tour.trouble) > TROUBLES:
        console.print(Text(f"… and {len(tour.trouble) - TROUBLES} more", "yellow"))


def _journal(tour: Tour) -> Table:
    journal = tour.stage.sandbox.journal
    calls, deliveries = journal.calls(), journal.deliveries()
    acks = sorted(entry.acked_after_seconds or 0.0 for entry in deliveries)
    table = Table(title="Between the desk and the workspace", title_justify="left", show_header=False)
    table.add_row("Deliveries to the desk", str(len(deliveries)))
    table.add_row("Slowest acknowledgement", f"{max(acks, default=0.0) * 1000:.0f} ms")
    table.add_row("Calls to Slack", str(len(calls)))
    table.add_row("Answered with 429", str(sum(1 for call in calls if call.http_status == 429)))
    table.add_row("Illegal payloads", str(len(journal.illegal())))
    table.add_row("Without fallback text", str(len(journal.missing_fallback_text())))
    table.add_row("Calls inside a Retry-After", str(len(journal.inside_retry_after())))
    return table


def _thread(messages: list[SeenMessage]) -> Text:
    root, *replies = messages
    text = _line(root, "")
    for reply in replies:
        text.append("\n").append_text(_line(reply, "  ↳ "))
    return text


def _line(seen: SeenMessage, indent: str) -> Text:
    at = datetime.fromtimestamp(float(seen.ts), ZoneInfo(seen.eyes.user.tz))
    words = " ".join(seen.text.split())
    cut = words if len(words) <= LINE_CHARACTERS else words[: LINE_CHARACTERS - 1] + "…"
    line = Text(f"{indent}{at:%H:%M:%S} ", style="dim")
    line.append(f"{seen.channel} " if not indent else "", style="blue").append(f"{seen.author}: ", style="bold")
    line.append(cut)
    for button in seen.buttons[:6]:
        line.append(f" [{button}]", style="green")
    return line
