"""The policy as the desk works by it, every name replaced by an id of Slack, and the tables that keep it.

``slackdesk.policy.file`` is what people write, ``slackdesk.policy.resolution`` makes this of it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_serializer
from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from slackdesk.businesstime import BusinessCalendar
from slackdesk.database import Base

PRIORITIES = ("low", "normal", "high", "urgent")
"""Names of the priorities, as ``start_tier`` and the targets of plugins write them."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeskRules(_Frozen):
    """What holds for the whole desk. ``operators`` are user ids."""

    name: str
    timezone: str
    locale: str
    operators: tuple[str, ...]
    strict_plugins: bool
    plugin_dirs: tuple[str, ...]
    retention: timedelta
    max_file_mb: int


class HolidaySource(_Frozen):
    """Whose public holidays a calendar copies in, and the last year that was copied."""

    country: str
    subdivision: str | None
    through_year: int


class CalendarRules(_Frozen):
    """Working hours as texts; ``business_calendar`` computes with them."""

    timezone: str
    week: dict[str, tuple[tuple[str, str], ...]]
    dates: dict[date, tuple[tuple[str, str], ...]]
    holidays: tuple[date, ...]
    holiday_source: HolidaySource | None

    @cached_property
    def business_calendar(self) -> BusinessCalendar:
        """One object for the life of these rules: it keeps what it has computed."""
        return BusinessCalendar(self.timezone, self.week, self.holidays, self.dates)

    def in_zone(self, timezone: str) -> BusinessCalendar:
        """The same hours and dates on the wall clocks of another time zone, kept as well."""
        if timezone not in self._elsewhere:
            self._elsewhere[timezone] = BusinessCalendar(timezone, self.week, self.holidays, self.dates)
        return self._elsewhere[timezone]

    @cached_property
    def _elsewhere(self) -> dict[str, BusinessCalendar]:
        return {}


class Tier(_Frozen):
    """One step of a queue. ``members`` are user ids, once read also of those in ``groups`` (user group ids)."""

    name: str
    channel: str
    members: frozenset[str]
    groups: tuple[str, ...]
    lead: str
    budget: timedelta
    meetings: bool

    @field_serializer("members")
    def _sorted_members(self, members: frozenset[str]) -> list[str]:
        return sorted(members)


class Validation(_Frozen):
    """Who says that a request is solved: the requester, or any, all or the majority of ``people`` (user ids)."""

    by: Literal["requester", "any", "all", "majority"]
    people: tuple[str, ...]


class Queue(_Frozen):
    """One team's requests. ``request_channels`` are channel ids, ``start_tier`` maps a priority to a tier's name."""

    key: str
    name: str
    prefix: str
    calendar: str
    request_channels: tuple[str, ...]
    topics: tuple[str, ...]
    conversation: Literal["explicit", "mirror"]
    start_tier: dict[str, str]
    validation: Validation
    auto_close: timedelta | None
    private: bool
    stakeholders: tuple[str, ...]
    anonymous_csat: bool
    tiers: tuple[Tier, ...]

    def tier(self, name: str) -> Tier:
        """The tier of that name; raises KeyError when the queue has none."""
        return self.tiers[self._position(name)]

    def first_tier(self, priority: str) -> Tier:
        """Where a request of that priority starts."""
        return self.tier(self.start_tier.get(priority, self.tiers[0].name))

    def tier_after(self, name: str) -> Tier | None:
        """The next tier up, None at the top; raises KeyError for an unknown name."""
        above = self.tiers[self._position(name) + 1 :]
        return above[0] if above else None

    def tier_before(self, name: str) -> Tier | None:
        """The next tier down, None at the bottom; raises KeyError for an unknown name."""
        below = self.tiers[: self._position(name)]
        return below[-1] if below else None

    def _position(self, name: str) -> int:
        for position, tier in enumerate(self.tiers):
            if tier.name == name:
                return position
        raise KeyError(name)


class GroupSnapshot(_Frozen):
    """A user group as it was last seen. ``members`` are user ids."""

    handle: str
    members: tuple[str, ...]


class ResolvedPolicy(_Frozen):
    """The whole policy; ``queues`` in the order of the file, ``plugins`` as written.

    As resolved and stored, people lists may hold user group ids; ``current_policy`` returns it ``with_group_members``.
    """

    desk: DeskRules
    calendars: dict[str, CalendarRules]
    queues: dict[str, Queue]
    plugins: dict[str, dict[str, Any]]
    user_groups: dict[str, GroupSnapshot]

    def queue(self, key: str) -> Queue:
        """The queue of that key; raises KeyError when there is none."""
        return self.queues[key]

    def calendar(self, queue_key: str) -> BusinessCalendar:
        """The working hours of a queue."""
        return self.calendars[self.queues[queue_key].calendar].business_calendar

    def with_group_members(self, groups: dict[str, GroupSnapshot]) -> "ResolvedPolicy":
        """The same policy with ``groups`` as its user groups and their members in the place of the groups."""

        def people(ids: Iterable[str]) -> tuple[str, ...]:
            members = (groups[one].members if one in groups else (one,) for one in ids)
            return tuple(dict.fromkeys(person for part in members for person in part))

        def tier(old: Tier) -> Tier:
            return old.model_copy(update={"members": old.members | frozenset(people(old.groups))})

        def queue(old: Queue) -> Queue:
            validation = old.validation.model_copy(update={"people": people(old.validation.people)})
            return old.model_copy(
                update={
                    "tiers": tuple(tier(one) for one in old.tiers),
                    "stakeholders": people(old.stakeholders),
                    "validation": validation,
                }
            )

        return self.model_copy(
            update={
                "desk": self.desk.model_copy(update={"operators": people(self.desk.operators)}),
                "queues": {key: queue(old) for key, old in self.queues.items()},
                "user_groups": groups,
            }
        )


class PolicyVersion(Base):
    """One applied policy; the highest id is the one in force. Rows are never changed."""

    __tablename__ = "policy_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    applied_at: Mapped[datetime]
    """Desk time."""
    applied_by: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of ``resolved``."""
    source: Mapped[str]
    """The file as it was written."""
    resolved: Mapped[dict[str, Any]]
    """A ResolvedPolicy without its user groups."""


class UserGroup(Base):
    """A user group that the policy names, and who is in it."""

    __tablename__ = "user_group"
    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    handle: Mapped[str] = mapped_column(String(200))
    members: Mapped[list[str]] = mapped_column(JSON)
    refreshed_at: Mapped[datetime]
    """Desk time."""
    revision: Mapped[int] = mapped_column(default=1)
    """Grows with every refresh, so that processes notice it."""
