"""What the desk remembers of the people in the workspace; Slack is where it comes from."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from slackdesk.database import Database
from slackdesk.tickets.model import Person

_LOCALE = re.compile("[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")

PEOPLE_AT_ONCE = 200
"""People remembered in one transaction."""


_timezones = cache(available_timezones)
"""Finding them reads a thousand files: 40 ms a person, in a transaction that everybody else waits for."""


def remember_person(session: Session, slack_user: dict[str, Any], now: datetime) -> Person:
    """Remember a user object as ``users.info``, ``users.list`` and ``user_change`` give it; what is missing stays."""
    profile = slack_user.get("profile") or {}
    known = session.get(Person, slack_user["id"])
    handle = slack_user.get("name") or (known.handle if known else slack_user["id"])
    name = next(
        (
            candidate
            for candidate in (
                profile.get("display_name"),
                profile.get("real_name"),
                slack_user.get("real_name"),
                known.name if known else None,
            )
            if candidate
        ),
        handle,
    )
    seen = known or Person(id=slack_user["id"], timezone="UTC", locale="en")
    seen.name, seen.handle, seen.refreshed_at = name, handle, now
    if slack_user.get("tz") in _timezones():
        seen.timezone = slack_user["tz"]
    if _LOCALE.fullmatch(slack_user.get("locale") or ""):
        seen.locale = slack_user["locale"].replace("_", "-").split("-")[0].lower()
    seen.is_guest = bool(
        slack_user.get("is_restricted") or slack_user.get("is_ultra_restricted") or slack_user.get("is_stranger")
    )
    seen.is_bot = bool(slack_user.get("is_bot")) or slack_user["id"] == "USLACKBOT"
    seen.is_deleted = bool(slack_user.get("deleted"))
    session.add(seen)
    session.flush()
    return seen


def remember_everybody(database: Database, slack_users: Iterable[dict[str, Any]], now: datetime) -> None:
    """In small transactions of their own, so that a large workspace does not hold up a desk that is running."""
    users = list(slack_users)
    for first in range(0, len(users), PEOPLE_AT_ONCE):
        with database.begin() as session:
            for user in users[first : first + PEOPLE_AT_ONCE]:
                remember_person(session, user, now)


def person(session: Session, person_id: str) -> Person | None:
    """The person, if the desk has heard of her or him."""
    return session.get(Person, person_id)


def is_guest(session: Session, person_id: str) -> bool:
    """Whether Slack says that the person is a guest of the workspace; False for somebody unknown."""
    known = session.get(Person, person_id)
    return known is not None and known.is_guest


def locale_of(session: Session, person_id: str, default: str) -> str:
    """The language part of the person's Slack locale, else ``default``."""
    known = session.get(Person, person_id)
    return known.locale if known is not None else default
