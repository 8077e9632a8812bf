"""How numbers and their changes are said."""

from datetime import date, timedelta

from babel.dates import format_date, format_interval
from slackdesk_plugins.digest.report import HIDDEN_BELOW, Row

from slackdesk.api import Translate, later

MORE = {
    "count": later("▲ {change} more"),
    "minutes": later("▲ {change} longer"),
    "percent": later("▲ {change} points up"),
    "score": later("▲ {change} up"),
}
LESS = {
    "count": later("▼ {change} fewer"),
    "minutes": later("▼ {change} shorter"),
    "percent": later("▼ {change} points down"),
    "score": later("▼ {change} down"),
}
NOTHING = "–"
"""In the place of a number that there is not."""
TOO_SMALL = f"<{HIDDEN_BELOW}"
"""In the place of one that is not told."""


def said_value(t: Translate, row: Row) -> str:
    """``42``, ``2 h 30 min``, ``62 %``; a number of a private queue that is not told as ``<5``."""
    return _nothing(row) if row.value is None else _amount(t, row.unit, row.value)


def said_before(t: Translate, row: Row) -> str:
    """The value of the period before, likewise."""
    return _nothing(row) if row.before is None else _amount(t, row.unit, row.before)


def said_change(t: Translate, row: Row) -> str:
    """``▼ 20 min shorter, better``; empty where there is nothing to compare with."""
    change = row.change
    if change is None:
        return ""
    if not change:
        return t("as before")
    amount = _plain(abs(change)) if row.unit == "percent" else _amount(t, row.unit, abs(change))
    sentence = t((MORE if change > 0 else LESS)[row.unit], change=amount)
    if row.wanted is None:
        return sentence
    is_better = (change > 0) == (row.wanted == "more")
    return t("{change}, better", change=sentence) if is_better else t("{change}, worse", change=sentence)


def said(t: Translate, row: Row, *, n: bool = True) -> str:
    """Value, of how many, and change: ``62 % (n = 13), ▲ 5 points up``."""
    text = said_value(t, row)
    if n and row.n is not None and row.value is not None:
        text = t("{value} (n = {n})", value=text, n=row.n)
    change = said_change(t, row)
    return f"{text}, {change}" if change else text


def said_day(t: Translate, day: date) -> str:
    """``16 Nov``."""
    return format_date(day, "d MMM", locale=_language(t))


def said_days(t: Translate, first: date, last: date) -> str:
    """``16 – 22 Nov 2026``."""
    if first == last:
        return format_date(first, "EEE d MMM y", locale=_language(t))
    return format_interval(first, last, "yMMMd", locale=_language(t))


def _language(t: Translate) -> str:
    """That of the sentences around it, which are English where there is no catalogue: the catalogue names its own."""
    return t("en_GB")


def _nothing(row: Row) -> str:
    return TOO_SMALL if row.hides_small else NOTHING


def _amount(t: Translate, unit: str, value: float) -> str:
    if unit == "minutes":
        return t.duration(timedelta(minutes=round(value))) if value >= 1 or not value else t("under 1 min")
    return f"{_plain(value)} %" if unit == "percent" else _plain(value)


def _plain(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
