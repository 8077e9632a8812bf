"""Slack misbehaves when it is called: the next calls of one method meet the fault."""

from collections.abc import Callable
from random import Random

from slackdesk.sandbox import faults
from slackdesk.sandbox.faults import Fault

from ..world import World
from .kinds import End
from .named import Named

METHODS = ("chat.postMessage", "chat.postMessage", "chat.update")
"""Posts twice as often: they are what may come twice."""
CALLS_MAX = 3


def _calls(name: str, make: Callable[[Random], Fault]) -> Named:
    def act(world: World, random: Random, name: str) -> End:
        injection = world.inject(name, random.choice(METHODS), make(random), times=random.randint(1, CALLS_MAX))
        return injection.remove

    return Named(name, act)


KINDS = (
    _calls("429 with Retry-After", lambda random: faults.rate_limited(random.randint(1, 4))),
    _calls("500 before it was applied", lambda _: faults.http_500()),
    _calls("500 after it was applied", lambda _: faults.http_500(applied=True)),
    _calls("no answer before it was applied", lambda _: faults.no_answer(applied=False)),
    _calls("no answer after it was applied", lambda _: faults.no_answer(applied=True)),
    _calls("dropped before it was applied", lambda _: faults.dropped_before()),
    _calls("dropped after it was applied", lambda _: faults.dropped_after()),
    # The desk gives up after 2 s and looks after 3 s; Slack applies what comes so late in between.
    _calls("slow answer", lambda random: faults.slow(random.choice((0.5, 1.5, 2.4)))),
    _calls("internal_error", lambda _: faults.slack_error("internal_error")),
    _calls("scope missing", lambda _: faults.slack_error("missing_scope")),
)
