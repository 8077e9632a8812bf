"""Names of the policy against a workspace: what is found, what is not, and what should be put right in Slack."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from slackdesk.policy.directory import Channel, Directory
from slackdesk.policy.model import GroupSnapshot, ResolvedPolicy
from slackdesk.policy.reading import PolicyError, read_policy
from slackdesk.policy.resolution import people_references, resolve

EXAMPLE = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")
TODAY = date(2026, 11, 24)


def _user(handle: str, **more: Any) -> dict[str, Any]:
    return {"name": handle, "profile": {"email": f"{handle}@acme.example"}, **more}


WORKSPACE = Directory(
    bot_name="desk",
    channels={
        one.id: one
        for one in (
            Channel("C1", "it-l1", is_private=True, is_member=True),
            Channel("C2", "it-l2", is_private=True, is_member=True),
            Channel("C3", "it-l3", is_private=True, is_member=True),
            Channel("C4", "help-it", is_private=False, is_member=True),
            Channel("C5", "hr-private", is_private=True, is_member=True),
            Channel("C6", "general", is_private=False, is_member=False),
        )
    },
    users={"U1": _user("helpdesk-lead"), "U2": _user("rina"), "U3": _user("gone", deleted=True)},
    groups={f"S{n}": GroupSnapshot(handle=f"it-l{n}", members=("U2",)) for n in (1, 2, 3)},
)


def _resolved(text: str) -> ResolvedPolicy:
    return resolve(read_policy(text), WORKSPACE, TODAY).policy


def test_the_example_resolves() -> None:
    resolution = resolve(read_policy(EXAMPLE), WORKSPACE, TODAY)
    it = resolution.policy.queue("it")
    assert resolution.warnings == ()
    assert it.request_channels == ("C4",)
    assert [(tier.channel, tier.groups, tier.lead) for tier in it.tiers] == [
        ("C1", ("S1",), "U1"),
        ("C2", ("S2",), "U1"),
        ("C3", ("S3",), "U1"),
    ]
    assert resolution.policy.desk.operators == ("U1",)
    assert set(resolution.policy.user_groups) == {"S1", "S2", "S3"}


def test_a_resolved_policy_survives_json() -> None:
    policy = _resolved(EXAMPLE)
    assert ResolvedPolicy.model_validate_json(policy.model_dump_json()) == policy


def test_holidays_are_copied_for_three_years() -> None:
    office = _resolved(EXAMPLE).calendars["office"]
    assert date(2026, 8, 17) in office.holidays
    assert {day.year for day in office.holidays} == {2026, 2027, 2028}
    assert office.holiday_source is not None
    assert office.holiday_source.through_year == 2028


@pytest.mark.parametrize("lead", ["@helpdesk-lead", "U1", "helpdesk-lead@acme.example", "Helpdesk-Lead@Acme.example"])
def test_people_are_found_by_handle_address_and_id(lead: str) -> None:
    policy = _resolved(EXAMPLE.replace('lead = "@helpdesk-lead"', f'lead = "{lead}"'))
    assert {tier.lead for tier in policy.queue("it").tiers} == {"U1"}


def test_ids_of_channels_and_groups_are_taken_as_they_are() -> None:
    assert _resolved(EXAMPLE.replace('"#it-l1"', '"#IT-L1"')).queue("it").tiers[0].channel == "C1"
    policy = _resolved(EXAMPLE.replace('"#it-l1"', '"C1"').replace('"@it-l1"', '"S1"'))
    assert policy.queue("it").tiers[0].channel == "C1"
    assert policy.queue("it").tiers[0].groups == ("S1",)


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('"#it-l1"', '"#it-11"', "queues.it.tiers[0].channel", "did you mean #it-l1?"),
        ('"#it-l1"', '"#nowhere"', "queues.it.tiers[0].channel", "/invite @desk"),
        ('"@it-l1"', '"@it-11"', "queues.it.tiers[0].members[0]", "did you mean @it-l1?"),
        ('"@it-l1"', '"@gone"', "queues.it.tiers[0].members[0]", "deactivated"),
        ('operators = ["@helpdesk-lead"]', 'operators = ["x@acme.example"]', "desk.operators[0]", "nobody of that"),
        ('lead = "@helpdesk-lead"', 'lead = "@it-l1"', "queues.it.tiers[0].lead", "one person is needed"),
        ('"#hr-private"', '"#general"', "queues.hr.tiers[0].channel", "make the channel private"),
        ('"#it-l2"', '"C1"', "queues.it.tiers[1].channel", "also in queues.it.tiers[0].channel"),
        ('{ by = "requester" }', '{ by = "any", people = ["@ceo"] }', "queues.it.validation.people[0]", "nobody"),
        ('stakeholders = ["@helpdesk-lead"]', 'stakeholders = ["@ceo"]', "queues.hr.stakeholders[0]", "nobody"),
    ],
)
def test_what_is_not_there_is_named(old: str, new: str, key: str, said: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(PolicyError) as caught:
        _resolved(EXAMPLE.replace(old, new, 1))
    problem = next(problem for problem in caught.value.problems if problem.key == key)
    assert said in problem.remedy


def test_names_in_a_plugins_section_become_ids() -> None:
    section = """
[plugins.shown]
to = ["#general", "@rina", "C5"]
lead = { person = "@helpdesk-lead", word = "#1 and more", at = "Mon 08:00", most = 3 }
"""
    assert _resolved(EXAMPLE + section).plugins["shown"] == {
        "to": ["C6", "U2", "C5"],
        "lead": {"person": "U1", "word": "#1 and more", "at": "Mon 08:00", "most": 3},
    }


def test_a_name_in_a_plugins_section_that_is_not_there_is_named() -> None:
    with pytest.raises(PolicyError) as refused:
        _resolved(EXAMPLE + '\n[plugins.shown]\nto = [{ channel = "#nowhere" }, { channel = "@it-l1" }]\n')
    assert [problem.key for problem in refused.value.problems] == [
        "plugins.shown.to[0].channel",
        "plugins.shown.to[1].channel",
    ]


def test_channels_without_the_app_and_empty_groups_are_warned_of() -> None:
    outside = {key: replace(channel, is_member=key != "C4") for key, channel in WORKSPACE.channels.items()}
    empty = WORKSPACE.groups | {"S3": GroupSnapshot(handle="it-l3", members=())}
    warnings = resolve(read_policy(EXAMPLE), replace(WORKSPACE, channels=outside, groups=empty), TODAY).warnings
    assert [(warning.key, warning.value) for warning in warnings] == [
        ("queues.it.request_channels[0]", "#help-it"),
        ("queues.it.tiers[2].members[0]", "@it-l3"),
    ]
    assert "/invite @desk" in warnings[0].remedy


def test_addresses_that_slack_does_not_tell_are_explained() -> None:
    silent = {key: {**user, "profile": {}} for key, user in WORKSPACE.users.items()}
    text = EXAMPLE.replace('operators = ["@helpdesk-lead"]', 'operators = ["helpdesk-lead@acme.example"]')
    with pytest.raises(PolicyError, match=r"scope users:read\.email"):
        resolve(read_policy(text), replace(WORKSPACE, users=silent), TODAY)


def test_names_of_which_members_are_needed() -> None:
    assert people_references(read_policy(EXAMPLE)) == {"@helpdesk-lead", "@it-l1", "@it-l2", "@it-l3"}
