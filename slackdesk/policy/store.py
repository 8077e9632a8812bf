"""The applied policy in SQL: put it in force, read it for the price of one small query, keep it up to date."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from slackdesk.errors import ConfigurationError
from slackdesk.policy.model import CalendarRules, GroupSnapshot, PolicyVersion, ResolvedPolicy, UserGroup
from slackdesk.policy.public_holidays import YEARS_AHEAD, public_holidays


@dataclass(frozen=True)
class _Cached:
    stamp: tuple[int, str, int]
    policy: ResolvedPolicy


_REVISIONS = select(func.coalesce(func.sum(UserGroup.revision), 0)).scalar_subquery()
_NEWEST = select(PolicyVersion.id, PolicyVersion.digest, _REVISIONS).order_by(PolicyVersion.id.desc()).limit(1)

_cache: WeakKeyDictionary[Engine, _Cached] = WeakKeyDictionary()


def apply_policy(
    session: Session, resolved: ResolvedPolicy, source: str, applied_by: str, now: datetime
) -> PolicyVersion:
    """Put a policy in force and remember the members of its user groups; ``now`` is desk time.

    Holidays before today stay as they were applied. Returns the version in force: the present one when nothing differs.
    """
    present = latest_version(session)
    for group_id, group in resolved.user_groups.items():
        _remember_group(session, group_id, group, now)
    return _put_in_force(session, with_past_holidays(resolved, present, now), present, source, applied_by, now)


def current_policy(session: Session) -> ResolvedPolicy:
    """The policy in force, with the members of user groups in place. Kept per process until it changes.

    Raises ConfigurationError when none was ever applied.
    """
    row = session.connection().execute(_NEWEST).one_or_none()
    if row is None:
        raise ConfigurationError("policy", None, "none is applied yet; run `slackdesk policy apply slackdesk.toml`")
    stamp = (row[0], row[1], int(row[2]))
    engine = session.get_bind().engine
    cached = _cache.get(engine)
    if cached is None or cached.stamp != stamp:
        resolved = session.execute(select(PolicyVersion.resolved).where(PolicyVersion.id == stamp[0])).scalar_one()
        groups = {
            group.id: GroupSnapshot(handle=group.handle, members=tuple(group.members))
            for group in session.execute(select(UserGroup).order_by(UserGroup.id)).scalars()
        }
        cached = _Cached(stamp, read_resolved(resolved).with_group_members(groups))
        _cache[engine] = cached
    return cached.policy


def refresh_group(session: Session, group_id: str, members: Iterable[str], now: datetime) -> None:
    """Remember who is in a user group now; a group that the policy does not name is ignored."""
    group = session.get(UserGroup, group_id, with_for_update=True)
    if group is not None:
        _remember_group(session, group_id, GroupSnapshot(handle=group.handle, members=tuple(members)), now)


def extend_holidays(session: Session, now: datetime) -> PolicyVersion | None:
    """Copy the holidays of years that have come into reach; returns the new version, None when none had."""
    present = latest_version(session)
    if present is None:
        return None
    resolved = read_resolved(present.resolved)
    calendars = {name: _extended(rules, now.year + YEARS_AHEAD) for name, rules in resolved.calendars.items()}
    extended = resolved.model_copy(update={"calendars": calendars})
    version = _put_in_force(session, extended, present, present.source, "slackdesk (yearly holidays)", now)
    return None if version is present else version


def latest_version(session: Session) -> PolicyVersion | None:
    """The version in force, None when no policy was ever applied."""
    return session.execute(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).scalar_one_or_none()


def with_past_holidays(resolved: ResolvedPolicy, present: PolicyVersion | None, now: datetime) -> ResolvedPolicy:
    """``resolved``, with the holidays before today that the version in force has for the same calendar and country."""
    if present is None:
        return resolved
    old_calendars = read_resolved(present.resolved).calendars
    today = now.date()

    def merged(name: str, rules: CalendarRules) -> CalendarRules:
        old, source = old_calendars.get(name), rules.holiday_source
        if old is None or source is None or old.holiday_source is None:
            return rules
        if (old.holiday_source.country, old.holiday_source.subdivision) != (source.country, source.subdivision):
            return rules
        past = tuple(day for day in old.holidays if day < today)
        return rules.model_copy(update={"holidays": past + tuple(day for day in rules.holidays if day >= today)})

    calendars = {name: merged(name, rules) for name, rules in resolved.calendars.items()}
    return resolved.model_copy(update={"calendars": calendars})


def read_resolved(stored: dict[str, Any]) -> ResolvedPolicy:
    """A stored ``resolved`` column as the policy it is, without user groups."""
    return ResolvedPolicy.model_validate({**stored, "user_groups": {}})


def _put_in_force(
    session: Session,
    resolved: ResolvedPolicy,
    present: PolicyVersion | None,
    source: str,
    applied_by: str,
    now: datetime,
) -> PolicyVersion:
    stored = resolved.model_dump(mode="json", exclude={"user_groups"})
    ordered = [list(stored["queues"]), stored]  # the order of queues is policy, that of other tables is not
    digest = hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()
    if present is not None and present.digest == digest:
        return present
    version = PolicyVersion(applied_at=now, applied_by=applied_by, digest=digest, source=source, resolved=stored)
    session.add(version)
    session.flush()
    return version


def _remember_group(session: Session, group_id: str, group: GroupSnapshot, now: datetime) -> None:
    row = session.get(UserGroup, group_id)
    if row is None:
        session.add(UserGroup(id=group_id, handle=group.handle, members=list(group.members), refreshed_at=now))
    else:
        row.refreshed_at = now
        if (row.handle, tuple(row.members)) != (group.handle, group.members):
            row.handle, row.members = group.handle, list(group.members)
            row.revision += 1
    session.flush()


def _extended(rules: CalendarRules, through_year: int) -> CalendarRules:
    source = rules.holiday_source
    if source is None or source.through_year >= through_year:
        return rules
    added = public_holidays(source.country, source.subdivision, range(source.through_year + 1, through_year + 1))
    return rules.model_copy(
        update={
            "holidays": rules.holidays + added,
            "holiday_source": source.model_copy(update={"through_year": through_year}),
        }
    )
