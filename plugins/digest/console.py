"""`slackdesk report`: the same numbers on the command line, and the tickets behind each."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from slackdesk_plugins.digest.declared import plugin
from slackdesk_plugins.digest.explained import NO_SUCH_KEY, Behind, behind
from slackdesk_plugins.digest.periods import Compared, parse_period
from slackdesk_plugins.digest.report import PRIVATE_KEYS, count_of, make_report
from slackdesk_plugins.digest.tables import as_csv, as_json, as_tables
from sqlalchemy import select

from slackdesk.api import Context, Period, Refused, later, ticket_table

AT_ONCE = 500
"""Tickets that are read in one query."""


class Format(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@plugin.cli("report")
def print_report(
    ctx: Context,
    from_: Annotated[str | None, typer.Option("--from", help="First day, such as 2026-11-01.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day. Without it: until now.")] = None,
    period: Annotated[str, typer.Option(help="Instead of days: last week, 30d, 2026-11…")] = "7d",
    queue: Annotated[list[str] | None, typer.Option(help="Key of a queue; all without it. Can be repeated.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only tickets of this topic.")] = None,
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.TABLE,
    explain: Annotated[str | None, typer.Option(help="Key of a number: print the tickets behind it.")] = None,
) -> None:
    """Print the numbers of a period beside those of the period before, or the tickets behind one of them."""
    reader, queues = ctx.reader(), _queues(ctx, queue)
    if from_ is not None or to is not None:
        today = f"{ctx.now:%Y-%m-%d}"
        period = f"{from_ or to}..{to or today}"
    compared = parse_period(period, ctx.now, reader.timezone)
    if explain is not None:
        _print_tickets(ctx, _behind(ctx, queues, compared, topic, explain))
        return
    report = make_report(ctx, reader, compared, queues, topic)
    if format is Format.TABLE:
        console = Console()
        for table in as_tables(report, reader):
            console.print(table)
    else:
        typer.echo((as_csv if format is Format.CSV else as_json)(report, reader), nl=format is Format.JSON)


def _queues(ctx: Context, asked: Sequence[str] | None) -> list[str]:
    known = list(ctx.policy.queues)
    unknown = [key for key in asked or () if key not in known]
    if unknown:
        there_are = later("There is no queue “{queue}”. There are: {queues}.")
        raise Refused(there_are, queue=unknown[0], queues=", ".join(known))
    return [key for key in known if not asked or key in asked]


def _behind(ctx: Context, queues: Sequence[str], compared: Compared, topic: str | None, key: str) -> Behind:
    public = [one for one in queues if not ctx.policy.queue(one).private]
    first, _, rest = key.partition(".")
    if first in ctx.policy.queues and first in queues and rest in PRIVATE_KEYS:
        return behind(count_of(ctx, [first], compared.span, topic), rest)
    try:
        return behind(count_of(ctx, public, compared.span, topic), key)
    except Refused:
        period = Period(compared.span.since, compared.span.until, tuple(public))
        for section in ctx.report_sections(period, ctx.reader()):
            for figure in section.figures:
                if figure.key == key and figure.tickets is not None:
                    return [(ticket_id, None) for ticket_id in figure.tickets()]
        raise Refused(NO_SUCH_KEY, key=key) from None


def _print_tickets(ctx: Context, found: Behind) -> None:
    """Number, working minutes where these are counted, and the title unless the ticket is private."""
    table = ticket_table.c
    titles: dict[int, tuple[str, str]] = {}
    ids = sorted({ticket_id for ticket_id, _ in found})
    for first in range(0, len(ids), AT_ONCE):
        some = select(table.id, table.prefix, table.title, table.private).where(
            table.id.in_(ids[first : first + AT_ONCE])
        )
        for row in ctx.session.execute(some):
            titles[row.id] = (f"{row.prefix}-{row.id}", "" if row.private else row.title or "")
    for ticket_id, minutes in found:
        number, title = titles[ticket_id]
        took = [] if minutes is None else [f"{minutes:.1f} min"]
        typer.echo("\t".join([number, *took, title]).rstrip())
    typer.echo(f"{len(found)} in all", err=True)
