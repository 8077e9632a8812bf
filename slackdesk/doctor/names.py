"""Whether everything that the policy names is in Slack as the desk needs it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from slackdesk.doctor.finding import Finding, Severity, ok, problem, warning
from slackdesk.doctor.places import Kind, Place
from slackdesk.doctor.workspace import GROUPS, Json, Workspace
from slackdesk.i18n import later
from slackdesk.policy.directory import Directory


@dataclass(frozen=True)
class Names:
    """The policy in force beside the workspace.

    ``named`` are its names as ids, ``written`` the same in the file from which it came, ``handles`` id → handle of
    people and groups as the desk remembers them.
    """

    workspace: Workspace
    named: Sequence[Place]
    written: Sequence[Place]
    handles: Mapping[str, str]

    def examine(self) -> list[Finding]:
        """Everything that is not as it should be, else one line for each kind of name."""
        found = [
            *self._of("channels", [place for place in self.named if place.kind is not Kind.PEOPLE], self._channels()),
            *self._of("user_groups", [place for place in self.named if place.is_group], self._groups()),
            *self._of("people", [place for place in self.named if place.is_person], self._people()),
        ]
        if not self.workspace.not_seen:
            told = {finding.key for finding in found if finding.severity is not Severity.OK}
            directory = self.workspace.directory()
            untold = [place for place in self.written if place.key not in told]
            return found + [unknown(place) for place in untold if not is_known(place, directory)]
        key, reason = next(iter(self.workspace.not_seen.items()))
        return [*found, not_seen(len(self.workspace.not_seen), self._shown(key), reason)]

    def _of(self, check: str, named: Sequence[Place], findings: Iterator[Finding]) -> list[Finding]:
        """What is wrong with them, else that nothing is, when all of them were seen."""
        wrong = list(findings)
        if wrong or any((GROUPS if place.is_group else place.id) in self.workspace.not_seen for place in named):
            return wrong
        number = len({place.id for place in named})
        return [ok(check, f"{check.replace('_', ' ').capitalize()}: all {number} as the policy needs them.")]

    def _channels(self) -> Iterator[Finding]:
        for place in self.named:
            if place.kind is not Kind.PEOPLE and place.id in self.workspace.channels:
                finding = channel(place, self.workspace.channels[place.id], self._shown(place.id, place.key), self._bot)
                if finding is not None:
                    yield finding

    def _groups(self) -> Iterator[Finding]:
        if GROUPS in self.workspace.not_seen:
            return
        for place in self.named:
            if place.is_group:
                others = [one for one in self.named if one.key == place.key and one.id != place.id]
                is_needed = not any(one.is_person or self._members(one.id) for one in others)
                finding = group(place, self.workspace.groups.get(place.id), self._shown(place.id), is_needed=is_needed)
                if finding is not None:
                    yield finding

    def _people(self) -> Iterator[Finding]:
        for place in self.named:
            if place.id in self.workspace.people:
                user = self.workspace.people[place.id]
                if user is None or user.get("deleted"):
                    yield deactivated(place, self._shown(place.id))

    @property
    def _bot(self) -> str:
        return self.workspace.bot_name

    def _members(self, group_id: str) -> list[str]:
        found = self.workspace.groups.get(group_id)
        return [] if found is None or found.get("date_delete") else list(found.get("users", ()))

    def _shown(self, place_id: str, key: str = "") -> str:
        """As people write it: the name in Slack, as it was written, as it was remembered, else the id."""
        found = self.workspace.channels.get(place_id)
        if found is not None:
            return f"#{found['name']}"
        user = self.workspace.people.get(place_id)
        handle = user["name"] if user is not None else self.handles.get(place_id)
        if handle is not None:
            return f"@{handle}"
        return next((place.id for place in self.written if place.key == key), place_id)


def is_known(place: Place, directory: Directory) -> bool:
    """Whether what is written there is found in Slack by that name, address or id."""
    if place.kind is not Kind.PEOPLE:
        return directory.channel(place.id) is not None
    if "@" in place.id[1:] and not directory.knows_addresses():
        return True  # no address is known; the missing scope is told
    return directory.group(place.id) is not None or directory.user(place.id) is not None


def unknown(place: Place) -> Finding:
    """A name that was changed in Slack: the desk knows its id, but the file cannot be applied again."""
    return problem(
        "policy.names",
        later("The policy file names {name}, which Slack knows by this name no more; it cannot be applied again."),
        later("Write the present name, or the id, into the file, then run `slackdesk policy apply`."),
        key=place.key,
        value=place.id,
        name=place.id,
    )


def channel(place: Place, found: Json | None, shown: str, bot: str) -> Finding | None:
    """None for a channel as it has to be."""
    where = {"key": place.key, "value": shown}
    if found is None:
        return problem(
            "channels",
            later("The channel {channel} is gone, or private without the app in it; nothing arrives there."),
            later("Write `/invite @{bot}` in it, or name another channel and run `slackdesk policy apply`."),
            **where,
            channel=shown,
            bot=bot,
        )
    if found.get("is_archived"):
        return problem(
            "channels",
            later("The channel {channel} is archived; nothing arrives there."),
            later("Unarchive it in Slack, or name another channel and run `slackdesk policy apply`."),
            **where,
            channel=shown,
        )
    if place.kind is Kind.PRIVATE_CHANNEL and not found.get("is_private"):
        return problem(
            "channels",
            later("The channel {channel} of a private queue is public: everybody in the company can read it."),
            later("Make the channel private in Slack, at once."),
            **where,
            channel=shown,
        )
    if not found.get("is_member"):
        return problem(
            "channels",
            later("The app is not in {channel}; nothing arrives there, and nothing written there is seen."),
            later("Write `/invite @{bot}` in that channel."),
            **where,
            channel=shown,
            bot=bot,
        )
    return None


def group(place: Place, found: Json | None, shown: str, *, is_needed: bool) -> Finding | None:
    """None for a user group with somebody in it; without ``is_needed`` there are others for the same thing."""
    where = {"key": place.key, "value": shown}
    say = problem if is_needed else warning
    if found is None or found.get("date_delete"):
        return problem(
            "user_groups",
            later("The user group {group} is disabled; its members are as they were last seen."),
            later("Enable it in Slack, or name another one and run `slackdesk policy apply`."),
            **where,
            group=shown,
        )
    if not found.get("users"):
        return say(
            "user_groups",
            later("Nobody is in the user group {group}."),
            later("Add people to it in Slack; the desk follows by itself."),
            **where,
            group=shown,
        )
    return None


def deactivated(place: Place, shown: str) -> Finding:
    """Somebody who has left."""
    return problem(
        "people",
        later("The account of {person} is deactivated; what is meant for that person reaches nobody."),
        later("Write somebody else into the policy file, then run `slackdesk policy apply`."),
        key=place.key,
        value=shown,
        person=shown,
    )


def not_seen(number: int, first: str, reason: str) -> Finding:
    """Names of the policy that Slack did not tell of."""
    return warning(
        "policy.names",
        later("Names of the policy that could not be looked up: {number}, such as {first} ({reason})."),
        later("Mend what the reason names, or ask again in a minute; `slackdesk policy check` takes its time."),
        value=first,
        number=number,
        first=first,
        reason=reason,
    )
