"""The doctor at a desk whose policy names what is not in Slack as it has to be, or whose file is another."""

from pathlib import Path
from typing import Any

import pytest

from slackdesk.demo.stage import Stage

from .conftest import Doctor

pytestmark = pytest.mark.xdist_group("doctor")


def test_doctor_finds_a_channel_without_the_app(desk: Stage, doctor: Doctor) -> None:
    workspace = desk.sandbox.workspace
    channel = workspace.channel_id("help-it")
    workspace.leave(channel, workspace.bot)
    try:
        finding = doctor().only("channels")
    finally:
        workspace.join(channel, workspace.bot)
    assert (finding["key"], finding["value"]) == ("queues.it.request_channels[0]", "#help-it")
    assert finding["remedy"] == "Write `/invite @slackdesk` in that channel."


def test_doctor_finds_a_private_channel_that_the_app_cannot_see(desk: Stage, doctor: Doctor) -> None:
    workspace = desk.sandbox.workspace
    channel = workspace.channel_id("it-l3")
    workspace.leave(channel, workspace.bot)
    try:
        finding = doctor().only("channels")
    finally:
        workspace.join(channel, workspace.bot)
    assert (finding["key"], finding["value"]) == ("queues.it.tiers[2].channel", "#it-l3")
    assert "/invite @slackdesk" in finding["remedy"]


def test_doctor_finds_an_archived_channel(desk: Stage, doctor: Doctor, probe: Any) -> None:
    workspace = desk.sandbox.workspace
    channel, lead = workspace.channel_id("it-l2"), workspace.user_by_handle("helpdesk-lead")
    workspace.archive(channel, lead)
    try:
        probe.eventually(lambda: "work.held" in str(doctor().bad), "the desk has heard of it")
        held, finding = doctor().bad
    finally:
        workspace.unarchive(channel, lead)
    assert (finding["key"], finding["value"]) == ("queues.it.tiers[1].channel", "#it-l2")
    assert "Unarchive it in Slack" in finding["remedy"]
    assert "is_archived" in held["what"]
    probe.eventually(lambda: not doctor().bad, "what was held left")


def test_doctor_finds_that_everybody_can_read_a_private_queue(desk: Stage, doctor: Doctor) -> None:
    channel = desk.sandbox.workspace.channel_by_name("hr-private")
    channel.is_private = False
    try:
        finding = doctor().only("channels")
    finally:
        channel.is_private = True
    assert (finding["key"], finding["value"]) == ("queues.hr.tiers[0].channel", "#hr-private")
    assert "everybody in the company can read it" in finding["what"]


def test_doctor_finds_a_channel_that_was_renamed(desk: Stage, doctor: Doctor) -> None:
    workspace = desk.sandbox.workspace
    channel, lead = workspace.channel_id("it-l1"), workspace.user_by_handle("helpdesk-lead")
    workspace.rename(channel, lead, "it-first-line")
    try:
        finding = doctor().only("policy.names")
    finally:
        workspace.rename(channel, lead, "it-l1")
    assert (finding["key"], finding["value"]) == ("queues.it.tiers[0].channel", "#it-l1")
    assert "slackdesk policy apply" in finding["remedy"]


@pytest.mark.parametrize("how", ["disabled", "empty"])
def test_doctor_finds_a_user_group_that_is_nobody(desk: Stage, doctor: Doctor, how: str) -> None:
    workspace = desk.sandbox.workspace
    group = next(one for one in workspace.usergroups.values() if one.handle == "it-l3")
    members = [workspace.users[one] for one in group.users]
    group.is_disabled = how == "disabled"
    workspace.set_usergroup_members(group.id, members if how == "disabled" else [])
    try:
        finding = doctor().only("user_groups")
    finally:
        group.is_disabled = False
        workspace.set_usergroup_members(group.id, members)
    assert (finding["key"], finding["value"]) == ("queues.it.tiers[2].members", "@it-l3")
    assert how in finding["what"] or "Nobody" in finding["what"]


def test_doctor_finds_a_lead_who_has_left(desk: Stage, doctor: Doctor) -> None:
    workspace = desk.sandbox.workspace
    lead = workspace.user_by_handle("helpdesk-lead")
    workspace.update_user(lead.id, deleted=True)
    try:
        diagnosis = doctor()
    finally:
        workspace.update_user(lead.id, deleted=False)
    assert diagnosis.code == 1
    assert {one["check"] for one in diagnosis.bad} == {"people"}
    assert {one["value"] for one in diagnosis.bad} == {"@helpdesk-lead"}
    assert {"desk.operators", "queues.it.tiers[1].lead", "queues.hr.stakeholders"} <= {
        one["key"] for one in diagnosis.bad
    }
    assert "slackdesk policy apply" in diagnosis.bad[0]["remedy"]


def test_doctor_tells_a_file_that_is_not_what_is_in_force(desk: Stage, doctor: Doctor, tmp_path: Path) -> None:
    changed = tmp_path / "slackdesk.toml"
    changed.write_text(desk.policy_file.read_text().replace('budget = "4h"', 'budget = "2h"'))
    finding = doctor(SLACKDESK_POLICY=str(changed)).only("policy.file", "warning")
    assert finding["value"] == str(changed)
    assert "queues.it.tiers[L1].budget" in finding["what"]
    assert "slackdesk policy diff" in finding["remedy"]


def test_doctor_tells_a_file_with_which_the_desk_would_not_start(doctor: Doctor, tmp_path: Path) -> None:
    broken = tmp_path / "slackdesk.toml"
    broken.write_text("[desk]\nname = Acme\n")
    finding = doctor(SLACKDESK_POLICY=str(broken)).only("policy.file")
    assert "line 2 = 'name = Acme'" in finding["what"]
    assert "slackdesk policy check" in finding["remedy"]
