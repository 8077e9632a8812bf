"""Acme, the default company, has everybody and everything that the guide and the example policy speak of."""

from zoneinfo import ZoneInfo

import pytest

from slackdesk.sandbox.company import acme
from slackdesk.sandbox.state import Workspace

PRIVATE_CHANNELS = ("it-l1", "it-l2", "it-l3", "hr-private", "leadership")


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return acme()


def _handles(workspace: Workspace, ids: list[str]) -> set[str]:
    return {workspace.user(user_id).name for user_id in ids}


def test_acme_has_every_role(workspace: Workspace) -> None:
    people = [user for user in workspace.users.values() if not user.is_bot]
    roles = {"rina", "agus", "dewi", "bayu", "helpdesk-lead", "head-of-it", "ratna", "indah", "lukas"}
    assert roles <= {user.name for user in people}
    assert len([user for user in people if user.name not in roles]) >= 12
    assert [user.name for user in people if user.is_guest] == ["lukas"]


def test_acme_people_live_in_many_time_zones_and_languages(workspace: Workspace) -> None:
    people = [user for user in workspace.users.values() if not user.is_bot]
    zones = {user.tz for user in people}
    assert {"Asia/Jakarta", "Asia/Singapore", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"} <= zones
    assert all(ZoneInfo(zone).key == zone for zone in zones)
    locales = [user.locale for user in people]
    assert set(locales) == {"en-US", "id-ID", "de-DE"}
    assert locales.count("id-ID") > len(locales) / 2
    assert len({user.email for user in people}) == len(people)


def test_acme_user_groups_are_the_tiers(workspace: Workspace) -> None:
    members = {group.handle: _handles(workspace, group.users) for group in workspace.usergroups.values()}
    assert members == {"it-l1": {"rina", "agus"}, "it-l2": {"dewi"}, "it-l3": {"bayu"}}


@pytest.mark.parametrize("name", PRIVATE_CHANNELS)
def test_acme_private_channels_hold_the_bot_and_the_lead(workspace: Workspace, name: str) -> None:
    channel = workspace.channel_by_name(name)
    assert channel.is_private
    assert {workspace.bot.name, "helpdesk-lead"} <= _handles(workspace, channel.members)
    assert "ayu" not in _handles(workspace, channel.members)


def test_acme_public_channels(workspace: Workspace) -> None:
    general, help_it = workspace.channel_by_name("general"), workspace.channel_by_name("#help-it")
    assert not general.is_private
    assert not help_it.is_private
    assert workspace.bot.id not in general.members
    assert {workspace.bot.name, "ayu", "lukas", "rina"} <= _handles(workspace, help_it.members)
    assert "lukas" not in _handles(workspace, general.members)


def test_acme_is_new_each_time(workspace: Workspace) -> None:
    again = acme()
    again.update_user(again.user_by_handle("ayu").id, deleted=True)
    assert not workspace.user_by_handle("ayu").deleted


def test_acme_answers_to_every_name_in_the_example_policy(workspace: Workspace) -> None:
    groups = {group.handle for group in workspace.usergroups.values()}
    for handle in ("@helpdesk-lead", "@head-of-it"):
        assert workspace.user_by_handle(handle)
    for name in ("#help-it", "#it-l1", "#it-l2", "#it-l3", "#hr-private", "#leadership"):
        assert workspace.channel_by_name(name)
    assert {"it-l1", "it-l2", "it-l3"} <= groups
