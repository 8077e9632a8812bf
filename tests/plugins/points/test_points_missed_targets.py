"""A target that a plugin says was missed: a fact of the ticket's history, once, which every plugin hears."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from slackdesk.testing.desk import PluginDesk
from slackdesk.tickets import audit
from slackdesk.tickets.model import HistoryEntry

FOLDER = Path(__file__).parent / "promptly"
TOLD = "IT-1 missed its target: claim, caused by L1"


def test_a_missed_target_is_recorded_and_heard_once(plugin_desk: Callable[..., PluginDesk]) -> None:
    desk = plugin_desk(FOLDER)
    desk.person("maya").slash("/ticket My VPN is down")
    filed_at = desk.now
    desk.advance("3h")
    lead = desk.person("helpdesk-lead")
    assert [seen.text for seen in lead.messages("dm") if "missed" in seen.text] == [TOLD]
    with desk.desk.reading() as tx:
        missed = tx.session.scalars(select(HistoryEntry).where(HistoryEntry.kind == "target_missed")).one()
        about = {key: missed.data[key] for key in ("clock", "cycle", "queue", "tier", "status")}
        assert about == {"clock": "claim", "cycle": 1, "queue": "it", "tier": "L1", "status": "new"}
        assert missed.at > filed_at
        assert audit.verify(tx.session).findings == ()
    lead.slash("/ticket claim 1")
    lead.sees("Assignee\n@helpdesk-lead", in_="#it-l1")


def test_what_is_claimed_in_time_missed_nothing(plugin_desk: Callable[..., PluginDesk]) -> None:
    desk = plugin_desk(FOLDER)
    desk.person("maya").slash("/ticket My VPN is down")
    desk.person("helpdesk-lead").slash("/ticket claim 1")
    desk.advance("3h")
    desk.person("helpdesk-lead").sees_not(TOLD)
