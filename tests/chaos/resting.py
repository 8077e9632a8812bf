"""Waiting until a world has nothing left to do, by the clock of its desk."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from slackdesk.clock import Clock, DeskClock
from slackdesk.dispatch.model import LIVE, Work, states_sql
from slackdesk.sandbox.journal import DeliveryEntry

from .world import World

REST_SECONDS = 240.0
"""How long everything may take to come to rest after the last fault: the longest pause between tries is in it."""


def desk_now(world: World) -> datetime:
    """Desk time."""
    with world.engine() as engine, engine.connect() as connection:
        seconds = connection.scalar(select(DeskClock.offset_seconds))
    return datetime.now(UTC) + timedelta(seconds=seconds or 0.0)


def advance(world: World, by: timedelta) -> None:
    """Move desk time forward."""
    with world.engine() as engine, Session(engine) as session, session.begin():
        Clock(shiftable=True).advance(session, by)


def rest(world: World) -> list[str]:
    """Wait until every event was taken or given up, and no work that is due is left; what is not, in a sentence."""
    deadline = time.monotonic() + REST_SECONDS
    while True:
        open_events, due = _open_events(world), _due_work(world)
        if not open_events and not due:
            return []
        if time.monotonic() > deadline:
            return [f"not at rest after {REST_SECONDS} s: {open_events} events to be delivered, {due} rows of work due"]
        time.sleep(0.2)


def _open_events(world: World) -> int:
    newest = {
        entry.delivery_id: entry
        for entry in world.journal
        if isinstance(entry, DeliveryEntry) and entry.kind == "events_api"
    }
    return sum(entry.acked_after_seconds is None and entry.attempt < 3 for entry in newest.values())


def _due_work(world: World) -> int:
    due = select(func.count()).where(states_sql(LIVE), Work.due_at <= desk_now(world))
    with world.engine() as engine, engine.connect() as connection:
        return connection.scalar(due) or 0
