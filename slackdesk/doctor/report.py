"""``/desk doctor``: a worker looks at everything, and answers the operator who asked."""

from collections.abc import Sequence
from functools import partial

from slackdesk.dispatch.model import Work
from slackdesk.dispatch.runners import Runner
from slackdesk.doctor.examination import examine
from slackdesk.doctor.finding import Finding, Severity, count
from slackdesk.i18n import Translate, translator
from slackdesk.plugin.registry import Registry
from slackdesk.settings import Settings
from slackdesk.slack import escape
from slackdesk.slack.checkup import TIMER
from slackdesk.slack.drawings.parts import SECTION_CHARACTERS
from slackdesk.tickets import outgoing
from slackdesk.tickets.people import locale_of
from slackdesk.tickets.transaction import Desk

QUOTED_CHARACTERS = 300
ROOM_FOR_THE_REST = 200
"""Characters of the line that says how many findings did not fit."""

MARKS = {Severity.PROBLEM: "🔴", Severity.WARNING: "🟡"}


def timers(settings: Settings, plugins: Registry) -> dict[str, Runner]:
    """What a worker runs for ``/desk doctor``, by name."""
    return {TIMER: partial(_answer, settings, plugins)}


def message(findings: Sequence[Finding], t: Translate) -> str:
    """What is not ok, the worst first, as mrkdwn of at most ``SECTION_CHARACTERS``; findings are in that order."""
    bad = [finding for finding in findings if finding.severity is not Severity.OK]
    if not bad:
        return t("All is well: {count} checks.", count=len(findings))
    problems, warnings = count(bad, Severity.PROBLEM), count(bad, Severity.WARNING)
    text = t("Problems: {problems}, warnings: {warnings}.", problems=problems, warnings=warnings)
    for position, finding in enumerate(bad):
        entry = f"\n\n{_entry(finding, t)}"
        if len(text) + len(entry) > SECTION_CHARACTERS - ROOM_FOR_THE_REST:
            more = t("And {count} more: run `slackdesk doctor` on the server.", count=len(bad) - position)
            return f"{text}\n\n{more}"
        text += entry
    return text


def _answer(settings: Settings, plugins: Registry, desk: Desk, row: Work) -> None:
    findings = examine(settings, plugins=plugins)
    channel, person = row.payload["channel"], row.payload["person"]
    with desk.transaction() as tx:
        t = translator(locale_of(tx.session, person, tx.policy.desk.locale))
        outgoing.answer(tx, channel=channel, person=person, said=message(findings, t))


def _entry(finding: Finding, t: Translate) -> str:
    what, remedy = finding.texts(t, _quoted)
    where = " = ".join(_quoted(part) for part in (finding.key, finding.value) if part)
    return f"{MARKS[finding.severity]} {f'*{where}*: ' if where else ''}{what}\n→ {remedy}"


def _quoted(text: str) -> str:
    return escape.inline(text, QUOTED_CHARACTERS)
