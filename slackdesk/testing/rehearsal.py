"""A dry run of a plugin in the real thing: a ticket's life on a whole desk, with everything of the plugin used once."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from slackdesk.plugin.registry import Found
from slackdesk.testing.desk import DeskPerson, PluginDesk
from slackdesk.testing.findings import Finding, finding_of

log = logging.getLogger(__name__)

REQUESTER, AGENT, LEAD = "maya", "rina", "helpdesk-lead"
CARDS = "#it-l1"

WAIT = "15d"
"""Desk time that passes after the ticket was closed, for timers and recurring work."""


def rehearse(found: Found, section: Mapping[str, Any], folder: Path) -> list[Finding]:
    """Play it, and return what failed on the way, with the plugin's own lines where they are known."""
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as temporary, _failures(findings, folder):
        try:
            with PluginDesk(found, Path(temporary), section) as desk:
                for act in (_file, _press_buttons, _say_words, _look_at_homes, _solve, _wait, _call_command_lines):
                    _play(desk, act, findings, folder)
                findings += _refused_by_slack(desk, folder)
        except Exception as error:  # noqa: BLE001 — whatever it raises is the finding
            findings.append(finding_of(error, folder, "starting a desk with it"))
    return list(dict.fromkeys(findings))


def _play(desk: PluginDesk, act: Callable[[PluginDesk], None], findings: list[Finding], folder: Path) -> None:
    try:
        act(desk)
        desk.settle()
    except AssertionError as error:
        findings.append(Finding(f"dry run: {error}", folder))


def _file(desk: PluginDesk) -> None:
    desk.person(REQUESTER).slash("/ticket My VPN is down")
    desk.person(AGENT).sees("IT-1", in_=CARDS)


def _press_buttons(desk: PluginDesk) -> None:
    agent = desk.person(AGENT)
    for button in sorted(desk.plugin.buttons.values(), key=lambda one: one.order):
        cards = [seen for seen in agent.messages(CARDS) if button.label in seen.buttons and seen.thread_ts is None]
        if cards:
            agent.click(button.label, in_=cards[-1])
            _close_windows(agent)


def _say_words(desk: PluginDesk) -> None:
    for handle in (REQUESTER, AGENT, LEAD):
        person = desk.person(handle)
        verbs = [f"/ticket {verb.name}{' 1' * verb.needs_ticket}" for verb in desk.plugin.verbs.values()]
        lines = [f"/desk {word}" for word in desk.plugin.commands] + verbs
        for line in lines:
            answer = person.slash(line)
            if answer.error:
                raise AssertionError(f"{line} by {handle}: Slack says {answer.error}")
            _close_windows(person)


def _look_at_homes(desk: PluginDesk) -> None:
    for handle in (REQUESTER, AGENT, LEAD):
        desk.person(handle).opens_home()
        desk.settle()


def _solve(desk: PluginDesk) -> None:
    desk.solve("1", by=LEAD)
    desk.person(REQUESTER).click("Yes, close", in_="dm")
    desk.settle()
    _press_buttons(desk)
    _say_words(desk)


def _wait(desk: PluginDesk) -> None:
    desk.advance(WAIT)
    _look_at_homes(desk)


def _call_command_lines(desk: PluginDesk) -> None:
    for name in desk.plugin.command_lines:
        try:
            desk.command_line(name)
        except (typer.Exit, typer.Abort, typer.BadParameter):  # it ended by itself, or takes words that nobody gave
            continue
        except Exception:
            log.exception("slackdesk %s", name)


def _close_windows(person: DeskPerson) -> None:
    while person.has_modal:
        person.modal.close()


def _refused_by_slack(desk: PluginDesk, folder: Path) -> Iterator[Finding]:
    for entry in desk.sandbox.journal.illegal():
        yield Finding(f"Slack would refuse what it shows: {'; '.join(map(str, entry.illegal))}", folder)
    for call in desk.sandbox.journal.missing_fallback_text():
        yield Finding(f"a message has blocks but no text ({call.method}): screen readers get nothing", folder)


@contextmanager
def _failures(findings: list[Finding], folder: Path) -> Iterator[None]:
    """While in the block, every failure that the desk logs is a finding, and is not printed."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            error = record.exc_info[1] if record.exc_info else None
            findings.append(Finding(message, folder) if error is None else finding_of(error, folder, message))

    logger, handler = logging.getLogger("slackdesk"), Handler(logging.ERROR)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
