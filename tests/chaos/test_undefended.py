"""The tests of fault kinds see what a fault does: on a desk whose defence against it is switched off, they fail."""

from pathlib import Path

import pytest

from ..servers import postgresql_programs
from .faults import FAULTS
from .struck_day import SEED, struck_day
from .undefended import DEFENCES, switch_off
from .world import World

PATIENCE_SECONDS = 12.0
LASTS_SECONDS = 5.0
LONG_LOCK = 9
"""With this seed, a lock is held for longer than Slack waits for an answer."""

LOOKS, SENDS_AGAIN = "it looks for a post before it sends it again", "it sends again what did not arrive"
KEEPS, RESTARTS = "it keeps what does not pass", "it starts again what has ended"
TWICE, LOST = "^[2-9] (cards|heads|times)", "^not within|^0 cards|^0 heads|^0 times|^given up"
UNDEFENDED = {
    "500 after it was applied": (LOOKS, TWICE),
    "no answer after it was applied": (LOOKS, TWICE),
    "dropped after it was applied": (LOOKS, TWICE),
    "slow answer": (LOOKS, TWICE),
    "500 before it was applied": (SENDS_AGAIN, LOST),
    "no answer before it was applied": (SENDS_AGAIN, LOST),
    "dropped before it was applied": (SENDS_AGAIN, LOST),
    "internal_error": (SENDS_AGAIN, LOST),
    "429 with Retry-After": ("it waits as long as Slack asks", r"Slack had asked to wait|Slack asks to wait 0\.0 s"),
    "scope missing": (KEEPS, LOST),
    "channel archived": (KEEPS, LOST),
    "app removed from a channel": (KEEPS, LOST),
    "token refused": (KEEPS, LOST),
    "app killed": (RESTARTS, "another app runs"),
    "beat killed": (RESTARTS, "another beat runs"),
    "worker killed": (RESTARTS, "another worker runs"),
    "worker asked to end": (RESTARTS, "another worker runs"),
    "job killed": ("it takes back what a killed process had begun", "nothing is left to do|^not within"),
    "socket: dropped": ("it opens another socket", "the app has opened another socket"),
    "socket: link_disabled": ("it opens another socket", "the app has opened another socket"),
    "socket: refresh_requested": ("it opens another socket", "the app has opened another socket"),
    "SQLite locked": ("it does not wait long for a lock", "answered in time"),
    "PostgreSQL tables locked": ("it does not wait long for a lock", "answered in time"),
    "Redis frozen": ("it does not wait long for Redis", "answered in time"),
}
"""Fault → the defence that is switched off, and what is seen to be wrong then."""


@pytest.mark.parametrize("name", UNDEFENDED)
def test_undefended_fault_is_seen(name: str, tmp_path: Path) -> None:
    defence, seen = UNDEFENDED[name]
    kind = FAULTS[name]
    database = "postgresql" if "postgresql" in kind.needs else "sqlite"
    if database == "postgresql" and postgresql_programs() is None:
        pytest.skip("there is no PostgreSQL server on this machine")
    environment = switch_off(defence, tmp_path / "off")
    with World(
        tmp_path / "world", database=database, beside=(), environment=environment, patience_seconds=PATIENCE_SECONDS
    ) as world:
        seed = LONG_LOCK if "locked" in name else SEED
        with pytest.raises(AssertionError, match=seen):
            struck_day(world, kind, database, seed=seed, lasts_seconds=LASTS_SECONDS)


def test_undefended_every_defence_is_switched_off_once() -> None:
    assert {defence for defence, _ in UNDEFENDED.values()} == set(DEFENCES)
