"""Who has ever opened the App Home: only their tab is drawn again when something changes."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from slackdesk.database import Base


class HomeTab(Base):
    """A person who opened the App Home, and when first."""

    __tablename__ = "home_tab"
    person: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]


def remember_opened(session: Session, person: str, now: datetime) -> None:
    """From now on the person's tab is kept up to date."""
    if session.get(HomeTab, person) is None:
        session.add(HomeTab(person=person, opened_at=now))
        session.flush()


def has_opened(session: Session, person: str) -> bool:
    """Whether the person ever opened the App Home."""
    return session.get(HomeTab, person) is not None
