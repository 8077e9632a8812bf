"""The declaration of the plugin, its settings and its tables."""

from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slackdesk.api import Duration, OwnTables, Plugin

FOLDER = Path(__file__).parent


class Base(OwnTables, DeclarativeBase):
    """Of the tables of this plugin."""


class Poll(Base):
    """One poll, of one ticket. Agent, tier and queue are those of the moment in which it was sent."""

    __tablename__ = "csat_poll"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    requester: Mapped[str]
    agent: Mapped[str | None]
    queue: Mapped[str]
    tier: Mapped[str]
    sent_at: Mapped[datetime]
    score: Mapped[int | None]
    """1 to 5."""
    rated_at: Mapped[datetime | None]
    comment: Mapped[str | None] = mapped_column(String)
    ended_at: Mapped[datetime | None]
    """When it was taken back without a rating: too old."""


class CsatConfig(BaseModel):
    """``[plugins.csat]``; plain time, nights and weekends included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: Duration = Field(timedelta(minutes=30), description="From the close to the poll; a reopen cancels it")
    expires_after: Duration = Field(timedelta(days=14), description="A poll without a rating ends then")


plugin = Plugin(
    name="csat",
    version="1.0.0",
    api=1,
    config=CsatConfig,
    tables=Base.metadata,
    migrations=FOLDER / "migrations",
    locale=FOLDER / "locale",
)
