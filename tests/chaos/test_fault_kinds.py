"""Each kind of fault strikes while people work: it did happen, nothing is lost, nothing comes twice."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from threading import Event

import pytest

from ..servers import postgresql_programs
from .faults import FAULTS, calls, closed_places, deaths
from .faults.kinds import FaultKind
from .short_day import ShortDay, dead_work, held_work
from .world import DatabaseKind, World

SEED = 1
"""With it, the channel of the first tier is struck: where the people of the short day are."""
LASTS_SECONDS = 1.5
MEETS_WITHIN_SECONDS = 10.0
LOOK_SECONDS = 0.02


def _world_for(kind: FaultKind) -> DatabaseKind:
    return "postgresql" if kind.needs & {"postgresql", "own_postgresql"} else "sqlite"


CASES = [
    pytest.param(_world_for(kind), name, marks=pytest.mark.xdist_group(f"fault-{_world_for(kind)}"), id=name)
    for name, kind in FAULTS.items()
]


@pytest.fixture(scope="module")
def world_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[DatabaseKind], World]]:
    """The world on that kind of database, which the kinds of faults strike one after the other."""
    worlds: dict[str, World] = {}

    def world(database: DatabaseKind) -> World:
        if database == "postgresql" and postgresql_programs() is None:
            pytest.skip("there is no PostgreSQL server on this machine")
        if database not in worlds:
            folder: Path = tmp_path_factory.mktemp(f"world-{database}")
            worlds[database] = World(folder, database=database, beside=()).__enter__()
        return worlds[database]

    yield world
    for each in worlds.values():
        each.__exit__(None, None, None)


@pytest.mark.parametrize(("database", "name"), CASES)
def test_fault_kind_strikes_and_does_no_harm(
    database: DatabaseKind, name: str, world_on: Callable[[DatabaseKind], World]
) -> None:
    world, kind = world_on(database), FAULTS[name]
    assert kind.needs <= world.provides
    day, before = ShortDay(world, f"{name} {database}"), kind.fired(world)
    day.run(meanwhile=lambda: _strike(world, kind))
    assert kind.fired(world) > before, "it did not happen"
    day.assert_whole()
    assert world.journal.illegal() == []
    assert world.journal.inside_retry_after() == []


def _strike(world: World, kind: FaultKind) -> None:
    """For a while, or until it has met a call, a job or something that had to be said."""
    random, before, started = Random(SEED), kind.fired(world), time.monotonic()
    end = kind.strike(world, random)

    def is_met() -> bool:
        if kind in closed_places.KINDS:
            return bool(held_work(world) or dead_work(world))
        if kind in (*calls.KINDS, *deaths.KINDS):
            return kind.fired(world) > before
        return time.monotonic() - started > LASTS_SECONDS

    while not is_met() and time.monotonic() - started < MEETS_WITHIN_SECONDS:
        Event().wait(LOOK_SECONDS)
    end()
