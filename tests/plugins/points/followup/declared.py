"""The declaration, the settings and the table."""

from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slackdesk.api import Duration, OwnTables, Plugin

FOLDER = Path(__file__).parent


class Base(OwnTables, DeclarativeBase):
    """Of the tables of this plugin."""


class FollowUp(Base):
    """Somebody wants to be reminded of a ticket; one for each ticket and person."""

    __tablename__ = "followup_reminder"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agent: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    why: Mapped[str | None]


class FollowUpConfig(BaseModel):
    """``[plugins.followup]``"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Duration = Field(timedelta(days=1), description="From the click to the reminder")


plugin = Plugin(
    name="followup",
    version="1.0.0",
    api=1,
    config=FollowUpConfig,
    tables=Base.metadata,
    migrations=FOLDER / "migrations",
    locale=FOLDER / "locale",
)
