"""Who and what there is in the Slack workspace: channels, people and user groups, read for an operator's command."""

import difflib
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.errors import ConfigurationError
from slackdesk.policy.model import GroupSnapshot

PAGE_SIZE = 500
"""Items asked for in one page; Slack allows fewer than 1,000."""
RATE_LIMITED_ATTEMPTS = 20
"""How often a call that Slack holds back is tried; the wait is Slack's Retry-After each time."""

TOKEN_ERRORS = {
    "not_authed",
    "invalid_auth",
    "not_allowed_token_type",
    "token_revoked",
    "token_expired",
    "account_inactive",
}
"""What Slack answers to every call with a token that is not (any more) the right one."""


@dataclass(frozen=True)
class Channel:
    """A channel that the app can see: any public one, and a private one that it is in."""

    id: str
    name: str
    is_private: bool
    is_member: bool


@dataclass(frozen=True)
class Directory:
    """The workspace as names and ids. ``users`` is id → user as users.list gives it, deactivated ones too."""

    bot_name: str
    channels: dict[str, Channel]
    users: dict[str, dict[str, Any]]
    groups: dict[str, GroupSnapshot]
    """Members are known only of the groups that were asked for."""

    def channel(self, reference: str) -> Channel | None:
        """The channel of a ``#name`` or id."""
        name = reference.removeprefix("#").casefold()
        named = (channel for channel in self.channels.values() if channel.name == name)
        return self.channels.get(reference) or next(named, None)

    def user(self, reference: str) -> str | None:
        """The id of a person by ``@handle``, e-mail or id."""
        if reference in self.users:
            return reference
        wanted = reference.removeprefix("@").casefold()
        for user_id, user in self.users.items():
            email = user.get("profile", {}).get("email") or ""
            if wanted in (email.casefold(), user["name"].casefold()):
                return user_id
        return None

    def group(self, reference: str) -> str | None:
        """The id of a user group by ``@handle`` or id."""
        if reference in self.groups:
            return reference
        wanted = reference.removeprefix("@").casefold()
        return next((key for key, group in self.groups.items() if group.handle.casefold() == wanted), None)

    def knows_addresses(self) -> bool:
        """Whether Slack told any e-mail address: without the scope users:read.email it silently tells none."""
        return any(user.get("profile", {}).get("email") for user in self.users.values())

    def names(self) -> dict[str, str]:
        """Id → name as people write it, of everything there is."""
        return (
            {channel.id: f"#{channel.name}" for channel in self.channels.values()}
            | {user_id: f"@{user['name']}" for user_id, user in self.users.items()}
            | {group_id: f"@{group.handle}" for group_id, group in self.groups.items()}
        )

    def similar(self, reference: str) -> str:
        """`` (did you mean …?)`` with the most similar name of the same kind, empty when nothing is similar."""
        people = [user["name"] for user in self.users.values()] + [group.handle for group in self.groups.values()]
        mark, names = ("#", [c.name for c in self.channels.values()]) if reference.startswith("#") else ("@", people)
        close = difflib.get_close_matches(reference.removeprefix(mark), names, n=1)
        return f" (did you mean {mark}{close[0]}?)" if close else ""


def read_directory(client: WebClient, references: Collection[str]) -> Directory:
    """Read the workspace; ``references`` are the names of which members are wanted where they are user groups.

    Waits as long as Slack asks for. Raises ConfigurationError when the token, a scope or the connection is missing.
    """
    bot_name = str(_call(client, "auth.test")["user"])
    channels = _pages(client, "conversations.list", "channels", types="public_channel,private_channel")
    users = _pages(client, "users.list", "members", include_locale="true")
    handles = {str(group["id"]): str(group["handle"]) for group in _call(client, "usergroups.list")["usergroups"]}
    wanted = {reference.removeprefix("@").casefold() for reference in references}
    groups = {
        group_id: GroupSnapshot(handle=handle, members=tuple(_members(client, group_id, handle, wanted)))
        for group_id, handle in handles.items()
    }
    return Directory(
        bot_name=bot_name,
        channels={one["id"]: _channel(one) for one in channels if not one.get("is_archived")},
        users={one["id"]: one for one in users},
        groups=groups,
    )


def _channel(channel: dict[str, Any]) -> Channel:
    return Channel(
        id=channel["id"],
        name=channel["name"],
        is_private=bool(channel.get("is_private")),
        is_member=bool(channel.get("is_member")),
    )


def _members(client: WebClient, group_id: str, handle: str, wanted: Collection[str]) -> Iterable[str]:
    if handle.casefold() not in wanted and group_id.casefold() not in wanted:
        return ()
    users: list[str] = _call(client, "usergroups.users.list", usergroup=group_id)["users"]
    return users


def _pages(client: WebClient, method: str, items: str, **arguments: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        page = _call(client, method, limit=PAGE_SIZE, cursor=cursor, **arguments)
        yield from page[items]
        cursor = page.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            return


def _call(client: WebClient, method: str, **arguments: str | int) -> dict[str, Any]:
    for _ in range(RATE_LIMITED_ATTEMPTS):
        try:
            data = client.api_call(method, params=arguments).data
        except SlackApiError as error:
            if error.response.status_code != 429:
                raise _refused(client, method, error) from None
            time.sleep(int(error.response.headers.get("Retry-After", 1)))
        except (URLError, OSError) as error:
            raise ConfigurationError(
                "SLACK_API_URL",
                client.base_url,
                f"Slack cannot be reached: {error}; check the network and this address",
            ) from None
        else:
            if isinstance(data, dict):
                return data
            raise ConfigurationError(
                "SLACK_API_URL", client.base_url, f"{method} answered with something else than JSON"
            )
    raise ConfigurationError(method, "ratelimited", "Slack holds this call back again and again; try it later")


def _refused(client: WebClient, method: str, error: SlackApiError) -> ConfigurationError:
    code = str(error.response.get("error", "unknown error"))
    if code == "missing_scope":
        needed = error.response.get("needed", "?")
        remedy = f"the token lacks the scope {needed} that {method} needs; add it to the app and install the app again"
    elif code in TOKEN_ERRORS:
        remedy = f"Slack answers {code}; write the Bot User OAuth Token of the installed app, xoxb-…"
    else:
        first_line = code.splitlines()[0]  # of an error page of a proxy
        return ConfigurationError("SLACK_API_URL", client.base_url, f"{method} fails with {first_line!r}; try it again")
    return ConfigurationError("SLACK_BOT_TOKEN", "xoxb-…", remedy)
