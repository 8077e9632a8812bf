"""From names to ids: a PolicyFile and the Directory of the workspace make a ResolvedPolicy."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from slackdesk.errors import ConfigurationError
from slackdesk.policy.checks import channel_problems
from slackdesk.policy.directory import Directory
from slackdesk.policy.file import CalendarSection, DeskSection, PolicyFile, QueueSection, TierSection
from slackdesk.policy.model import CalendarRules, DeskRules, HolidaySource, Queue, ResolvedPolicy, Tier, Validation
from slackdesk.policy.public_holidays import YEARS_AHEAD, public_holidays
from slackdesk.policy.reading import PolicyError

_NAME = re.compile(r"[#@][\w.-]+")
"""In a plugin's section, a text of this form is a channel or a person."""


@dataclass(frozen=True)
class Resolution:
    """A policy that can be applied, and what an operator should still put right in Slack."""

    policy: ResolvedPolicy
    warnings: tuple[ConfigurationError, ...]


def resolve(file: PolicyFile, directory: Directory, today: date) -> Resolution:
    """Replace every name by its id. Raises PolicyError that names all that is not there or does not fit."""
    resolver = _Resolver(directory)
    desk = resolver.desk(file.desk)
    queues = {key: resolver.queue(key, section) for key, section in file.queues.items()}
    plugins = {name: resolver.named(f"plugins.{name}", section) for name, section in file.plugins.items()}
    resolver.problems += channel_problems(
        {key: [tier.channel for tier in queue.tiers] for key, queue in queues.items()},
        {key: queue.request_channels for key, queue in queues.items()},
    )
    if resolver.problems:
        raise PolicyError(resolver.problems)
    policy = ResolvedPolicy(
        desk=desk,
        calendars={key: _calendar(section, today) for key, section in file.calendars.items()},
        queues=queues,
        plugins=plugins,
        user_groups={group_id: directory.groups[group_id] for group_id in resolver.used_groups},
    )
    return Resolution(policy, tuple(resolver.warnings))


def people_references(file: PolicyFile) -> set[str]:
    """Every name in the file that may be a user group."""
    references = set(file.desk.operators)
    for queue in file.queues.values():
        references.update(queue.stakeholders, queue.validation.people, *(tier.members for tier in queue.tiers))
    return references


@dataclass
class _Resolver:
    directory: Directory
    problems: list[ConfigurationError] = field(default_factory=list)
    warnings: list[ConfigurationError] = field(default_factory=list)
    used_groups: dict[str, None] = field(default_factory=dict)

    def desk(self, section: DeskSection) -> DeskRules:
        return DeskRules(
            name=section.name,
            timezone=section.timezone,
            locale=section.locale,
            operators=self._people("desk.operators", section.operators),
            strict_plugins=section.strict_plugins,
            plugin_dirs=tuple(section.plugin_dirs),
            retention=section.retention,
            max_file_mb=section.max_file_mb,
        )

    def queue(self, key: str, section: QueueSection) -> Queue:
        path = f"queues.{key}"
        channels = (
            self._channel(f"{path}.request_channels[{n}]", name, private=section.private)
            for n, name in enumerate(section.request_channels)
        )
        people = self._people(f"{path}.validation.people", section.validation.people)
        return Queue(
            key=key,
            name=section.name,
            prefix=section.prefix,
            calendar=section.calendar,
            request_channels=tuple(channels),
            topics=tuple(section.topics),
            conversation=section.conversation,
            start_tier={str(priority): name for priority, name in section.start_tier.items()},
            validation=Validation(by=section.validation.by, people=people),
            auto_close=section.auto_close,
            private=section.private,
            stakeholders=self._people(f"{path}.stakeholders", section.stakeholders),
            anonymous_csat=section.anonymous_csat,
            tiers=tuple(
                self._tier(f"{path}.tiers[{n}]", tier, private=section.private) for n, tier in enumerate(section.tiers)
            ),
        )

    def _tier(self, path: str, section: TierSection, *, private: bool) -> Tier:
        members = self._people(f"{path}.members", section.members)
        groups = tuple(one for one in members if one in self.directory.groups)
        return Tier(
            name=section.name,
            channel=self._channel(f"{path}.channel", section.channel, private=private),
            members=frozenset(members) - frozenset(groups),
            groups=groups,
            lead=self._person(f"{path}.lead", section.lead),
            budget=section.budget,
            meetings=section.meetings,
        )

    def named(self, key: str, value: Any) -> Any:
        """A plugin's setting, with ids in the place of every text in it that is a name: ``#leadership``, ``@rina``."""
        if isinstance(value, dict):
            return {name: self.named(f"{key}.{name}", inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.named(f"{key}[{n}]", inner) for n, inner in enumerate(value)]
        if isinstance(value, str) and _NAME.fullmatch(value):
            return self._channel(key, value, private=False) if value[0] == "#" else self._person(key, value)
        return value

    def _channel(self, key: str, reference: str, *, private: bool) -> str:
        channel = self.directory.channel(reference)
        invite = f"write /invite @{self.directory.bot_name} there"
        if channel is None:
            remedy = f"no such channel{self.directory.similar(reference)}; if it is private, {invite} first"
            self.problems.append(ConfigurationError(key, reference, remedy))
            return reference
        if private and not channel.is_private:
            remedy = "a public channel of a private queue, everybody could read it; make the channel private"
            self.problems.append(ConfigurationError(key, reference, remedy))
        if not channel.is_member:
            self.warnings.append(ConfigurationError(key, reference, f"the app is not in this channel; {invite}"))
        return channel.id

    def _people(self, path: str, references: Iterable[str]) -> tuple[str, ...]:
        """Ids of people and of user groups."""
        found = (self._person_or_group(f"{path}[{n}]", reference) for n, reference in enumerate(references))
        return tuple(dict.fromkeys(found))

    def _person_or_group(self, key: str, reference: str) -> str:
        group_id = self.directory.group(reference)
        if group_id is None:
            return self._person(key, reference)
        self.used_groups[group_id] = None
        if not self.directory.groups[group_id].members:
            self.warnings.append(
                ConfigurationError(key, reference, "nobody is in this user group; add people in Slack")
            )
        return group_id

    def _person(self, key: str, reference: str) -> str:
        user_id = self.directory.user(reference)
        if user_id is not None and not self.directory.users[user_id].get("deleted"):
            return user_id
        if user_id is not None:
            remedy = "this account is deactivated; write somebody else"
        elif self.directory.group(reference) is not None:
            remedy = "a user group, but one person is needed here; write @handle, e-mail or id of a person"
        elif "@" in reference[1:] and not self.directory.knows_addresses():
            remedy = "Slack tells no e-mail addresses; give the app the scope users:read.email, or write the @handle"
        else:
            remedy = f"nobody of that handle, e-mail or id{self.directory.similar(reference)}"
        self.problems.append(ConfigurationError(key, reference, remedy))
        return reference


def _calendar(section: CalendarSection, today: date) -> CalendarRules:
    source: HolidaySource | None = None
    days: tuple[date, ...] = ()
    if section.holidays is not None:
        country, subdivision = section.holidays.country, section.holidays.subdivision
        through_year = today.year + YEARS_AHEAD
        source = HolidaySource(country=country, subdivision=subdivision, through_year=through_year)
        days = public_holidays(country, subdivision, range(today.year, through_year + 1))
    return CalendarRules(
        timezone=section.timezone,
        week=section.week,
        dates={day: tuple(intervals) for day, intervals in section.dates.items()},
        holidays=days,
        holiday_source=source,
    )
