"""Each kind of fault strikes while people work: it did happen, nothing is lost, nothing comes twice."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..servers import postgresql_programs
from .faults import FAULTS
from .faults.kinds import FaultKind
from .struck_day import struck_day
from .world import DatabaseKind, World


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
    before = kind.fired(world)
    struck_day(world, kind, database)
    assert kind.fired(world) > before, "it did not happen"
