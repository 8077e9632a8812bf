"""How numbers are shown: the picture, the words, and what goes by Slack's limits."""

import struct
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import slackdesk_plugins
from hypothesis import given
from hypothesis import strategies as st
from slackdesk_plugins.digest import chart
from slackdesk_plugins.digest.declared import Feedback
from slackdesk_plugins.digest.message import as_message
from slackdesk_plugins.digest.periods import Compared, Span
from slackdesk_plugins.digest.report import Day, Report, Row, Rows
from slackdesk_plugins.digest.saying import said
from slackdesk_plugins.digest.working_time import WorkingTime

from slackdesk.api import Reader
from slackdesk.businesstime import BusinessCalendar
from slackdesk.i18n import translator
from slackdesk.plugin.context import checked_blocks
from slackdesk.testing.contract import PluginContract

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = timedelta(days=7)
READER = Reader(translator("en"), "UTC", MONDAY + WEEK)
COMPARED = Compared(Span(MONDAY, MONDAY + WEEK), Span(MONDAY - WEEK, MONDAY), "UTC")
DAY = (("08:00", "12:00"), ("13:00", "17:00"))
OFFICE = BusinessCalendar("Asia/Jakarta", dict.fromkeys(("mon", "tue", "wed", "fri"), DAY))
SHARES = [
    Row("sla_first_response", "First answers in time", "percent", 92.3, 88, n=40),
    Row("csat_score", "Satisfied", "percent", 95, None, n=20),
]


class TestContract(PluginContract):
    """What every plugin owes."""

    folder = Path(next(iter(slackdesk_plugins.__path__))) / "digest"


days = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 5000)), min_size=1, max_size=100)


def _days(volume: Any) -> list[Day]:
    return [Day(date(2026, 11, 16) + timedelta(days=n), *one) for n, one in enumerate(volume)]


def _report(days: list[Day], *sections: Rows, feedback: Any = ()) -> Report:
    return Report(COMPARED, ["it"], "IT help", None, sections, days, feedback)


def test_the_picture_is_as_wide_as_it_was_made_to_be_and_said_in_words() -> None:
    volume = [(8, 12, 10), (7, 9, 8), (14, 11, 11), (14, 5, 20), (14, 4, 30), (1, 1, 30), (2, 0, 32)]
    picture = chart.draw(_report(_days(volume), Rows("plugin", "Attainment", SHARES)), READER)
    assert picture is not None
    assert picture.content.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture.content[16:24]) == (1000, 840)
    assert len(picture.content) < 200_000
    assert picture.alt_text == (
        "Chart of 16 Nov to 22 Nov: 60 opened, 42 resolved; open at the end 32. "
        "First answers in time: 92.3 % (before: 88 %). Satisfied: 95 %."
    )


def test_one_panel_where_no_plugin_gives_a_share_and_none_without_public_queues() -> None:
    picture = chart.draw(_report(_days([(1, 0, 1)])), READER)
    assert picture is not None
    assert struct.unpack(">II", picture.content[16:24]) == (1000, 520)
    assert chart.draw(_report([]), READER) is None


@given(days)
def test_weeks_hold_what_their_days_hold(volume: Any) -> None:
    shown, found = _days(volume), chart.weeks(_days(volume))
    assert sum(day.opened for day in found) == sum(day.opened for day in shown)
    assert sum(day.resolved for day in found) == sum(day.resolved for day in shown)
    assert found[-1].backlog == shown[-1].backlog
    assert all((after.day - one.day).days == 7 for one, after in pairwise(found))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row("a", "a", "count", 1234, 1200), "1,234, ▲ 34 more"),
        (Row("a", "a", "count", 3, 5, wanted="less"), "3, ▼ 2 fewer, better"),
        (Row("a", "a", "count", 5, 5, wanted="less"), "5, as before"),
        (Row("a", "a", "count", None, 7, hides_small=True), "<5"),
        (Row("a", "a", "count", 7, None, hides_small=True), "7"),
        (Row("a", "a", "minutes", 150, 90, n=4, wanted="less"), "2 h 30 min (n = 4), ▲ 1 h longer, worse"),
        (Row("a", "a", "minutes", 0.4, None, n=1), "under 1 min (n = 1)"),
        (Row("a", "a", "minutes", None, 90, n=0), "–"),
        (Row("a", "a", "percent", 62, 57.5, n=13, wanted="more"), "62 % (n = 13), ▲ 4.5 points up, better"),
        (Row("a", "a", "score", 4.2, 4.5), "4.2, ▼ 0.3 down"),
    ],
)
def test_a_number_and_its_change_in_words(row: Row, words: str) -> None:
    assert said(READER.t, row) == words


def test_the_largest_summary_fits_into_a_message() -> None:
    rows = [Row(f"tier.q.{n}.x", f"A long *label* <!channel> {n} " * 5, "count", n, 0) for n in range(200)]
    sections = [Rows(f"private.q{n}", "A <title>", rows) for n in range(8)]
    feedback = [Feedback(author=f"U{n}", text="<@U1> " * 500, quote="named") for n in range(9)]
    message = as_message(_report([], *sections, feedback=feedback), READER)
    assert len(message.text) <= 3900
    assert len(checked_blocks(message.blocks, 50)) < 50
    assert "<!channel>" not in message.text
    assert "The rest is in the table." in str(message.blocks[-2].to_dict())


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=30))
def test_working_time_is_that_of_the_calendar(pairs: list[tuple[int, int]]) -> None:
    clock = WorkingTime(OFFICE.spans(MONDAY, MONDAY + timedelta(seconds=10**6)))
    for first, last in pairs:
        began_at, ended_at = (MONDAY + timedelta(seconds=second) for second in sorted((first, last)))
        found = clock.minutes(began_at.timestamp(), ended_at.timestamp())
        assert found == pytest.approx(OFFICE.elapsed(began_at, ended_at).total_seconds() / 60, abs=1e-6)
