"""Everything of a plan happens: people go through their journeys at the same time, and faults strike in between."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from random import Random

from .deeds import DEEDS
from .expected import Expected
from .faults.kinds import FaultKind
from .plan import Journey, Plan
from .scene import Company, NotDone, Scene
from .world import World

PEOPLE_AT_ONCE = 24
"""Requests that are gone through at the same time."""
MOST_AHEAD = 5
"""So many deeds may begin before a fault that is due has struck: else people would be done before all have."""


class Traffic:
    """One run of a plan in a world; ``tell`` is called with the deeds and the journeys that are done."""

    def __init__(
        self,
        world: World,
        plan: Plan,
        faults: Mapping[str, FaultKind],
        tell: Callable[[int, int], None] = lambda deeds, journeys: None,
    ) -> None:
        self.world, self.plan, self.faults, self.tell = world, plan, faults, tell
        self.company = Company(world)
        self.expected: list[Expected] = []
        self.struck: list[str] = []
        """Faults that have struck, in order; ``FaultKind.fired`` says how often one fired."""
        self.strike_errors: list[str] = []
        self.seconds = 0.0
        self._progress = threading.Condition()
        self._deeds = self._journeys = 0

    def run(self) -> list[Expected]:
        """All of it; returns what has to be seen afterwards. All faults have ended then."""
        started = time.monotonic()
        striker = threading.Thread(target=self._strike_all, name="striker")
        striker.start()
        with ThreadPoolExecutor(PEOPLE_AT_ONCE, thread_name_prefix="journey") as pool:
            self.expected = list(pool.map(self._go_through, self.plan.journeys))
        with self._progress:
            self._deeds = self.plan.deed_count  # what is still to come of faults strikes now
            self._progress.notify_all()
        striker.join()
        self.world.sandbox.faults.clear()
        self.seconds = time.monotonic() - started
        return self.expected

    def _go_through(self, journey: Journey) -> Expected:
        expected = Expected(journey, journey.steps[0].text)
        scene = Scene(self.company, expected)
        for number, step in enumerate(journey.steps):
            self._begin_deed()
            scene.begin()
            try:
                DEEDS[step.deed](scene, step)
            except NotDone as problem:
                expected.trouble = f"{step.by} could not {step.deed}: {problem}"
            except Exception as problem:  # noqa: BLE001 — whatever it was is in the account
                expected.trouble = f"{step.by} could not {step.deed}: {problem!r}"
            if expected.trouble:
                self._begin_deed(len(journey.steps) - number - 1)
                break
        with self._progress:
            self._journeys += 1
            self.tell(self._deeds, self._journeys)
        return expected

    def _begin_deed(self, count: int = 1) -> None:
        with self._progress:
            self._deeds += count
            self._progress.notify_all()
            self.tell(self._deeds, self._journeys)
            self._progress.wait_for(self._is_not_ahead)

    def _is_not_ahead(self) -> bool:
        next_strike = len(self.struck)
        return next_strike >= len(self.plan.strikes) or (
            self._deeds <= self.plan.strikes[next_strike].at_deed + MOST_AHEAD
        )

    def _strike_all(self) -> None:
        for number, strike in enumerate(self.plan.strikes):
            with self._progress:
                self._progress.wait_for(lambda at=strike.at_deed: self._deeds >= at)
            try:
                end = self.faults[strike.fault].strike(self.world, Random(strike.seed))
                self._has_struck(strike.fault)
                time.sleep(strike.lasts_seconds)
                end()
            except Exception as problem:  # noqa: BLE001 — whatever it was is in the account
                self.strike_errors.append(f"{strike.fault}: {problem!r}")
                if len(self.struck) == number:
                    self._has_struck(strike.fault)

    def _has_struck(self, name: str) -> None:
        with self._progress:
            self.struck.append(name)
            self._progress.notify_all()
