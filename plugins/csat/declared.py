"""The declaration of the plugin, its settings and its tables."""

from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slackdesk.api import Duration, OwnTables, Plugin

FOLDER = Path(__file__).parent


class Base(OwnTables, DeclarativeBase):
    """Of the tables of this plugin."""


class Poll(Base):
    """One poll, of one ticket. Agent, tier, queue and anonymity are those of the moment in which it was sent."""

    __tablename__ = "csat_poll"
    __table_args__ = (
        Index("ix_csat_poll_requester", "requester", "sent_at"),
        Index("ix_csat_poll_queue", "queue", "closed_at"),
        Index("ix_csat_poll_agent", "queue", "agent"),
        Index("ix_csat_poll_ended_at", "ended_at", "sent_at"),
    )
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    requester: Mapped[str]
    agent: Mapped[str | None]
    """Who solved it."""
    queue: Mapped[str]
    tier: Mapped[str]
    closed_at: Mapped[datetime]
    """The close that it asks about; reports count it by this date."""
    sent_at: Mapped[datetime]
    is_anonymous: Mapped[bool]
    """Whether the requester was promised that no name is shown."""
    reminded_at: Mapped[datetime | None]
    score: Mapped[int | None]
    """1 to 5."""
    rated_at: Mapped[datetime | None]
    """When it was rated first: from then on the rating can be changed for a while."""
    comment: Mapped[str | None] = mapped_column(String)
    told_lead: Mapped[str | None]
    """The lead who was told of a low score."""
    ended_at: Mapped[datetime | None]
    """Since when nothing of it can be changed, and its message has no buttons."""
    is_void: Mapped[bool]
    """Whether a reopen ended it, before it was rated."""


class Asked(Base):
    """When somebody was asked last, about whatever ticket. One row for each person: two polls at once collide here."""

    __tablename__ = "csat_asked"
    person: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]


class CsatConfig(BaseModel):
    """``[plugins.csat]``; plain time, nights and weekends included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: Duration = Field(timedelta(minutes=30), description="From the close to the poll; a reopen cancels it")
    reminder_after: Duration = Field(timedelta(days=1), description="From the poll to its one reminder")
    expires_after: Duration = Field(timedelta(days=14), description="A poll without a rating ends then")
    edit_window: Duration = Field(timedelta(hours=24), description="From the first rating on it can be changed")
    cool_down: Duration = Field(timedelta(days=7), description="From one poll to the next one of the same person")
    low_score: int = Field(2, ge=0, le=4, description="This score and below goes to the lead; 0: none does")


plugin = Plugin(
    name="csat",
    version="1.1.0",
    api=1,
    config=CsatConfig,
    tables=Base.metadata,
    migrations=FOLDER / "migrations",
    locale=FOLDER / "locale",
)
