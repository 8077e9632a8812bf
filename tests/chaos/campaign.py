"""One run from a seed to the account, with the evidence kept: what the mix and the long run have in common."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .account import Account, draw_account
from .faults.kinds import FaultKind
from .night import Night
from .plan import Plan, make_plan
from .resting import rest
from .traffic import Traffic
from .world import World


@dataclass(frozen=True)
class Outcome:
    """``fired``: fault → how often it struck, and how often it is known to have fired."""

    plan: Plan
    account: Account
    struck: Mapping[str, int]
    fired: Mapping[str, int]
    traffic_seconds: float
    rest_seconds: float
    tried_again: int


def fitting(faults: Mapping[str, FaultKind], world: World) -> dict[str, FaultKind]:
    """Those that can strike in that world."""
    return {name: fault for name, fault in faults.items() if fault.needs <= world.provides}


def run_campaign(
    world: World,
    plan: Plan,
    faults: Mapping[str, FaultKind],
    tell: Callable[[int, int], None] = lambda deeds, journeys: None,
) -> Outcome:
    """Run the plan in a world that has been entered; the evidence of what went wrong is left in its folder."""
    traffic = Traffic(world, plan, faults, tell)
    expected = traffic.run()
    started = time.monotonic()
    trouble = rest(world)
    night = Night(world, plan, faults)
    trouble += night.passes()
    account = draw_account(traffic.company, expected)
    strike_errors = [*traffic.strike_errors, *night.errors]
    account.differences += [f"a fault could not be injected or ended: {error}" for error in strike_errors]
    account.differences += trouble
    names = sorted({strike.fault for strike in plan.strikes})
    if account.differences:
        world.journal.write_json_lines(world.folder / "journal.jsonl")
        (world.folder / "differences.txt").write_text("\n".join(account.differences) + "\n")
    return Outcome(
        plan,
        account,
        struck={name: [*traffic.struck, *night.struck].count(name) for name in names},
        fired={name: faults[name].fired(world) for name in names},
        traffic_seconds=traffic.seconds,
        rest_seconds=time.monotonic() - started,
        tried_again=traffic.company.unanswered,
    )


def new_plan(world: World, seed: int, requests: int, faults: Mapping[str, FaultKind], strikes: int) -> Plan:
    """The plan of a seed for that world: only what can strike there."""
    return make_plan(seed, requests, list(fitting(faults, world)), strikes)


def keep_logs(world: World, folder: Path) -> None:
    """Copy the logs of all processes."""
    folder.mkdir(parents=True, exist_ok=True)
    for log in world.logs:
        (folder / log.name).write_bytes(log.read_bytes())
