"""After the day, the night: hours pass in which plugins remind, poll and report, while faults strike.

Requests that were left open run out of their time: reminders, breaches, reminders after these; closed ones are polled;
a channel gets its summary. Hours are moved in steps in which every level is passed by itself.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from random import Random
from zoneinfo import ZoneInfo

from .faults.kinds import FaultKind
from .plan import STRIKE_SECONDS, Plan
from .resting import advance, rest
from .world import World

FIRST_RESPONSE, RESOLUTION = timedelta(hours=4), timedelta(hours=8)
BUDGETS = {"L1": timedelta(hours=4), "L2": timedelta(hours=8), "L3": timedelta(hours=24)}
"""Of the tiers, as the example of a policy has it."""
STEPS = 8
STEP = timedelta(minutes=65)
DELIVERED = timedelta(minutes=3)
"""What is due is said at the next full minute or the one after it."""
CHANNEL = "#it-l1"
JAKARTA = ZoneInfo("Asia/Jakarta")
DAY = range(7, 20)
"""Hours of Jakarta in which a channel may be sent a summary."""


def summary_at(now: datetime) -> str:
    """When the channel wants its summary: in three hours, if these are by day."""
    local = (now + timedelta(hours=3)).astimezone(JAKARTA)
    return f"{local:%H:%M}" if local.hour in DAY else "07:00"


def policy(now: datetime) -> str:
    """The example, with targets that count day and night, and a summary each day."""
    text = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")
    text = text.partition("[plugins.sla]")[0].replace('calendar = "office"', 'calendar = "always"', 1)
    first, whole = (f"{int(one / timedelta(hours=1))}h" for one in (FIRST_RESPONSE, RESOLUTION))
    return f"""{text}
[plugins.sla]
messages_per_hour = 100000
remind_at_percent = [50, 80]
repeat_after_breach = "4h"
cap = 10

[plugins.sla.targets.it]
normal = {{ first_response = "{first}", resolution = "{whole}" }}
high = {{ first_response = "{first}", resolution = "{whole}" }}

[[plugins.digest.subscriptions]]
to = "{CHANNEL}"
queues = ["it"]
every = "day"
at = "{summary_at(now)}"
"""


class Night:
    """One night of a plan; ``struck`` are the faults that have struck, ``errors`` what went wrong with them."""

    def __init__(self, world: World, plan: Plan, faults: Mapping[str, FaultKind]) -> None:
        self.world, self.faults = world, faults
        self.struck: list[str] = []
        self.errors: list[str] = []
        self._random = Random(f"{plan.seed}:night")
        self._names = sorted({strike.fault for strike in plan.strikes})

    def passes(self) -> list[str]:
        """All of it; what does not come to rest, in sentences."""
        trouble = []
        for _ in range(STEPS):
            advance(self.world, STEP)
            self._strike()
            trouble += rest(self.world)
            advance(self.world, DELIVERED)
            trouble += rest(self.world)
        return trouble

    def _strike(self) -> None:
        if not self._names:
            return
        name = self._random.choice(self._names)
        try:
            end = self.faults[name].strike(self.world, Random(self._random.getrandbits(32)))
            self.struck.append(name)
            time.sleep(self._random.uniform(*STRIKE_SECONDS))
            end()
            self.world.sandbox.faults.clear()
        except Exception as problem:  # noqa: BLE001 — whatever it was is in the account
            self.errors.append(f"{name}: {problem!r}")
