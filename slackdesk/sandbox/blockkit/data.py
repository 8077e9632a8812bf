"""Tables and charts: their fields, and how much text a message may hold in them."""

import json
import sys
from itertools import pairwise
from typing import Any

from slackdesk.sandbox.blockkit import limits
from slackdesk.sandbox.blockkit.rich_text import RICH_TEXT
from slackdesk.sandbox.blockkit.rules import (
    Report,
    Rule,
    array,
    boolean,
    by_type,
    integer,
    number,
    one_of,
    positive_number,
    record,
    string,
)

_CELLS: dict[str, Rule] = {
    "raw_text": record({"type": string(), "text": string(1)}),
    "raw_number": record({"type": string(), "value": number, "text": string(1)}),
    "rich_text": RICH_TEXT,
}
_CELL = by_type(_CELLS)
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _column_settings(value: object, pointer: str, report: Report) -> None:
    # null stands for a column with the default settings
    if value is not None:
        _COLUMN(value, pointer, report)


TABLE_FIELDS: tuple[dict[str, Rule], dict[str, Rule]] = (
    {"rows": array(array(_CELL, 1, limits.TABLE_COLUMNS_ITEMS), 1, limits.TABLE_ROWS_ITEMS)},
    {"column_settings": array(_column_settings, 0, limits.TABLE_COLUMNS_ITEMS)},
)

DATA_TABLE_FIELDS: tuple[dict[str, Rule], dict[str, Rule]] = (
    {
        "caption": string(1),
        "rows": array(
            array(_CELL, 1, limits.TABLE_COLUMNS_ITEMS),
            limits.DATA_TABLE_LEAST_ROWS_ITEMS,
            limits.DATA_TABLE_ROWS_ITEMS,
        ),
    },
    {
        "page_size": integer(1, limits.DATA_TABLE_PAGE_ROWS),
        "row_header_column_index": integer(0, limits.TABLE_COLUMNS_ITEMS - 1),
    },
)


def same_length_rows(block: dict[str, Any], pointer: str, report: Report) -> None:
    """All rows of a data table are as long as its header, which holds no rich text and includes the row header."""
    rows = block.get("rows")
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], list):
        return
    header = rows[0]
    for index, cell in enumerate(header):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            report.add("unsupported type: rich_text", f"{pointer}/rows/0/{index}/type")
    for index, row in enumerate(rows[1:], 1):
        if isinstance(row, list) and len(row) != len(header):
            report.add(f"must have {len(header)} items, as the first row has", f"{pointer}/rows/{index}")
    column = block.get("row_header_column_index")
    if isinstance(column, int) and column >= len(header):
        report.add(f"must be less than {len(header)}", f"{pointer}/row_header_column_index")


_CHART_LABEL = string(1, limits.CHART_LABEL_CHARACTERS)
_POINT = record({"label": _CHART_LABEL, "value": number})
_SERIES = record({"name": _CHART_LABEL, "data": array(_POINT, 1, limits.CHART_POINTS_ITEMS)})
_AXIS_LABEL = string(1, limits.CHART_AXIS_LABEL_CHARACTERS)


def _series_match_axis(chart: dict[str, Any], pointer: str, report: Report) -> None:
    series = [item for item in _list(chart.get("series")) if isinstance(item, dict)]
    axis = chart.get("axis_config")
    categories = _list(axis.get("categories")) if isinstance(axis, dict) else []
    names = sorted(item["name"] for item in series if isinstance(item.get("name"), str))
    if any(first == second for first, second in pairwise(names)):
        report.add("series names must be unique", f"{pointer}/series")
    for index, item in enumerate(series):
        labels = [point.get("label") for point in _list(item.get("data")) if isinstance(point, dict)]
        if labels != categories:
            report.add("labels must match the axis categories", f"{pointer}/series/{index}/data")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


_XY_CHART = record(
    {
        "type": string(),
        "series": array(_SERIES, 1, limits.CHART_SERIES_ITEMS),
        "axis_config": record(
            {"categories": array(_CHART_LABEL, 1, limits.CHART_POINTS_ITEMS)},
            {"x_label": _AXIS_LABEL, "y_label": _AXIS_LABEL},
        ),
    },
    None,
    [_series_match_axis],
)
CHARTS: dict[str, Rule] = {
    "pie": record(
        {
            "type": string(),
            "segments": array(record({"label": _CHART_LABEL, "value": positive_number}), 1, limits.CHART_SERIES_ITEMS),
        }
    ),
    "bar": _XY_CHART,
    "area": _XY_CHART,
    "line": _XY_CHART,
}


def cell_characters(table: dict[str, Any]) -> int:
    """The characters of text in all cells of a table."""
    return sum(_text_characters(cell) for row in _list(table.get("rows")) for cell in _list(row))


def _text_characters(value: object) -> int:
    waiting, characters = [value], 0
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            text = item.get("text")
            characters += len(text) if isinstance(text, str) else 0
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return characters


def json_bytes(value: object) -> int:
    """The size of a JSON value, written compactly in UTF-8; what nests too deeply to be written has no end."""
    try:
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return sys.maxsize
    return len(written.encode("utf-8", "surrogatepass"))
