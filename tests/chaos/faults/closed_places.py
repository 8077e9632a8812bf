"""Slack lets nothing pass: a tier's channel is archived or without the app, or the token is refused."""

import secrets
from random import Random

from ..world import World
from .kinds import End
from .named import Named, once

CHANNELS = ("#it-l1", "#it-l2")


def _archive(world: World, random: Random, name: str) -> End:
    workspace = world.sandbox.workspace
    channel = workspace.channel_by_name(random.choice(CHANNELS)).id
    lead = workspace.user_by_handle("helpdesk-lead")
    noticed = _notices_of_archiving(world)
    workspace.archive(channel, lead)

    def end() -> None:
        workspace.unarchive(channel, lead)
        world.observed(name, _notices_of_archiving(world) - noticed)

    return once(end)


def _remove_app(world: World, random: Random, name: str) -> End:
    workspace = world.sandbox.workspace
    channel = workspace.channel_by_name(random.choice(CHANNELS)).id
    lead = workspace.user_by_handle("helpdesk-lead")
    refused = _refusals(world, "channel_not_found", "not_in_channel")
    workspace.kick(channel, workspace.bot)

    def end() -> None:
        workspace.join(channel, workspace.bot, inviter=lead)
        world.observed(name, _refusals(world, "channel_not_found", "not_in_channel") - refused)

    return once(end)


def _revoke_token(world: World, random: Random, name: str) -> End:
    """The account of the app is switched off, and on again with the same token."""
    install = world.sandbox.install
    token, install.bot_token = install.bot_token, f"xoxb-{secrets.token_hex(8)}"
    refused = _refusals(world, "invalid_auth")

    def end() -> None:
        install.bot_token = token
        world.observed(name, _refusals(world, "invalid_auth") - refused)

    return once(end)


def _notices_of_archiving(world: World) -> int:
    """How often the desk was refused, or took Slack's word that a channel was archived: then it need not ask."""
    heard = [
        entry
        for entry in world.journal.deliveries("events_api")
        if str(entry.payload["event"]["type"]).endswith("_archive") and entry.acked_after_seconds is not None
    ]
    return _refusals(world, "is_archived") + len(heard)


def _refusals(world: World, *codes: str) -> int:
    return sum(len(world.journal.calls(outcome=code)) for code in codes)


KINDS = (
    Named("channel archived", _archive),
    Named("app removed from a channel", _remove_app),
    Named("token refused", _revoke_token),
)
