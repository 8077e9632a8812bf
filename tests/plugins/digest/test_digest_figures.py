"""The numbers, against small worlds counted by hand and random ones counted from the raw history."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slackdesk_plugins.digest.periods import Span

from .deeds import something_happens


def equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Minutes to a third: of each stay of a ticket, the ledger keeps whole seconds."""
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == (value if value is None else pytest.approx(value, abs=1 / 3)), key


def test_a_week_counted_by_hand(world: Any) -> None:
    since = world.desk.now
    world.passes(hours=9)  # Monday 09:01
    first, second, _ = (world.file(what=f"Request {n}") for n in range(3))
    world.passes(minutes=30)
    world.claim(first)
    world.claim(second)
    world.passes(minutes=30)
    world.reply(first)
    world.wait(second)
    world.passes(hours=1)  # 11:01
    world.resume(second)
    world.resolve(first, topic="Laptop")
    world.close(first)
    world.passes(hours=3)  # 14:01, an hour of lunch between
    world.resolve(second, topic="Laptop")
    until = world.passes(days=1)
    world.reopen(first)
    found = world.figures(Span(since, until))
    assert {key: found[key] for key in ("opened", "resolved", "closed", "backlog", "unassigned", "reopened")} == {
        "opened": 3, "resolved": 2, "closed": 1, "backlog": 1, "unassigned": 1, "reopened": 0,
    }  # fmt: skip
    found = world.figures(Span(since, world.passes(seconds=1)))
    assert (found["reopened"], found["backlog"]) == (1, 2)
    assert found["reopen_rate"] == 100
    assert found["first_assignment.median"] == pytest.approx(30, abs=0.1)
    assert found["first_response.median"] == pytest.approx(60, abs=0.1)
    assert found["resolution.median"] == pytest.approx((120 + 180) / 2, abs=0.1), "without waiting, and without lunch"
    assert found["resolution.p90"] == pytest.approx(180, abs=0.1)
    assert found["topic.Laptop"] == 2
    assert found["backlog.1d_3d"] == 2


def test_what_a_tier_got_and_gave(world: Any) -> None:
    since = world.passes(hours=9)
    handed, kept = world.file(what="Up"), world.file(what="Stays")
    world.escalate(handed)
    world.passes(minutes=20)
    world.accept(handed)
    world.send_back(handed)
    world.claim(kept)
    world.resolve(kept)
    found = world.figures(Span(since, world.passes(seconds=1)))
    assert found["tier.it.L1.inflow"] == 3
    assert found["tier.it.L1.escalated_out"] == 50
    assert found["tier.it.L2.inflow"] == 1
    assert found["tier.it.L2.sent_back"] == 100
    assert found["tier.it.L2.acceptance"] == pytest.approx(20, abs=0.1)


def test_a_past_week_counts_the_same_whatever_becomes_of_its_tickets(world: Any) -> None:
    since = world.desk.now
    world.passes(hours=9)
    tickets = [world.file(what=f"Request {n}") for n in range(4)]
    for number, ticket in enumerate(tickets[:3], 1):
        world.passes(minutes=10 * number)
        world.claim(ticket)
        world.reply(ticket)
    world.resolve(tickets[0])
    world.close(tickets[0])
    world.resolve(tickets[1])
    span = Span(since, world.until_monday())
    before, of_both = world.figures(span), world.figures(span, ("it", "hr"))
    assert before["backlog"] == 2
    assert before["first_response.mean"] == pytest.approx(100 / 3, abs=0.1)
    world.reopen(tickets[0])
    world.reopen(tickets[1])
    world.move(tickets[0], "hr", "Payroll")
    world.move(tickets[2], "hr", "Payroll")
    world.claim(tickets[3])
    world.resolve(tickets[3])
    world.passes(days=10)
    assert world.figures(span) == before
    assert world.figures(span, ("it", "hr")) == of_both, "what was moved is in one of them, not in both"
    assert world.figures(Span(span.until, world.desk.now))["moved_out"] == 2


def test_only_the_topic_that_is_asked_for(world: Any) -> None:
    since = world.passes(hours=9)
    laptop = world.file(what="The battery", topic="Laptop")
    world.file(what="The network", topic="Network and VPN")
    world.passes(minutes=1)
    span = Span(since, world.desk.now)
    assert world.figures(span, topic="Laptop")["opened"] == 1
    world.move(laptop, "it", "Software")
    assert world.figures(span, topic="Laptop")["opened"] == 1, "the topic that it had when the span ended"
    assert world.figures(Span(since, world.passes(seconds=1)), topic="Laptop")["opened"] == 0


def test_random_weeks_count_as_the_raw_history_says(world: Any) -> None:
    tickets: list[int] = []
    past: list[tuple[Span, dict[str, Any]]] = []

    @settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
    @given(seed=st.integers(0, 2**32), hours=st.integers(1, 12))
    def week(seed: int, hours: int) -> None:
        chance = Random(seed)  # what can be done depends on what was done before, and Hypothesis must not draw by it
        since: datetime = world.passes(minutes=1)
        for _ in range(25):
            something_happens(world, tickets, chance)
            world.passes(minutes=chance.randrange(1, 60 * hours))
        span = Span(since, world.desk.now)
        assert span.until - span.since < timedelta(days=13)
        for queues in (("it",), ("hr",), ("it", "hr")):
            equal(world.figures(span, queues), world.counted(span, queues))
        for earlier, found in past:
            assert world.figures(earlier, ("it", "hr")) == found
        past[:] = [*past[-2:], (span, world.figures(span, ("it", "hr")))]

    week()
