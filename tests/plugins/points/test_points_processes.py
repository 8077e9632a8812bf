"""The same plugin in the processes of a running desk: found in a folder, migrated, and at work in all of them."""

from collections.abc import Callable
from pathlib import Path

from slackdesk.demo.stage import Stage


def test_followup_works_in_all_processes_of_a_desk(plugin_stage: Callable[..., Stage]) -> None:
    stage = plugin_stage(Path(__file__).parent / "followup", config={"after": "3h"})
    stage.person("maya").slash("/ticket My VPN is down")
    lead = stage.person("helpdesk-lead")
    lead.sees("IT-1", in_="#it-l1")
    lead.slash("/ticket followup 1 call the supplier")
    lead.sees("⏰ Reminder set", in_="#it-l1")
    assert "IT-1" in stage.command("followups").stdout
    stage.advance("4h")
    lead.sees("You wanted to look at IT-1 again: call the supplier", in_="dm", within_seconds=30)
    assert "followup" in stage.command("plugins", "list").stdout


def test_files_of_suggestions_arrive_from_a_running_desk(plugin_stage: Callable[..., Stage]) -> None:
    stage = plugin_stage(Path(__file__).parent / "suggestion")
    stage.person("maya").slash("/ticket suggest a shorter form")
    assert "a shorter form" in stage.command("audit", "suggestions").stdout
    stage.advance("7d")
    share = stage.person("helpdesk-lead").sees("(suggestions.csv)", in_="dm", within_seconds=30)
    assert share.files == ("suggestions.csv", "suggestions.png")
    assert "a shorter form" in share.file("suggestions.csv").content.decode()
