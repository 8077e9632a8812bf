"""docs/sla.md: its examples are computed, and the tests that it names are there."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from slackdesk_plugins.sla.breaches import breaches, cause
from slackdesk_plugins.sla.clocks import Clock, ClockName, read

from slackdesk.businesstime import WEEKDAYS, BusinessCalendar
from slackdesk.i18n import translator
from slackdesk.plugin.values import StayView
from slackdesk.policy.durations import parse_duration

from ..mondays import JAKARTA
from .conftest import AGENT, OFFICE, OFFICE_WEEK, REQUESTER, History, PlainRules, at

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs" / "sla.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```clocks\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ALWAYS = BusinessCalendar("UTC", {day: [("00:00", "24:00")] for day in WEEKDAYS})
t = translator("en")


class Example:
    """One block of the page: targets, what happened, an instant, and what is said of it."""

    def __init__(self, text: str) -> None:
        before, _, after = text.partition("at ")
        instant, *self.said = after.strip().splitlines()
        self.now, self.history = at(instant), History()
        self.targets: dict[tuple[str, str, str], timedelta] = {}
        self.calendars = {"it": OFFICE, "always": ALWAYS}
        self.tiers = [("L1", before and at(re.search(r"(\w+ [\d:]+) filed", before)[1]))]  # type: ignore[index]
        for line in before.strip().splitlines():
            if closed := re.fullmatch(r"closed: (\w+)", line):
                day = at(f"{closed[1]} 12:00").date().isoformat()
                self.calendars["it"] = BusinessCalendar("Asia/Jakarta", OFFICE_WEEK, holidays=[day])
            elif target := re.fullmatch(r"(?:(\w+) )?(\w+): (.*)", line):
                for one in target[3].split(", "):
                    clock, length = one.split()
                    self.targets[target[1] or "it", target[2], clock] = parse_duration(length)
            else:
                self._happen(line[:9], *line[10:].split())

    def _happen(self, when: str, what: str, value: str = "") -> None:
        history, waiting = self.history, self.history.status == "waiting"
        match what:
            case "filed":
                history.filed(when, value)
            case "answered":
                history.answered(when, first=not any(one.kind == "reply_sent" for one in history.entries))
            case "asked" | "thanked":
                history.wrote(when, status="in_progress" if waiting else "", thanks=what == "thanked")
            case "noted":
                history.add(when, "note_added", message_id=1)
            case "waits":
                history.add(when, "waiting", status="waiting")
            case "held":
                history.add(when, "held", status="on_hold")
            case "resumed":
                history.add(when, "resumed", status="in_progress")
            case "moved":
                history.add(when, "moved", status="new", from_queue="it", queue=value, tier="L1")
            case "priority":
                history.add(when, "priority_changed", old="", new=value)
            case "resolved" | "solved":
                history.add(when, "resolved", AGENT if what == "resolved" else REQUESTER, "resolved", topic=None)
            case "reopened":
                history.add(when, "reopened", REQUESTER, "in_progress", was="resolved")
            case "cancelled":
                history.add(when, "cancelled", REQUESTER, "cancelled")
            case "escalated":
                history.add(when, "escalated", status="in_progress", from_tier="L1", to_tier="L2", by_rule=False)
                self.tiers.append(("L2", at(when)))
            case _:
                raise AssertionError(f"{what}: nothing that happens")

    @property
    def rules(self) -> PlainRules:
        """Targets and hours as the block gives them."""
        return PlainRules(self.targets, self.calendars)

    def lines(self) -> list[str]:
        """What is so, in the words of the page."""
        story = read(self.history.entries)
        clocks = sorted(story.clocks(self.rules), key=lambda clock: list(ClockName).index(clock.name))
        found = [self._clock(clock) for clock in clocks]
        start = self.history.entries[0].at
        for one in breaches(self.history.entries, self.rules, since=start, until=self.now):
            found.append(f"breach: {one.key[0]} {one.key[1]} at {one.at.astimezone(JAKARTA):%a %H:%M}")
            if len(self.tiers) > 1:
                found.append(self._cause(one.at, self.said[-1]))
        return found

    def _clock(self, clock: Clock) -> str:
        line = f"{clock.name} {clock.cycle}: {t.duration(clock.used(self.now))} of {t.duration(clock.target)}, "
        if clock.is_void:
            return f"{line}void"
        if clock.paused_since is not None:
            return f"{line}paused"
        words = ("met", "missed") if clock.stopped_at else ("running", "overdue")
        assert clock.due_at is not None
        return f"{line}{words[clock.is_late(self.now)]}, due {clock.due_at.astimezone(JAKARTA):%a %H:%M}"

    def _cause(self, instant, said: str) -> str:  # type: ignore[no-untyped-def]
        budgets = {tier: parse_duration(budget) for tier, budget in re.findall(r"(L\d) \(budget (\w+)\)", said)}
        ends = [*(entered for _, entered in self.tiers[1:]), None]
        stays = [
            StayView("it", tier, entered, "filed", left, None, None, None, budgets[tier], timedelta())
            for (tier, entered), left in zip(self.tiers, ends, strict=True)
        ]
        return f"{said.rpartition(': ')[0]}: {cause(stays, [], instant, self.rules)}"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 17


@pytest.mark.parametrize("text", EXAMPLES, ids=[" / ".join(text.splitlines()[-2:]) for text in EXAMPLES])
def test_an_example_of_the_page_is_right(text: str) -> None:
    example = Example(text)
    assert example.lines() == example.said


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(test_\w+)`", PAGE)
    sources = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_sla_*.py"))
    assert len(named) > 24
    assert [name for name in named if f"def {name}(" not in sources] == []
