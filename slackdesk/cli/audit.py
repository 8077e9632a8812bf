"""`slackdesk audit`: prove that histories are whole, and erase a person's text."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from slackdesk.bootstrap import current_database, open_desk, open_plugins
from slackdesk.cli.commands import Commands
from slackdesk.errors import NotFound
from slackdesk.plugin.erasing import erase as erase_everywhere
from slackdesk.settings import read_settings
from slackdesk.tickets.audit import Report
from slackdesk.tickets.audit import verify as verify_histories
from slackdesk.tickets.queries import ticket_by_number

audit_app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Prove that histories are whole; erase a person's text."
)


@audit_app.command()
def verify(
    ticket: Annotated[str | None, typer.Argument(help="Number such as 42 or IT-42; all tickets without it.")] = None,
) -> None:
    """Check the hash chain of one ticket or of all. Exit code 1 when something was tampered with."""
    console = Console(markup=False)
    # No more than the database is opened: a restored backup can be checked, too.
    with current_database(read_settings()) as database, database.read() as session:
        try:
            ticket_id = None if ticket is None else ticket_by_number(session, ticket).id
        except NotFound as error:
            console.print(str(error), style="red")
            raise typer.Exit(2) from None
        report = verify_histories(session, ticket_id)
    _show(console, report)
    if report.findings:
        raise typer.Exit(1)


@audit_app.command()
def erase(
    person: Annotated[str, typer.Argument(help="User id, such as U012AB3CD.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Empty what a person wrote and what was written about the person's requests. It cannot be undone.

    Exit code 1 when something of plugins could not be erased.
    """
    if not yes:
        typer.confirm(f"Erase all personal text by and of {person}? It cannot be undone.", abort=True)
    settings = read_settings()
    registry = open_plugins(settings)
    desk = open_desk(settings, registry)
    try:
        report = erase_everywhere(desk, registry, person)
    finally:
        desk.database.close()
    console = Console(markup=False, soft_wrap=True)
    console.print(f"Erased the text of {person} (tickets: {report.tickets}). Messages in Slack itself are not touched.")
    for failure in report.failures:
        console.print(f"{failure}. Mend it, and erase again.")
    if report.left_tables:
        tables = ", ".join(report.left_tables)
        console.print(f"Not erased, since the plugins that they belong to do not run: {tables}.")
    if report.failures or report.left_tables:
        raise typer.Exit(1)


def _show(console: Console, report: Report) -> None:
    if report.findings:
        table = Table("Ticket", "Entry", "Problem", "What is wrong")
        for finding in report.findings:
            table.add_row(finding.number, str(finding.sequence), finding.problem, finding.detail)
        console.print(table)
    problems = len(report.findings) or "none"
    console.print(
        f"Tickets: {report.tickets}, history entries: {report.entries}, erased on request: {report.erased}. "
        f"Problems: {problems}."
    )
