"""What befalls a desk that runs: Redis loses everything, workers and the beat are killed."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

from redis import Redis

from slackdesk.demo.stage import Stage
from slackdesk.embedded_redis import running_url

from ....process_tree import descendants, is_running

KINDS = ("worker", "job", "beat")
"""``worker`` is an RQ worker, ``job`` the process that it has forked for the job in hand."""

WAIT_MAX_SECONDS = 0.4
"""A mishap comes so long after its step has begun, at most: before, while and after it is worked on."""


class Mishaps:
    """So many flushes and kills, spread at random over the steps of a play; ``happened`` counts them."""

    def __init__(self, stage: Stage, seed: int, *, steps: int, flushes: int, kills: int) -> None:
        self._stage, self._random = stage, Random(seed)
        kinds = ["flush"] * flushes + [self._random.choice(KINDS) for _ in range(kills)]
        self._of_step: dict[int, list[str]] = {}
        for kind in kinds:
            step = self._random.randrange(max(steps * 3 // 4, 1))  # there is work to be struck until the last
            self._of_step.setdefault(step, []).append(kind)
        self._coming: list[tuple[float, str]] = []
        self.happened: Counter[str] = Counter()

    def begin(self, step: int) -> None:
        """What is meant for this step comes soon."""
        now = time.monotonic()
        for kind in self._of_step.pop(step, ()):
            self._coming.append((now + self._random.uniform(0, WAIT_MAX_SECONDS), kind))

    def strike(self) -> None:
        """Do what has come."""
        now = time.monotonic()
        due = [one for one in self._coming if one[0] <= now]
        for one in due:
            if one[1] == "flush" or self._kill(one[1]):
                self._coming.remove(one)
                self.happened[one[1]] += 1
            if one[1] == "flush":
                self._flush()

    @property
    def left(self) -> int:
        """Mishaps that are still to come."""
        return len(self._coming) + sum(map(len, self._of_step.values()))

    def _flush(self) -> None:
        url = running_url(Path(self._stage.environment["SLACKDESK_DATA"]))
        assert url is not None, "there is no Redis"
        with Redis.from_url(url) as client:
            client.flushall()

    def _kill(self, kind: str) -> bool:
        """Whether there was one; a job has to be waited for."""
        named = self._stage.processes()
        workers = [number for name, number in named.items() if name.startswith("worker")]
        found = [named["beat"]] if kind == "beat" else workers
        if kind == "job":
            found = [job for worker in workers for job in descendants(worker)[1:]]
        running = [number for number in found if is_running(number)]
        if not running:
            return False
        with suppress(ProcessLookupError):
            os.kill(self._random.choice(running), signal.SIGKILL)
            return True
        return False
