"""A desk of three years, filled in bulk: as many tickets and timers as asked for, as the use cases leave them.

The company has five thousand people; forty of them work for the example's queues. The newest tickets each have a life
of their own. Of many tickets, the old ones are one block of lives that comes again and again, each time later, with
numbers of its own; what their hashes cover is not theirs, and nobody touches them any more.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count

from bulk import Writer, loading
from fates import lead_life
from lives import Row, Scene, work_row
from promises import Rules

from slackdesk.clock import Clock
from slackdesk.database import Database
from slackdesk.migrations import migrate
from slackdesk.plugin.loading import load
from slackdesk.plugin.migrating import migrate_plugins
from slackdesk.plugin.registry import Registry
from slackdesk.policy.directory import Channel, Directory
from slackdesk.policy.model import GroupSnapshot, ResolvedPolicy
from slackdesk.policy.reading import read_policy
from slackdesk.policy.resolution import resolve
from slackdesk.policy.store import apply_policy
from slackdesk.tickets.transaction import Desk

PEOPLE = 5_000
AGENTS = {"it-l1": 26, "it-l2": 9, "it-l3": 5}
YEARS = timedelta(days=1095)
HOME_OPENED_SHARE = 0.4
SEED = 42
BLOCK = 20_000
"""Tickets in the block that comes again."""
OWN_LIVES = 3 * BLOCK
"""At least so many tickets have lives of their own."""
LONGEST_LIFE = timedelta(days=40)
"""Of the tickets in the block, which all have ended."""
AT_ONCE = 5_000
"""Rows are written after so many tickets."""


def employees() -> list[str]:
    """Ids of everybody; the first ones are the agents, tier by tier."""
    return [f"U0E{number:05}" for number in range(PEOPLE)]


def example_policy(now: datetime) -> ResolvedPolicy:
    """The example of a policy file, in this company."""
    file = read_policy(files("slackdesk.policy").joinpath("example.toml").read_text("utf-8"))
    everybody, groups, first = employees(), {}, 0
    for handle, size in AGENTS.items():
        groups[f"S0{handle.upper()}"] = GroupSnapshot(handle=handle, members=tuple(everybody[first : first + size]))
        first += size
    named = ("helpdesk-lead", "head-of-it", "ratna")
    users = {everybody[first + n]: {"id": everybody[first + n], "name": name} for n, name in enumerate(named)}
    names = ["help-it", "it-l1", "it-l2", "it-l3", "hr-private", "leadership"]
    channels = [Channel(f"C0{name.upper()}", name, name != "help-it", is_member=True) for name in names]
    directory = Directory("slackdesk", {one.id: one for one in channels}, users, groups)
    return resolve(file, directory, now.date()).policy


def new_desk(url: str) -> tuple[Desk, Registry]:
    """A desk with the bundled plugins on an empty database: its people are known, nothing was ever asked."""
    database, clock = Database(url), Clock(shiftable=False)
    migrate(database)
    with database.begin() as session:
        now = clock.now(session).desk
        policy = example_policy(now)
        apply_policy(session, policy, "", "bench", now)
    registry = migrate_plugins(database, load(policy.plugins, strict=True), strict=True)
    people = [
        {"id": one, "name": f"Person {one}", "handle": one.lower(), "timezone": "Asia/Jakarta", "locale": "en"}
        | {"is_guest": False, "is_bot": False, "is_deleted": False, "refreshed_at": now}
        for one in employees()
    ]
    opened = [one for n, one in enumerate(employees()) if n < 50 or n % 10 < HOME_OPENED_SHARE * 10]
    with loading(database, registry) as writer:
        writer.write({"person": people, "home_tab": [{"person": one, "opened_at": now} for one in opened]})
    return Desk(database, clock, timedelta(seconds=10), lambda _ids, _yields: None, registry.subscribers()), registry


def fill(desks: Sequence[Desk], registry: Registry, tickets: int, timers: int) -> None:
    """Let the same three years pass on new desks: so many tickets were filed, so many timers lie in the future."""
    with desks[0].reading() as tx:
        now = tx.now.replace(microsecond=0)
        rules = Rules(tx.policy, registry.config(registry.active["sla"], tx.policy))
        scene = Scene(tx.policy, rules, employees(), now, random.Random(SEED), present=now)
    copies = max(0, tickets - OWN_LIVES) // BLOCK
    began_at, each = now - YEARS, YEARS / (tickets + 1)
    with ExitStack() as stack:
        writers = [stack.enter_context(loading(desk.database, registry)) for desk in desks]
        first = 1
        if copies:
            scene.now = began_at + BLOCK * each + LONGEST_LIFE
            _write_lives(scene, writers, range(1, BLOCK + 1), began_at, each, have_ended=True)
            for writer in writers:
                writer.repeat(copies, BLOCK, BLOCK * each)
            first, scene.now, highest = BLOCK * (copies + 1) + 1, now, writers[0].highest
            scene.message_ids = count(highest["ticket_message"] * (copies + 1) + 1)
            scene.posting_ids = count(highest["posting"] * (copies + 1) + 1)
        _write_lives(scene, writers, range(first, tickets + 1), began_at, each, have_ended=False)
        timer = work_row("timer", "csat.poll", "", 0, now, "", queue="slow")
        for writer in writers:
            writer.add_timers(timers, timer, now + timedelta(hours=1), YEARS)


def _write_lives(
    scene: Scene, writers: Sequence[Writer], numbers: range, began_at: datetime, each: timedelta, *, have_ended: bool
) -> None:
    for part in _parts(numbers):
        rows: dict[str, list[Row]] = defaultdict(list)
        for ticket_id in part:
            filed_at = (began_at + ticket_id * each).replace(microsecond=0)
            scene.rows = defaultdict(list)
            while not lead_life(scene, ticket_id, filed_at) and have_ended:
                scene.rows = defaultdict(list)
            for table, found in scene.rows.items():
                rows[table] += found
        for writer in writers:
            writer.write(rows)


def _parts(numbers: range) -> Iterator[range]:
    return (numbers[first : first + AT_ONCE] for first in range(0, len(numbers), AT_ONCE))
