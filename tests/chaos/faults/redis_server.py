"""The Redis server is restarted, flushed or frozen: it keeps nothing."""

import contextlib
from random import Random

from redis import Redis, RedisError

from ..world import World
from .kinds import End
from .named import Named, nothing_to_end, once

NEEDS = frozenset({"own_redis"})
MARK = "chaos:was-here"


def _restart(world: World, random: Random, name: str) -> End:
    _set_mark(world)
    world.redis.kill()
    world.pacing_is_lost()

    def end() -> None:
        world.redis.start()
        world.pacing_is_lost()
        _observe_loss(world, name)

    return once(end)


def _flush(world: World, random: Random, name: str) -> End:
    _set_mark(world)
    with contextlib.suppress(RedisError), Redis.from_url(world.redis.url) as client:
        client.flushall()
        world.pacing_is_lost()
        _observe_loss(world, name)
    return nothing_to_end


def _freeze(world: World, random: Random, name: str) -> End:
    world.redis.freeze()
    world.pacing_is_lost()
    with Redis.from_url(world.redis.url, socket_timeout=0.2, retry=None) as client:
        try:
            client.ping()
        except RedisError:
            world.observed(name)

    def end() -> None:
        world.redis.thaw()
        world.pacing_is_lost()

    return once(end)


def _set_mark(world: World) -> None:
    with contextlib.suppress(RedisError), Redis.from_url(world.redis.url, retry=None) as client:
        client.set(MARK, "1")


def _observe_loss(world: World, name: str) -> None:
    with Redis.from_url(world.redis.url) as client:
        if not client.exists(MARK):
            world.observed(name)


KINDS = (
    Named("Redis restarted without its data", _restart, NEEDS),
    Named("Redis flushed", _flush, NEEDS),
    Named("Redis frozen", _freeze, NEEDS),
)
