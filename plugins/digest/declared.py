"""The declaration of the plugin, its settings and its tables."""

import re
from datetime import datetime, time
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from slackdesk_plugins.digest.periods import DAY_BEGINS, DAY_ENDS, WEEKDAYS, Schedule
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slackdesk.api import OwnTables, Plugin

FOLDER = Path(__file__).parent

BREACH = "breach"

_AT = re.compile(r"(?:([A-Za-z]{3}) )?([0-9]{1,2}):([0-9]{2})")


class Base(OwnTables, DeclarativeBase):
    """Of the tables of this plugin."""


class Subscription(Base):
    """Somebody, or a channel, gets a summary again and again."""

    __tablename__ = "digest_subscription"
    id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    """Id of a person or of a channel."""
    owner: Mapped[str | None]
    """Who asked for it; None: the policy file."""
    queues: Mapped[str]
    """Keys, with a comma between them."""
    topic: Mapped[str | None]
    every: Mapped[str]
    """``day``, ``week``, ``month`` or ``breach``: whenever a target is missed."""
    weekday: Mapped[int]
    """0 is Monday."""
    hour: Mapped[int]
    """By the clock of the person; for a channel by that of the desk."""
    minute: Mapped[int]
    sent_slot: Mapped[datetime | None]
    """The latest slot that was sent."""
    next_slot: Mapped[datetime | None]
    """The slot for which a timer waits; of missed targets, the instant at which those that wait are told."""

    def schedule(self, timezone: str) -> Schedule:
        """When it is due by the clock of that zone."""
        return Schedule(self.every, self.hour, self.minute, self.weekday, timezone)


class Missed(Base):
    """A missed target of which a subscription has not told yet."""

    __tablename__ = "digest_missed"
    subscription: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    clock: Mapped[str] = mapped_column(primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str]
    tier: Mapped[str]
    """The tier that caused it."""
    missed_at: Mapped[datetime]


class Feedback(Base):
    """Criticism or a suggestion of an employee."""

    __tablename__ = "digest_feedback"
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    author: Mapped[str]
    queue: Mapped[str | None]
    """What it is about; None: the whole desk."""
    text: Mapped[str]
    """Empty once it was erased."""
    quote: Mapped[str]
    """``named``, ``unnamed`` or ``never``: how the author allows it to be quoted in summaries."""


class SubscriptionConfig(BaseModel):
    """``[[plugins.digest.subscriptions]]``"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str = Field(min_length=2, description="A channel or a person")
    queues: tuple[str, ...] = Field(min_length=1, description="Keys of queues; private ones are counted only")
    every: Literal["day", "week", "month", "breach"] = Field("week", description="How often")
    at: str = Field("08:00", description="By the reader's clock: 08:00, or Mon 08:00 with every = week")

    @model_validator(mode="after")
    def _has_an_instant(self) -> Self:
        if self.every != BREACH:
            self.schedule("UTC")
        elif "at" in self.model_fields_set:
            raise ValueError(f"at = {self.at!r}: leave it out; a missed target is told within minutes")
        return self

    def schedule(self, timezone: str) -> Schedule:
        """When it is due by the clock of that zone. Raises ValueError for what is no such instant."""
        match = _AT.fullmatch(self.at)
        example = "Mon 08:00" if self.every == "week" else "08:00"
        if match is None or int(match[2]) > 23 or int(match[3]) > 59:
            raise ValueError(f"at = {self.at!r}: write an instant such as {example}")
        day, hour, minute = (match[1] or "mon").lower(), int(match[2]), int(match[3])
        if day not in WEEKDAYS or (match[1] and self.every != "week"):
            raise ValueError(f"at = {self.at!r}: write an instant such as {example}")
        if not DAY_BEGINS <= time(hour, minute) < DAY_ENDS:
            raise ValueError(f"at = {self.at!r}: at night; write one from {DAY_BEGINS:%H:%M} to {DAY_ENDS:%H:%M}")
        return Schedule(self.every, hour, minute, WEEKDAYS.index(day), timezone)


class DigestConfig(BaseModel):
    """``[plugins.digest]``"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subscriptions: tuple[SubscriptionConfig, ...] = Field((), description="Summaries that the policy orders")


plugin = Plugin(
    name="digest",
    version="1.0.0",
    api=1,
    config=DigestConfig,
    tables=Base.metadata,
    migrations=FOLDER / "migrations",
    locale=FOLDER / "locale",
)
