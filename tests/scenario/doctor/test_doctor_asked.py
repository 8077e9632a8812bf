"""`/desk doctor`: an operator asks in Slack."""

import pytest

from slackdesk.demo.stage import Stage

pytestmark = pytest.mark.xdist_group("doctor")


def test_operator_asks_in_slack(desk: Stage) -> None:
    lead = desk.person("helpdesk-lead")
    assert "I am looking at everything" in lead.slash("/desk doctor", in_="#general").text
    lead.sees("All is well:", in_="dm", within_seconds=30)  # the app is not in #general


def test_operator_reads_in_slack_what_is_wrong(desk: Stage) -> None:
    workspace, lead = desk.sandbox.workspace, desk.person("helpdesk-lead")
    channel = workspace.channel_id("help-it")
    workspace.leave(channel, workspace.bot)
    try:
        lead.slash("/desk doctor", in_="dm")
        seen = lead.sees("Problems: 1, warnings: 0.", in_="dm", within_seconds=30)
    finally:
        workspace.join(channel, workspace.bot)
    assert "queues.it.request_channels[0] = #help-it" in seen.text
    assert "/invite @slackdesk" in seen.text


def test_others_are_told_whom_to_ask(desk: Stage) -> None:
    answer = desk.person("agus").slash("/desk doctor", in_="#general")
    assert "@helpdesk-lead" in answer.text
    assert "I am looking" not in answer.text
