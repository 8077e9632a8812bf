"""What the core remembers of plugins."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from slackdesk.database import Base


class PluginState(Base):
    """How a plugin is doing. Without a row, or without ``paused_at``, it runs."""

    __tablename__ = "plugin_state"
    name: Mapped[str] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime | None]
    """Real time. Since then nothing of it is run; its work waits."""
    reason: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Pieces of its work that were given up, one after the other."""
    hour_began_at: Mapped[datetime | None]
    """Real time. What it asks for is counted from then on."""
    messages: Mapped[int] = mapped_column(default=0, server_default="0")
    timers: Mapped[int] = mapped_column(default=0, server_default="0")


class PluginPosting(Base):
    """Where a message of a plugin stands, by the key under which the plugin said it."""

    __tablename__ = "plugin_posting"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    ts: Mapped[str]
    thread_ts: Mapped[str | None]
    """The root's, where it stands in a thread."""


class PluginFile(Base):
    """A file of a plugin's message: its content until it is shared, and by what it is known again afterwards."""

    __tablename__ = "plugin_file"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """Of the message."""
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    title: Mapped[str]
    alt_text: Mapped[str | None]
    digest: Mapped[str]
    """Of the content."""
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """None once it is shared."""
    file_id: Mapped[str | None]
    """Slack's, while it is carried up and not shared."""
    kept_at: Mapped[datetime]
    """Desk time, since when it waits."""
