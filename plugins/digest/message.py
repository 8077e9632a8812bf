"""A report as a message: the numbers that matter first, each with its change; the rest is in the table beside it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, HeaderBlock, PlainTextObject
from slackdesk_plugins.digest.declared import Feedback
from slackdesk_plugins.digest.report import Report, Row, Rows
from slackdesk_plugins.digest.saying import said, said_change, said_days, said_value

from slackdesk.api import Message, Reader, Translate, context, inline, later, mention, quoted, section

HEADER_CHARACTERS = 150
"""Of a header block (https://docs.slack.dev/reference/block-kit/blocks/header-block)."""

SECTION_CHARACTERS = 2_900
BLOCKS_CHARACTERS = 20_000
"""Of all sections together, as they are sent, so that quotations and the rest still fit."""
TEXT_CHARACTERS = 3_800
LABEL_CHARACTERS = 200
QUOTES_MAX = 3
QUOTE_CHARACTERS = 400
TOPICS_MAX = 5
NAMES_CHARACTERS = 60

HEADLINE = ("opened", "resolved", "backlog")
ONLY_IF_ANY = ("reopened", "ended_otherwise", "moved_in", "moved_out")
"""Of the volume, these are worth a line when there are any."""

REST = later("The rest is in the table.")
NOTES = later(
    "{timezone}; compared with {before}. Volume by the day of filing or ending, times and quality by the day of the "
    "answer or the resolution; times are working hours."
)


def as_message(report: Report, reader: Reader, *, without_chart: bool = False) -> Message:
    """Blocks, and a text that says all of it. ``without_chart`` tells that pictures cannot be drawn here."""
    t, title = reader.t, title_of(report, reader)
    notes = _notes(t, report)
    if without_chart:
        notes += " " + t("There is no chart: this desk runs without matplotlib (extra “report”).")
    header = HeaderBlock(text=PlainTextObject(text=title[:HEADER_CHARACTERS], emoji=False))
    blocks: list[Block] = [header]
    lines = [f"*{inline(title, HEADER_CHARACTERS)}*"]
    room = BLOCKS_CHARACTERS
    for part in [*_sections(t, report), *_criticism(t, report.feedback)]:
        room -= len(json.dumps(part.text))
        if room < 0:
            blocks.append(section(t(REST)))
            break
        blocks.append(section(_cut(part.text)))
        lines.append(part.text)
        for text, author in part.quotes:
            blocks += [quoted(text), *([context(mention(author))] if author else [])]
            lines.append(" ".join([inline(text, QUOTE_CHARACTERS), *([mention(author)] if author else [])]))
    blocks.append(context(notes))
    authors = [one.author for one in _quoted(report.feedback)]
    return Message(_fitting(t, [*lines, notes]), blocks, quotes=authors)


def title_of(report: Report, reader: Reader) -> str:
    """``IT help, 16 – 22 Nov 2026``, as plain text."""
    names = report.names if len(report.names) <= NAMES_CHARACTERS else f"{report.names[: NAMES_CHARACTERS - 1]}…"
    about = names if report.topic is None else f"{names} · {report.topic}"
    return f"{about}, {_days(reader.t, report)}"


@dataclass(frozen=True)
class _Part:
    """A text in mrkdwn, and below it what people wrote, each with the id of who wants to be named."""

    text: str
    quotes: Sequence[tuple[str, str | None]] = ()


def _sections(t: Translate, report: Report) -> Iterator[_Part]:
    for rows in report.sections:
        if not rows.rows:
            yield _Part(_safe(rows.title))
        elif lines := list(_LINES.get(rows.key.partition(".")[0], _each)(t, rows)):
            title = [] if rows.key == "volume" else [f"*{_safe(rows.title)}*"]
            yield _Part("\n".join([*title, *lines]))


def _volume(t: Translate, rows: Rows) -> Iterator[str]:
    for row in rows.rows:
        if row.key in HEADLINE:
            yield f"*{_safe(row.label)}: {_safe(said_value(t, row))}*{_after(said_change(t, row))}"
        elif row.key not in ONLY_IF_ANY or row.value:
            yield _line(t, row)


def _ages(t: Translate, rows: Rows) -> Iterator[str]:
    if any(row.value for row in rows.rows):
        yield " · ".join(f"{_safe(row.label)}: {said_value(t, row)}" for row in rows.rows if row.value)


def _times(t: Translate, rows: Rows) -> Iterator[str]:
    """Median and nine of ten on one line; the mean, which a single ticket moves, is left to the table."""
    by_key = {row.key: row for row in rows.rows}
    for row in rows.rows:
        if row.key.endswith(".median") and row.value is not None:
            within = by_key[row.key.replace(".median", ".p90")]
            ninety = t("nine of ten within {time}", time=said_value(t, within))
            yield f"• {_safe(row.label)}: {said(t, row)}; {ninety}"


def _tiers(t: Translate, rows: Rows) -> Iterator[str]:
    """One line for each tier that had anything to do."""
    by_key = {row.key: row for row in rows.rows}
    for row in rows.rows:
        place, _, what = row.key.rpartition(".")
        if what != "inflow":
            continue
        up, back, accepted = (by_key[f"{place}.{name}"] for name in ("escalated_out", "sent_back", "acceptance"))
        if not row.value and up.value is None:
            continue
        parts = [said(t, row)]
        if up.value is not None:
            parts.append(t("{share} of {n} handed up", share=said_value(t, up), n=up.n))
            parts.append(t("{share} sent back", share=said_value(t, back)))
        if accepted.value is not None:
            parts.append(t("accepted after {time} (median)", time=said_value(t, accepted)))
        yield f"• {_safe(row.label)}: {'; '.join(parts)}"


def _topics(t: Translate, rows: Rows) -> Iterator[str]:
    for row in rows.rows[:TOPICS_MAX]:
        yield _line(t, row)


def _each(t: Translate, rows: Rows) -> Iterator[str]:
    for row in rows.rows:
        if row.value is not None or row.hides_small:
            yield _line(t, row)


_LINES = {"volume": _volume, "ages": _ages, "times": _times, "tiers": _tiers, "topics": _topics}


def _line(t: Translate, row: Row) -> str:
    return f"• {_safe(row.label)}: {_safe(said(t, row))}"


def _safe(text: str) -> str:
    return inline(text, LABEL_CHARACTERS)


def _after(change: str) -> str:
    return f", {change}" if change else ""


def _criticism(t: Translate, feedback: Sequence[Feedback]) -> Iterator[_Part]:
    """How many wrote, and what those wrote who allowed it."""
    if not feedback:
        return
    count = t.plural("{count} person wrote.", "{count} people wrote.", len({one.author for one in feedback}))
    quotes = [(_shortened(one.text), one.author if one.quote == "named" else None) for one in _quoted(feedback)]
    yield _Part(f"*{t('Criticism and suggestions')}*\n{count}", quotes)


def _quoted(feedback: Sequence[Feedback]) -> Sequence[Feedback]:
    """The newest of those whose authors allow it."""
    return [one for one in feedback if one.quote != "never" and one.text][-QUOTES_MAX:]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= QUOTE_CHARACTERS else f"“{line[:QUOTE_CHARACTERS]}…”"


def _days(t: Translate, report: Report) -> str:
    return said_days(t, *report.compared.span.dates(report.compared.timezone))


def _notes(t: Translate, report: Report) -> str:
    timezone = report.compared.timezone
    before = said_days(t, *report.compared.before.dates(timezone))
    return t(NOTES, timezone=inline(timezone, NAMES_CHARACTERS), before=before)


def _cut(text: str) -> str:
    """At the end of a line, so that no sign of mrkdwn is torn."""
    if len(text) <= SECTION_CHARACTERS:
        return text
    return text[:SECTION_CHARACTERS].rsplit("\n", 1)[0] + "\n…"


def _fitting(t: Translate, lines: Sequence[str]) -> str:
    """As many whole lines as a message's text can hold."""
    text = "\n".join(lines)
    if len(text) <= TEXT_CHARACTERS:
        return text
    return text[:TEXT_CHARACTERS].rsplit("\n", 1)[0] + "\n" + t(REST)
