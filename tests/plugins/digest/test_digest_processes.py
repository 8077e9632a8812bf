"""Summaries from the processes of a running desk, with what another plugin adds to them."""

from pathlib import Path

from slackdesk.demo.stage import Stage
from slackdesk.testing.desk import policy_text


def test_a_summary_of_a_running_desk_holds_the_sections_of_other_plugins(tmp_path: Path) -> None:
    with Stage(tmp_path, policy=policy_text("csat", {"delay": "1m"})) as stage:
        maya, lead = stage.person("maya"), stage.person("helpdesk-lead")
        maya.slash("/ticket My VPN is down")
        lead.sees("IT-1", in_="#it-l1")
        lead.slash("/ticket claim 1")
        lead.slash("/ticket resolve 1")
        lead.modal.fill({"What was it about?": "Laptop", "What solved it?": "A restart"}).submit()
        maya.slash("/ticket close 1")
        stage.advance("2m")
        maya.click("4 · good", maya.sees("How was the help", in_="dm", within_seconds=30))
        maya.sees("You rated the help", in_="dm", within_seconds=30)
        lead.slash("/desk report it 2d")
        summary = lead.sees("compared with", in_="dm", within_seconds=30)
        assert "Resolved: 1, ▲ 1 more" in summary.text
        assert "Satisfied: 100 % (n = 1)" in summary.text
        [share] = lead.wait_for(lambda: summary.thread() or None, 30, lambda: "no files came")
        picture, table = share.files
        shown = share.file(picture)
        assert shown.content.startswith(b"\x89PNG")
        assert "Satisfied: 100 %" in shown.alt_text
        assert b"csat_score" in share.file(table).content
        assert stage.command("report", "--explain", "csat_score").stdout == "IT-1\tMy VPN is down\n"
        assert stage.sandbox.journal.illegal() == []
