"""The shape of slackdesk.toml: what people write and review. Field descriptions are the reference of each key."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from slackdesk.businesstime import WEEKDAYS, BusinessCalendar, wall_interval
from slackdesk.policy.durations import BusinessDuration, Duration
from slackdesk.policy.model import PRIORITIES
from slackdesk.policy.public_holidays import country_problem

OPTION_TEXT_MAX_LENGTH = 75
"""Longest text of an option in a select of Block Kit."""
SELECT_OPTIONS_MAX = 100
"""Most options of a select of Block Kit."""


def _interval(text: object) -> tuple[str, str]:
    parts = tuple(part.strip() for part in text.split("-")) if isinstance(text, str) else ()
    if len(parts) != 2:
        raise ValueError('not an interval; write opening and closing time, such as "09:00-17:00"')
    opens, closes = wall_interval(parts)
    if opens == closes:
        raise ValueError('no time at all; a whole day is "00:00-24:00"')
    return parts[0], parts[1]


def _timezone(name: str) -> str:
    return BusinessCalendar(name, {}).timezone


def _distinct(names: list[str]) -> list[str]:
    for position, name in enumerate(names):
        if name.casefold() in (other.casefold() for other in names[:position]):
            raise ValueError(f"{name!r} is there twice; remove one")
    return names


def _date(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError('not a date; write it as "2026-12-24"') from None


Interval = Annotated[tuple[str, str], BeforeValidator(_interval)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Flag = Annotated[bool, Field(strict=True)]
ShortText = Annotated[str, Field(min_length=1, max_length=OPTION_TEXT_MAX_LENGTH)]
Reference = Annotated[str, Field(min_length=2)]
"""A name in Slack: ``#channel``, ``@person``, e-mail, ``@user-group``, or an id."""
References = Annotated[list[Reference], AfterValidator(_distinct)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class DeskSection(_Section):
    """``[desk]``"""

    name: ShortText = Field(description="Name of the desk, as the App Home and messages show it")
    timezone: Timezone = Field(description="Time zone of the desk, for daily work and for people without one")
    locale: str = Field("en", pattern="^[a-z]{2,3}$", description="Language of what channels read")
    operators: References = Field(min_length=1, description="Who hears of problems with the desk itself")
    strict_plugins: Flag = Field(False, description="Stop at a broken plugin instead of running without it")
    plugin_dirs: list[str] = Field([], description="Folders with plugins of your own")
    retention: Duration = Field(timedelta(days=1095), description="After closing; then personal text is erased")
    max_file_mb: int = Field(50, strict=True, ge=1, le=1000, description="Larger files are linked, not copied")


class HolidaySection(_Section):
    """``holidays = { … }`` of a calendar."""

    country: str = Field(description="ISO code of the country whose public holidays are closed")
    subdivision: str | None = Field(None, description="ISO code of the state or province, for its own holidays")

    @model_validator(mode="after")
    def _known(self) -> Self:
        if problem := country_problem(self.country, self.subdivision):
            raise ValueError(problem)
        return self


class CalendarSection(_Section):
    """``[calendars.<key>]``"""

    timezone: Timezone = Field(description="Time zone of the hours")
    every_day: list[Interval] = Field([], description="Hours of each weekday that has no key of its own")
    mon: list[Interval] | None = Field(None, description="Hours on Mondays; [] is closed")
    tue: list[Interval] | None = Field(None, description="Hours on Tuesdays")
    wed: list[Interval] | None = Field(None, description="Hours on Wednesdays")
    thu: list[Interval] | None = Field(None, description="Hours on Thursdays")
    fri: list[Interval] | None = Field(None, description="Hours on Fridays")
    sat: list[Interval] | None = Field(None, description="Hours on Saturdays")
    sun: list[Interval] | None = Field(None, description="Hours on Sundays")
    holidays: HolidaySection | None = Field(None, description="Public holidays to be closed on")
    dates: dict[Annotated[date, BeforeValidator(_date)], list[Interval]] = Field(
        {}, description="Hours of single dates, instead of those of the weekday"
    )

    @property
    def week(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Weekday → intervals, only days that are open."""
        hours = {day: getattr(self, day) for day in WEEKDAYS}
        open_hours = {day: self.every_day if one is None else one for day, one in hours.items()}
        return {day: tuple(intervals) for day, intervals in open_hours.items() if intervals}

    @model_validator(mode="after")
    def _open_sometime(self) -> Self:
        if not self.week:
            raise ValueError('never open, so that nothing would ever be due; give hours, such as mon = ["09:00-17:00"]')
        return self


class ValidationSection(_Section):
    """``validation = { … }`` of a queue."""

    by: Literal["requester", "any", "all", "majority"] = Field(
        "requester", description="Who says that a request is solved"
    )
    people: References = Field([], description="The validators, unless it is the requester")

    @model_validator(mode="after")
    def _people_fit(self) -> Self:
        if self.by == "requester" and self.people:
            raise ValueError('"requester" asks nobody else; remove people, or write by = "any", "all" or "majority"')
        if self.by != "requester" and not self.people:
            raise ValueError(f'"{self.by}" of nobody; add people = ["@handle"], or write by = "requester"')
        return self


class TierSection(_Section):
    """``[[queues.<key>.tiers]]``"""

    name: str = Field(min_length=1, max_length=30, description="Name of the tier, such as L1")
    channel: Reference = Field(description="Channel of its cards and of the agents' talk; one tier each")
    members: References = Field(min_length=1, description="The agents: user groups or people")
    lead: Reference = Field(description="Person who hears of breaches and may assign")
    budget: BusinessDuration = Field(description="Working time that this tier should need at most")
    meetings: Flag = Field(False, description="Offer [Arrange a meeting] on its cards")


class QueueSection(_Section):
    """``[queues.<key>]``"""

    name: ShortText = Field(description="Name of the queue, as forms show it")
    prefix: str = Field(pattern="^[A-Z][A-Z0-9]{0,9}$", description="What its ticket numbers begin with; unique")
    calendar: str = Field(description="Key of its calendar: all its clocks run on these hours")
    request_channels: References = Field([], description="Channels in which a message can become a request")
    topics: Annotated[list[ShortText], AfterValidator(_distinct)] = Field(
        min_length=1, max_length=SELECT_OPTIONS_MAX, description="What a request can be about, in the order of the form"
    )
    conversation: Literal["explicit", "mirror"] = Field(
        "explicit", description='How agents answer: by an explicit act, or ("mirror") by writing in the card\'s thread'
    )
    start_tier: dict[Literal["low", "normal", "high", "urgent"], str] = Field(
        {}, description=f"Tier at which a priority ({', '.join(PRIORITIES)}) starts; else the first"
    )
    validation: ValidationSection = Field(ValidationSection(), description="Who says that a request is solved")
    auto_close: BusinessDuration | None = Field(
        None, description='Working time without an answer to "Did this solve it?" until it closes by itself'
    )
    private: Flag = Field(False, description="Nothing of it leaves its channels and the requester's DM")
    stakeholders: References = Field([], description="Who may see its numbers in summaries")
    anonymous_csat: Flag = Field(False, description="Show scores without the names of those who gave them")
    tiers: list[TierSection] = Field(min_length=1, max_length=20, description="From the first line up")


class PolicyFile(_Section):
    """The whole file."""

    desk: DeskSection = Field(description="The desk as a whole")
    calendars: dict[str, CalendarSection] = Field(description="Working hours, each under a key of its own")
    queues: dict[str, QueueSection] = Field(description="The queues, each under a key of its own")
    plugins: dict[str, dict[str, Any]] = Field({}, description="Settings of each plugin, as its page explains them")
