"""A report as rows: CSV, JSON, and a table for a console."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from rich.table import Table
from slackdesk_plugins.digest.report import Report
from slackdesk_plugins.digest.saying import TOO_SMALL, said_before, said_change, said_value

from slackdesk.api import Reader, later

COLUMNS = ("date", "key", "label", "unit", "value", "before", "change", "n")
"""One row for each figure, and, with a date, one for each figure of a day."""

OF_A_DAY = {"opened": later("Opened"), "resolved": later("Resolved"), "backlog": later("Open at the end")}


def records(report: Report, reader: Reader) -> Iterator[dict[str, Any]]:
    """One mapping of ``COLUMNS`` for each row; None where there is no number."""
    found: tuple[Any, ...]
    for row in report.rows():
        value, before = (TOO_SMALL if one is None and row.hides_small else one for one in (row.value, row.before))
        found = (None, row.key, row.label, row.unit, value, before, row.change, row.n)
        yield dict(zip(COLUMNS, found, strict=True))
    for day in report.days:
        for key, label in OF_A_DAY.items():
            found = (day.day.isoformat(), key, reader.t(label), "count", getattr(day, key), None, None, None)
            yield dict(zip(COLUMNS, found, strict=True))


def as_csv(report: Report, reader: Reader) -> str:
    """With a line of names; lines end as RFC 4180 wants."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(records(report, reader))
    return text.getvalue()


def as_json(report: Report, reader: Reader) -> str:
    """An object with period, figures and days."""
    spans = {
        name: {"since": span.since.isoformat(), "until": span.until.isoformat()}
        for name, span in (("period", report.compared.span), ("before", report.compared.before))
    }
    rows = list(records(report, reader))
    figures = [{key: value for key, value in row.items() if key != "date"} for row in rows if row["date"] is None]
    days = [vars(day) | {"day": day.day.isoformat()} for day in report.days]
    about = {"queues": report.names, "topic": report.topic, "timezone": report.compared.timezone}
    return json.dumps({**spans, **about, "figures": figures, "days": days}, ensure_ascii=False, indent=2)


def as_tables(report: Report, reader: Reader) -> Iterator[Table]:
    """One for each section."""
    t = reader.t
    for section in report.sections:
        table = Table("", t("Now"), t("Before"), t("Change"), "n", title=section.title, title_justify="left")
        table.add_column("key", overflow="fold")
        for row in section.rows:
            n = "" if row.n is None else str(row.n)
            table.add_row(row.label, said_value(t, row), said_before(t, row), said_change(t, row), n, row.key)
        yield table
