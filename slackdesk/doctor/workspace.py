"""What the policy in force names in Slack, as Slack has it now.

Only what is named is asked for, several at once, so that a large workspace takes no longer than a small one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.doctor.places import Kind, Place
from slackdesk.doctor.together import look_together
from slackdesk.policy.directory import Channel, Directory
from slackdesk.policy.model import GroupSnapshot

WITHIN_SECONDS = 6.0

GROUPS = "user groups"

GONE = frozenset({"channel_not_found", "user_not_found", "user_not_visible"})
"""Slack's words for what does not exist, or the app may not see."""

Json = dict[str, Any]


@dataclass
class Workspace:
    """What was found. Of channels and people, None stands for one that Slack does not know."""

    bot_name: str
    channels: dict[str, Json | None] = field(default_factory=dict)
    people: dict[str, Json | None] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    """Disabled ones, too."""
    not_seen: dict[str, str] = field(default_factory=dict)
    """Id, or ``GROUPS``, of what could not be looked up, with the reason."""

    def directory(self) -> Directory:
        """The same for looking names up, whatever their state."""
        return Directory(
            bot_name=self.bot_name,
            channels={
                key: Channel(key, one["name"], bool(one.get("is_private")), bool(one.get("is_member")))
                for key, one in self.channels.items()
                if one is not None
            },
            users={key: one for key, one in self.people.items() if one is not None},
            groups={
                key: GroupSnapshot(handle=one["handle"], members=tuple(one.get("users", ())))
                for key, one in self.groups.items()
            },
        )


def look_up(client: WebClient, bot_name: str, named: Iterable[Place]) -> Workspace:
    """Look up what is named; what cannot be looked up, or not in time, is in ``not_seen``."""
    workspace = Workspace(bot_name)
    looks: dict[str, Callable[[], Any]] = {
        GROUPS: partial(_ask, client, "usergroups.list", "usergroups", include_users=1, include_disabled=1)
    }
    for place in named:
        if place.kind is not Kind.PEOPLE:
            looks[place.id] = partial(_ask, client, "conversations.info", "channel", channel=place.id)
        elif place.is_person:
            looks[place.id] = partial(_ask, client, "users.info", "user", user=place.id)
    answers = look_together(looks, within_seconds=WITHIN_SECONDS)
    for key in looks:
        answer = answers.get(key, TimeoutError("no answer in time"))
        if isinstance(answer, Exception):
            workspace.not_seen[key] = str(answer)
        elif key == GROUPS:
            workspace.groups = {one["id"]: one for one in answer or ()}
        elif key.startswith(("U", "W")):
            workspace.people[key] = answer
        else:
            workspace.channels[key] = answer
    return workspace


def _ask(client: WebClient, method: str, item: str, **arguments: str | int) -> Any:
    """The item of Slack's answer, None for what Slack does not know. Raises LookupError with Slack's word."""
    try:
        return client.api_call(method, params=arguments)[item]
    except SlackApiError as error:
        code = str(error.response.get("error", error.response.status_code))
        if code in GONE:
            return None
        raise LookupError(f"{method}: {code}") from None
