"""One picture of a report: volume and backlog, and what was reached of a hundred, now and before.

Made to be read at the width of a column of Slack, about 400 pixels: large letters, few ticks, words beside the lines
instead of a legend, and colours that nobody confuses (Okabe and Ito's).
"""

import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slackdesk_plugins.digest.report import Day, Report, Row
from slackdesk_plugins.digest.saying import said_day, said_value

from slackdesk.api import Reader, Translate, later

WIDTH_INCHES, HEIGHT_INCHES, DOTS_PER_INCH = 10, 8.4, 100
LETTERS, SMALL_LETTERS = 21, 18
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#767676"
DAYS_MAX = 31
"""Of a longer period, weeks are drawn."""
SHARES_MAX = 5
TICKS_MAX = 4


@dataclass(frozen=True)
class Picture:
    """A PNG, and what it shows in words."""

    content: bytes
    alt_text: str


def is_available() -> bool:
    """Whether pictures can be drawn here: matplotlib comes with the extra ``report``."""
    return importlib.util.find_spec("matplotlib") is not None


def draw(report: Report, reader: Reader) -> Picture | None:
    """The picture; None without matplotlib, and for a report of private queues alone."""
    if not is_available() or not report.days:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  heavy, and an extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    t, shares = reader.t, shares_of(report)
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES if shares else HEIGHT_INCHES * 0.62), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    if shares:
        upper, lower = figure.subplots(2, 1, height_ratios=[1.5, 0.35 + 0.3 * len(shares)])
        _draw_shares(lower, t, shares)
    else:
        upper = figure.subplots()
    _draw_volume(upper, t, report.days)
    figure.tight_layout(pad=0.8, h_pad=1.6)
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return Picture(content.getvalue(), alt_text(report, reader))


def alt_text(report: Report, reader: Reader) -> str:
    """The main numbers of the picture in words."""
    t = reader.t
    opened, resolved = (sum(getattr(day, what) for day in report.days) for what in ("opened", "resolved"))
    parts = [
        t(
            "Chart of {since} to {until}: {opened} opened, {resolved} resolved; open at the end {backlog}.",
            since=said_day(t, report.days[0].day),
            until=said_day(t, report.days[-1].day),
            opened=opened,
            resolved=resolved,
            backlog=report.days[-1].backlog,
        )
    ]
    for row in shares_of(report):
        before = "" if row.before is None else t(" (before: {value} %)", value=f"{row.before:g}")
        parts.append(f"{row.label}: {said_value(t, row)}{before}.")
    return " ".join(parts)


def shares_of(report: Report) -> list[Row]:
    """What other plugins give in percent, such as attainment and satisfaction."""
    rows = [row for section in report.sections if section.key == "plugin" for row in section.rows]
    return [row for row in rows if row.unit == "percent" and row.value is not None][:SHARES_MAX]


def weeks(days: Sequence[Day]) -> list[Day]:
    """The same volume by weeks, each under its first day."""
    found: list[Day] = []
    for day in days:
        if not found or day.day.weekday() == 0:
            found.append(day)
            continue
        last = found[-1]
        found[-1] = Day(last.day, last.opened + day.opened, last.resolved + day.resolved, day.backlog)
    return found


def _draw_volume(axes: Any, t: Translate, days: Sequence[Day]) -> None:
    shown = list(days) if len(days) <= DAYS_MAX else weeks(days)
    places, width = range(len(shown)), 0.4
    axes.bar([x - width / 2 for x in places], [day.opened for day in shown], width, color=BLUE)
    axes.bar([x + width / 2 for x in places], [day.resolved for day in shown], width, color=ORANGE)
    axes.plot(places, [day.backlog for day in shown], color=GREEN, linewidth=4, marker="o", markersize=8)
    axes.annotate(
        f"{shown[-1].backlog}", (len(shown) - 1, shown[-1].backlog), xytext=(12, 0), textcoords="offset points",
        fontsize=LETTERS, color=GREEN, va="center", weight="bold",
    )  # fmt: skip
    words = ((t(later("Opened")), BLUE), (t(later("Resolved")), ORANGE), (t(later("Still open")), GREEN))
    _title(axes, words if len(shown) == len(days) else (*words, (t("by weeks"), GREY)))
    step = max(1, -(-len(shown) // 7))
    axes.set_xticks(list(places)[::step], [said_day(t, day.day) for day in shown[::step]])
    axes.set_ylim(bottom=0)
    axes.yaxis.get_major_locator().set_params(nbins=TICKS_MAX, integer=True)
    axes.grid(axis="y", color="#DDDDDD", linewidth=1)
    axes.set_axisbelow(True)
    _plain(axes)


def _draw_shares(axes: Any, t: Translate, rows: Sequence[Row]) -> None:
    places = range(len(rows))
    axes.barh(places, [100] * len(rows), 0.3, color="#EEEEEE")
    axes.barh(places, [row.value for row in rows], 0.3, color=BLUE)
    for place, row in zip(places, rows, strict=True):
        axes.text(0, place - 0.28, row.label, fontsize=SMALL_LETTERS, va="bottom")
        axes.text(101, place, said_value(t, row), fontsize=LETTERS, color=BLUE, va="center", weight="bold")
        if row.before is not None:
            axes.plot([row.before] * 2, [place - 0.2, place + 0.2], color="black", linewidth=4)
    axes.set_xlim(0, 114)
    axes.set_ylim(len(rows) - 0.6, -0.8)
    axes.set_xticks([])
    axes.set_yticks([])
    caption = t("Percent; the black line is the period before")
    axes.text(0, -0.85, caption, fontsize=SMALL_LETTERS, color=GREY, va="bottom")
    _plain(axes)
    axes.spines["bottom"].set_visible(False)


def _title(axes: Any, words: Sequence[tuple[str, str]]) -> None:
    """The words above the axes, each in the colour of what it means."""
    from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea  # noqa: PLC0415

    style = {"size": LETTERS, "weight": "bold"}
    areas: list[Any] = [TextArea(text, textprops=style | {"color": colour}) for text, colour in words]
    packed = HPacker(children=areas, pad=0, sep=24)
    axes.add_artist(
        AnchoredOffsetbox(
            loc="lower left", child=packed, frameon=False, bbox_to_anchor=(0, 1.0), bbox_transform=axes.transAxes,
            borderpad=0.2,
        )
    )  # fmt: skip


def _plain(axes: Any) -> None:
    axes.tick_params(labelsize=SMALL_LETTERS, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
