"""A short day on which a fault strikes, and all that must not come of it."""

import time
from random import Random
from threading import Event

from slackdesk.sandbox.journal import DeliveryEntry

from .faults import calls, closed_places, databases, deaths, redis_server
from .faults.kinds import FaultKind
from .short_day import ShortDay, dead_work, held_work
from .world import World

SEED = 1
"""With it, the channel of the first tier is struck: where the people of the short day are."""
LASTS_SECONDS = 1.5
MEETS_WITHIN_SECONDS = 10.0
LOOK_SECONDS = 0.02
ANSWER_SECONDS = 3.0
"""Slack tells a person that the app did not answer when that takes longer."""
ANSWERED_MEANWHILE = (*calls.KINDS, *closed_places.KINDS, *databases.KINDS, *redis_server.KINDS)
"""Whatever else does not work then, people are answered in time."""


def struck_day(
    world: World, kind: FaultKind, tag: str, *, seed: int = SEED, lasts_seconds: float = LASTS_SECONDS
) -> None:
    """Play it. Raises AssertionError for anything that is lost, there twice, late, or not as Slack wants it."""
    day, position = ShortDay(world, f"{tag}: {kind.name}"), len(world.journal.entries)
    day.run(meanwhile=lambda: _strike(world, kind, seed, lasts_seconds))
    day.assert_whole()
    assert world.journal.illegal() == [], "Slack would refuse a call"
    assert world.journal.inside_retry_after() == [], "Slack had asked to wait"
    if kind in ANSWERED_MEANWHILE:
        deliveries = [entry for entry in world.journal.since(position) if isinstance(entry, DeliveryEntry)]
        late = [entry for entry in deliveries if _is_late(entry)]
        assert late == [], f"people were not answered in time: {late}"


def _strike(world: World, kind: FaultKind, seed: int, lasts_seconds: float) -> None:
    """For a while, or until it has met a call, a job or something that had to be said."""
    random, before, started = Random(seed), kind.fired(world), time.monotonic()
    end = kind.strike(world, random)

    def is_met() -> bool:
        if kind in closed_places.KINDS:
            return bool(held_work(world) or dead_work(world))
        if kind in (*calls.KINDS, *deaths.KINDS):
            return kind.fired(world) > before
        return time.monotonic() - started > lasts_seconds

    while not is_met() and time.monotonic() - started < MEETS_WITHIN_SECONDS:
        Event().wait(LOOK_SECONDS)
    end()


def _is_late(entry: DeliveryEntry) -> bool:
    is_asked_by_person = entry.kind in ("slash_commands", "interactive")
    return is_asked_by_person and (entry.acked_after_seconds is None or entry.acked_after_seconds > ANSWER_SECONDS)
