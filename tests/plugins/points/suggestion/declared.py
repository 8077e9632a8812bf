"""The declaration and the table."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from slackdesk.api import OwnTables, Plugin

FOLDER = Path(__file__).parent


class Base(OwnTables, DeclarativeBase):
    """Of the tables of this plugin."""


class Suggestion(Base):
    """What somebody suggested."""

    __tablename__ = "suggestion_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    text: Mapped[str]
    person: Mapped[str | None]
    """None: whoever suggested it did not want to be named."""
    about: Mapped[str | None]
    """Keys of ``asking.ABOUT`` with a comma between them."""
    channel: Mapped[str | None]
    """Where it came up."""


plugin = Plugin(
    name="suggestion",
    version="1.0.0",
    api=1,
    tables=Base.metadata,
    migrations=FOLDER / "migrations",
    locale=FOLDER / "locale",
)
