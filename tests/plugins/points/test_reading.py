"""What a plugin can read of the desk: stays in tiers, open tickets, working hours, accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from slackdesk.plugin.read_context import ReadContext
from slackdesk.plugin.values import PersonView
from slackdesk.testing.desk import PluginDesk


@contextmanager
def _context(desk: PluginDesk) -> Iterator[ReadContext]:
    with desk.desk.snapshot(10) as tx:
        yield ReadContext(tx, "followup", None)


def test_stays_tell_who_had_a_ticket_and_for_how_long(desk: PluginDesk) -> None:
    lead = desk.person("helpdesk-lead")
    lead.slash("/ticket claim 1")
    lead.slash("/ticket priority 1 urgent")
    desk.advance("7d")
    with _context(desk) as ctx:
        first, second = ctx.stays(1)
        assert (first.tier, first.entered_how, first.budget) == ("L1", "filed", timedelta(hours=4))
        assert (second.tier, second.entered_how, second.left_at) == ("L2", "escalated", None)
        assert second.handed_by == lead.user.id
        assert first.left_at == second.entered_at
        assert first.worked < timedelta(minutes=1)
        assert second.worked == ctx.hours("it").elapsed(second.entered_at, ctx.now) > timedelta(hours=8)
        assert ctx.stays(99) == []


def test_open_tickets_come_page_by_page(desk: PluginDesk) -> None:
    for text in ("The printer is jammed", "My mouse is gone"):
        desk.person("maya").slash(f"/ticket {text}")
    desk.person("maya").slash("/ticket cancel 2")
    with _context(desk) as ctx:
        assert [one.number for one in ctx.open_tickets()] == ["IT-1", "IT-3"]
        assert [one.number for one in ctx.open_tickets(limit=1)] == ["IT-1"]
        assert [one.number for one in ctx.open_tickets(1)] == ["IT-3"]


def test_hours_are_those_of_the_queue_or_the_same_by_a_persons_clock(desk: PluginDesk) -> None:
    with _context(desk) as ctx:
        assert ctx.hours("it").timezone == "Asia/Jakarta"
        assert ctx.hours("it", desk.person("maya").user.id).timezone == "America/New_York"
        assert ctx.hours("it", desk.person("maya").user.id) is ctx.hours("it", desk.person("maya").user.id)
        with pytest.raises(KeyError):
            ctx.hours("nowhere")


def test_an_account_that_was_deactivated_is_known_as_such(desk: PluginDesk) -> None:
    budi = desk.person("budi").user.id

    def known() -> PersonView:
        with _context(desk) as ctx:
            assert ctx.person("USTRANGER") is None
            found = ctx.person(budi)
            assert found is not None
            return found

    assert (known().is_deleted, known().is_guest, known().is_bot) == (False, False, False)
    desk.sandbox.workspace.update_user(budi, deleted=True)
    desk.settle()
    assert known().is_deleted
