"""Summaries from the processes of a running desk, with what another plugin adds to them."""

from datetime import UTC, datetime
from pathlib import Path

from redis import Redis

from slackdesk.demo.stage import Stage
from slackdesk.demo.tour import until_next_morning
from slackdesk.embedded_redis import running_url
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


MISSED = """
[[plugins.digest.subscriptions]]
to = "#leadership"
queues = ["it"]
every = "breach"
"""


def test_a_missed_target_is_told_once_whatever_happens_to_redis_and_to_workers(tmp_path: Path) -> None:
    targets = {"it": {"normal": {"first_response": "20m"}}}
    policy = policy_text("sla", {"targets": targets, "remind_at_percent": [50]}) + MISSED
    with Stage(tmp_path, policy=policy) as stage:
        stage.advance(until_next_morning(datetime.now(UTC)))
        stage.person("maya").slash("/ticket My VPN is down")
        rina, ratna, lead = (stage.person(handle) for handle in ("rina", "ratna", "helpdesk-lead"))
        rina.sees("🟡 First response: due", in_="#it-l1", within_seconds=60)
        stage.advance("22m")  # within ten, what the policy file orders has begun; after twenty, the target is missed
        rina.sees("🔴 First response: overdue", in_="#it-l1", within_seconds=100)
        stage.kill("worker-slow")
        url = running_url(stage.folder / "data")
        assert url is not None
        with Redis.from_url(url) as redis:
            redis.flushall()
        stage.advance("2m")
        lead.sees("Caused by L1.", in_="dm", within_seconds=100)
        stage.advance("5m")
        ratna.sees("IT-1 My VPN is down: first response, IT help, caused by L1.", in_="#leadership", within_seconds=100)
        stage.advance("20m")
        stage.person("helpdesk-lead").slash("/desk report it 2d")
        stage.person("helpdesk-lead").sees(
            "Missed targets caused in L1: 1, ▲ 1 more, worse", in_="dm", within_seconds=60
        )
        assert len([seen for seen in ratna.messages("#leadership") if "missed this week" in seen.text]) == 1
        assert stage.sandbox.journal.illegal() == []
