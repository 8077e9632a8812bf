"""What the Slack side remembers for itself."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from slackdesk.database import Base


class HomeVisitor(Base):
    """Somebody who has opened the App Home: only for these it is drawn again when something changes."""

    __tablename__ = "home_visitor"
    person: Mapped[str] = mapped_column(primary_key=True)
    first_opened_at: Mapped[datetime]
    """Desk time."""


def remember_home_visitor(session: Session, person: str, now: datetime) -> None:
    """From now on this person's App Home is kept up to date."""
    if session.get(HomeVisitor, person) is None:
        session.add(HomeVisitor(person=person, first_opened_at=now))
        session.flush()


def has_opened_home(session: Session, person: str) -> bool:
    """Whether this person has ever opened the App Home."""
    return session.get(HomeVisitor, person) is not None
