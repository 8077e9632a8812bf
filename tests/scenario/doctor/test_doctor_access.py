"""`slackdesk doctor` at a desk that is well, and at one that Slack does not let do its work."""

import pytest

from slackdesk.demo.stage import Stage

from .conftest import Doctor

pytestmark = pytest.mark.xdist_group("doctor")


@pytest.mark.documented("slackdesk doctor")
def test_doctor_finds_nothing_at_a_desk_that_is_well(desk: Stage, documented_lines: tuple[str, ...]) -> None:
    done = desk.command(*documented_lines[0].split()[1:])
    assert done.returncode == 0, done.stdout
    *findings, last = done.stdout.splitlines()
    assert all(line.startswith("ok ") for line in findings), done.stdout
    assert last == f"Problems: 0, warnings: 0, looked at: {len(findings)}."
    for told in ("processes.worker-slow: Living", "slack.scopes: The app has all", "redis.eviction", "policy.file"):
        assert told in done.stdout


def test_doctor_draws_a_table_on_a_terminal(desk: Stage) -> None:
    done = desk.command("doctor", FORCE_COLOR="1", COLUMNS="100", SLACK_BOT_TOKEN="xoxb-wrong")
    assert done.returncode == 1
    assert "Looked at" in done.stdout
    assert done.stdout.index("Slack refuses this token") < done.stdout.index("The database can be written")
    assert "→ Copy the token anew" in " ".join(done.stdout.split())


def test_doctor_finds_a_wrong_bot_token(doctor: Doctor) -> None:
    finding = doctor(SLACK_BOT_TOKEN="xoxb-wrong").only("slack.bot_token")
    assert (finding["key"], finding["value"]) == ("SLACK_BOT_TOKEN", "xoxb-…")
    assert finding["what"] == "Slack refuses this token: invalid_auth."


def test_doctor_finds_tokens_that_were_mixed_up(desk: Stage, doctor: Doctor) -> None:
    swapped = {"SLACK_BOT_TOKEN": desk.sandbox.app_token, "SLACK_APP_TOKEN": desk.sandbox.bot_token}
    diagnosis = doctor(**swapped)
    assert diagnosis.code == 1
    assert [one["check"] for one in diagnosis.bad] == ["slack.bot_token", "slack.app_token"]
    assert all(secret not in str(diagnosis.findings) for secret in swapped.values())
    assert "xoxb-… is the bot's, xapp-… is the app-level one" in diagnosis.bad[0]["remedy"]


def test_doctor_finds_a_wrong_app_token(doctor: Doctor) -> None:
    finding = doctor(SLACK_APP_TOKEN="xapp-wrong").only("slack.app_token")
    assert (finding["key"], finding["value"]) == ("SLACK_APP_TOKEN", "xapp-…")


def test_doctor_minds_how_slack_delivers(doctor: Doctor) -> None:
    finding = doctor(SLACK_APP_TOKEN=None).only("slack.app_token")
    assert "SLACK_SIGNING_SECRET for HTTP" in finding["remedy"]
    over_http = doctor(SLACK_APP_TOKEN=None, SLACK_SIGNING_SECRET="8f742231b10e8888abcd99yyyzzz85a5")
    assert over_http.bad == []
    assert "slack.signing_secret" in [one["check"] for one in over_http.findings]


def test_doctor_names_each_missing_scope_and_what_it_is_for(desk: Stage, doctor: Doctor) -> None:
    install = desk.sandbox.install
    granted = install.scopes
    install.scopes = granted - {"reactions:read"}
    try:
        finding = doctor().only("slack.scopes")
    finally:
        install.scopes = granted
    assert finding["value"] == "reactions:read"
    assert "Requests filed with 🎫" in finding["what"]
    assert "install it again in the workspace" in finding["remedy"]


def test_doctor_says_what_could_not_be_looked_up_without_its_scope(desk: Stage, doctor: Doctor) -> None:
    install = desk.sandbox.install
    granted = install.scopes
    install.scopes = granted - {"usergroups:read"}
    try:
        diagnosis = doctor()
    finally:
        install.scopes = granted
    assert [one["check"] for one in diagnosis.bad] == ["slack.scopes", "policy.names"]
    assert "usergroups.list: missing_scope" in diagnosis.bad[1]["what"]
    checks = [one["check"] for one in diagnosis.findings]
    assert ("channels" in checks, "user_groups" in checks) == (True, False), "nothing is said of what was not seen"
