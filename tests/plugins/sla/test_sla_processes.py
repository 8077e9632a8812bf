"""The plugin in the processes of a running desk."""

from collections.abc import Callable
from datetime import UTC, datetime

from slackdesk.demo.stage import Stage
from slackdesk.demo.tour import until_next_morning

from .conftest import SLA


def test_a_reminder_comes_from_a_desk_that_runs(plugin_stage: Callable[..., Stage]) -> None:
    stage = plugin_stage(SLA, config={"targets": {"it": {"normal": {"first_response": "20m"}}}})
    stage.advance(until_next_morning(datetime.now(UTC)))
    assert "Next answer by" in stage.person("maya").slash("/ticket My VPN is down").text
    rina = stage.person("rina")
    rina.sees("🟡 First response: due", in_="#it-l1", within_seconds=30)
    stage.advance("11m")
    stage.advance("2m")  # most often to the minute of the message; at the latest it comes a minute later
    rina.sees("IT-1 My VPN is down: first response due", in_="#it-l1", within_seconds=100)
    rina.click("On it", in_="Due soon")
    rina.sees("@rina is on it.", in_="#it-l1", within_seconds=30)
