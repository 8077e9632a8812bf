"""``slackdesk doctor``: what is wrong with the desk, and what to do."""

import json
import logging

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slackdesk.doctor.examination import examine
from slackdesk.doctor.finding import Finding, Severity, count, in_order, problem, warning
from slackdesk.errors import ConfigurationError
from slackdesk.i18n import translator
from slackdesk.settings import read_usable_settings, unknown_variables

_STYLES = {Severity.PROBLEM: "bold red", Severity.WARNING: "yellow", Severity.OK: "green"}
_ENGLISH = translator("en")


def doctor(as_json: bool = typer.Option(False, "--json", help="Print the findings as JSON, for machines.")) -> None:
    """Look at everything the desk needs, and say what is wrong, where, and what to do. Changes nothing.

    Exit code 0 when nothing is a problem, 1 when something is; warnings are none.
    """
    settings, errors = read_usable_settings()
    logging.disable(logging.CRITICAL)  # what is logged on the way is said as a finding
    try:
        with Console(stderr=True).status("Looking at database, Redis, Slack and the policy"):
            examined = examine(settings, unusable=[error.key for error in errors])
    finally:
        logging.disable(logging.NOTSET)
    misspelt = (_unknown(name, close) for name, close in unknown_variables().items())
    findings = in_order([*map(_unusable, errors), *misspelt, *examined])
    if as_json:
        typer.echo(json.dumps(_report(findings), ensure_ascii=False, indent=2))
    else:
        _show(Console(highlight=False), findings)
    raise typer.Exit(1 if count(findings, Severity.PROBLEM) else 0)


def _unusable(error: ConfigurationError) -> Finding:
    return problem(
        "settings",
        "This setting cannot be used, and the desk does not start with it: {reason}.",
        "Correct this environment variable.",
        key=error.key,
        value=error.value,
        reason=error.remedy.removesuffix("; correct this environment variable"),
    )


def _unknown(name: str, close: str | None) -> Finding:
    return warning(
        "settings",
        "This is no variable of slackdesk, so that it has no effect.",
        "Write {close} instead." if close else "Remove it, or see the list in docs/configuration.md.",
        key=name,
        close=close,
    )


def _report(findings: list[Finding]) -> dict[str, object]:
    return {
        "problems": count(findings, Severity.PROBLEM),
        "warnings": count(findings, Severity.WARNING),
        "findings": [finding.as_json(_ENGLISH) for finding in findings],
    }


def _show(console: Console, findings: list[Finding]) -> None:
    """A table on a terminal, else one line for each finding."""
    if console.is_terminal:
        console.print(_table(findings))
    else:
        for finding in findings:
            line = f"{finding.severity.value:<8} {finding.check}: {_where(finding)}{' '.join(finding.texts(_ENGLISH))}"
            console.print(line.rstrip(), markup=False, soft_wrap=True)
    problems, warnings = count(findings, Severity.PROBLEM), count(findings, Severity.WARNING)
    console.print(f"Problems: {problems}, warnings: {warnings}, looked at: {len(findings)}.", soft_wrap=True)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("", "Looked at", "Found"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        style = _STYLES[finding.severity]
        what, remedy = finding.texts(_ENGLISH)
        found = Text.assemble((_where(finding), "bold"), what, *([("\n→ " + remedy, style)] if remedy else []))
        table.add_row(Text(finding.severity.value, style), finding.check, found)
    return table


def _where(finding: Finding) -> str:
    if not finding.key:
        return ""
    return f"{finding.key} = {finding.value}: " if finding.value else f"{finding.key}: "
